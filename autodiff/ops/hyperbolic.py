"""Hyperbolic functions and their inverses."""

from __future__ import annotations

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, OTHER_ROW, POSITIVE_ROW, ROW, UNIT_ROW, Kink, at
from ..kernels import blocked, decay, floating, largest_to_square
from .powers import sqrt
from .quotients import product

SMOOTH = [at(0.3), at(ROW), at(MATRIX), at(-19.5)]


@op(meaning="sinh(x)", vjp=[lambda g, y, x: product(g, cosh(x))], latex=r"\sinh", samples=SMOOTH)
def sinh(x, /):
    """The hyperbolic sine of ``x``."""
    return np.sinh(x)


@op(meaning="cosh(x)", vjp=[lambda g, y, x: product(g, sinh(x))], latex=r"\cosh", samples=SMOOTH)
def cosh(x, /):
    """The hyperbolic cosine of ``x``."""
    return np.cosh(x)


@op(
    ufunc=np.tanh,
    meaning="tanh(x)",
    vjp=[lambda g, y, x: tanh_slope(g, x)],  # g * (1 - y * y) has no correct digit at 19
    latex=r"\tanh",
    samples=SMOOTH,
)
def tanh(x, /):
    """The hyperbolic tangent of ``x``."""
    return np.tanh(x)


@op(
    meaning="1 / cosh(x)",
    vjp=[lambda g, y, x: -g * y * tanh(x)],
    latex=r"\operatorname{sech}",
    samples=SMOOTH,
)
@blocked
def sech(x, /):
    """The hyperbolic secant of ``x``, without overflow on the way to 0."""
    numerator = decay(x)
    denominator = numerator * numerator
    denominator += 1.0
    numerator += numerator
    numerator /= denominator
    return numerator


@op(
    meaning="1 / cosh(x)**2",
    vjp=[lambda g, y, x: -2.0 * (g * y * tanh(x))],
    latex=r"\operatorname{sech}^2",
    samples=SMOOTH,
)
def sech_squared(x, /):
    """The square of the hyperbolic secant of ``x``: the derivative of ``tanh``."""
    x = floating(x)
    return tanh_slope.forward(x.dtype.type(1.0), x)[()]


@op(
    meaning="h / cosh(x)**2",
    vjp=[lambda g, y, h, x: tanh_slope(g, x), lambda g, y, h, x: -2.0 * (g * y * tanh(x))],
    numpy=(),
    language=False,
    samples=[at(ROW, OTHER_ROW), at(0.3, 19.5), at(ROW, MATRIX), at(2.0, ROW), at(MATRIX, ROW), at(ROW, 0.5)],
)
def tanh_slope(h, x, /):
    """``h`` times the derivative of ``tanh`` at ``x``."""
    if type(x) is not np.ndarray or x.dtype.char not in NEAR:
        x = floating(np.asarray(x, np.result_type(h, x)))  # a number beside float32 is float32
    if x.size <= TOGETHER or x.shape != np.shape(h):
        return slope(h, x)
    h, flat = h.reshape(-1), x.reshape(-1)
    slopes = np.empty(flat.shape, np.result_type(h, flat))
    for start in range(0, flat.size, TOGETHER):
        part = slice(start, start + TOGETHER)
        slopes[part] = slope(h[part], flat[part])
    return slopes.reshape(x.shape)


def slope(h, x):
    """``h / cosh(x)**2``, where no square overflows: of few elements in few steps as ``h / (1 + sinh(x)**2)``.

    Of many elements the exponential is what counts: NumPy's takes a quarter of the time of its hyperbolic sine.
    """
    limit, one = NEAR[x.dtype.char]
    if np.vdot(x, x) < limit:  # which overflows without a word, as dot does not
        if x.size > FEW:
            square = np.exp(x)
            square += np.reciprocal(square)
            square *= square
            square *= 0.25
            return h / square
        square = np.sinh(x)
        square *= square
        square += one
        return h / square
    e = np.exp(-np.abs(x))
    e *= e
    denominator = e + 1.0
    denominator *= denominator
    e *= 4.0
    e /= denominator
    return h * e


# So many elements that the steps count little, so few that what is between them stays in the cache.
TOGETHER = 65536
FEW = 256
# Below this sum of squares no square of a hyperbolic sine overflows; beside it a 1 of the type, found sooner than made.
NEAR = {code: (far**2, np.ones((), code)) for code, far in {"e": 5.0, "f": 40.0, "d": 350.0, "g": 350.0}.items()}


@op(
    meaning="arcsinh(x)",
    vjp=[lambda g, y, x: g * inverse_length(x)],
    latex=r"\operatorname{arsinh}",
    samples=SMOOTH,
    aliases=("asinh",),
)
def arcsinh(x, /):
    """The inverse of ``sinh``."""
    return np.arcsinh(x)


@op(
    meaning="1 / sqrt(1 + x**2)",
    vjp=[lambda g, y, x: -g * x * y**3],
    samples=SMOOTH,
    language=False,
)
@blocked
def inverse_length(x, /):
    """``1 / sqrt(1 + x**2)``, also where ``x**2`` would overflow."""
    size = np.abs(x)
    length = np.minimum(size, largest_to_square(x.dtype))
    length *= length
    length += 1.0
    np.sqrt(length, out=length)
    np.maximum(length, size, out=length)  # beyond, the 1 makes no difference
    return np.divide(1.0, length, out=length)


@op(
    meaning="arccosh(x)",
    vjp=[lambda g, y, x: g / (sqrt(x - 1.0) * sqrt(x + 1.0))],  # x * x - 1 cancels at 1 and overflows
    latex=r"\operatorname{arcosh}",
    domain="x > 1",
    kinks=[Kink("x = 1", ours="inf: undefined", torch="inf", sample=at(1.0))],
    samples=[at(1.3), at(POSITIVE_ROW + 1.0), at(1.0001)],
    aliases=("acosh",),
)
def arccosh(x, /):
    """The inverse of ``cosh`` on [1, inf)."""
    return np.arccosh(x)


@op(
    meaning="arctanh(x)",
    vjp=[lambda g, y, x: g / ((1.0 - x) * (1.0 + x))],
    latex=r"\operatorname{artanh}",
    domain="-1 < x < 1",
    samples=[at(0.3), at(UNIT_ROW), at(0.999)],
    aliases=("atanh",),
)
def arctanh(x, /):
    """The inverse of ``tanh``."""
    return np.arctanh(x)
