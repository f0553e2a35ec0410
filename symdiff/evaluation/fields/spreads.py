"""How far a function's value may move when its argument moves by an error: bounds from the value itself.

Each ``spread(x, e, y)`` is at least ``|f(t) - f(x)|`` for every t within e of x, with y = f(x). Where the argument's
interval leaves the domain, or is too wide for the bound, it is infinite.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp

from symdiff.arrays import Array

WIDE = 1.7
"""exp(q) - 1 is at most q + q**2 up to here."""
ROUNDING = 2.0**-51


def _growth(q: Array) -> Array:
    """At least ``exp(q) - 1``."""
    grown = q * q + q
    if not np.less_equal(q, WIDE).all():
        with np.errstate(over="ignore"):
            grown = np.where(q <= WIDE, grown, np.expm1(q) * (1 + ROUNDING))
    return grown


def _exp(x: Array, e: Array, y: Array) -> Array:
    return y * _growth(np.asarray(e))


def _of_slope(slope: Array, curvature: float, e: Array, most: float) -> Array:
    """The slope at x times e, and half the largest curvature times its square."""
    return np.minimum((slope + e * (curvature / 2)) * e, most)


def _circular(x: Array, e: Array, y: Array) -> Array:
    # the other one of sine and cosine, from the value
    return _of_slope(np.sqrt(np.maximum((1 + ROUNDING) - y * y, 0.0)), 1.0, e, 2.0)


def _tanh(x: Array, e: Array, y: Array) -> Array:
    return _of_slope((1 + ROUNDING) - y * y, 0.77, e, 2.0)


def _log(x: Array, e: Array, y: Array) -> Array:
    return _below_one(e / np.abs(x))


def _below_one(r: Array) -> Array:
    """At least ``-log(1 - r)``: ``r/(1 - r)``."""
    return np.where(r < 1, r / (1 - r), np.inf)


SPREADS: dict[str, Callable[[Array, Array, Array], Array]] = {
    "exp": _exp,
    "sin": _circular,
    "cos": _circular,
    "tanh": _tanh,
    "log": _log,
    "Abs": lambda x, e, y: e,
}
"""Of the functions whose value says how steep they are."""


def power_spread(x: Array, e: Array, y: Array, exponent: sp.Rational) -> Array:
    """Of a power: by the relative error of the base, or for small whole powers by the larger end of the interval."""
    if exponent == 2:
        return np.asarray((2 * np.abs(x) + e) * e)
    if exponent.is_Integer and exponent > 0:
        larger = (np.abs(x) + e) ** int(exponent) - np.abs(x) ** int(exponent)
        return np.asarray(larger + ROUNDING * np.abs(y))
    r = e / np.abs(x)
    q = abs(float(exponent)) * _below_one(r)
    spread = np.abs(y) * _growth(q)
    # reaches across the pole, or out of the domain; at 0 without an error nothing moves
    return np.where(e == 0, 0.0, np.where(np.isnan(spread) | (r >= 1), np.inf, spread))
