"""Products of sums multiplied out, and sums that are multiples of each other written as powers of one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symdiff.algebra.atoms import Bracket
from symdiff.algebra.conditions import expanded
from symdiff.algebra.forms import Algebra, Atom, Form

MOST_TERMS = 150


def multiplied_out(form: Form) -> Form:
    """The form with the brackets among its factors multiplied out."""
    for _ in range(12):
        wider = expanded(_opened(form), MOST_TERMS)
        if wider is form:
            break
        form = wider
    return form


def _opened(form: Form) -> Form:
    """Brackets that stand alone in a term opened."""
    total = form.algebra.zero
    changed = False
    for monomial, coefficient in form.terms.items():
        powers = monomial.powers
        if len(powers) == 1 and powers[0][1] == 1 and isinstance(powers[0][0], Bracket):
            total, changed = total + powers[0][0].inside.scaled(coefficient), True
        else:
            total = total + form.algebra.form({monomial: coefficient})
    return total if changed else form


def one_base(form: Form) -> Form:
    """The form with brackets that are multiples of each other written as powers of one of them."""
    algebra = form.algebra
    brackets = sorted(
        {(atom, e.denominator == 1) for m in form.terms for atom, e in m.powers if isinstance(atom, Bracket)},
        key=lambda found: (found[1], found[0].number),
    )
    bases: dict[Form, Bracket] = {}
    for bracket, _ in brackets:
        bases.setdefault(_monic(bracket.inside)[1], bracket)
    if all(bases[_monic(atom.inside)[1]] is atom for atom, _ in brackets):
        return form
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        product = algebra.lift(coefficient)
        for atom, exponent in monomial.powers:
            product = product * _rebased(algebra, atom, exponent, bases)
        total = total + product
    return total


def _monic(inside: Form) -> tuple[Any, Form]:
    """A form as a number times one whose first coefficient is 1."""
    first = next(iter(inside.terms.values()))
    return first, inside.scaled(1 / Fraction(first))


def _rebased(algebra: Algebra, atom: Atom, exponent: Any, bases: dict[Form, Bracket]) -> Form:
    if isinstance(atom, Bracket):
        first, monic = _monic(atom.inside)
        base = bases[monic]
        factor = Fraction(first) / Fraction(_monic(base.inside)[0])
        if base is not atom and (factor > 0 or exponent.denominator == 1):
            return algebra.power(algebra.lift(factor), exponent) * algebra.of(base, exponent)
    return algebra.of(atom, exponent)
