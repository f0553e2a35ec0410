"""Sizes of axes: a number today, a letter for every n.

Every axis of an input has a size symbol of its own; operations that make two axes the same length unify their symbols,
and an operation that needs a literal number pins the symbol to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import sympy as sp


@cache
def size_symbol(number: int) -> sp.Symbol:
    """The ``number``-th anonymous size; it gets its letter when a derivation is printed."""
    return sp.Symbol(f"n{number}", integer=True, positive=True)


@dataclass(frozen=True, slots=True)
class Size:
    """The length of an axis: its ``value`` at this point and its ``formula`` for every size."""

    value: int
    formula: sp.Expr

    @property
    def symbolic(self) -> bool:
        """Whether the length may differ from its value here."""
        return not self.formula.is_Integer

    def __add__(self, other: Size | int) -> Size:
        other = as_size(other)
        return Size(self.value + other.value, self.formula + other.formula)

    __radd__ = __add__

    def __sub__(self, other: Size | int) -> Size:
        other = as_size(other)
        return Size(self.value - other.value, self.formula - other.formula)

    def __rsub__(self, other: Size | int) -> Size:
        return as_size(other) - self

    def __mul__(self, other: Size | int) -> Size:
        other = as_size(other)
        return Size(self.value * other.value, self.formula * other.formula)

    __rmul__ = __mul__


@lru_cache(maxsize=4096)
def literal(value: int) -> Size:
    """A length that is a number and nothing else."""
    return Size(value, sp.Integer(value))


def as_size(value: Size | int) -> Size:
    """``value`` as a Size; a plain int is a literal."""
    return value if isinstance(value, Size) else literal(int(value))


class Unifier:
    """Which size symbols are one and the same, and which are pinned to a number."""

    def __init__(self) -> None:
        self._count = 0
        self._same: dict[sp.Symbol, sp.Expr] = {}

    def fresh(self, value: int) -> Size:
        """A new size symbol with the given value; a length of 1 or 0 stays a literal."""
        if value <= 1:
            return literal(value)
        self._count += 1
        return Size(value, size_symbol(self._count))

    def resolve(self, formula: sp.Expr) -> sp.Expr:
        """``formula`` in the representatives of its symbols."""
        while True:
            known = {symbol: self._same[symbol] for symbol in formula.free_symbols if symbol in self._same}
            if not known:
                return formula
            formula = formula.xreplace(known)

    def unify(self, a: Size, b: Size) -> Size:
        """One size for two axes that an operation ties; the caller has checked that their values are equal."""
        if a.formula is b.formula:
            return a
        left, right = self.resolve(a.formula), self.resolve(b.formula)
        if left == right:
            return a
        for symbol, other in ((right, left), (left, right)):
            if symbol.is_Symbol and symbol not in other.free_symbols:
                self._same[symbol] = other
                return Size(a.value, other)
        return self._solve(a, left, right)

    def pin(self, size: Size) -> Size:
        """``size`` as the literal number it has here."""
        return self.unify(literal(size.value), size) if size.symbolic else size

    def _solve(self, a: Size, left: sp.Expr, right: sp.Expr) -> Size:
        # n - 1 = m - 1 ties n to m; whatever is not linear is pinned to its numbers
        difference = left - right
        for symbol in sorted(difference.free_symbols, key=str):
            if difference.diff(symbol) in (1, -1):
                self._same[symbol] = sp.expand(symbol - difference * difference.diff(symbol))
                return Size(a.value, self.resolve(left))
        return Size(a.value, left)
