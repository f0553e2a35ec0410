"""The gamma function and what comes of it."""

from __future__ import annotations

from math import factorial, perm
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial

from ..declare.op import UNSUPPORTED, op
from ..declare.samples import MATRIX, POSITIVE_MATRIX, POSITIVE_ROW, at
from ..kernels import cosine_of_half_turns, floating, sine_of_half_turns
from ..scipy_extra import special
from .exponential import log

POINTS = [at(0.3), at(POSITIVE_ROW), at(MATRIX), at(11.0)]
PAIRS = [at(0.3, 1.7), at(POSITIVE_ROW, 2.5), at(POSITIVE_MATRIX, POSITIVE_ROW), at(40.0, 0.01)]
POLES = "x not 0, -1, -2, ..."


@op(
    meaning="gamma(x)",
    vjp=[lambda g, y, x: g * y * digamma(x)],
    latex=r"\Gamma",
    domain=POLES,
    samples=POINTS,
    extra="scipy",
)
def gamma(x, /):
    """The gamma function."""
    return special("gamma")(x)


@op(
    meaning="gammaln(x)",
    vjp=[lambda g, y, x: g * digamma(x)],
    latex=r"\log\Gamma",
    domain=POLES,
    samples=[at(0.3), at(POSITIVE_ROW), at(400.0)],
    ulps=16.0,  # measured with scipy's, between its zeros: 9.7
    aliases=("lgamma",),
    extra="scipy",
)
def gammaln(x, /):
    """The logarithm of the absolute value of the gamma function."""
    x = floating(x)
    value = np.asarray(special("gammaln")(x))
    near = (np.abs(x - 1.0) < 0.2) | (np.abs(x - 2.0) < 0.2)  # its zeros, where only scipy's complex form is accurate
    if np.any(near):
        value = np.where(near, special("loggamma")(np.where(near, x, 1.0) + 0.0j).real, value).astype(x.dtype)
    return value[()]


@op(
    meaning="digamma(x)",
    vjp=[lambda g, y, x: g * polygamma(1, x)],
    latex=r"\psi",
    domain=POLES,
    samples=POINTS,
    extra="scipy",
)
def digamma(x, /):
    """The derivative of ``gammaln``."""
    return special("digamma")(x)


@op(
    meaning="polygamma(n, x)",
    vjp=[UNSUPPORTED, lambda g, y, n, x: g * polygamma(n + 1, x)],
    latex=r"\psi^{(n)}",
    domain=POLES,
    samples=[at(1, 0.3), at(2, POSITIVE_ROW), at(0, MATRIX), at(3, 11.0), at(np.array([1, 2]), 0.7)],
    extra="scipy",
)
def polygamma(n, x, /):
    """The derivative of ``digamma``, ``n`` times."""
    x = floating(x)
    reflected = np.where(x < 0.0, 1.0 - x, x)  # scipy's own walks from a negative x to 9 step by step
    value = np.asarray(special("polygamma")(n, reflected), dtype=x.dtype)
    if np.any(x < 0.0):
        orders, x, value = np.broadcast_arrays(n, x, value)
        value = value.copy()
        for order in np.unique(orders):
            place = (x < 0.0) & (orders == order)
            value[place] = (-1.0) ** int(order) * value[place] - _cotangent_slope(x[place], int(order))
    return value[()]


def _cotangent_slope(x: Any, order: int) -> Any:
    """The derivative of ``pi / tan(pi*x)`` of the given order, a polynomial in the cotangent."""
    polynomial = Polynomial([0.0, 1.0])
    for _ in range(order):
        polynomial = Polynomial([-1.0, 0.0, -1.0]) * polynomial.deriv()
    with np.errstate(divide="ignore", invalid="ignore"):  # a pole
        return np.pi ** (order + 1) * polynomial(cosine_of_half_turns(x) / sine_of_half_turns(x))


@op(
    meaning="gamma(x) * gamma(y) / gamma(x + y)",
    vjp=[
        lambda g, out, x, y: -g * out * digamma_difference(x, y),
        lambda g, out, x, y: -g * out * digamma_difference(y, x),
    ],
    latex=r"\operatorname{B}",
    domain="x > 0, y > 0",
    ulps=2.0**17,  # measured with scipy's: 4e4
    samples=PAIRS,
    extra="scipy",
)
def beta(x, y, /):
    """The beta function of positive ``x`` and ``y``."""
    return special("beta")(x, y)


@op(
    meaning="gammaln(x) + gammaln(y) - gammaln(x + y)",
    vjp=[
        lambda g, out, x, y: -g * digamma_difference(x, y),
        lambda g, out, x, y: -g * digamma_difference(y, x),
    ],
    latex=r"\log\operatorname{B}",
    domain="x > 0, y > 0",
    ulps=2.0**9,  # measured with scipy's: 205
    samples=PAIRS,
    extra="scipy",
)
def betaln(x, y, /):
    """The logarithm of ``beta``."""
    return special("betaln")(x, y)


SHIFT = 16
ASYMPTOTIC = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760)  # Bernoulli numbers over their index


@op(
    meaning="polygamma(n, x + y) - polygamma(n, x)",
    vjp=[
        lambda g, out, x, y, n: g * digamma_difference(x, y, n=n + 1),
        lambda g, out, x, y, n: g * polygamma(n + 1, x + y),
    ],
    domain="x > 0, y > 0",
    ulps=8.0,  # measured: 5, 7 for the third derivative
    samples=[*PAIRS, at(POSITIVE_ROW, 2.5, n=1), at(9.6, 2.0, n=1), at(0.3, 1.7, n=2)],
    language=False,
    extra="scipy",
)
def digamma_difference(x, y, /, n=0):
    """``digamma(x + y) - digamma(x)``, or that of its ``n``-th derivative by ``x``, without cancellation.

    The recurrence shifts both by ``SHIFT``, where the asymptotic series (Abramowitz and Stegun 6.3.18 and 6.4.11) is
    accurate; every term is a difference of powers, written as a product of positive factors.
    """
    total = 0.0
    for k in range(SHIFT):
        total = total + _powers_apart(x + float(k), y, n + 1)
    far = x + float(SHIFT)
    # what stands in front of the powers of 1 / far and 1 / (far + y) in the n-th derivative
    total = factorial(n) * (total + 0.5 * _powers_apart(far, y, n + 1))
    total = total + (np.log1p(y / far) if n == 0 else factorial(n - 1) * _powers_apart(far, y, n))
    for k, coefficient in enumerate(ASYMPTOTIC, 1):
        total = total + coefficient * perm(2 * k + n - 1, n) * _powers_apart(far, y, 2 * k + n)
    return (-1.0) ** n * total


def _powers_apart(x: Any, y: Any, exponent: int) -> Any:
    """``x**-exponent - (x + y)**-exponent``: a difference of two, times the sum of their powers."""
    low, high = 1.0 / x, 1.0 / (x + y)
    power_of_high = sums = 1.0
    for _ in range(exponent - 1):
        power_of_high = power_of_high * high
        sums = low * sums + power_of_high
    return y / x / (x + y) * sums


@op(
    meaning="gammainc(a, x)",
    vjp=[UNSUPPORTED, lambda g, y, a, x: g * gamma_density(a, x)],
    latex=r"\operatorname{P}",
    ulps=2.0**8,  # measured with scipy's: 184
    domain="a > 0, x > 0",
    samples=PAIRS,
    extra="scipy",
)
def gammainc(a, x, /):
    """The regularised lower incomplete gamma function."""
    return special("gammainc")(a, x)


@op(
    meaning="gammaincc(a, x)",
    vjp=[UNSUPPORTED, lambda g, y, a, x: -g * gamma_density(a, x)],
    latex=r"\operatorname{Q}",
    ulps=2.0**8,  # measured with scipy's: 85
    domain="a > 0, x > 0",
    samples=PAIRS,
    extra="scipy",
)
def gammaincc(a, x, /):
    """The regularised upper incomplete gamma function, ``1 - gammainc(a, x)``."""
    return special("gammaincc")(a, x)


@op(
    meaning="x**(a - 1) * exp(-x) / gamma(a)",
    vjp=[
        lambda g, y, a, x: g * y * (log(x) - digamma(a)),
        lambda g, y, a, x: g * y * ((a - 1.0) / x - 1.0),
    ],
    domain="a > 0, x > 0",
    samples=PAIRS,
    language=False,
    extra="scipy",
)
def gamma_density(a, x, /):
    """The derivative of ``gammainc`` in ``x``, where ``x**a`` and ``gamma(a)`` are too large as well."""
    a, x = np.broadcast_arrays(floating(a), floating(x))
    large = a > 20.0
    small_a, large_a = np.where(large, 1.0, a), np.where(large, a, 20.0)
    half = np.exp(-0.5 * x)  # in two parts, as the power may be large where exp(-x) is 0
    direct = half * np.minimum(x, 2000.0) ** (small_a - 1.0) / special("gamma")(small_a) * half
    return np.where(large, _saddle_point(large_a, x), direct)


def _saddle_point(a: Any, x: Any) -> Any:
    """Loader's form of the density (2000), whose exponent is small where the density is not."""
    positive = np.where(x > 0.0, x, a)
    excess = (positive - a) / a
    square = 1.0 / (a * a)
    stirling = (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / a
    near = np.abs(excess) < 0.5  # farther off, what rounding took off the excess would count
    logarithm = np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(positive / a))
    exponent = a * (excess - logarithm) + stirling
    return np.where(x > 0.0, np.exp(-exponent) * np.sqrt(a / (2.0 * np.pi)) / positive, 0.0)
