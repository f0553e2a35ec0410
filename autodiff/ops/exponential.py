"""Exponentials and logarithms."""

from __future__ import annotations

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, POSITIVE_MATRIX, POSITIVE_ROW, ROW, UNIT_ROW, at
from .quotients import product

LN2 = 0.6931471805599453
LOG2_E = 1.4426950408889634
LOG10_E = 0.4342944819032518

SMOOTH = [at(0.3), at(ROW), at(MATRIX), at(-30.0)]
POSITIVE = [at(0.3), at(POSITIVE_ROW), at(POSITIVE_MATRIX), at(1e-8)]


@op(ufunc=np.exp, meaning="exp(x)", vjp=[lambda g, y, x: product(g, y)], latex=r"\exp", samples=SMOOTH)
def exp(x, /):
    """e to the power ``x``."""
    return np.exp(x)


@op(meaning="2**x", vjp=[lambda g, y, x: product(g, LN2 * y)], latex="2^", samples=SMOOTH)
def exp2(x, /):
    """2 to the power ``x``."""
    return np.exp2(x)


@op(
    meaning="exp(x) - 1",
    vjp=[lambda g, y, x: product(g, exp(x))],  # y + 1 has lost what exp(-45) is
    latex=r"\operatorname{expm1}",
    samples=[*SMOOTH, at(1e-12)],
)
def expm1(x, /):
    """``exp(x) - 1``, accurate near 0."""
    return np.expm1(x)


@op(meaning="log(x)", vjp=[lambda g, y, x: g / x], latex=r"\log", domain="x > 0", samples=POSITIVE)
def log(x, /):
    """The natural logarithm of ``x``."""
    return np.log(x)


@op(
    meaning="log(x) / log(2)",
    vjp=[lambda g, y, x: LOG2_E * g / x],
    latex=r"\log_{2}",
    domain="x > 0",
    samples=POSITIVE,
)
def log2(x, /):
    """The logarithm of ``x`` to base 2."""
    return np.log2(x)


@op(
    meaning="log(x) / log(10)",
    vjp=[lambda g, y, x: LOG10_E * g / x],
    latex=r"\log_{10}",
    domain="x > 0",
    samples=POSITIVE,
)
def log10(x, /):
    """The logarithm of ``x`` to base 10."""
    return np.log10(x)


@op(
    meaning="log(1 + x)",
    vjp=[lambda g, y, x: g / (1.0 + x)],
    latex=r"\operatorname{log1p}",
    domain="x > -1",
    samples=[at(0.3), at(UNIT_ROW), at(-0.9), at(1e-12)],
)
def log1p(x, /):
    """``log(1 + x)``, accurate near 0."""
    return np.log1p(x)
