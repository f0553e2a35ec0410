"""Matrix algebra as a tree: what is equal is one object, and small simplifications happen where a node is made.

A node is a number, a vector or a matrix (``ndim`` 0, 1, 2). Elementwise sums and products broadcast as NumPy's do: a
vector stands along the last axis, a column (``col``) along the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from symdiff.matrix_form.costs import EFFORT

Factor = tuple["Node", sp.Expr]
"""A factor of an elementwise product, and its exponent."""


class NoMatrix(ValueError):
    """What has no matrix form: more than two indices at once, positions that move, a function without a name."""


class Node:
    """One expression; ``head`` says what it is, ``data`` what is no node in it.

    =========== =========================== ==================================
    head        args                        data
    =========== =========================== ==================================
    name                                    the name
    number                                  a sympy number
    add         the terms                   their coefficients
    mul         the factors                 (coefficient, exponents)
    mm          the factors of ``@``
    T, col      what is turned
    sum         what is added up            the axis, None for all
    outer       two vectors
    diag        a vector: the matrix with this diagonal
    diagonal    a matrix: its diagonal
    item        what is indexed             the index as it is written
    call        the arguments               (function, keywords)
    holds       the condition: 1 or 0
    compare     left, right                 the sign
    and, or     the conditions
    where       condition, one, other
    eye         the size
    =========== =========================== ==================================
    """

    __slots__ = ("args", "data", "head", "names", "ndim", "number", "text")

    def __init__(self, head: str, args: tuple[Node, ...], data: Any, ndim: int, number: int) -> None:
        self.head, self.args, self.data, self.ndim, self.number = head, args, data, ndim, number
        self.text: tuple[str, int] | None = None
        own = frozenset({data}) if head == "name" else frozenset()
        self.names: frozenset[str] = own.union(*(each.names for each in args))

    def __repr__(self) -> str:
        from symdiff.matrix_form.writing import written

        return written(self)


class Matrices:
    """Makes nodes, each only once; ``symmetric`` holds the names of matrices that equal their transposes."""

    def __init__(self) -> None:
        self._table: dict[tuple[Any, ...], Node] = {}
        self.symmetric: set[str] = set()
        self.asked = 0

    def make(self, head: str, args: Sequence[Node] = (), data: Any = None, ndim: int = 0) -> Node:
        """The one node with these parts."""
        self.asked += 1
        if self.asked > EFFORT:
            raise NoMatrix("the effort for this form is spent")
        key = (head, tuple(args), data, ndim)
        found = self._table.get(key)
        if found is None:
            found = self._table[key] = Node(head, tuple(args), data, ndim, len(self._table))
        return found

    # --- leaves -------------------------------------------------------------------------------------------------------

    def name(self, name: str, ndim: int) -> Node:
        return self.make("name", (), name, ndim)

    def number(self, value: sp.Expr | int) -> Node:
        return self.make("number", (), sp.sympify(value))

    # --- elementwise --------------------------------------------------------------------------------------------------

    def coefficient(self, node: Node) -> tuple[sp.Expr, Node]:
        """``(number, rest)`` whose product the node is; the rest of a number is the number 1."""
        if node.head == "number":
            return node.data, self.number(1)
        if node.head == "mul" and node.data[0] != 1:
            return node.data[0], self._product(sp.Integer(1), zip(node.args, node.data[1], strict=True))
        if node.head == "add" and len(set(node.data)) == 1 and node.data[0] != 1:
            return node.data[0], self.make("add", node.args, (sp.Integer(1),) * len(node.args), node.ndim)
        return sp.Integer(1), node

    def scaled(self, coefficient: sp.Expr, node: Node) -> Node:
        return self.mul(coefficient, [(node, sp.Integer(1))])

    def add(self, terms: Iterable[tuple[sp.Expr, Node]]) -> Node:
        """A sum of terms with their coefficients; terms that are alike are taken together."""
        total: dict[Node, sp.Expr] = {}
        for coefficient, term in _opened(self, terms):
            number, rest = self.coefficient(term)
            total[rest] = total.get(rest, sp.Integer(0)) + coefficient * number
        kept = {node: value for node, value in total.items() if value != 0}
        if not kept:
            return self.number(0)
        ordered = sorted(kept, key=lambda node: _order(node, kept[node]))
        if len(ordered) == 1:
            return self.scaled(kept[ordered[0]], ordered[0])
        ndim = max(node.ndim for node in ordered)
        numbers = [kept[node] for node in ordered]
        common = _content(numbers, any(node.head == "number" for node in ordered))
        made = self._best_turned(self.make("add", ordered, tuple(value / common for value in numbers), ndim))
        return made if common == 1 else self._product(common, [(made, sp.Integer(1))])

    def mul(self, coefficient: sp.Expr, factors: Iterable[Factor]) -> Node:
        """An elementwise product; factors that are alike are taken together, those of products are its own."""
        powers: dict[Node, sp.Expr] = {}
        waiting = list(factors)
        while waiting:
            node, exponent = waiting.pop(0)
            if node.head == "number":
                coefficient = coefficient * node.data**exponent
            elif node.head == "mul" and (exponent.is_Integer or len(node.args) == 1):
                coefficient = coefficient * node.data[0] ** exponent
                waiting[:0] = [(f, e * exponent) for f, e in zip(node.args, node.data[1], strict=True)]
            elif node.head == "call" and node.data[0] == "sqrt" and exponent in (2, -2):
                waiting.insert(0, (node.args[0], exponent / 2))
            elif node.head == "holds" and exponent > 0:
                powers[node] = sp.Integer(1)
            else:
                powers[node] = powers.get(node, sp.Integer(0)) + exponent
        if coefficient == 0:
            return self.number(0)
        return self._product(coefficient, ((n, e) for n, e in powers.items() if e != 0))

    def _product(self, coefficient: sp.Expr, factors: Iterable[Factor]) -> Node:
        kept = sorted(factors, key=lambda factor: factor[0].number)
        if not kept:
            return self.number(coefficient)
        if coefficient == 1 and len(kept) == 1 and kept[0][1] == 1:
            return kept[0][0]
        ndim = max(node.ndim for node, _ in kept)
        arrays = [pair for pair in kept if pair[0].ndim]
        if ndim == 2 and len(arrays) > 1:
            inner = self.make("mul", [n for n, _ in arrays], (sp.Integer(1), tuple(e for _, e in arrays)), 2)
            turned = self._best_turned(inner)
            if turned is not inner:
                kept = [pair for pair in kept if not pair[0].ndim] + [(turned, sp.Integer(1))]
                if coefficient == 1 and len(kept) == 1:
                    return turned
        return self.make("mul", [n for n, _ in kept], (coefficient, tuple(e for _, e in kept)), ndim)

    def positive(self, node: Node) -> Node:
        """A negative product with the sign of a difference in it turned: -2*A.T @ (b - x) is 2*A.T @ (x - b)."""
        if node.head != "mul" or not node.data[0].is_number or not node.data[0] < 0:
            return node
        turned = self._signs_turned(list(zip(node.args, node.data[1], strict=True)))
        return node if turned is None else self.mul(-node.data[0], turned)

    def _signs_turned(self, factors: list[Factor]) -> list[Factor] | None:
        for place, (node, exponent) in enumerate(factors):
            other = self.turned(node) if exponent == 1 else None
            if other is not None:
                return [*factors[:place], (other, exponent), *factors[place + 1 :]]
        return None

    def turned(self, node: Node) -> Node | None:
        """The negative of a difference as a difference, of a product by turning one of its factors; else None."""
        if node.head == "add" and any(value < 0 for value in node.data if value.is_number):
            return self.add((-value, term) for value, term in zip(node.data, node.args, strict=True))
        if node.head in ("mm", "col", "T", "sum"):
            if len(set(node.args)) < len(node.args):
                return None
            for place, part in enumerate(node.args):
                other = self.turned(part)
                if other is not None:
                    return self.make(
                        node.head, (*node.args[:place], other, *node.args[place + 1 :]), node.data, node.ndim
                    )
        return None

    def scalars_out(self, node: Node) -> tuple[sp.Expr, list[Factor], Node]:
        """``(number, scalar factors, rest)`` whose product an array is."""
        if node.head == "add":
            number, rest = self.coefficient(node)
            return number, [], rest
        if node.head != "mul":
            return sp.Integer(1), [], node
        number, exponents = node.data
        pairs = list(zip(node.args, exponents, strict=True))
        scalars = [pair for pair in pairs if not pair[0].ndim]
        return number, scalars, self._product(sp.Integer(1), [pair for pair in pairs if pair[0].ndim])

    # --- products of matrices -----------------------------------------------------------------------------------------

    def mm(self, factors: Sequence[Node]) -> Node:
        """A product of matrices, at its ends perhaps vectors; numbers stand in front of it."""
        number: sp.Expr = sp.Integer(1)
        scalars: list[Factor] = []
        chain: list[Node] = []
        for factor in factors:
            own, out, rest = self.scalars_out(factor)
            number, scalars = number * own, scalars + out
            chain += rest.args if rest.head == "mm" and rest.ndim else [rest]
        chain = _without_inverses(chain)
        if len(chain) == 1:
            product = chain[0]
        else:
            ndim = 2 - (chain[0].ndim == 1) - (chain[-1].ndim == 1)
            if ndim == 1 and chain[0].ndim == 1:
                # a vector from the left is the transposes from the right
                chain = [self.T(factor) for factor in reversed(chain)]
            elif ndim == 0:
                chain = min(
                    chain,
                    [self.T(factor) for factor in reversed(chain)],
                    key=lambda c: (sum(map(turns, c)), c[0].number),
                )
            product = self.make("mm", chain, None, ndim)
        return self.mul(number, [*scalars, (product, sp.Integer(1))])

    def T(self, node: Node) -> Node:
        """The transpose; of a vector the vector itself."""
        if node.ndim < 2 or self.is_symmetric(node):
            return node
        if node.head == "T":
            return node.args[0]
        if node.head == "outer":
            return self.make("outer", node.args[::-1], None, 2)
        if node.head in ("add", "mul", "mm", "call", "holds", "compare"):
            flipped = self._flipped(node)
            if flipped is not None and turns(flipped) <= turns(node) + 2:
                return flipped
        return self.make("T", (node,), None, 2)

    def _flipped(self, node: Node) -> Node | None:
        """The transpose with the parts of the node transposed; None where that is no node of the same kind."""
        if node.head == "mm":
            return self.make("mm", [self.T(part) for part in reversed(node.args)], None, 2)
        if node.head == "call" and (node.data[1] or any(part.ndim not in (0, 2) for part in node.args)):
            return None
        if node.head == "call" and node.data[0] in ("inv", "softmax"):
            return None
        turned = [self._across(part) for part in node.args]
        return self.make(node.head, turned, node.data, 2)

    def _across(self, part: Node) -> Node:
        """A part of an elementwise node in the transposed one: rows become columns."""
        if part.ndim == 1:
            return self.col(part)
        return part.args[0] if part.head == "col" else self.T(part)

    def _best_turned(self, node: Node) -> Node:
        """A matrix of transposes as the transpose of what it is of."""
        if node.ndim < 2 or not any(part.head in ("T", "mm") for part in node.args):
            return node
        if node.head == "call" and (node.data[1] or node.data[0] in ("inv", "softmax")):
            return node
        flipped = self._flipped(node)
        gain = turns(node) - (2 if flipped is None else turns(flipped) + 2)
        if flipped is None or flipped.ndim < 2 or gain < (node.head in ("add", "mul")):
            return node
        return self.make("T", (flipped,), None, 2)

    def is_symmetric(self, node: Node) -> bool:
        """Whether a matrix equals its transpose, by its formula."""
        if node.ndim != 2:
            return False
        if node.head == "name":
            return node.data in self.symmetric
        if node.head in ("eye", "diag"):
            return True
        if node.head == "call" and node.data[0] == "inv":
            return self.is_symmetric(node.args[0])
        if node.head == "outer":
            return node.args[0] is node.args[1]
        if node.head == "mm":
            return all(self._is_transpose(a, b) for a, b in zip(node.args, reversed(node.args), strict=True))
        if node.head == "add":
            terms = dict(zip(node.args, node.data, strict=True))
            return all(
                part.ndim == 0
                or self.is_symmetric(part)
                or (part.ndim == 2 and terms.get(self._opposite(part)) == terms[part])
                for part in node.args
            )
        if node.head == "mul":
            return all(part.ndim == 0 or self.is_symmetric(part) for part in node.args)
        return False

    def _opposite(self, node: Node) -> Node:
        return node.args[0] if node.head == "T" else self.make("T", (node,), None, 2)

    def _is_transpose(self, a: Node, b: Node) -> bool:
        return self._opposite(a) is b or (a is b and self.is_symmetric(a))

    # --- shapes -------------------------------------------------------------------------------------------------------

    def col(self, vector: Node) -> Node:
        """A vector as a column, which stretches over a matrix's columns."""
        number, scalars, rest = self.scalars_out(vector)
        if rest.ndim == 0:
            return vector
        if rest.head == "mul" and len(rest.args) == 1:
            inner = self.make("col", rest.args, None, 2)
            return self.mul(number, [*scalars, (inner, rest.data[1][0])])
        if rest.head in ("mul", "add") and all(_turns_well(part, 1) for part in rest.args):
            inner = rebuilt_sum(self, rest, [self.col(part) for part in rest.args])
            return self.mul(number, [*scalars, (inner, sp.Integer(1))])
        return self.mul(number, [*scalars, (self.make("col", (rest,), None, 2), sp.Integer(1))])

    def row(self, vector: Node) -> Node:
        """A vector as a row of a matrix."""
        number, scalars, rest = self.scalars_out(vector)
        if rest.head in ("mul", "add") and all(_turns_well(part, 0) for part in rest.args):
            parts = [self.row(part) for part in rest.args]
            inner = rebuilt_sum(self, rest, parts)
        else:
            inner = self.make("row", (rest,), None, 2)
        return self.mul(number, [*scalars, (inner, sp.Integer(1))])

    def compare(self, sign: str, sides: Sequence[Node]) -> Node:
        """A comparison."""
        return self._best_turned(self.make("compare", sides, sign, max(side.ndim for side in sides)))

    def holds(self, condition: Node) -> Node:
        """1 where a condition holds, else 0."""
        return self._best_turned(self.make("holds", (condition,), None, condition.ndim))

    def sum(self, node: Node, axis: int | None) -> Node:
        """The elements added up along an axis, or all of them."""
        number, scalars, rest = self.scalars_out(node)
        if rest.head == "T" and axis is not None:
            rest, axis = rest.args[0], 1 - axis
        if rest.ndim == 1:
            axis = None
        if rest.head == "sum" and axis is None:
            rest = rest.args[0]
        if rest.head == "T" and axis is None:
            rest = rest.args[0]
        made = self.make("sum", (rest,), axis, 0 if axis is None else rest.ndim - 1)
        return self.mul(number, [*scalars, (made, sp.Integer(1))])

    def outer(self, left: Node, right: Node) -> Node:
        """All products of the elements of two vectors."""
        first, scalars, u = self.scalars_out(left)
        second, more, v = self.scalars_out(right)
        made = self.make("outer", (u, v), None, 2)
        return self.mul(first * second, [*scalars, *more, (made, sp.Integer(1))])

    def diag(self, vector: Node) -> Node:
        """The matrix with a vector on its diagonal."""
        number, scalars, rest = self.scalars_out(vector)
        return self.mul(number, [*scalars, (self.make("diag", (rest,), None, 2), sp.Integer(1))])

    def diagonal(self, matrix: Node) -> Node:
        """The diagonal of a matrix."""
        return self.make("diagonal", (matrix,), None, 1)

    def call(self, function: str, *args: Node, ndim: int | None = None, **keywords: Any) -> Node:
        """A function of nodes, elementwise unless ``ndim`` says otherwise."""
        if function == "norm" and args[0].head == "T":
            args = args[0].args
        shape = max((each.ndim for each in args), default=0) if ndim is None else ndim
        made = self.make("call", args, (function, tuple(keywords.items())), shape)
        return made if ndim is not None or keywords or function == "ones_like" else self._best_turned(made)


def rebuilt_sum(matrices: Matrices, node: Node, parts: Sequence[Node]) -> Node:
    """An elementwise sum or product of other parts."""
    if node.head == "add":
        return matrices.add(zip(node.data, parts, strict=True))
    return matrices.mul(node.data[0], zip(parts, node.data[1], strict=True))


def _turns_well(part: Node, axis: int) -> bool:
    """Whether a vector as a column (1) or a row (0) is no longer to write than by itself."""
    if part.head == "mul":
        return all(inner.ndim == 0 or _turns_well(inner, axis) for inner in part.args)
    if part.ndim == 0:
        return True
    if part.head == "sum" or (part.head == "call" and part.data[0] == "mean"):
        return bool((part.data if part.head == "sum" else dict(part.data[1]).get("axis")) == axis)
    return part.head == "item" and part.data == (":, 0" if axis else "0") and part.args[0].ndim == 2


def _opened(matrices: Matrices, terms: Iterable[tuple[sp.Expr, Node]]) -> Iterable[tuple[sp.Expr, Node]]:
    """The terms, those of a sum that stands in a sum among them."""
    for coefficient, term in terms:
        if term.head == "add":
            yield from _opened(
                matrices, ((coefficient * own, part) for own, part in zip(term.data, term.args, strict=True))
            )
        elif term.head == "mul" and len(term.args) == 1 and term.data[1] == (1,) and term.args[0].head == "add":
            yield from _opened(matrices, [(coefficient * term.data[0], term.args[0])])
        elif term.head == "T" and term.args[0].head == "add" and all(p.ndim == 2 for p in term.args[0].args):
            inner = term.args[0]
            yield from _opened(
                matrices,
                ((coefficient * own, matrices.T(part)) for own, part in zip(inner.data, inner.args, strict=True)),
            )
        else:
            yield coefficient, term


def _order(node: Node, coefficient: sp.Expr) -> tuple[Any, ...]:
    """What is added comes before what is taken off, computed arrays before given ones, large ones before small ones."""
    negative = bool(coefficient.is_number and coefficient < 0)
    simple = node.head in ("name", "T")
    return negative, node.head == "number" and negative, -node.ndim, simple, node.number


def _content(numbers: Sequence[sp.Expr], has_number: bool) -> sp.Expr:
    """What all coefficients share: their common factor if they are whole multiples of one of them, without its sign."""
    least = min(numbers, key=lambda value: abs(value))
    share = abs(least)
    if has_number and any(abs(value) != share for value in numbers):
        return sp.Integer(1)
    if share != 1 and all((value / share).is_Integer for value in numbers):
        return share * (-1 if all(value < 0 for value in numbers) else 1)
    return sp.Integer(-1) if all(value < 0 for value in numbers) else sp.Integer(1)


def _without_inverses(chain: list[Node]) -> list[Node]:
    """A product without a matrix beside its own inverse."""
    return chain


def turns(node: Node) -> int:
    """How much turning around a node is written with: transposes, and half as much columns."""
    return _TURNS.get(node.head, 0) + sum(turns(part) for part in node.args)


_TURNS = {"T": 2, "col": 1}
