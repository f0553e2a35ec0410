"""From the index form to matrix algebra: formulas in ``x[k]`` and ``W[k, l]`` with sums, read as labelled arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import sympy as sp
from sympy.core.relational import Relational

from symdiff.deadline import look
from symdiff.matrix_form.contraction import Contractions, Labelled, Powers
from symdiff.matrix_form.costs import MOST_TERMS
from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Node, NoMatrix
from symdiff.matrix_form.writing import effort

FUNCTIONS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "atan2": "arctan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "Abs": "abs", "sign": "sign", "floor": "floor", "ceiling": "ceil",
    "erf": "erf", "erfc": "erfc", "gamma": "gamma", "loggamma": "gammaln", "Max": "maximum", "Min": "minimum",
}  # fmt: skip
"""sympy's functions by class name, as the language calls them."""

TURNED = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}
"""Functions that are one over another."""

SIGNS = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "==", "!=": "!="}


class Named(Protocol):
    """What a name stands for: a node, and along which of the axes that have an index in formulas."""

    @property
    def node(self) -> Node: ...

    @property
    def axes(self) -> tuple[int, ...]: ...


class Names(Protocol):
    """What stands for the names in a formula."""

    def array(self, name: str, rank: int) -> Named:
        """The array of this name, and which of its indices it has."""

    def size(self, letter: sp.Symbol) -> Node:
        """The length of an axis."""

    def is_size(self, letter: sp.Symbol) -> bool:
        """Whether a symbol is the length of an axis."""

    def position(self, number: int) -> str:
        """How code writes a position that is a number."""

    def place(self, name: str) -> str | None:
        """The input whose positions a table in formulas holds."""


class Reader:
    """Reads formulas; ``letters`` in scope are indices."""

    def __init__(self, matrices: Matrices, contractions: Contractions, names: Names) -> None:
        self.matrices, self.contractions, self.names = matrices, contractions, names
        self._ranges: dict[sp.Symbol, Node] = {}

    def ranges(self, sizes: Mapping[sp.Symbol, Node]) -> None:
        """The lengths through which free indices run, which a Kronecker delta of two of them needs."""
        self._ranges |= sizes

    def read(self, expression: sp.Expr, letters: frozenset[sp.Symbol] = frozenset()) -> Labelled:
        """A formula as a labelled array.

        Raises:
            NoMatrix: it has none.
        """
        look()
        if expression.is_number and not expression.has(sp.Indexed):
            if expression.has(sp.oo, sp.zoo, sp.nan, sp.I):
                raise NoMatrix(str(expression))
            return Labelled(self.matrices.number(expression))
        for kind, reader in _READERS:
            if isinstance(expression, kind):
                return reader(self, expression, letters)
        raise NoMatrix(f"{type(expression).__name__} has no matrix form")

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _symbol(self, symbol: sp.Symbol, letters: frozenset[sp.Symbol]) -> Labelled:
        if symbol in letters:
            raise NoMatrix(f"the position {symbol} as a number")
        if self.names.is_size(symbol):
            return Labelled(self.names.size(symbol))
        return Labelled(self.names.array(symbol.name, 0).node)

    def _indexed(self, element: sp.Indexed, letters: frozenset[sp.Symbol]) -> Labelled:
        name, index = str(element.base.label), element.indices
        if len(index) > 2:
            raise NoMatrix(f"{name} has {len(index)} axes")
        named = self.names.array(name, len(index))
        node, index = named.node, tuple(index[axis] for axis in named.axes)
        free = tuple(letter for position in index if (letter := self._letter(position, letters)) is not None)
        if all(position in letters for position in index):
            if len(index) == 2 and index[0] == index[1]:
                return Labelled(self.matrices.diagonal(node), (index[0],))
            return Labelled(node, free)
        if len(set(free)) < len(free):
            raise NoMatrix(f"{name} twice along one index")
        places = [":" if position in letters else self._place(position) for position in index]
        if places[-1] == ":":
            places.pop()
        return Labelled(self.matrices.make("item", (node,), ", ".join(places), len(free)), free)

    def _letter(self, position: sp.Expr, letters: frozenset[sp.Symbol]) -> sp.Symbol | None:
        """The index along which a position runs; None where it is a number."""
        if position in letters:
            return position
        if isinstance(position, sp.Indexed) and len(position.indices) == 1 and position.indices[0] in letters:
            return position.indices[0]
        return None

    def _place(self, position: sp.Expr) -> str:
        """How code writes a position: counted from 0, or the input that holds positions."""
        if position.is_Integer:
            return self.names.position(int(position) - 1)
        table = str(position.base.label) if isinstance(position, sp.Indexed) else getattr(position, "name", "")
        known = self.names.place(table)
        if known is None:
            raise NoMatrix(f"the position {position}")
        return known

    # --- sums and products --------------------------------------------------------------------------------------------

    def _add(self, total: sp.Add, letters: frozenset[sp.Symbol]) -> Labelled:
        terms = [(sp.Integer(1), self.read(term, letters)) for term in _in_order(total)]
        return self.contractions.added(terms)

    def _mul(self, product: sp.Mul, letters: frozenset[sp.Symbol]) -> Labelled:
        return self._summed(product, (), letters, {})

    def _pow(self, power: sp.Pow, letters: frozenset[sp.Symbol]) -> Labelled:
        if power.exp.is_number:
            return self._summed(power, (), letters, {})
        base, exponent = self.read(power.base, letters), self.read(power.exp, letters)
        return self._elementwise("power", [base, exponent])

    def _sum(self, total: sp.Sum, letters: frozenset[sp.Symbol]) -> Labelled:
        bound, sizes = [], {}
        for letter, first, last in total.limits:
            if first != 1:
                raise NoMatrix("a sum over part of an axis")
            bound.append(letter)
            sizes[letter] = self.read(last, letters).node
        return self._summed(total.function, tuple(bound), letters | set(bound), sizes)

    def _summed(
        self,
        body: sp.Expr,
        bound: tuple[sp.Symbol, ...],
        letters: frozenset[sp.Symbol],
        sizes: Mapping[sp.Symbol, Node],
    ) -> Labelled:
        """A product, perhaps summed; sums among its factors are multiplied out where nothing else fits."""
        factors = [power for factor in sp.Mul.make_args(body) for power in _opened_sums(factor, letters)]
        inner = [f for f in factors if isinstance(f, sp.Sum) and bound]
        if inner and len(factors) > 1:
            # sums among the factors of a sum are part of it
            for total in inner:
                if not {limit[0] for limit in total.limits} & (letters | set(bound)):
                    extra = {limit[0]: self.read(limit[2], letters).node for limit in total.limits}
                    rest = sp.Mul(*(f for f in factors if f is not total), total.function, evaluate=False)
                    try:
                        return self._summed(rest, (*bound, *extra), letters | set(extra), {**sizes, **extra})
                    except NoMatrix:
                        break
        try:
            if any(f.is_Add and f.has(sp.KroneckerDelta) for f in factors):
                raise NoMatrix("deltas among the terms of a factor")
            found = self._network(factors, bound, letters, sizes)
        except NoMatrix:
            terms = _multiplied_out(factors)
            if terms is None:
                raise
            return self._term_by_term(terms, bound, letters, sizes)
        if bound and self._sums_of_rows(found.node):
            try:
                other = self._term_by_term(_multiplied_out(factors) or [], bound, letters, sizes)
            except NoMatrix:
                return found
            return min(found, other, key=lambda each: effort(each.node, self.contractions.seen))
        return found

    def _term_by_term(
        self,
        terms: list[sp.Expr],
        bound: tuple[sp.Symbol, ...],
        letters: frozenset[sp.Symbol],
        sizes: Mapping[sp.Symbol, Node],
    ) -> Labelled:
        """A sum of products, each of them summed by itself."""
        if not terms:
            raise NoMatrix("no terms")
        return self.contractions.added([(sp.Integer(1), self._summed(each, bound, letters, sizes)) for each in terms])

    def _sums_of_rows(self, node: Node) -> bool:
        """Whether rows of a sum are added up, whose terms may be products of a matrix and a vector."""
        _, _, rest = self.matrices.scalars_out(node)
        return rest.head == "sum" and rest.data is not None and rest.args[0].head == "add"

    def _network(
        self,
        factors: list[sp.Expr],
        bound: tuple[sp.Symbol, ...],
        letters: frozenset[sp.Symbol],
        sizes: Mapping[sp.Symbol, Node],
    ) -> Labelled:
        number, powers = sp.Integer(1), []
        deltas = [factor for factor in factors if isinstance(factor, sp.KroneckerDelta)]
        for factor in factors:
            if isinstance(factor, sp.KroneckerDelta):
                continue
            base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.Integer(1))
            if not exponent.is_number:
                base, exponent = factor, sp.Integer(1)
            if base.is_number and not base.has(sp.Indexed):
                number = number * factor
                continue
            part = self.read(base, letters)
            powers.append((part, exponent))
        if deltas:
            return self._with_deltas(number, powers, deltas, bound, letters, sizes)
        return self.contractions.contracted(number, powers, bound, sizes)

    def _with_deltas(
        self,
        number: sp.Expr,
        powers: Powers,
        deltas: list[sp.Expr],
        bound: tuple[sp.Symbol, ...],
        letters: frozenset[sp.Symbol],
        sizes: Mapping[sp.Symbol, Node],
    ) -> Labelled:
        """A delta of two indices of the result: a diagonal matrix."""
        matrices = self.matrices
        marks = [self._one_hot(delta, letters, sizes) for delta in deltas]
        if all(mark is not None for mark in marks):
            found = [(mark, sp.Integer(1)) for mark in marks if mark is not None]
            return self.contractions.contracted(number, [*powers, *found], bound, sizes)
        if len(deltas) > 1 or not all(p in letters and p not in bound for p in deltas[0].args):
            raise NoMatrix("a delta of a position")
        left, right = deltas[0].args
        rest = self.contractions.contracted(number, powers, bound, sizes)
        if len(rest.index) == 2:
            raise NoMatrix("a delta beside a matrix")
        if rest.index:
            return Labelled(matrices.diag(rest.node), (left, right))
        if left not in self._ranges:
            raise NoMatrix("a delta of unknown size")
        eye = matrices.make("eye", (self._ranges[left],), None, 2)
        return Labelled(matrices.mul(sp.Integer(1), [(rest.node, sp.Integer(1)), (eye, sp.Integer(1))]), (left, right))

    def _one_hot(
        self, delta: sp.Expr, letters: frozenset[sp.Symbol], sizes: Mapping[sp.Symbol, Node]
    ) -> Labelled | None:
        """1 where an index is a given position: a row of the identity, or one for each of several positions."""
        for letter, position in (delta.args, delta.args[::-1]):
            size = sizes.get(letter, self._ranges.get(letter))
            if letter not in letters or position in letters or size is None:
                continue
            eye = self.matrices.make("eye", (size,), None, 2)
            along = self._letter(position, letters)
            place = self._place(position)
            if along is None:
                return Labelled(self.matrices.make("item", (eye,), place, 1), (letter,))
            return Labelled(self.matrices.make("item", (eye,), place, 2), (along, letter))
        return None

    # --- functions ----------------------------------------------------------------------------------------------------

    def _elementwise(self, function: str, arguments: list[Labelled]) -> Labelled:
        index = self.contractions.letters(arguments)
        nodes = [self.contractions.aligned(each, index) for each in arguments]
        made = nodes[0]
        if function in ("maximum", "minimum") and len(nodes) > 2:
            for node in nodes[1:]:
                made = self.matrices.call(function, made, node)
        elif function == "power":
            made = self.matrices.make("power", nodes, None, max(node.ndim for node in nodes))
        else:
            made = self.matrices.call(function, *nodes)
        return Labelled(made, index if made.ndim else ())

    def _function(self, call: sp.Function, letters: frozenset[sp.Symbol]) -> Labelled:
        name = type(call).__name__
        if name in TURNED:
            inner = self._elementwise(TURNED[name], [self.read(call.args[0], letters)])
            return self.contractions.multiplied(sp.Integer(1), [(inner, sp.Integer(-1))])
        if name not in FUNCTIONS:
            raise NoMatrix(f"the function {name}")
        return self._elementwise(FUNCTIONS[name], [self.read(each, letters) for each in call.args])

    def _piecewise(self, pieces: sp.Piecewise, letters: frozenset[sp.Symbol]) -> Labelled:
        (value, condition), *others = pieces.args
        holds = self._condition(condition, letters)
        matrices, contractions = self.matrices, self.contractions
        if len(others) == 1 and others[0][1] == sp.true and others[0][0] == 0:
            mark = Labelled(matrices.holds(holds.node), holds.index)
            if isinstance(value, sp.Mul):
                condition_alone = sp.Piecewise((sp.Integer(1), condition), (sp.Integer(0), True))
                return self._summed(sp.Mul(*value.args, condition_alone, evaluate=False), (), letters, {})
            return contractions.multiplied(
                sp.Integer(1), [(self.read(value, letters), sp.Integer(1)), (mark, sp.Integer(1))]
            )
        one = self.read(value, letters)
        if len(others) == 1 and others[0][1] == sp.true:
            other = self.read(others[0][0], letters)
        elif others:
            other = self.read(sp.Piecewise(*others), letters)
        else:
            other = Labelled(matrices.number(sp.nan))
        return self._chosen(holds, one, other)

    def _chosen(self, holds: Labelled, one: Labelled, other: Labelled) -> Labelled:
        index = self.contractions.letters([holds, one, other])
        nodes = [self.contractions.aligned(each, index) for each in (holds, one, other)]
        return Labelled(self.matrices.make("where", nodes, None, max(node.ndim for node in nodes)), index)

    def _condition(self, condition: sp.Basic, letters: frozenset[sp.Symbol]) -> Labelled:
        matrices, contractions = self.matrices, self.contractions
        if isinstance(condition, sp.And | sp.Or):
            parts = [self._condition(each, letters) for each in condition.args]
            index = contractions.letters(parts)
            nodes = [contractions.aligned(each, index) for each in parts]
            head = "and" if isinstance(condition, sp.And) else "or"
            return Labelled(matrices.make(head, nodes, None, max(node.ndim for node in nodes)), index)
        if not isinstance(condition, Relational):
            raise NoMatrix(f"the condition {condition}")
        sides = [self.read(each, letters) for each in condition.args]
        index = contractions.letters(sides)
        nodes = [contractions.aligned(each, index) for each in sides]
        return Labelled(matrices.compare(SIGNS[condition.rel_op], nodes), index)


def _in_order(total: sp.Add) -> list[sp.Expr]:
    """The terms of a sum, those that are summed themselves first."""
    return sorted(total.args, key=lambda term: (not term.has(sp.Sum), sp.default_sort_key(term)))


def _opened_sums(factor: sp.Expr, letters: frozenset[sp.Symbol]) -> list[sp.Expr]:
    """The factors of a product; of a power of a product each factor's."""
    if isinstance(factor, sp.Pow) and factor.exp.is_Integer and isinstance(factor.base, sp.Mul):
        return [part**factor.exp for part in factor.base.args]
    if isinstance(factor, sp.Piecewise) and len(factor.args) == 2 and factor.args[1] == (0, True):
        value, condition = factor.args[0]
        if isinstance(value, sp.Mul):
            return [*value.args, sp.Piecewise((sp.Integer(1), condition), (sp.Integer(0), True))]
    elif isinstance(factor, sp.Piecewise):
        return _shared_by_pieces(factor)
    return [factor]


def _shared_by_pieces(pieces: sp.Piecewise) -> list[sp.Expr]:
    """What all pieces have as a factor, and the pieces without it."""
    factors = [sp.Mul.make_args(value) for value, _ in pieces.args]
    shared = [each for each in factors[0] if not each.is_number and all(each in others for others in factors)]
    if not shared:
        return [pieces]
    rest = [
        (sp.Mul(*(each for each in own if each not in shared)), condition)
        for own, (_, condition) in zip(factors, pieces.args, strict=True)
    ]
    return [*shared, sp.Piecewise(*rest)]


def _multiplied_out(factors: list[sp.Expr]) -> list[sp.Expr] | None:
    """The terms of a product of which one factor is a sum; None where none is, or they are too many."""
    sums = [factor for factor in factors if isinstance(factor, sp.Add)]
    if not sums or len(sums[0].args) > MOST_TERMS:
        return None
    rest = [factor for factor in factors if factor is not sums[0]]
    return [sp.Mul(*sp.Mul.make_args(term), *rest) for term in sums[0].args]


_READERS: tuple[tuple[type, Callable[..., Labelled]], ...] = (
    (sp.Indexed, Reader._indexed),
    (sp.Symbol, Reader._symbol),
    (sp.Add, Reader._add),
    (sp.Mul, Reader._mul),
    (sp.Pow, Reader._pow),
    (sp.Sum, Reader._sum),
    (sp.Piecewise, Reader._piecewise),
    (sp.KroneckerDelta, lambda self, delta, letters: self._summed(delta, (), letters, {})),
    (sp.Function, Reader._function),
)
