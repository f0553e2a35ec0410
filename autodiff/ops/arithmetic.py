"""Sums, products, quotients and what is left of a division; powers have a file of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..broadcasting import SMALL
from ..declare.op import op
from ..declare.samples import COLUMN, MATRIX, OTHER_ROW, ROW, Kink, at

PAIRS = [at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW), at(COLUMN, ROW), at(ROW, 2.0), at(2.0, ROW)]


def product_for(shape: Any, g: Any, y: Any) -> Any:
    """``g * y``, and the sum of it at once for an operand that is one number beside an array."""
    if type(g) is np.ndarray is type(y) and not shape and g.shape == y.shape and g.size > SMALL:
        return np.vdot(g, y)
    return g * y


@op(
    ufunc=np.add,
    meaning="x + y",
    vjp=[lambda g, out, x, y: g, lambda g, out, x, y: g],
    linear=True,
    latex="+",
    samples=PAIRS,
)
def add(x, y, /):
    """The sum of ``x`` and ``y``."""
    return np.add(x, y)


@op(
    ufunc=np.subtract,
    meaning="x - y",
    vjp=[lambda g, out, x, y: g, lambda g, out, x, y: -g],
    linear=True,
    latex="-",
    samples=PAIRS,
)
def subtract(x, y, /):
    """``y`` taken from ``x``."""
    return np.subtract(x, y)


@op(
    ufunc=np.multiply,
    meaning="x * y",
    vjp=[lambda g, out, x, y: product_for(x.shape, g, y), lambda g, out, x, y: product_for(y.shape, g, x)],
    latex=r"\cdot",
    samples=PAIRS,
)
def multiply(x, y, /):
    """The product of ``x`` and ``y``, element by element."""
    return np.multiply(x, y)


@op(
    ufunc=np.divide,
    meaning="x / y",
    # x / (y * y) would overflow and underflow long before the quotient does.
    vjp=[lambda g, out, x, y: g / y, lambda g, out, x, y: -g * (out / y)],
    latex=r"\frac",
    domain="y != 0",
    samples=PAIRS,
    aliases=("true_divide",),
)
def divide(x, y, /):
    """The quotient of ``x`` and ``y``."""
    return np.divide(x, y)


@op(
    ufunc=np.negative,
    meaning="-x",
    vjp=[lambda g, y, x: -g],
    linear=True,
    latex="-",
    samples=[at(0.3), at(ROW), at(MATRIX)],
)
def negative(x, /):
    """``x`` with the other sign."""
    return np.negative(x)


@op(meaning="x", vjp=[lambda g, y, x: g], linear=True, latex="+", samples=[at(0.3), at(ROW)])
def positive(x, /):
    """``x`` itself."""
    return np.positive(x)


@op(
    meaning="1 / x",
    vjp=[lambda g, y, x: -g * y * y],
    latex=r"\frac{1}",
    domain="x != 0",
    samples=[at(0.3), at(ROW), at(-1e-5)],
)
def reciprocal(x, /):
    """One over ``x``; of integers a floating number, which NumPy's own would truncate."""
    return np.divide(1.0, x)


DIVISIONS = [at(7.3, 2.0), at(-7.3, 2.0), at(7.3, -2.0), at(ROW, 0.8), at(MATRIX, OTHER_ROW)]
WHOLE = at(6.0, 2.0)


@op(
    meaning="x - floor(x / y) * y",
    vjp=[lambda g, out, x, y: g, lambda g, out, x, y: -g * floor_divide(x, y)],
    latex=r"\bmod",
    domain="y != 0",
    kinks=[Kink("x / y a whole number", ours="the derivative beside the jump", torch="1", jump=True, sample=WHOLE)],
    samples=DIVISIONS,
    aliases=("mod",),
)
def remainder(x, y, /):
    """What is left of ``x`` after taking whole multiples of ``y``; it has the sign of ``y``."""
    return np.remainder(x, y)


@op(
    meaning="floor(x / y)",
    vjp=[None, None],
    domain="y != 0",
    kinks=[Kink("x / y a whole number", ours="0", torch="", jax="0", jump=True, sample=WHOLE)],
    samples=DIVISIONS,
)
def floor_divide(x, y, /):
    """The largest whole number not above ``x / y``."""
    return np.floor_divide(x, y)


@op(
    name="abs",
    meaning="where(x < 0, -x, x)",
    vjp=[lambda g, y, x: g * sign(x)],
    latex=r"\left|",
    kinks=[Kink("x = 0", ours="0", torch="0", jax="1")],
    samples=[at(0.3), at(ROW), at(-2.0)],
    aliases=("absolute", "fabs"),
    method=True,
)
def abs(x, /):
    """The absolute value of ``x``."""
    return np.absolute(x)


@op(
    meaning="where(x > 0, 1, where(x < 0, -1, 0))",
    vjp=[None],
    latex=r"\operatorname{sign}",
    kinks=[Kink("x = 0", ours="0", torch="0", jax="0", jump=True)],
    samples=[at(0.3), at(ROW), at(-2.0)],
)
def sign(x, /):
    """-1, 0 or 1, as ``x`` is negative, zero or positive; nan for nan."""
    return np.sign(x)
