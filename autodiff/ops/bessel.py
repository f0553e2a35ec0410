"""Bessel functions of whole order; their derivatives are sums of neighbours, without a division by x."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, ROW, at
from ..scipy_extra import special

POINTS = [at(0.3), at(ROW), at(MATRIX), at(0.0), at(11.0)]
ORDERS = [at(0.3, order=3), at(ROW, order=4), at(0.0, order=3)]


def _of_order(function: str, order: int, x: Any) -> Any:
    # scipy's own is nan for the smallest numbers, where these functions are 0
    return special(function)(order, np.where(np.abs(x) < 1e-30, np.multiply(x, 0.0), x))


@op(meaning="i0(x)", vjp=[lambda g, y, x: g * i1(x)], latex="I_0", samples=POINTS, extra="scipy")
def i0(x, /):
    """The modified Bessel function of order 0."""
    return special("i0")(x)


@op(meaning="i1(x)", vjp=[lambda g, y, x: g * (0.5 * (i0(x) + i2(x)))], latex="I_1", samples=POINTS, extra="scipy")
def i1(x, /):
    """The modified Bessel function of order 1."""
    return special("i1")(x)


@op(
    meaning="where(x == 0, 0, i0(x) - 2 * i1(x) / x)",
    vjp=[lambda g, y, x: g * (0.5 * (i1(x) + bessel_i(x, order=3)))],
    latex="I_2",
    samples=POINTS,
    language=False,
    extra="scipy",
)
def i2(x, /):
    """The modified Bessel function of order 2."""
    return _of_order("iv", 2, x)


@op(
    meaning="besseli(order, x)",
    vjp=[lambda g, y, x, order: g * (0.5 * (bessel_i(x, order=order - 1) + bessel_i(x, order=order + 1)))],
    elementwise=True,
    samples=ORDERS,
    language=False,
    extra="scipy",
)
def bessel_i(x, /, order):
    """The modified Bessel function of a whole order."""
    return _of_order("iv", order, x)


@op(meaning="j0(x)", vjp=[lambda g, y, x: -g * j1(x)], latex="J_0", samples=POINTS, extra="scipy")
def j0(x, /):
    """The Bessel function of order 0."""
    return special("j0")(x)


@op(meaning="j1(x)", vjp=[lambda g, y, x: g * (0.5 * (j0(x) - j2(x)))], latex="J_1", samples=POINTS, extra="scipy")
def j1(x, /):
    """The Bessel function of order 1."""
    return special("j1")(x)


@op(
    meaning="where(x == 0, 0, 2 * j1(x) / x - j0(x))",
    vjp=[lambda g, y, x: g * (0.5 * (j1(x) - bessel_j(x, order=3)))],
    latex="J_2",
    samples=POINTS,
    language=False,
    extra="scipy",
)
def j2(x, /):
    """The Bessel function of order 2."""
    return _of_order("jv", 2, x)


@op(
    meaning="besselj(order, x)",
    vjp=[lambda g, y, x, order: g * (0.5 * (bessel_j(x, order=order - 1) - bessel_j(x, order=order + 1)))],
    elementwise=True,
    samples=ORDERS,
    language=False,
    extra="scipy",
)
def bessel_j(x, /, order):
    """The Bessel function of a whole order."""
    return _of_order("jv", order, x)
