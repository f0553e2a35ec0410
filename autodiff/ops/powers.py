"""Powers, squares and roots, with the kernels that keep a power's derivatives finite and accurate."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, POSITIVE_MATRIX, POSITIVE_ROW, ROW, Kink, at
from .quotients import product

POSITIVE_BASES = [at(1.7, 2.3), at(POSITIVE_ROW, -2.0), at(2.0, ROW), at(POSITIVE_MATRIX, ROW), at(POSITIVE_ROW, 0.3)]
POWERS = [*POSITIVE_BASES, at(ROW, 2), at(ROW, 3), at(MATRIX, 4), at(-1.5, 5), at(POSITIVE_ROW, 0.5)]


@op(
    meaning="x**y",
    # of sqrt(d**2) the cotangent is infinite where d is 0, and the square stands still
    vjp=[lambda g, out, x, y: product(power_slope(x, y), g), lambda g, out, x, y: g * power_log(x, y)],
    latex="^",
    domain="x > 0, or y a whole number",
    samples=[*POWERS, at(ROW, 0), at(ROW, 1)],
    aliases=("pow",),
)
def power(x, y, /):
    """``x`` raised to the power ``y``; ``0**0`` is 1."""
    return x**y  # the operator, unlike np.power, takes short ways for squares and square roots


@op(
    meaning="y * x**(y - 1)",
    vjp=[
        # the second derivative of x**0 is 0, at 0 too, where 0 * x**-2 would be nan
        lambda g, out, x, y: g * y * power_slope(x, y - 1.0 + 1.0 * ((x == 0) & (y == 0))),
        lambda g, out, x, y: g * (power(x, y - 1.0) + y * power_log(x, y - 1.0)),
    ],
    domain="x > 0, or y a whole number",
    samples=POWERS,
    language=False,
    numpy=(),
)
def power_slope(x, y, /):
    """The derivative of ``x**y`` in ``x``: 0 for ``y = 0``, also at ``x = 0``."""
    kind = np.result_type(x, y, 1.0)
    if type(x) is not np.ndarray or x.dtype != kind:
        x = np.multiply(x, 1.0, dtype=kind)
    if np.ndim(y) == 0 and (short := SHORT_SLOPES.get(float(y))):
        return short(x)
    # Below 1/2 the difference y - 1 is rounded, and log(x) magnifies that: divide by x instead.
    divided = np.less(y, 0.5) & np.not_equal(x, 0.0)
    exponent = np.where(divided, y, np.subtract(y, 1.0)).astype(x.dtype)
    exponent = np.where(np.equal(y, 0.0), 0.0, exponent)
    return y * x**exponent / np.where(divided, x, 1.0)  # y first: 1 / x alone may overflow


SHORT_SLOPES = {
    0.0: np.zeros_like,
    1.0: np.ones_like,
    2.0: lambda x: 2.0 * x,
    3.0: lambda x: 3.0 * (x * x),
    4.0: lambda x: 4.0 * (x * x * x),
}


@op(
    meaning="x**y * log(x)**order",
    vjp=[
        lambda g, out, x, y, order: g * _power_log_slope(x, y, order),
        lambda g, out, x, y, order: g * power_log(x, y, order=order + 1),
    ],
    domain="x > 0",
    samples=[*POSITIVE_BASES, at(POSITIVE_ROW, ROW, order=2)],
    language=False,
    numpy=(),
)
def power_log(x, y, /, order=1):
    """The derivative of ``x**y`` in ``y``, ``order`` times: 0 at ``x = 0`` for ``y > 0``."""
    vanishing = np.equal(x, 0.0) & np.greater(y, 0.0)
    return x**y * np.log(np.where(vanishing, 1.0, x)) ** order


def _power_log_slope(x: Any, y: Any, order: int) -> Any:
    lower = power(x, y - 1.0) if order == 1 else power_log(x, y - 1.0, order=order - 1)
    return y * power_log(x, y - 1.0, order=order) + order * lower


@op(meaning="x**2", vjp=[lambda g, y, x: product(2.0 * x, g)], latex="^2", samples=[at(0.3), at(ROW), at(MATRIX)])
def square(x, /):
    """``x`` times itself."""
    return np.square(x)


@op(
    meaning="sqrt(x)",
    vjp=[lambda g, y, x: 0.5 * g / y],
    latex=r"\sqrt",
    domain="x > 0",
    kinks=[Kink("x = 0", ours="inf: undefined", torch="inf", jax="inf")],
    samples=[at(0.3), at(POSITIVE_ROW), at(1e-5)],
    method=True,
)
def sqrt(x, /):
    """The square root of ``x``."""
    return np.sqrt(x)


@op(
    meaning="where(x < 0, -(-x)**(1/3), x**(1/3))",
    vjp=[lambda g, y, x: g / (3.0 * y * y)],
    latex=r"\sqrt[3]",
    domain="x != 0",
    kinks=[Kink("x = 0", ours="inf: undefined")],
    samples=[at(0.3), at(ROW), at(-8.0)],
)
def cbrt(x, /):
    """The real cube root of ``x``; a step of Newton's takes off what libraries of some machines are wrong by."""
    y = np.cbrt(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        step = (y - x / (y * y)) / 3
    return np.where(np.isfinite(step), y - step, y)
