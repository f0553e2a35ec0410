"""Right mathematics in an arithmetic that loses digits: derivatives computed from an operation's rounded result.

Of ``s*(1 - s)`` for a sigmoid that is 1 in floats nothing is left, and of ``1 - tanh(x)**2`` neither. What such a
formula may give is known: the true partial, off by what a unit of the result is worth. Where less than ``KEPT`` of the
derivative is right, that would excuse nearly everything; there what was got must be what the formula gives for one of
the floats next to the result, nothing, or nothing but noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symdiff.agreement.rounding import ulp
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.noise import from_floats_next_to_results
from symdiff.evaluation.rounded_results import Loss
from symdiff.evaluation.truth import Numbers
from symdiff.sentences import Said, listed

ACCURATE = {
    "sigmoid": "sigmoid(x)*sigmoid(-x)",
    "tanh": "1/cosh(x)**2",
    "softplus": "sigmoid(x)",
    "silu": "sigmoid(x)*(1 + x*sigmoid(-x))",
    "exp": "expm1(x)",
    "expm1": "exp(x)",
    "elu": "alpha*exp(x)",
    "log_sigmoid": "sigmoid(-x)",
    "gelu_erf": "erfc(-x/sqrt(2))/2 + x*exp(-x**2/2)/sqrt(2*pi)",
}
"""By operation the formula of its derivative that keeps the digits which its rounded result has lost."""

KEPT = 2.0**-4
"""An error of less than this part of the derivative is one of lost digits."""

NOISE = 4.0
"""An error of more than this multiple of the derivative is no other derivative that happens to be small."""

NEAR = 64.0
"""So many ulps what was got may be off what a formula gives for a float next to the result."""


def plausible(
    derivation: Derivation,
    numbers: Numbers,
    found: Sequence[Loss],
    got: Array,
    want: Array,
    explained: Array,
    lost: Array,
    unit: float,
) -> Array:
    """Where what was got may come of rounded results, of elements that these explain by their size.

    ``lost`` is how far rounded results move the partials. Arrays have the shape (elements of the result, elements of
    all inputs).
    """
    error = np.abs(got - want)
    digits: Array = error <= np.fmax(KEPT * np.abs(want), explained)
    # noise is as large as what is lost: a difference of two numbers is a multiple of their last digit
    digits = digits | (got == 0) | ((error > NOISE * np.abs(want)) & (error > lost / NEAR))
    if digits.all() or not numbers.small:
        return digits
    for given in from_floats_next_to_results(derivation, numbers, unit, found):
        beside = np.concatenate([np.reshape(each, (got.shape[0], -1)) for each in given.values()], axis=1)
        digits = digits | (np.abs(got - beside) <= explained + NEAR * ulp(np.abs(beside), unit))
    return digits


def said(names: list[str], digits: float) -> Said:
    """Which operation's rounded result costs the digits, and the formula that keeps them where one is known."""
    formula = next((ACCURATE[name] for name in names if name in ACCURATE), None)
    values = {"operations": listed(names, "list.or"), "digits": f"{digits:.1f}"}
    if formula is None:
        return Said("reason.imprecise", values)
    return Said("reason.imprecise.formula", {**values, "formula": formula})
