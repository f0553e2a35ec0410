"""The error function, the normal distribution, and functions of logarithms that are 0 at 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, POSITIVE_ROW, ROW, UNIT_ROW, Kink, at
from ..kernels import blocked, rounded_off
from ..scipy_extra import special
from .exponential import log, log1p
from .piecewise import where

TWO_OVER_ROOT_PI = 1.1283791670955126
ROOT_PI_OVER_TWO = 0.886226925452758
ROOT_TWO = 1.4142135623730951
ROOT_HALF = 0.7071067811865476
ROOT_HALF_REST = -4.833646656726457e-17  # what rounding took off it
ROOT_TWO_OVER_PI = 0.7978845608028654
NORMAL = 0.3989422804014327  # 1 / sqrt(2 * pi)

SMOOTH = [at(0.3), at(ROW), at(MATRIX), at(-5.0)]
PROBABILITIES = [at(0.3), at(0.5 * UNIT_ROW + 0.5), at(1e-9)]
ENDS = [Kink("x = 0, x = 1", ours="infinite: undefined", sample=at(1.0))]
FAR = 64.0  # exp(-64**2 / 2) is 0 in every dtype


@op(
    meaning="2 / sqrt(pi) * exp(-x**2)",
    vjp=[lambda g, y, x: g * (-2.0 * x * y)],
    samples=SMOOTH,
    language=False,
)
@blocked
def erf_slope(x, /):
    """The derivative of ``erf``."""
    near = np.clip(x, -FAR, FAR)
    return TWO_OVER_ROOT_PI * np.exp(-near * near)


@op(
    meaning="exp(-x**2 / 2) / sqrt(2 * pi)",
    vjp=[lambda g, y, x: -g * x * y],
    samples=SMOOTH,
    language=False,
)
@blocked
def normal_density(x, /):
    """The density of the normal distribution."""
    near = np.clip(x, -FAR, FAR)
    return NORMAL * np.exp(-0.5 * (near * near))


@op(
    meaning="erf(x)",
    vjp=[lambda g, y, x: g * erf_slope(x)],
    latex=r"\operatorname{erf}",
    samples=SMOOTH,
    extra="scipy",
)
def erf(x, /):
    """The error function."""
    return special("erf")(x)


@op(
    meaning="erfc(x)",
    vjp=[lambda g, y, x: -g * erf_slope(x)],
    latex=r"\operatorname{erfc}",
    samples=SMOOTH,
    extra="scipy",
)
def erfc(x, /):
    """``1 - erf(x)``, accurate where it is small."""
    return special("erfc")(x)


@op(
    meaning="erfinv(x)",
    vjp=[lambda g, y, x: g * erfinv_slope(x)],
    latex=r"\operatorname{erfinv}",
    domain="-1 < x < 1",
    kinks=[Kink("x = -1, x = 1", ours="infinite: undefined", sample=at(1.0))],
    samples=[at(0.3), at(UNIT_ROW), at(0.0), at(0.999)],
    extra="scipy",
)
def erfinv(x, /):
    """The inverse of ``erf``."""
    return special("erfinv")(x)


def _corrected(slope: Any, y: Any, curvature: float, remaining: Any) -> Any:
    """The slope at the true quantile; ``y`` is that quantile rounded, which the slope magnifies by ``y**2``.

    ``remaining`` is how far the function at ``y`` falls short; with slope s the quantile lies ``remaining * s`` beyond.
    """
    finite = np.isfinite(slope)
    step = np.where(finite, slope, 0.0)
    return slope + curvature * np.where(finite, y * remaining, 0.0) * step * step


@op(
    meaning="sqrt(pi) / 2 * exp(erfinv(x)**2)",
    vjp=[lambda g, y, x: g * 2.0 * erfinv(x) * y * y],
    domain="-1 < x < 1",
    samples=[at(0.3), at(UNIT_ROW), at(0.0), at(0.999)],
    language=False,
    extra="scipy",
)
@blocked
def erfinv_slope(x, /):
    """The derivative of ``erfinv``."""
    size = np.abs(x)
    y = special("erfinv")(size)
    remaining = np.where(size < 0.5, size - special("erf")(y), special("erfc")(y) - (1.0 - size))
    return _corrected(1.0 / erf_slope.forward(y), y, 2.0, remaining)


@op(
    meaning="erfc(-x / sqrt(2)) / 2",
    vjp=[lambda g, y, x: g * normal_density(x)],
    latex=r"\Phi",
    samples=SMOOTH,
    extra="scipy",
)
def ndtr(x, /):
    """The cumulative distribution function of the normal distribution."""
    return special("ndtr")(x)


@op(
    meaning="sqrt(2) * erfinv(2 * x - 1)",
    vjp=[lambda g, y, x: g * ndtri_slope(x)],
    latex=r"\Phi^{-1}",
    domain="0 < x < 1",
    kinks=ENDS,
    samples=PROBABILITIES,
    ulps=2.0**8,  # measured with scipy's ndtr far in its tail: 153
    extra="scipy",
)
def ndtri(x, /):
    """The inverse of ``ndtr``: the quantiles of the normal distribution."""
    return special("ndtri")(x)


@op(
    meaning="sqrt(2 * pi) * exp(erfinv(2 * x - 1)**2)",
    vjp=[lambda g, y, x: g * ndtri(x) * y * y],
    domain="0 < x < 1",
    samples=PROBABILITIES,
    language=False,
    extra="scipy",
)
@blocked
def ndtri_slope(x, /):
    """The derivative of ``ndtri``."""
    size = np.where(x < 0.5, x, 1.0 - x).astype(np.float64, copy=False)  # 1 - x is exact from 1/2 on
    y = special("ndtri")(size)
    density = normal_density.forward(y)
    z, lost = rounded_off(y, ROOT_HALF)  # of ndtr(y) = erfc(-y / sqrt(2)) / 2
    reached = 0.5 * special("erfc")(-z) + density * ROOT_TWO * (lost + ROOT_HALF_REST * y)
    return _corrected(1.0 / density, y, 1.0, size - reached).astype(x.dtype, copy=False)


@op(
    meaning="log(erfc(-x / sqrt(2)) / 2)",
    vjp=[lambda g, y, x: g * hazard(x)],
    latex=r"\log\Phi",
    samples=[*SMOOTH, at(-40.0)],
    extra="scipy",
)
def log_ndtr(x, /):
    """The logarithm of ``ndtr``, finite however negative ``x`` is."""
    return special("log_ndtr")(x)


@op(
    meaning="sqrt(2 / pi) * exp(-x**2 / 2) / erfc(-x / sqrt(2))",
    vjp=[lambda g, y, x: -g * y * (x + y)],
    samples=SMOOTH,
    language=False,
    ulps=2.0**8,  # measured with scipy's erfcx: 6; its derivative cancels in the tail: 195 at -6
    extra="scipy",
)
@blocked
def hazard(x, /):
    """The derivative of ``log_ndtr``, as a quotient of scaled functions in the tail where both parts vanish."""
    tail = ROOT_TWO_OVER_PI / special("erfcx")(-ROOT_HALF * np.minimum(x, 0.0))
    return np.where(x > 0.0, normal_density.forward(x) / special("ndtr")(np.maximum(x, 0.0)), tail)


@op(
    meaning="log(x / (1 - x))",
    vjp=[lambda g, y, x: g / (x * (1.0 - x))],
    latex=r"\operatorname{logit}",
    domain="0 < x < 1",
    kinks=ENDS,
    samples=PROBABILITIES,
)
@blocked
def logit(x, /):
    """The inverse of the logistic function; nan outside [0, 1]."""
    middle = np.abs(x - 0.5) < 0.25
    value = np.log(np.where(middle, 0.5, x)) - np.log1p(-np.where(middle, 0.5, x))
    return np.where(middle, 2.0 * np.arctanh(np.where(middle, 2.0 * x - 1.0, 0.0)), value)


PAIRS = [at(0.3, 1.7), at(ROW, POSITIVE_ROW), at(0.0, 2.0), at(ROW, 2.0)]


@op(
    meaning="x * log(y)",
    vjp=[
        lambda g, out, x, y: g * log(y),
        lambda g, out, x, y: g * (x / where((x == 0.0) & (y == 0.0), 1.0, y)),
    ],
    domain="y > 0",
    samples=PAIRS,
)
def xlogy(x, y, /):
    """``x * log(y)``, and 0 for ``x = 0`` whatever number ``y`` is."""
    return x * np.log(np.where(np.equal(x, 0.0) & np.equal(y, y), 1.0, y))


@op(
    meaning="x * log(1 + y)",
    vjp=[
        lambda g, out, x, y: g * log1p(y),
        lambda g, out, x, y: g * (x / where((x == 0.0) & (y == -1.0), 1.0, 1.0 + y)),
    ],
    domain="y > -1",
    samples=PAIRS,
)
def xlog1py(x, y, /):
    """``x * log1p(y)``, and 0 for ``x = 0`` whatever number ``y`` is."""
    return x * np.log1p(np.where(np.equal(x, 0.0) & np.equal(y, y), 0.0, y))
