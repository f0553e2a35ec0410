"""Arithmetic of flat indices: the row and the place in it, where the sizes say which they are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symdiff.algebra.atoms import Element, Function, Size
from symdiff.algebra.conditions import never_negative
from symdiff.algebra.fold import deep_atoms
from symdiff.algebra.forms import Algebra, Form, Monomial, Variable
from symdiff.algebra.rewrite import substituted
from symdiff.proof.brackets import multiplied_out


def row(algebra: Algebra, quotient: Form) -> Form:
    """``ceiling(a + r)`` with ``a`` whole and ``0 < r <= 1`` is ``a + 1``."""
    for divisor in _divisors(algebra, quotient):
        whole, rest = _whole_part(quotient)
        over = rest * divisor
        over = multiplied_out(over)
        if never_negative(algebra, over - 1) and never_negative(algebra, divisor - over):
            return whole + 1
        # what is left over may hold one more or one less of the divisor
        for shift in (-1, 1):
            moved = multiplied_out(over + divisor.scaled(shift))
            if never_negative(algebra, moved - 1) and never_negative(algebra, divisor - moved):
                return whole + 1 - shift
    return algebra.function("ceiling", quotient)


def _divisors(algebra: Algebra, quotient: Form) -> list[Form]:
    """What some of the terms are divided by: sizes, or a number."""
    found: dict[Form, None] = {}
    for monomial, coefficient in quotient.terms.items():
        below = [(atom, -e) for atom, e in monomial.powers if e < 0]
        number = Fraction(coefficient).denominator
        if below or number != 1:
            found[algebra.form({algebra.monomial(below): number})] = None
    return list(found)


def _whole_part(quotient: Form) -> tuple[Form, Form]:
    """The terms that are whole numbers for every index and size, and the others."""
    whole: dict[Monomial, Any] = {}
    rest: dict[Monomial, Any] = {}
    for monomial, coefficient in quotient.terms.items():
        is_whole = Fraction(coefficient).denominator == 1 and all(
            e > 0 and e.denominator == 1 and isinstance(atom, Size | Variable | Function) for atom, e in monomial.powers
        )
        (whole if is_whole else rest)[monomial] = coefficient
    return quotient.algebra.form(whole), quotient.algebra.form(rest)


def place(algebra: Algebra, value: Form, step: Form) -> Form:
    """``value`` modulo a number, multiples of it left out."""
    number = step.constant
    if number is None or number.denominator != 1:
        return algebra.function("Mod", value, step)
    rest = algebra.form({m: c % number if c.denominator == 1 else c for m, c in value.terms.items()})
    if rest.constant is not None:
        return algebra.lift(rest.constant % number)
    if never_negative(algebra, rest) and never_negative(algebra, algebra.lift(number - 1) - rest):
        return rest
    return algebra.function("Mod", rest, step)


def counts_rows(body: Form, variable: Variable) -> bool:
    """Whether a flat index is taken apart somewhere in ``body``."""
    return any(
        isinstance(atom, Function) and atom.name in ("ceiling", "Mod") and variable in atom.free
        for atom in deep_atoms(body)
    )


def factors(algebra: Algebra, variable: Variable) -> tuple[Form, list[Variable]] | None:
    """A flat index in one index for each factor of its size, the last of which runs fastest."""
    found = variable.size.single
    if found is None:
        return None
    sizes = [algebra.of(atom) for atom, e in found[0].powers for _ in range(int(e)) if e > 0]
    if found[1] != 1:
        sizes.append(algebra.lift(found[1]))
    if len(sizes) < 2:
        return None
    inner = [algebra.fresh(size) for size in sizes]
    flat = algebra.of(inner[0])
    for index, size in zip(inner[1:], sizes[1:], strict=True):
        flat = multiplied_out((flat - 1) * size + algebra.of(index))
    return flat, inner


def forwards(algebra: Algebra, variables: list[Variable], body: Form) -> Form:
    """A summed body with every variable turned round that the first array it is an index of is read backwards by."""
    for variable in variables:
        alone = algebra.monomial(((variable, 1),))
        read = [
            (a.role, str(a.source), a.cost, -place, i.terms[alone])
            for a in deep_atoms(body)
            if isinstance(a, Element)
            for place, i in enumerate(a.index)
            if alone in i.terms
        ]
        if read and min(read)[-1] == -1:
            body = substituted(body, {variable: variable.size + 1 - algebra.of(variable)})
    return body
