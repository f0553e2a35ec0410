"""Trigonometric functions, their inverses, and conversions of angles; ``sinc`` has a file of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import op
from ..declare.samples import COLUMN, MATRIX, OTHER_ROW, ROW, UNIT_ROW, Kink, at
from ..kernels import blocked, largest_to_square
from .piecewise import where
from .powers import sqrt

DEGREE = 0.017453292519943295  # pi / 180, rounded once
RADIAN = 57.29577951308232

SMOOTH = [at(0.3), at(ROW), at(MATRIX), at(-40.0)]
INSIDE = [at(0.3), at(UNIT_ROW), at(-0.999)]
VECTORS = [at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW), at(COLUMN, ROW), at(ROW, 2.0), at(-1e200, 1e200)]
ENDS = [Kink("x = -1, x = 1", ours="infinite: undefined", torch="inf", sample=at(1.0))]


@op(ufunc=np.sin, meaning="sin(x)", vjp=[lambda g, y, x: g * cos(x)], latex=r"\sin", samples=SMOOTH)
def sin(x, /):
    """The sine of ``x`` in radians."""
    return np.sin(x)


@op(ufunc=np.cos, meaning="cos(x)", vjp=[lambda g, y, x: -g * sin(x)], latex=r"\cos", samples=SMOOTH)
def cos(x, /):
    """The cosine of ``x`` in radians."""
    return np.cos(x)


@op(
    meaning="tan(x)",
    vjp=[lambda g, y, x: g * (1.0 + y * y)],
    latex=r"\tan",
    domain="x not an odd multiple of pi/2",
    samples=SMOOTH,
)
def tan(x, /):
    """The tangent of ``x`` in radians."""
    return np.tan(x)


@op(
    meaning="arcsin(x)",
    vjp=[lambda g, y, x: g / sqrt((1.0 - x) * (1.0 + x))],  # 1 - x * x cancels at the ends
    latex=r"\arcsin",
    domain="-1 < x < 1",
    kinks=ENDS,
    samples=INSIDE,
    aliases=("asin",),
)
def arcsin(x, /):
    """The inverse of the sine, in [-pi/2, pi/2]."""
    return np.arcsin(x)


@op(
    meaning="arccos(x)",
    vjp=[lambda g, y, x: -g / sqrt((1.0 - x) * (1.0 + x))],
    latex=r"\arccos",
    domain="-1 < x < 1",
    kinks=ENDS,
    samples=INSIDE,
    aliases=("acos",),
)
def arccos(x, /):
    """The inverse of the cosine, in [0, pi]."""
    return np.arccos(x)


@op(
    meaning="arctan(x)",
    vjp=[lambda g, y, x: g * lorentzian(x)],
    latex=r"\arctan",
    samples=[*SMOOTH, at(1e155)],
    aliases=("atan",),
)
def arctan(x, /):
    """The inverse of the tangent, in [-pi/2, pi/2]."""
    return np.arctan(x)


@op(
    meaning="1 / (1 + x**2)",
    vjp=[lambda g, y, x: g * (-2.0 * x * y * y)],
    samples=[*SMOOTH, at(1e155)],
    language=False,
)
@blocked
def lorentzian(x, /):
    """``1 / (1 + x**2)``, also where ``x**2`` would overflow though its reciprocal is a number still."""
    size = np.abs(x)
    limit = largest_to_square(x.dtype)
    value = np.minimum(size, limit)
    value *= value
    value += 1.0
    np.divide(1.0, value, out=value)
    beyond = size > limit
    if np.any(beyond):
        inverse = 1.0 / size[beyond]
        value[beyond] = inverse * inverse
    return value


def _arctan2_y(g: Any, out: Any, y: Any, x: Any) -> Any:
    radius = hypot(x, y)  # x / (x * x + y * y) would overflow and underflow
    return g * (x / radius / radius)


def _arctan2_x(g: Any, out: Any, y: Any, x: Any) -> Any:
    radius = hypot(x, y)
    return -g * (y / radius / radius)


@op(
    meaning="arctan2(y, x)",
    vjp=[_arctan2_y, _arctan2_x],
    latex=r"\operatorname{atan2}",
    domain="not x = y = 0",
    kinks=[
        Kink("x = y = 0", ours="nan: undefined", torch="nan", jax="nan", sample=at(0.0, 0.0)),
        Kink("y = 0, x < 0", ours="the derivative beside the jump", torch="the same", jump=True, sample=at(0.0, -1.0)),
    ],
    samples=VECTORS,
    aliases=("atan2",),
)
def arctan2(y, x, /):
    """The angle of the point ``(x, y)``, in [-pi, pi]."""
    return np.arctan2(y, x)


@op(
    meaning="sqrt(x**2 + y**2)",
    vjp=[lambda g, out, x, y: g * component(x, y, out), lambda g, out, x, y: g * component(y, x, out)],
    latex=r"\operatorname{hypot}",
    kinks=[Kink("x = y = 0", ours="0", torch="nan", sample=at(0.0, 0.0))],
    samples=VECTORS,
)
def hypot(x, y, /):
    """The length of the vector ``(x, y)``, without overflow."""
    return np.hypot(x, y)


@op(
    meaning="where(length == 0, 0, x / length)",
    vjp=[
        lambda g, out, x, y, length: g / where(length == 0.0, 1.0, length),
        None,
        lambda g, out, x, y, length: -g * out / where(length == 0.0, 1.0, length),
    ],
    samples=[at(3.0, 4.0, 5.0), at(ROW, 0.0, 2.0), at(0.0, 4.0, 5.0)],
    language=False,
)
def component(x, y, length, /):
    """``x / length`` and 0 for no length; ``y`` tells more of the length where it was rounded to a subnormal number."""
    length = np.asarray(length)
    least = SCALE * np.finfo(length.dtype).smallest_normal
    if not np.any(length < least):
        return x / length
    tiny = length < least
    up = np.where(tiny, SCALE, 1.0).astype(length.dtype)
    scaled = np.where(tiny, np.hypot(x * up, y * up), length)
    return x * up / np.where(scaled == 0.0, 1.0, scaled)


SCALE = 2.0**60


@op(
    meaning="pi * x / 180",
    vjp=[lambda g, y, x: g * DEGREE],
    linear=True,
    samples=SMOOTH,
    aliases=("radians",),
)
def deg2rad(x, /):
    """An angle in degrees, in radians."""
    return np.multiply(x, DEGREE)


@op(
    meaning="180 * x / pi",
    vjp=[lambda g, y, x: g * RADIAN],
    linear=True,
    samples=SMOOTH,
    aliases=("degrees",),
)
def rad2deg(x, /):
    """An angle in radians, in degrees."""
    return np.multiply(x, RADIAN)
