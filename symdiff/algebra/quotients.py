"""Quotients as a textbook writes them: one fraction in the place of several, where that leaves less to read.

The quotient rule gives 1/(1 + x) - x/(1 + x)**2, which is 1/(1 + x)**2. Atoms are letters: what stands below the lines
is put below one, what comes above it is multiplied out, and sin**2 + cos**2 is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, TypeAlias

import sympy as sp

from symdiff.algebra.atoms import Bracket, Condition, Delta, Element, Function, Product, Size, Sum
from symdiff.algebra.conditions import expanded
from symdiff.algebra.fold import factored
from symdiff.algebra.forms import Algebra, Atom, Exact, Form, Monomial, exact_number, remembered
from symdiff.algebra.sums import opened, summed

TERMS, SIGNS = 12, 200
"""Numerators of more terms are not put together, nor are forms of more signs looked into."""
LETTERS, DEGREE, DIGITS = 3, 6, 4
"""Nor are polynomials factored of more letters, a higher degree, or numbers of more digits: that may take for ever."""
WORK = 100
"""What factoring counts as, in objects that an algebra is asked for."""
_SQUARES = {"sin": ("cos", 1, -1), "cos": ("sin", 1, -1), "sinh": ("cosh", -1, 1), "cosh": ("sinh", 1, 1)}
"""sin**2 is 1 - cos**2, cosh**2 is 1 + sinh**2."""


@remembered
def simplest(form: Form) -> Form:
    """``form`` as it is written: factored, and its fractions put together where that is shorter."""
    best = factored(form)
    if form.cost > SIGNS or not _composed(form):
        return best
    for trial in (combined(best), expanded(best), _inside(best)):
        best = min(best, factored(_alone(trial)), key=_length)
    return best


def _alone(form: Form) -> Form:
    """A sum in brackets that nothing stands beside, without them."""
    atom = form.atom
    return atom.inside if isinstance(atom, Bracket) else form


@remembered
def _length(form: Form) -> tuple[int, int]:
    """How long a form is, with two signs more for a power such as 3/2, and how many lines it has."""
    lines = roots = 0
    waiting: list[Monomial] = list(form.terms)
    while waiting:
        powers = waiting.pop().powers
        lines += any(exponent < 0 for _, exponent in powers)
        roots += sum(exponent.denominator != 1 and abs(exponent) != Fraction(1, 2) for _, exponent in powers)
        inner = (part for atom, _ in powers if not isinstance(atom, Element) for part in atom.parts())
        waiting += [m for part in inner for m in (part.terms if isinstance(part, Form) else (part,))]
    return form.cost + 2 * roots, lines


@remembered
def combined(form: Form) -> Form:
    """``form`` over one denominator, and so is every sum in brackets in it."""
    algebra = form.algebra
    groups: dict[Any, Form] = {}
    for monomial, coefficient in form.terms.items():
        indicators = [(a, e) for a, e in monomial.powers if isinstance(a, Condition | Delta)]
        product = algebra.lift(coefficient)
        for atom, exponent in _roots_joined(monomial):
            factor = algebra.of(atom, exponent)
            if isinstance(atom, Bracket) and exponent.denominator == 1 and _divides(atom.inside):
                factor = algebra.power(combined(atom.inside), exponent)
            if (atom, exponent) not in indicators:
                product = product * factor
        key = algebra.monomial(indicators)
        groups[key] = groups.get(key, algebra.zero) + product
    parts = (algebra.form({key: 1}) * _over_one_line(group) for key, group in groups.items())
    return algebra.total(parts)


@remembered
def _inside(form: Form) -> Form:
    """``form`` with what stands in brackets, in sums and in products at its simplest."""
    algebra = form.algebra
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        product = algebra.lift(coefficient)
        for atom, exponent in monomial.powers:
            product = product * algebra.power(_rebuilt(algebra, atom), exponent)
        total = total + product
    return total


def _rebuilt(algebra: Algebra, atom: Atom) -> Form:
    if isinstance(atom, Bracket) and _composed(atom.inside):
        inside = simplest(atom.inside)
        return algebra.bracket(inside, 1) if len(inside.terms) > 1 else inside
    if isinstance(atom, Sum):
        variables, body = opened(atom)
        if _composed(body):
            after = summed(algebra, variables, simplest(body))
            if factored(after).cost < atom.cost:
                return after
    return algebra.of(atom)


def _divides(form: Form | Monomial) -> bool:
    """Whether something is below a line, in a form or in the brackets and sums in it."""
    for atom, exponent in _powers(form):
        if exponent < 0:
            return True
        if isinstance(atom, Bracket | Sum | Product) and any(map(_divides, atom.parts())):
            return True
    return False


def _composed(form: Form | Monomial) -> bool:
    """Whether something is below a line, or in brackets beside other terms."""
    return _divides(form) or any(
        isinstance(atom, Bracket) or (isinstance(atom, Sum) and _composed(atom.body)) for atom, _ in _powers(form)
    )


def _powers(part: Form | Monomial) -> Iterator[tuple[Atom, Exact]]:
    for monomial in part.terms if isinstance(part, Form) else (part,):
        yield from monomial.powers


# --- one line ---------------------------------------------------------------------------------------------------------


@remembered
def _over_one_line(form: Form) -> Form:
    """The shortest of the form and what it is over one denominator, of brackets or of everything."""
    algebra = form.algebra
    if len(form.terms) == 1:
        return _cancelled(form)
    if not 1 < len(form.terms) <= TERMS:
        return form
    powers = [dict(monomial.powers) for monomial in form.terms]
    atoms = dict.fromkeys(atom for each in powers for atom in each)
    lowest = {atom: min(each.get(atom, 0) for each in powers) for atom in atoms}
    # a mean stays a mean: what is divided by a size keeps its own line
    below = {atom: exponent for atom, exponent in lowest.items() if exponent < 0 and not isinstance(atom, Size)}
    if not below:
        return form
    line = algebra.form({algebra.monomial(below.items()): 1})
    above = algebra.total(
        algebra.form({monomial: coefficient}) * algebra.power(line, -1) for monomial, coefficient in form.terms.items()
    )
    above = _squares_joined(expanded(above))
    if len(above.terms) >= len(form.terms) and any(_stays(atom, lowest[atom]) for atom in atoms):
        return form
    whole = [line * (algebra.bracket(each, 1) if len(each.terms) > 1 else each) for each in (above, _factors(above))]
    return min(whole, key=lambda each: factored(each).cost)


@remembered
def _cancelled(form: Form) -> Form:
    """One term with the sums in it as products of their factors, where one that is below the line may cancel."""
    ((monomial, coefficient),) = form.terms.items()
    brackets = [(atom, exponent) for atom, exponent in monomial.powers if isinstance(atom, Bracket)]
    if len(brackets) < 2 or not any(exponent < 0 for _, exponent in brackets):
        return form
    algebra = form.algebra
    product = algebra.form({algebra.monomial(p for p in monomial.powers if p not in brackets): coefficient})
    for atom, exponent in brackets:
        product = product * algebra.power(_factors(atom.inside), exponent)
    return min(form, product, key=_length)


def _stays(atom: Atom, exponent: Exact) -> bool:
    """Whether a form with this factor keeps its lines unless terms cancel: a sum as it stands, and under one root with
    others a name.
    """
    return isinstance(atom, Sum | Product) or (isinstance(atom, Element) and exponent.denominator != 1)


def _roots_joined(monomial: Monomial) -> list[tuple[Atom, Exact]]:
    """The powers with x/sqrt(x) as sqrt(x): where the root is below a line, x is positive."""
    powers = dict(monomial.powers)
    for atom, exponent in monomial.powers:
        under = atom.inside.atom if isinstance(atom, Bracket) else None
        if under in powers and exponent < 0 < powers[under]:
            powers[atom] = exact_number(exponent + powers.pop(under))
    return list(powers.items())


@remembered
def _squares_joined(form: Form) -> Form:
    """``form`` with sin**2 or cos**2 replaced by the other one, where that is shorter."""
    best = form
    for atom in form.atoms():
        if isinstance(atom, Function) and atom.name in _SQUARES:
            trial = _square_replaced(form, atom)
            best = trial if trial.cost < best.cost else best
    return best


def _square_replaced(form: Form, atom: Function) -> Form:
    algebra = form.algebra
    name, number, sign = _SQUARES[atom.name]
    square = algebra.power(algebra.function(name, *atom.arguments), 2).scaled(sign) + number
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        exponent = dict(monomial.powers).get(atom, 0)
        if exponent.denominator == 1 and 2 <= exponent <= 4:
            rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a is not atom): coefficient})
            part = rest * algebra.power(square, int(exponent) // 2)
            total = total + expanded(part) * algebra.power(algebra.of(atom), int(exponent) % 2)
        else:
            total = total + algebra.form({monomial: coefficient})
    return expanded(total)


@remembered
def _factors(form: Form) -> Form:
    """A polynomial as the product of its factors."""
    algebra = form.algebra
    atoms = sorted(form.atoms(), key=lambda atom: atom.number)
    powers = [dict(monomial.powers) for monomial in form.terms]
    if not 1 < len(powers) <= TERMS or len(atoms) > LETTERS or any(e < 0 for each in powers for e in each.values()):
        return form
    roots = [lcm(*(Fraction(each.get(atom, 0)).denominator for each in powers)) for atom in atoms]
    degrees = [tuple(int(each.get(atom, 0) * root) for atom, root in zip(atoms, roots, strict=True)) for each in powers]
    long = max((max(abs(c.numerator), c.denominator) for c in form.terms.values()), default=1) >= 10**DIGITS
    if long or max(map(sum, degrees)) > DEGREE:
        return form
    algebra.asked += WORK
    coefficients = ((c.numerator, c.denominator) for c in form.terms.values())
    number, factors = _polynomial_factors(tuple(zip(degrees, coefficients, strict=True)), len(atoms))
    result = algebra.lift(number)
    for factor, multiplicity in factors:
        terms = (
            algebra.form(
                {
                    algebra.monomial(
                        (atom, exact_number(Fraction(degree, root)))
                        for atom, degree, root in zip(atoms, monom, roots, strict=True)
                        if degree
                    ): coefficient
                }
            )
            for monom, coefficient in factor
        )
        result = result * algebra.power(algebra.total(terms), multiplicity)
    return result


_Terms: TypeAlias = "tuple[tuple[tuple[int, ...], Fraction], ...]"


@lru_cache(maxsize=4096)
def _polynomial_factors(
    terms: tuple[tuple[tuple[int, ...], tuple[int, int]], ...], letters: int
) -> tuple[Fraction, tuple[tuple[_Terms, int], ...]]:
    """A number and the factors, with their multiplicities, of a polynomial: ``1 - a**2`` comes again and again.

    ``terms`` has by the degrees of its letters the numerator and the denominator of a coefficient.
    """
    numbers = {degrees: sp.Rational(*coefficient) for degrees, coefficient in terms}
    number, factors = sp.Poly.from_dict(numbers, *sp.symbols(f"a:{letters}")).factor_list()
    found = tuple((tuple((d, Fraction(int(c.p), int(c.q))) for d, c in f.terms()), int(m)) for f, m in factors)
    return Fraction(int(number.p), int(number.q)), found
