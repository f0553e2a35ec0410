"""Elementwise functions of networks that are not logistic: rectifiers and their smooth relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.kernels import blocked
from autodiff.op import function, op
from autodiff.ops.exponential import exp
from autodiff.ops.logistic import sigmoid
from autodiff.ops.piecewise import clamp, where
from autodiff.ops.special import gelu_erf
from autodiff.samples import MATRIX, ROW, Kink, at

SIDES = [at(0.3), at(ROW), at(MATRIX), at(-4.0)]
JOINT = "the mean of the two sides"

SELU_SCALE = 1.0507009873554805
SELU_LEFT = SELU_SCALE * 1.6732632423543772
GELU_RATE = 1.5957691216057308  # 2 * sqrt(2 / pi)
GELU_CUBE = 0.044715


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


SATURATED = 64.0  # from here on the logistic function in gelu is 0 or 1


def gelu_exponent(x: Any) -> Any:
    """The ``v`` in gelu = ``x * sigmoid(v)``."""
    return GELU_RATE * (x + GELU_CUBE * (x * x * x))


def gelu_exponent_slope(x: Any) -> Any:
    """The derivative of :func:`gelu_exponent`."""
    return GELU_RATE * (1.0 + 3.0 * GELU_CUBE * (x * x))


@op(
    meaning="x / (1 + exp(-2 * sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    vjp=[lambda g, y, x: g * dgelu(x)],
    latex=r"\operatorname{gelu}",
    samples=[*SIDES, at(-10.0), at(10.0)],
    language=False,
)
@blocked
def gelu_tanh(x, /):
    """``x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x**3))) / 2`` (Hendrycks and Gimpel, 2016)."""
    return x * sigmoid.forward(gelu_exponent(np.clip(x, -SATURATED, SATURATED)))


def _gelu_bend(g: Any, y: Any, x: Any) -> Any:
    x = clamp(x, -SATURATED, SATURATED)
    exponent, slope = gelu_exponent(x), gelu_exponent_slope(x)
    up, down = sigmoid(exponent), sigmoid(-exponent)
    bend = 6.0 * GELU_RATE * GELU_CUBE * x
    return g * (up * down * (2.0 * slope + x * bend + x * slope * slope * (down - up)))


@op(
    meaning="1 / (1 + exp(-2 * sqrt(2 / pi) * (x + 0.044715 * x**3)))"
    " * (1 + x * 2 * sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2) / (1 + exp(2 * sqrt(2 / pi) * (x + 0.044715 * x**3))))",
    vjp=[_gelu_bend],
    samples=[*SIDES, at(-10.0), at(10.0)],
    language=False,
)
@blocked
def dgelu(x, /):
    """The derivative of :func:`gelu_tanh`, also where ``x**3`` would overflow."""
    x = np.clip(x, -SATURATED, SATURATED)
    exponent = gelu_exponent(x)
    return sigmoid.forward(exponent) * (1.0 + x * gelu_exponent_slope(x) * sigmoid.forward(-exponent))


@function(samples=[at(ROW), at(MATRIX, approximate="tanh")], latex=r"\operatorname{gelu}")
def gelu(x: Any, *, approximate: str = "tanh") -> Any:
    """The Gaussian error linear unit: ``x * ndtr(x)`` for ``approximate="none"``, which needs SciPy, or its tanh form."""
    if approximate == "tanh":
        return gelu_tanh(x)
    if approximate == "none":
        return gelu_erf(x)
    raise ValueError(f'gelu(x, approximate={approximate!r}): approximate is "tanh" or "none"')
