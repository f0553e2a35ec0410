"""Forms: sums of monomials over interned atoms with rational exponents.

Equal forms are one object, so that equality is identity and results are remembered by it. An ``Algebra`` owns the
objects of one derivation: ``x*y + 2`` is one ``Form`` of two monomials, the first of the atoms ``x`` and ``y``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import wraps
from math import gcd, lcm
from typing import Any, TypeAlias, TypeVar

Exact: TypeAlias = "int | Fraction"

NOTHING: frozenset[Any] = frozenset()


class TooLong(ValueError):
    """A form grew beyond the bound on its number of terms."""


class Atom:
    """One factor; ``cost`` is about the number of signs it is written with, ``height`` the depth of the sums in it."""

    __slots__ = ("_sources", "algebra", "cost", "free", "height", "nonnegative", "number")

    cost: int
    free: frozenset[Variable]
    height: int
    nonnegative: bool

    def __init__(self, algebra: Algebra, number: int) -> None:
        self.algebra = algebra
        self.number = number
        self.cost = 1
        self.free = NOTHING
        self.height = 0
        self.nonnegative = False
        self._sources: frozenset[tuple[str, Any]] | None = None

    @property
    def sources(self) -> frozenset[tuple[str, Any]]:
        """The named arrays, as (role, source), whose elements occur in it."""
        if self._sources is None:
            self._sources = self.own_sources().union(*(part.sources for part in self.parts()))
        return self._sources

    def own_sources(self) -> frozenset[tuple[str, Any]]:
        return NOTHING

    def raised(self, exponent: Exact) -> Exact:
        """The exponent that remains of ``exponent``: a condition is its own square."""
        return exponent

    def parts(self) -> Iterator[Form | Monomial]:
        """The forms and monomials inside."""
        return iter(())


class Variable(Atom):
    """An index that runs from 1 to its size: a free one has a name, a bound one the depth of its sum."""

    __slots__ = ("name", "size")

    def __init__(self, algebra: Algebra, number: int, name: int | str, size: Form) -> None:
        super().__init__(algebra, number)
        self.name, self.size = name, size
        self.free = frozenset({self})
        self.nonnegative = True


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


class Algebra(ABC):
    """Makes atoms, monomials and forms, each only once, and owns all that were made.

    ``watch`` is called whenever one is made; it may raise, as where somebody's time is over. ``asked`` counts how often
    one was asked for, made or known: a measure of effort that is the same on every machine.
    """

    def __init__(self, most_terms: int = 400, watch: Callable[[], None] = lambda: None) -> None:
        self._watch = watch
        self._table: dict[tuple[Any, ...], Any] = {}
        self.asked = 0
        self.nonnegative_arrays: set[tuple[str, Any]] = set()
        self._singles: dict[tuple[Monomial, Exact], Form] = {}
        self.answers: dict[tuple[Any, ...], Any] = {}
        self._fresh = 0
        self.most_terms = most_terms
        self.zero = self.form({})
        self.unit = self.monomial(())
        self.one = self.form({self.unit: 1})

    def intern(self, kind: Callable[..., Any], *parts: Any) -> Any:
        """The one object of this kind with these parts."""
        self.asked += 1
        key = (kind, *parts)
        found = self._table.get(key)
        if found is None:
            self._watch()
            found = self._table[key] = kind(self, len(self._table), *parts)
        return found

    def monomial(self, powers: Iterable[tuple[Atom, Exact]]) -> Monomial:
        found: Monomial = self.intern(Monomial, tuple(sorted(powers, key=lambda power: power[0].number)))
        return found

    def form(self, terms: Mapping[Monomial, Exact]) -> Form:
        if len(terms) == 1:
            ((monomial, coefficient),) = terms.items()
            return self.single(monomial, coefficient) if coefficient else self.zero
        kept = frozenset((m, c if type(c) is int else exact_number(c)) for m, c in terms.items() if c)
        if len(kept) > self.most_terms:
            raise TooLong(f"{len(kept)} terms")
        return self.intern(Form, kept)  # type: ignore[no-any-return]

    def total(self, parts: Iterable[Form]) -> Form:
        """The sum of many forms."""
        terms: dict[Monomial, Exact] = {}
        for part in parts:
            for monomial, coefficient in part.terms.items():
                terms[monomial] = terms.get(monomial, 0) + coefficient
        return self.form(terms)

    def single(self, monomial: Monomial, coefficient: Exact) -> Form:
        """The form of one term; most forms are."""
        key = (monomial, coefficient)
        found = self._singles.get(key)
        if found is None:
            found = self._singles[key] = self.intern(Form, frozenset({(monomial, exact_number(coefficient))}))
        return found

    def lift(self, value: Form | Exact) -> Form:
        """``value`` as a form; numbers become constants."""
        return value if isinstance(value, Form) else self.form({self.unit: value})

    def of(self, atom: Atom, exponent: Exact = 1) -> Form:
        """The form that is one atom."""
        return self.single(self.monomial(((atom, exponent),)), 1)

    def make(self, kind: Callable[..., Any], *parts: Any) -> Form:
        """The form that is one atom of this kind."""
        return self.of(self.intern(kind, *parts))

    def fresh(self, size: Form) -> Variable:
        """A new index variable that runs from 1 to ``size``."""
        self._fresh += 1
        return self.intern(Variable, self._fresh, size)  # type: ignore[no-any-return]

    @abstractmethod
    def times(self, left: Form, right: Form) -> Form:
        """The product of two forms."""

    @abstractmethod
    def merged(self, left: Monomial, right: Monomial) -> tuple[Monomial, Exact]:
        """The product of two monomials and the number that it brings out (0 where conditions exclude each other)."""

    @abstractmethod
    def bracket(self, total: Form, exponent: Exact) -> Form:
        """A sum kept together under an exponent, what all its terms share taken out."""

    @abstractmethod
    def content(self, total: Form) -> tuple[Exact, Monomial, Form]:
        """``(number, monomial, rest)``: the total is their product, and nothing is left that all terms share."""

    @abstractmethod
    def power(self, base: Form, exponent: Exact) -> Form:
        """``base ** exponent``, over the reals: sqrt(x**2) is abs(x)."""

    @abstractmethod
    def power_of(self, base: Form, exponent: Form) -> Form:
        """A power whose exponent is not a number: one atom for each term of the exponent."""

    @abstractmethod
    def exponential(self, exponent: Form) -> Form:
        """exp of a sum, as the product of the exponentials of its terms."""

    @abstractmethod
    def logarithm(self, argument: Form) -> Form:
        """log, with exponentials among the factors of its argument taken out, and -log(s) for log(1/s)."""

    @abstractmethod
    def function(self, name: str, *arguments: Form) -> Form:
        """A function of forms, by sympy's name for it."""


_Answer = TypeVar("_Answer")


def remembered(question: Callable[[Form], _Answer]) -> Callable[[Form], _Answer]:
    """A question about a form that its algebra answers once: equal forms are one object, and never change."""

    @wraps(question)
    def asked(form: Form) -> _Answer:
        answers, key = form.algebra.answers, (question, form)
        if key not in answers:
            answers[key] = question(form)
        return answers[key]  # type: ignore[no-any-return]

    return asked


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
