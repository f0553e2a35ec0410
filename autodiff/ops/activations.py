"""Elementwise functions of networks that are not logistic: rectifiers and their smooth relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, ROW, Kink, at
from ..kernels import blocked
from .exponential import exp
from .piecewise import where

SIDES = [at(0.3), at(ROW), at(MATRIX), at(-4.0)]
JOINT = "the mean of the two sides"

SELU_SCALE = 1.0507009873554805
SELU_LEFT = SELU_SCALE * 1.6732632423543772


@op(
    meaning="where(x > 0, x, 0)",
    vjp=[lambda g, y, x: where(x > 0.0, g, 0.0)],
    selects=True,
    latex=r"\operatorname{relu}",
    kinks=[Kink("x = 0", ours="0", torch="0", jax="0")],
    samples=SIDES,
)
def relu(x, /):
    """The positive part of ``x``."""
    return np.maximum(x, 0.0)


@op(
    meaning="where(x > 0, right, where(x < 0, left, (left + right) / 2))",
    vjp=[None],
    kinks=[Kink("x = 0", ours="0", jump=True, sample=at(0.0, left=0.5, right=1.0))],
    samples=[at(0.3, left=0.5, right=1.0), at(ROW, left=0.5, right=1.0)],
    language=False,
)
@blocked
def two_slopes(x, /, left, right):
    """``left`` for negative ``x``, ``right`` for positive, their mean at 0: what a bent line has as its derivative."""
    slope = np.multiply(x > 0.0, right, dtype=x.dtype)
    slope += np.multiply(x < 0.0, left, dtype=x.dtype)
    slope[x == 0.0] = 0.5 * (left + right)
    return slope


@op(
    meaning="where(x > 0, x, negative_slope * x)",
    vjp=[lambda g, y, x, negative_slope: g * two_slopes(x, left=negative_slope, right=1.0)],
    latex=r"\operatorname{leaky\_relu}",
    kinks=[Kink("x = 0", ours=JOINT)],
    samples=[*SIDES, at(ROW, negative_slope=0.2)],
)
def leaky_relu(x, /, negative_slope=0.01):
    """``x`` where it is positive, ``negative_slope * x`` elsewhere."""
    return np.maximum(x, 0.0) + negative_slope * np.minimum(x, 0.0)


@op(
    meaning="where(x > 0, x, alpha * (exp(x) - 1))",
    vjp=[lambda g, y, x, alpha: g * two_slopes(x, left=alpha, right=1.0) * exp(where(x < 0.0, x, 0.0))],
    latex=r"\operatorname{elu}",
    kinks=[Kink("x = 0, unless alpha is 1", ours=JOINT, torch="the right-hand alpha", sample=at(0.0, alpha=0.5))],
    samples=[*SIDES, at(ROW, alpha=0.5)],
)
def elu(x, /, alpha=1.0):
    """``x`` where it is positive, ``alpha * expm1(x)`` elsewhere."""
    return np.maximum(x, 0.0) + alpha * np.expm1(np.minimum(x, 0.0))


@op(
    meaning="where(x > 0, 1.0507009873554805 * x, 1.0507009873554805 * 1.6732632423543772 * (exp(x) - 1))",
    vjp=[lambda g, y, x: g * two_slopes(x, left=SELU_LEFT, right=SELU_SCALE) * exp(where(x < 0.0, x, 0.0))],
    latex=r"\operatorname{selu}",
    kinks=[Kink("x = 0", ours=JOINT)],
    samples=SIDES,
)
def selu(x, /):
    """A scaled ``elu`` that keeps mean 0 and variance 1 from layer to layer (Klambauer et al., 2017)."""
    return SELU_SCALE * np.maximum(x, 0.0) + SELU_LEFT * np.expm1(np.minimum(x, 0.0))


@op(
    meaning="where(x < min_val, min_val, where(x > max_val, max_val, x))",
    vjp=[lambda g, y, x, min_val, max_val: _inside(g, x, min_val, max_val)],
    selects=True,
    latex=r"\operatorname{hardtanh}",
    kinks=[Kink("x = min_val, x = max_val", ours=JOINT, torch="0", sample=at(1.0))],
    samples=[*SIDES, at(ROW, min_val=-0.5, max_val=2.0)],
)
def hardtanh(x, /, min_val=-1.0, max_val=1.0):
    """``x``, kept between ``min_val`` and ``max_val``."""
    return np.minimum(np.maximum(x, min_val), max_val)


def _inside(g: Any, x: Any, low: float, high: float) -> Any:
    return where((x > low) & (x < high), g, where((x == low) | (x == high), 0.5 * g, 0.0))
