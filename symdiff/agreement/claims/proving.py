"""Claims for every size: the formula that is claimed over the closed form, where sympy finds what that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symdiff.agreement.claims.reading import Claim, Element
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.closed_forms.records import Definition
from symdiff.deadline import look
from symdiff.language import tree

__all__ = ["ratio_for_every_size"]

LONGEST = 150
"""Up to so many operations two formulas are compared."""

DEEPEST = 8
"""So many times names are replaced by what they stand for."""

_FUNCTIONS: Mapping[str, Any] = {
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "sin": sp.sin, "cos": sp.cos, "tan": sp.tan, "tanh": sp.tanh,
    "sinh": sp.sinh, "cosh": sp.cosh, "abs": sp.Abs,
}  # fmt: skip


class _NoFormula(ValueError):
    """What is claimed is in no form that is compared here."""


def ratio_for_every_size(claim: Claim, observed: Observed) -> sp.Expr | None:
    """What is claimed over what is wanted, as a formula in the sizes alone; None where it is none, or is not found."""
    general = observed.forms.general.get(claim.name)
    if general is None or general.beyond is not None or len(general.indices) != len(_axes(claim, general.indices)):
        return None
    try:
        letters = {str(old): sp.Symbol(f"at{place}") for place, old in enumerate(general.indices)}
        wanted = _Canonical(general.definitions, letters, observed)(general.expression)
        own = {letter: f"at{place}" for place, letter in enumerate(_axes(claim, general.indices))}
        given = _Claimed(claim, own, observed).formula(claim.program.result)
    except (_NoFormula, KeyError):
        return None
    if wanted == 0:
        return sp.Integer(1) if given == 0 else None
    if sp.count_ops(wanted) + sp.count_ops(given) > LONGEST:
        return None
    look()
    ratio = sp.cancel(sp.together(sp.expand(given) / sp.expand(wanted)))
    if not _of_sizes(ratio, observed):
        ratio = sp.simplify(ratio)
    return ratio if _of_sizes(ratio, observed) else None


def _axes(claim: Claim, indices: tuple[Any, ...]) -> tuple[str, ...]:
    free = tuple(each for each in claim.letters if each not in claim.bound)
    return free or tuple(map(str, indices))


def _of_sizes(formula: sp.Expr, observed: Observed) -> bool:
    return {str(each) for each in formula.free_symbols} <= {f"size {n}" for n in observed.sizes}


def _size(name: str) -> sp.Symbol:
    return sp.Symbol(f"size {name}", positive=True, integer=True)


def _atom(name: str, indices: list[str]) -> sp.Symbol:
    return sp.Symbol(f"{name}[{', '.join(indices)}]", real=True)


class _Canonical:
    """A closed form with a symbol of its own for every element and every sum, whatever their indices are called."""

    def __init__(
        self, definitions: tuple[Definition, ...], letters: Mapping[str, sp.Symbol], observed: Observed
    ) -> None:
        self._definitions = {(each.name, len(each.indices)): each for each in definitions if each.formula is not None}
        self._letters, self._observed = dict(letters), observed

    def __call__(self, formula: sp.Expr, depth: int = 0) -> sp.Expr:
        """The formula in those symbols."""
        if depth > 40:
            raise _NoFormula
        if isinstance(formula, sp.Indexed):
            return self._element(str(formula.base), formula.indices, depth)
        if isinstance(formula, sp.Sum):
            return self._sum(formula, depth)
        if formula.is_Symbol:
            if str(formula) in self._observed.sizes:
                return _size(str(formula))
            if str(formula) in self._letters:
                return self._letters[str(formula)]
            return self._element(str(formula), (), depth)
        if isinstance(formula, sp.Piecewise | sp.KroneckerDelta | sp.Product):
            raise _NoFormula
        return formula.func(*(self(each, depth + 1) for each in formula.args)) if formula.args else formula

    def _element(self, name: str, indices: tuple[Any, ...], depth: int) -> sp.Expr:
        known = self._definitions.get((name, len(indices)))
        if known is None or known.formula is None:
            return _atom(name, [self._index(each) for each in indices])
        if depth > DEEPEST:
            raise _NoFormula
        places = dict(zip(known.indices, indices, strict=True))
        return self(known.formula.xreplace(places), depth + 1)

    def _index(self, index: Any) -> str:
        found = index.xreplace({each: self._letters.get(str(each), each) for each in index.free_symbols})
        return str(found)

    def _sum(self, formula: sp.Sum, depth: int) -> sp.Expr:
        if len(formula.limits) != 1:
            raise _NoFormula
        letter, _, high = formula.limits[0]
        before = self._letters.get(str(letter))
        self._letters[str(letter)] = sp.Symbol(f"over{depth if before is None else depth + 1}")
        summed = _named_sum(self(formula.function, depth), self._letters[str(letter)], str(high))
        if before is None:
            del self._letters[str(letter)]
        else:
            self._letters[str(letter)] = before
        return summed


def _named_sum(inner: sp.Expr, letter: sp.Symbol, high: str) -> sp.Expr:
    """A sum as a symbol that says what is summed, its index renamed, what does not depend on it before it."""
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(inner)):
        outer, rest = sp.Integer(1), sp.Integer(1)
        for factor in sp.Mul.make_args(term):
            if str(letter) in str(factor):
                rest *= factor
            else:
                outer *= factor
        if rest == 1:
            total += outer * _size(high)
            continue
        total += outer * sp.Symbol(f"Sum({str(rest).replace(str(letter), 'over')}, {high})", real=True)
    return total


class _Claimed:
    """A claim's formula in the same symbols."""

    def __init__(self, claim: Claim, letters: Mapping[str, str], observed: Observed) -> None:
        self._claim, self._letters, self._observed = claim, dict(letters), observed
        self._reads = dict(claim.reads)
        self._assigned = {each.name: each.value for each in claim.program.assignments}

    def formula(self, node: tree.Expression) -> sp.Expr:
        """The formula of an expression of elements.

        Raises:
            _NoFormula: it is one of whole arrays, or of functions that are not compared.
        """
        match node:
            case tree.Constant(int() | float()):
                return sp.nsimplify(sp.Rational(node.exact.numerator, node.exact.denominator))
            case tree.Name(name):
                return self._name(name)
            case tree.Unary("-", operand):
                return -self.formula(operand)
            case tree.Unary("+", operand):
                return self.formula(operand)
            case tree.Binary("+" | "-" | "*" | "/" | "**" as sign, left, right):
                return _combined(sign, self.formula(left), self.formula(right))
            case tree.Call("sum", (inner,), (("over", tree.Name(letter)),)):
                return self._sum(inner, letter)
            case tree.Call(function, (inner,), ()) if function in _FUNCTIONS:
                return _FUNCTIONS[function](self.formula(inner))
        raise _NoFormula

    def _name(self, name: str) -> sp.Expr:
        if name in self._reads:
            return self._element(self._reads[name])
        if name in self._observed.sizes:
            return _size(name)
        if name in ("pi", "e") and name not in self._observed.program.inputs:
            return sp.pi if name == "pi" else sp.E
        index = self._observed.program.inputs.get(name)
        if index is None:
            raise _NoFormula
        shape = self._observed.program.elements[index].shape
        if shape == ():
            return _atom(name, [])
        if shape == self._observed.want(self._claim.name).shape and not self._claim.letters:
            return _atom(name, [f"at{k}" for k in range(len(shape))])
        raise _NoFormula

    def _element(self, element: Element) -> sp.Expr:
        indices = []
        for index in element.indices:
            if not isinstance(index, tree.Name) or index.id not in self._letters:
                raise _NoFormula
            indices.append(self._letters[index.id])
        return _atom(element.array, indices)

    def _sum(self, inner: tree.Expression, letter: str) -> sp.Expr:
        self._letters[letter] = "over0"
        high = self._high(letter)
        summed = _named_sum(self.formula(inner), sp.Symbol("over0"), high)
        del self._letters[letter]
        return summed

    def _high(self, letter: str) -> str:
        program = self._observed.program
        for element in self._reads.values():
            for axis, index in enumerate(element.indices):
                if isinstance(index, tree.Name) and index.id == letter and element.array in program.inputs:
                    length = program.elements[program.inputs[element.array]].sizes[axis].value
                    return next((n for n, value in self._observed.sizes.items() if value == length), str(length))
        raise _NoFormula


def _combined(sign: str, left: sp.Expr, right: sp.Expr) -> sp.Expr:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    return left / right if sign == "/" else left**right
