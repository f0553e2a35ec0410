"""The Gaussian error linear unit: its tanh form, and the choice between that and the form with ``erf``."""

from __future__ import annotations

from math import exp, pi, sqrt
from typing import Any

import numpy as np

from ..declare.op import function, op
from ..declare.samples import MATRIX, ROW, at
from ..kernels import blocked, rounded_off
from ..scipy_extra import special
from .logistic import sigmoid
from .piecewise import clamp
from .special import normal_density

# gelu_tanh is x * sigmoid(v) with v = RATE * x + CUBIC * x**3
RATE = 1.5957691216057308  # 2 * sqrt(2 / pi), rounded
RATE_REST = -9.96930880911092e-17  # what rounding took off it
CUBIC = 0.07135481627260025
THREE_CUBIC = 0.21406444881780073
SATURATED = 64.0  # from here on the logistic function is 0 or 1

SIDES = [at(0.3), at(ROW), at(MATRIX), at(-4.0), at(-10.0), at(10.0)]


@op(
    meaning="x / (1 + exp(-2 * sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    vjp=[lambda g, y, x: g * dgelu(x)],
    latex=r"\operatorname{gelu}",
    samples=SIDES,
    language=False,
)
@blocked
def gelu_tanh(x, /):
    """``x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x**3))) / 2`` (Hendrycks and Gimpel, 2016)."""
    near = np.clip(x, -SATURATED, SATURATED)
    return np.maximum(x, -SATURATED) * sigmoid.forward(near * (RATE + CUBIC * (near * near)))


def _bend(g: Any, y: Any, x: Any) -> Any:
    x = clamp(x, -SATURATED, SATURATED)
    square = x * x
    exponent, slope = x * (RATE + CUBIC * square), RATE + THREE_CUBIC * square
    up, down = sigmoid(exponent), sigmoid(-exponent)
    return g * (up * down * (2.0 * slope + 2.0 * THREE_CUBIC * square + x * slope * slope * (down - up)))


@op(
    meaning="1 / (1 + exp(-2 * sqrt(2 / pi) * (x + 0.044715 * x**3)))"
    " * (1 + x * 2 * sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2) / (1 + exp(2 * sqrt(2 / pi) * (x + 0.044715 * x**3))))",
    vjp=[_bend],
    samples=SIDES,
    language=False,
)
@blocked
def dgelu(x, /):
    """The derivative of :func:`gelu_tanh`.

    With ``e = exp(-abs(v))`` it is ``e * (1 + e + x * v') / (1 + e)**2`` for negative ``x`` and
    ``(1 + e + x * v' * e) / (1 + e)**2`` for positive. The former has a zero, where every rounding shows: what is lost
    in ``RATE * x`` is computed too, and the terms are added in the order in which their sum is nearly exact.
    """
    near = np.clip(x, -SATURATED, SATURATED).astype(np.float64, copy=False)
    square = near * near
    linear, lost = rounded_off(near, RATE)
    tail = near * (RATE_REST + CUBIC * square) + lost
    exponent = linear + tail
    correction = (linear - exponent) + tail
    e = np.exp(-np.abs(exponent))
    negative = near < 0.0
    e += e * np.where(negative, correction, -correction)
    rest = near * (RATE_REST + THREE_CUBIC * square) + lost
    below = e * ((1.0 + linear) + (e + rest))
    above = (1.0 + e) + (linear + rest) * e
    return (np.where(negative, below, above) / (1.0 + e * (2.0 + e))).astype(x.dtype, copy=False)


@op(
    meaning="x / 2 * erfc(-x / sqrt(2))",
    ulps=2.0**9,  # measured with scipy's ndtr in its tail: 391
    vjp=[lambda g, y, x: g * dgelu_erf(x)],
    latex=r"\operatorname{gelu}",
    samples=SIDES,
    language=False,
    extra="scipy",
)
def gelu_erf(x, /):
    """``x * ndtr(x)``."""
    return np.maximum(x, -SATURATED) * special("ndtr")(x)


def _taylor_at_zero(count: int) -> list[float]:
    """The derivative of gelu_erf about its zero, from the coefficients of the density, which solves u' = -x * u."""
    density = [0.0, 0.0, exp(-0.5 * ZERO**2) / sqrt(2.0 * pi)]
    for k in range(count):
        density.append((-ZERO * density[-1] - density[-2]) / (k + 1))
    slopes = [
        (2.0 - ZERO**2) * a - 2.0 * ZERO * b - c for a, b, c in zip(density[2:], density[1:], density, strict=False)
    ]
    return [slope / (k + 1) for k, slope in enumerate(slopes)]


ZERO = -0.7517915246935645
ZERO_REST = 1.4956759177009883e-17  # the zero lies that much to the right
NEAR_ZERO = 0.25
TAYLOR = _taylor_at_zero(20)


@op(
    meaning="erfc(-x / sqrt(2)) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)",
    vjp=[lambda g, y, x: g * normal_density(x) * (2.0 - clamp(x, -SATURATED, SATURATED) ** 2)],
    samples=SIDES,
    language=False,
    extra="scipy",
)
@blocked
def dgelu_erf(x, /):
    """The derivative of :func:`gelu_erf`; about its zero, where the two parts cancel, by its Taylor series."""
    value = special("ndtr")(x) + np.clip(x, -SATURATED, SATURATED) * normal_density.forward(x)
    near = np.abs(x - ZERO) < NEAR_ZERO
    if np.any(near):
        away = (x[near] - ZERO) - ZERO_REST
        series = np.full_like(away, TAYLOR[-1])
        for coefficient in reversed(TAYLOR[:-1]):
            series *= away
            series += coefficient
        value[near] = series * away
    return value


@function(samples=[at(ROW), at(MATRIX, approximate="tanh")], latex=r"\operatorname{gelu}")
def gelu(x: Any, *, approximate: str = "tanh") -> Any:
    """The Gaussian error linear unit in its tanh form, which is PyTorch's ``approximate="tanh"``, not its default.

    With ``approximate="none"``, which needs SciPy, it is ``x * ndtr(x)``.
    """
    if approximate == "tanh":
        return gelu_tanh(x)
    if approximate == "none":
        return gelu_erf(x)
    raise ValueError(f'gelu(x, approximate={approximate!r}): approximate is "tanh" or "none"')
