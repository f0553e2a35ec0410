"""Monomials and the forms that are sums of them: objects that an ``Algebra`` makes, each only once."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from symdiff.algebra.algebra import Algebra
    from symdiff.algebra.atoms import Atom, Variable

Exact: TypeAlias = "int | Fraction"

NOTHING: frozenset[Any] = frozenset()


class Monomial:
    """A product of atoms with rational exponents, without its coefficient."""

    __slots__ = ("_sources", "algebra", "cost", "free", "height", "number", "powers")

    def __init__(self, algebra: Algebra, number: int, powers: tuple[tuple[Atom, Exact], ...]) -> None:
        self.algebra = algebra
        self.number = number
        self.powers = powers
        self.free: frozenset[Variable] = NOTHING.union(*(atom.free for atom, _ in powers))
        self.height = max((atom.height for atom, _ in powers), default=0)
        self.cost = sum(atom.cost + _exponent_cost(exponent) for atom, exponent in powers)
        self._sources: frozenset[tuple[str, Any]] | None = None

    @property
    def sources(self) -> frozenset[tuple[str, Any]]:
        """The named arrays, as (role, source), whose elements occur in it."""
        if self._sources is None:
            self._sources = NOTHING.union(*(atom.sources for atom, _ in self.powers))
        return self._sources


class Form:
    """A sum of monomials with exact coefficients."""

    __slots__ = ("_sources", "algebra", "cost", "free", "height", "number", "terms")

    def __init__(self, algebra: Algebra, number: int, terms: frozenset[tuple[Monomial, Exact]]) -> None:
        self.algebra = algebra
        self.number = number
        self.terms: dict[Monomial, Exact] = dict(sorted(terms, key=lambda term: term[0].number))
        self.free: frozenset[Variable] = NOTHING.union(*(monomial.free for monomial in self.terms))
        self.height = max((monomial.height for monomial in self.terms), default=0)
        self.cost = sum(m.cost + _coefficient_cost(m, c) for m, c in self.terms.items()) + max(len(self.terms) - 1, 0)
        self._sources: frozenset[tuple[str, Any]] | None = None

    @property
    def sources(self) -> frozenset[tuple[str, Any]]:
        """The named arrays, as (role, source), whose elements occur in it."""
        if self._sources is None:
            self._sources = NOTHING.union(*(monomial.sources for monomial in self.terms))
        return self._sources

    def __add__(self, other: Form | Exact) -> Form:
        other = self.algebra.lift(other)
        if not self.terms or not other.terms:
            return other if not self.terms else self
        total = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            total[monomial] = total.get(monomial, 0) + coefficient
        return self.algebra.form(total)

    __radd__ = __add__

    def __neg__(self) -> Form:
        return self.scaled(-1)

    def __sub__(self, other: Form | Exact) -> Form:
        return self + self.algebra.lift(other).scaled(-1)

    def __rsub__(self, other: Form | Exact) -> Form:
        return self.scaled(-1) + other

    def __mul__(self, other: Form | Exact) -> Form:
        return self.algebra.times(self, self.algebra.lift(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Form | Exact) -> Form:
        return self * self.algebra.power(self.algebra.lift(other), -1)

    def __pow__(self, exponent: Exact) -> Form:
        return self.algebra.power(self, exponent)

    def scaled(self, factor: Exact) -> Form:
        """The form times a number."""
        if factor == 1:
            return self
        return self.algebra.form({m: c * factor for m, c in self.terms.items()})

    @property
    def single(self) -> tuple[Monomial, Exact] | None:
        """The only monomial and its coefficient, or None for a sum."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    @property
    def constant(self) -> Exact | None:
        """The number that the form is, or None."""
        if not self.terms:
            return 0
        found = self.single
        return found[1] if found is not None and not found[0].powers else None

    @property
    def atom(self) -> Atom | None:
        """The one atom that the form is, or None."""
        found = self.single
        if found is None or found[1] != 1 or len(found[0].powers) != 1 or found[0].powers[0][1] != 1:
            return None
        return found[0].powers[0][0]

    def atoms(self) -> set[Atom]:
        """The atoms of its monomials, not those inside of them."""
        return {atom for monomial in self.terms for atom, _ in monomial.powers}


def _exponent_cost(exponent: Exact) -> int:
    return 0 if exponent == 1 else 1 if exponent == -1 else 2 if exponent < 0 else 1


def _coefficient_cost(monomial: Monomial, coefficient: Exact) -> int:
    return (0 if coefficient in (1, -1) and monomial.powers else 1) + (coefficient.denominator != 1)


def exact_number(value: Exact) -> Exact:
    """A whole number as an int."""
    return value.numerator if value.denominator == 1 else value


def common_number(numbers: Collection[Exact]) -> Exact:
    """The largest number of which all are whole multiples."""
    over = gcd(*(c.numerator for c in numbers))
    under = lcm(*(c.denominator for c in numbers))
    return over if under == 1 else Fraction(over, under)


def ratio(number: Exact, divisor: Exact) -> Exact:
    """``number / divisor``, exactly."""
    if divisor == 1:
        return number
    return exact_number(Fraction(number) / divisor)
