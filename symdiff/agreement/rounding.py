"""Units in the last place."""

from __future__ import annotations

import numpy as np

from symdiff.arrays import Array
from symdiff.evaluation.precision import float_of

_EXPONENT = np.int64(0x7FF0000000000000)
"""The bits of a float64 that alone are the power of two below it."""


def ulp(size: Array, unit: float) -> Array:
    """The distance of floats of rounding unit ``unit`` at ``size``; that of the smallest normal one below it."""
    within = np.fmax(np.asarray(size, dtype=np.float64), np.finfo(float_of(unit)).tiny)
    bits = np.asarray(np.minimum(within, np.finfo(np.float64).max)).view(np.int64)
    power: Array = np.bitwise_and(bits, _EXPONENT).view(np.float64)
    return power * (2 * unit)
