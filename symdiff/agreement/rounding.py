"""Units in the last place."""

from __future__ import annotations

import numpy as np

from symdiff.arrays import Array
from symdiff.evaluation.precision import float_of


def ulp(size: Array, unit: float) -> Array:
    """The distance of floats of rounding unit ``unit`` at ``size``; that of the smallest normal one below it."""
    _, exponent = np.frexp(np.maximum(np.nan_to_num(size), np.finfo(float_of(unit)).tiny))
    size_of_one: Array = np.ldexp(2 * unit, exponent - 1)
    return size_of_one
