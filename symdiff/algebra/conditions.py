"""Conditions as factors that are 1 or 0, and what is known of index forms without them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from symdiff.algebra.atoms import Condition, Either, Size
from symdiff.algebra.forms import Algebra, Form, Variable
from symdiff.algebra.rewrite import Rewriter, substituted

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def compared(algebra: Algebra, sign: str, difference: Form, whole: bool = False) -> Form:
    """1 where ``difference sign 0``, else 0."""
    number = difference.constant
    if number is not None:
        return algebra.one if _COMPARE[sign](number, 0) else algebra.zero
    if whole:
        return at_least_zero(algebra, difference)
    content, _, _ = algebra.content(difference)
    scale = content if sign in ("==", "!=") else max(content, -content)
    return algebra.make(Condition, sign, difference.scaled(1 / Fraction(scale)), False)


def either(algebra: Algebra, choices: Sequence[Form]) -> Form:
    """1 where one of several indicators is 1."""
    if any(choice is algebra.one for choice in choices):
        return algebra.one
    kept = sorted({choice for choice in choices if choice.terms}, key=lambda form: form.number)
    if len(kept) < 2:
        return kept[0] if kept else algebra.zero
    return algebra.make(Either, tuple(next(iter(form.terms)) for form in kept))


def negated(algebra: Algebra, indicator: Form) -> Form:
    """1 where an indicator is 0."""
    if not indicator.terms:
        return algebra.one
    monomial = next(iter(indicator.terms))
    if not monomial.powers:
        return algebra.zero
    return either(algebra, [_not(algebra, atom) for atom, _ in monomial.powers])


def _not(algebra: Algebra, atom: Any) -> Form:
    if isinstance(atom, Either):
        result = algebra.one
        for choice in atom.choices:
            result = result * negated(algebra, algebra.form({choice: 1}))
        return result
    return algebra.of(atom.opposite())


def at_least_zero(algebra: Algebra, form: Form) -> Form:
    """1 where an index form is 0 or more; decided wherever the ranges of its variables decide it."""
    form = form.scaled(lcm(*(c.denominator for c in form.terms.values())))
    if never_negative(algebra, form):
        return algebra.one
    if never_negative(algebra, form.scaled(-1) - 1):
        return algebra.zero
    known = traced_value(form)
    if known is not None:
        return algebra.one if known >= 0 else algebra.zero
    return algebra.make(Condition, ">=", form, True)


def in_range(algebra: Algebra, position: Form, size: Form) -> Form:
    """1 where ``1 <= position <= size``."""
    variable = position.atom
    if isinstance(variable, Variable) and variable.size is size:
        return algebra.one
    return at_least_zero(algebra, position - 1) * at_least_zero(algebra, size - position)


def never_negative(algebra: Algebra, form: Form) -> bool:
    """Whether an index form is 0 or more for every value of its variables and every size from 1 on."""
    lowest = form
    for variable in form.free:
        values = []
        for monomial, coefficient in form.terms.items():
            power = dict(monomial.powers).get(variable, 0)
            if variable in monomial.free and power != 1:
                return False
            values.append(coefficient if power else 0)
        bound = algebra.one if all(v >= 0 for v in values) else variable.size if all(v <= 0 for v in values) else None
        if bound is None:
            return False
        lowest = substituted(lowest, {variable: bound})
    if any(not isinstance(atom, Size) for atom in lowest.atoms()):
        return False
    # with every size written as 1 + something, no coefficient may be negative
    shifted = Rewriter(algebra, lambda atom: algebra.of(atom) + 1, lambda part: True)(lowest)
    flat = expanded(shifted)
    return all(c >= 0 for c in flat.terms.values())


def traced_value(form: Form) -> Any:
    """The value of a form of sizes alone where the program was traced, or None."""
    total: Any = 0
    for monomial, coefficient in form.terms.items():
        for atom, exponent in monomial.powers:
            if not isinstance(atom, Size) or exponent.denominator != 1:
                return None
            coefficient = coefficient * atom.value ** int(exponent)
        total = total + coefficient
    return total


def expanded(form: Form, most_terms: int = 60) -> Form:
    """The form with brackets of small whole exponents multiplied out, while it stays below ``most_terms``."""
    from symdiff.algebra.atoms import Bracket

    algebra = form.algebra
    total: dict[Any, Any] = {}
    for monomial, coefficient in form.terms.items():
        parts = [(a, e) for a, e in monomial.powers if isinstance(a, Bracket) and 0 < e <= 4 and e.denominator == 1]
        if not parts:
            total[monomial] = total.get(monomial, 0) + coefficient
            continue
        rest = algebra.monomial((a, e) for a, e in monomial.powers if (a, e) not in parts)
        product = {rest: coefficient}
        for atom, exponent in parts:
            inside = expanded(atom.inside, most_terms)
            for _ in range(int(exponent)):
                product = _multiplied(algebra, product, inside)
                if len(product) > most_terms:
                    return form
        for m, c in product.items():
            total[m] = total.get(m, 0) + c
    return algebra.form(total)


def _multiplied(algebra: Algebra, left: dict[Any, Any], right: Form) -> dict[Any, Any]:
    total: dict[Any, Any] = {}
    for a, ca in left.items():
        for b, cb in right.terms.items():
            merged, number = algebra.merged(a, b)
            total[merged] = total.get(merged, 0) + ca * cb * number
    return total
