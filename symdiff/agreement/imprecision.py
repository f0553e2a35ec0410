"""Right mathematics in an arithmetic that loses digits: derivatives computed from an operation's rounded result.

Of ``s*(1 - s)`` for a sigmoid that is 1 in floats nothing is left, and of ``1 - tanh(x)**2`` neither. What such a
formula may give is known: the true partial, off by what a unit of the result is worth. Where less than ``KEPT`` of the
derivative is right, that would excuse nearly everything; there what was got must be what the formula gives for one of
the floats next to the result.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symdiff.agreement.rounding import ulp
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.noise import NEXT, from_floats_next_to_results, of_rounded_result
from symdiff.evaluation.truth import Numbers
from symdiff.sentences import Said

ACCURATE = {
    "sigmoid": "sigmoid(x)*sigmoid(-x)",
    "tanh": "1/cosh(x)**2",
    "softplus": "sigmoid(x)",
    "silu": "sigmoid(x)*(1 + x*sigmoid(-x))",
    "exp": "expm1(x)",
}
"""By operation the formula of its derivative that keeps the digits which its rounded result has lost."""

KEPT = 2.0**-4
"""An error of less than this part of the derivative is one of lost digits."""

NEAR = 64.0
"""So many ulps what was got may be off what a formula gives for a float next to the result."""


def losing(derivation: Derivation) -> Iterator[str]:
    """The operations whose derivatives lose digits when they are computed from rounded results."""
    elements = derivation.program.elements
    for contributions in derivation.contributions.values():
        for each in contributions:
            if each.term is None or each.slot is None:
                continue
            if of_rounded_result(each.term.formula, each.slot) != 0 and elements[each.consumer].operation:
                yield str(elements[each.consumer].operation)


def plausible(
    derivation: Derivation, numbers: Numbers, got: Array, want: Array, explained: Array, unit: float
) -> Array:
    """Where what was got may come of rounded results, of elements that these explain by their size.

    Arrays have the shape (elements of the result, elements of all inputs).
    """
    digits: Array = np.abs(got - want) <= np.fmax(KEPT * np.abs(want), explained)
    if digits.all() or not numbers.small:
        return digits
    found: Array = digits
    for step in NEXT:
        given = from_floats_next_to_results(derivation, numbers, unit, step)
        rows = [np.reshape(each, (got.shape[0], -1)) for each in given.values()]
        beside = np.concatenate(rows, axis=1)
        found = found | (np.abs(got - beside) <= explained + NEAR * ulp(np.abs(beside), unit))
    return found


def said(names: list[str], digits: float) -> Said:
    """Which operation's rounded result costs the digits, and the formula that keeps them where one is known."""
    formula = next((ACCURATE[name] for name in names if name in ACCURATE), None)
    values = {"operations": " or ".join(names), "digits": f"{digits:.1f}"}
    if formula is None:
        return Said("reason.imprecise", values)
    return Said("reason.imprecise.formula", {**values, "formula": formula})
