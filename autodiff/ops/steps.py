"""Piecewise constant operations: their derivative is 0 where it exists, and they jump."""

from __future__ import annotations

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, OTHER_ROW, ROW, Kink, at
from .piecewise import where

STEPS = [at(0.3), at(ROW), at(MATRIX), at(-2.7)]
WHOLE = [Kink("x a whole number", ours="0", torch="0", jax="0", jump=True, sample=at(2.0))]
HALVES = np.array([0.5, 1.5, -0.5])
HALF = "where(x * 10**decimals + 1/2 == floor(x * 10**decimals + 1/2), "


@op(meaning="floor(x)", vjp=[None], latex=r"\lfloor", kinks=WHOLE, samples=STEPS)
def floor(x, /):
    """The largest whole number not above ``x``."""
    return np.floor(x)


@op(meaning="-floor(-x)", vjp=[None], latex=r"\lceil", kinks=WHOLE, samples=STEPS)
def ceil(x, /):
    """The smallest whole number not below ``x``."""
    return np.ceil(x)


@op(
    # a tie goes to the even neighbour
    meaning=HALF + "2 * floor(x * 10**decimals / 2 + 1/4), floor(x * 10**decimals + 1/2)) / 10**decimals",
    vjp=[None],
    latex=r"\operatorname{round}",
    kinks=[Kink("x half-way between", ours="0", torch="0", jax="0", jump=True, sample=at(2.5))],
    samples=[*STEPS, at(ROW, decimals=1), at(1234.5, decimals=-2), at(HALVES)],
    aliases=("around",),
    method=True,
)
def round(x, /, decimals=0):
    """``x`` rounded to ``decimals`` places, halves to the even neighbour."""
    return np.round(x, decimals)


@op(meaning="where(x < 0, -floor(-x), floor(x))", vjp=[None], kinks=WHOLE, samples=STEPS, aliases=("fix",))
def trunc(x, /):
    """``x`` without its fraction."""
    return np.trunc(x)


@op(
    meaning="where(x < 0, 0, where(x == 0, y, 1))",
    vjp=[None, lambda g, out, x, y: where(x == 0.0, g, 0.0)],
    selects=True,
    latex=r"\operatorname{H}",
    kinks=[Kink("x = 0", ours="0", torch="0", jump=True, sample=at(0.0, 0.5))],
    samples=[at(0.3, 0.5), at(ROW, OTHER_ROW), at(MATRIX, 0.0), at(np.array([0.0, 1.0, 0.0]), 0.5)],
)
def heaviside(x, y, /):
    """0 for negative ``x``, 1 for positive, ``y`` at 0."""
    return np.heaviside(x, y)
