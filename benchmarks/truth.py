"""The true derivatives of the elementwise operations, by mpmath at 60 digits, and errors against them in ulps.

Written by hand from calculus books, apart from the rules of ``autodiff`` and the meanings of ``symdiff``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

DIGITS = 60
Real = Callable[..., mpf]


@dataclass(frozen=True, slots=True)
class Truth:
    """``value`` and the derivative in each operand, the domain of each operand, and static parameters."""

    value: Real
    derivatives: tuple[Real, ...]
    inside: Callable[..., bool] = lambda *x: True
    special: tuple[float, ...] = (0.0,)
    ulps: float = 4.0
    exception: str = ""
    """Why some points are left out or held to less."""


def _sigmoid(x: mpf) -> mpf:
    return 1 / (1 + mp.exp(-x))


def _sinc(x: mpf) -> mpf:
    return mp.sincpi(x) if x else mpf(1)


def _dsinc(x: mpf) -> mpf:
    if abs(x) < mpf(10) ** -15:  # the series; the next term is below 60 digits
        t = (mp.pi * x) ** 2
        return -(mp.pi**2) * x / 3 * (1 - t / 10 + t**2 / 280 - t**3 / 15120)
    return mp.cospi(x) / x - mp.sinpi(x) / (mp.pi * x * x)


def _gelu_exponent(x: mpf) -> mpf:
    return 2 * mp.sqrt(2 / mp.pi) * (x + mpf(0.044715) * x**3)


def _dgelu(x: mpf) -> mpf:
    v = _gelu_exponent(x)
    slope = 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * mpf(0.044715) * x * x)
    return _sigmoid(v) * (1 + x * slope * _sigmoid(-v))


def _selu(x: mpf) -> mpf:
    scale, alpha = mpf(1.0507009873554805), mpf(1.6732632423543772)
    return scale * x if x > 0 else scale * alpha * mp.expm1(x)


def _dselu(x: mpf) -> mpf:
    scale, alpha = mpf(1.0507009873554805), mpf(1.6732632423543772)
    return scale if x > 0 else scale * alpha * mp.exp(x)


def _density(x: mpf) -> mpf:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _ndtr(x: mpf) -> mpf:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _erfinv(x: mpf) -> mpf:
    return mp.erfinv(x)


def _gamma_density(a: mpf, x: mpf) -> mpf:
    return mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a))


def _cbrt(x: mpf) -> mpf:
    return mp.sign(x) * mp.cbrt(abs(x))


def _floored(x: mpf, y: mpf) -> mpf:
    return mp.floor(x / y)


def _positive(*x: mpf) -> bool:
    return all(v > 0 for v in x)


def _unit(x: mpf) -> bool:
    return -1 < x < 1


def _probability(x: mpf) -> bool:
    return 0 < x < 1


ARITHMETIC = {
    "add": Truth(lambda x, y: x + y, (lambda x, y: mpf(1), lambda x, y: mpf(1))),
    "subtract": Truth(lambda x, y: x - y, (lambda x, y: mpf(1), lambda x, y: mpf(-1))),
    "multiply": Truth(lambda x, y: x * y, (lambda x, y: y, lambda x, y: x)),
    "divide": Truth(lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2), lambda x, y: y != 0),
    "negative": Truth(lambda x: -x, (lambda x: mpf(-1),)),
    "positive": Truth(lambda x: x, (lambda x: mpf(1),)),
    "reciprocal": Truth(lambda x: 1 / x, (lambda x: -1 / x**2,), lambda x: x != 0),
    "remainder": Truth(
        lambda x, y: x - y * _floored(x, y),
        (lambda x, y: mpf(1), lambda x, y: -_floored(x, y)),
        lambda x, y: y != 0 and mp.floor(x / y) != x / y,
    ),
    "abs": Truth(abs, (mp.sign,), lambda x: x != 0),
    "square": Truth(lambda x: x * x, (lambda x: 2 * x,)),
    "power": Truth(
        lambda x, y: x**y,
        (lambda x, y: y * x ** (y - 1), lambda x, y: x**y * mp.log(x)),
        lambda x, y: x > 0 and abs(y * mp.log(x)) < 10**4,
        special=(0.0, 1.0),
    ),
    "sqrt": Truth(mp.sqrt, (lambda x: 1 / (2 * mp.sqrt(x)),), _positive),
    "cbrt": Truth(_cbrt, (lambda x: 1 / (3 * _cbrt(x) ** 2),), lambda x: x != 0),
}

EXPONENTIAL = {
    "exp": Truth(mp.exp, (mp.exp,)),
    "exp2": Truth(lambda x: mpf(2) ** x, (lambda x: mpf(2) ** x * mp.ln2,)),
    "expm1": Truth(mp.expm1, (mp.exp,)),
    "log": Truth(mp.log, (lambda x: 1 / x,), _positive, (0.0, 1.0)),
    "log2": Truth(lambda x: mp.log(x) / mp.ln2, (lambda x: 1 / (x * mp.ln2),), _positive, (0.0, 1.0)),
    "log10": Truth(lambda x: mp.log(x) / mp.ln10, (lambda x: 1 / (x * mp.ln10),), _positive, (0.0, 1.0)),
    "log1p": Truth(mp.log1p, (lambda x: 1 / (1 + x),), lambda x: x > -1, (-1.0, 0.0)),
    "logaddexp": Truth(
        lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
        (lambda x, y: _sigmoid(x - y), lambda x, y: _sigmoid(y - x)),
    ),
    "logaddexp2": Truth(
        lambda x, y: max(x, y) + mp.log1p(mpf(2) ** -abs(x - y)) / mp.ln2,
        (lambda x, y: _sigmoid((x - y) * mp.ln2), lambda x, y: _sigmoid((y - x) * mp.ln2)),
    ),
}

TRIGONOMETRIC = {
    "sin": Truth(mp.sin, (mp.cos,)),
    "cos": Truth(mp.cos, (lambda x: -mp.sin(x),)),
    "tan": Truth(mp.tan, (lambda x: 1 / mp.cos(x) ** 2,), special=(0.0, np.pi / 2, np.pi)),
    "arcsin": Truth(mp.asin, (lambda x: 1 / mp.sqrt((1 - x) * (1 + x)),), _unit, (-1.0, 0.0, 1.0)),
    "arccos": Truth(mp.acos, (lambda x: -1 / mp.sqrt((1 - x) * (1 + x)),), _unit, (-1.0, 0.0, 1.0)),
    "arctan": Truth(mp.atan, (lambda x: 1 / (1 + x * x),)),
    "arctan2": Truth(
        mp.atan2,
        (lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)),
        lambda y, x: y != 0,
    ),
    "hypot": Truth(
        lambda x, y: mp.sqrt(x * x + y * y),
        (lambda x, y: x / mp.sqrt(x * x + y * y), lambda x, y: y / mp.sqrt(x * x + y * y)),
        lambda x, y: x != 0 or y != 0,
    ),
    "sinc": Truth(_sinc, (_dsinc,), special=(0.0, 0.5, 1.0, 2.0, 1.4302966531242027)),
    "deg2rad": Truth(lambda x: x * mp.pi / 180, (lambda x: mp.pi / 180,)),
    "rad2deg": Truth(lambda x: x * 180 / mp.pi, (lambda x: 180 / mp.pi,)),
}

HYPERBOLIC = {
    "sinh": Truth(mp.sinh, (mp.cosh,)),
    "cosh": Truth(mp.cosh, (mp.sinh,)),
    "tanh": Truth(mp.tanh, (lambda x: mp.sech(x) ** 2,)),
    "sech": Truth(mp.sech, (lambda x: -mp.sech(x) * mp.tanh(x),)),
    "sech_squared": Truth(lambda x: mp.sech(x) ** 2, (lambda x: -2 * mp.sech(x) ** 2 * mp.tanh(x),)),
    "arcsinh": Truth(mp.asinh, (lambda x: 1 / mp.sqrt(1 + x * x),)),
    "arccosh": Truth(mp.acosh, (lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),), lambda x: x > 1, (1.0,)),
    "arctanh": Truth(mp.atanh, (lambda x: 1 / ((1 - x) * (1 + x)),), _unit, (-1.0, 0.0, 1.0)),
}

ACTIVATIONS = {
    "relu": Truth(lambda x: max(x, 0), (lambda x: mpf(x > 0),), lambda x: x != 0),
    "leaky_relu": Truth(
        lambda x: x if x > 0 else mpf(0.01) * x, (lambda x: mpf(1) if x > 0 else mpf(0.01),), lambda x: x != 0
    ),
    "elu": Truth(lambda x: x if x > 0 else mp.expm1(x), (lambda x: mpf(1) if x > 0 else mp.exp(x),)),
    "selu": Truth(_selu, (_dselu,), lambda x: x != 0),
    "hardtanh": Truth(lambda x: min(max(x, -1), 1), (lambda x: mpf(-1 < x < 1),), lambda x: abs(x) != 1, (-1.0, 1.0)),
    "sigmoid": Truth(_sigmoid, (lambda x: _sigmoid(x) * _sigmoid(-x),)),
    "softplus": Truth(lambda x: max(x, 0) + mp.log1p(mp.exp(-abs(x))), (_sigmoid,)),
    "log_sigmoid": Truth(lambda x: min(x, 0) - mp.log1p(mp.exp(-abs(x))), (lambda x: _sigmoid(-x),)),
    "silu": Truth(
        lambda x: x * _sigmoid(x),
        (lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),),
        special=(0.0, -1.2784645427610738),
    ),
    "gelu_tanh": Truth(lambda x: x * _sigmoid(_gelu_exponent(x)), (_dgelu,), special=(0.0, -0.7524614220710162)),
}

PIECEWISE = {
    "maximum": Truth(max, (lambda x, y: mpf(x > y), lambda x, y: mpf(y > x)), lambda x, y: x != y),
    "minimum": Truth(min, (lambda x, y: mpf(x < y), lambda x, y: mpf(y < x)), lambda x, y: x != y),
    "fmax": Truth(max, (lambda x, y: mpf(x > y), lambda x, y: mpf(y > x)), lambda x, y: x != y),
    "fmin": Truth(min, (lambda x, y: mpf(x < y), lambda x, y: mpf(y < x)), lambda x, y: x != y),
    "copysign": Truth(
        lambda x, y: abs(x) * mp.sign(y), (lambda x, y: mp.sign(x) * mp.sign(y),), lambda x, y: x != 0 and y != 0
    ),
}

ELEMENTARY = {**ARITHMETIC, **EXPONENTIAL, **TRIGONOMETRIC, **HYPERBOLIC, **ACTIVATIONS, **PIECEWISE}
"""The operations held to 4 ulp."""


def _moderate(limit: float) -> Callable[..., bool]:
    return lambda *x: all(abs(v) <= limit for v in x)


def _off_poles(x: mpf) -> bool:
    return abs(x) <= 170 and (x > 0 or x != mp.floor(x))


def _beta_domain(x: mpf, y: mpf) -> bool:
    return 1e-30 < x < 1e15 and 1e-30 < y < 1e15


SPECIAL = {
    "erf": Truth(mp.erf, (lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),), ulps=64),
    "erfc": Truth(lambda x: mp.erfc(x), (lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x),), _moderate(1e6), ulps=64),
    "erfinv": Truth(_erfinv, (lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(_erfinv(x) ** 2),), _unit, (-1.0, 0.0, 1.0), 64),
    "gamma": Truth(mp.gamma, (lambda x: mp.gamma(x) * mp.digamma(x),), _off_poles, (1.0, 1.4616321449683623), 64),
    "gammaln": Truth(mp.loggamma, (mp.digamma,), lambda x: x > 0, (1.0, 1.4616321449683623, 2.0), 64),
    "digamma": Truth(mp.digamma, (lambda x: mp.psi(1, x),), _off_poles, (1.0,), 64),
    "beta": Truth(
        mp.beta,
        (
            lambda x, y: mp.beta(x, y) * (mp.digamma(x) - mp.digamma(x + y)),
            lambda x, y: mp.beta(x, y) * (mp.digamma(y) - mp.digamma(x + y)),
        ),
        _beta_domain,
        ulps=1e6,
        exception="scipy's beta itself is up to 4e4 ulp off; the rest of the derivative is that of betaln",
    ),
    "betaln": Truth(
        lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y),
        (lambda x, y: mp.digamma(x) - mp.digamma(x + y), lambda x, y: mp.digamma(y) - mp.digamma(x + y)),
        _beta_domain,
        ulps=64,
    ),
    "logit": Truth(
        lambda x: mp.log(x / (1 - x)), (lambda x: 1 / (x * (1 - x)),), _probability, (0.0, 0.25, 0.5, 0.75, 1.0), 64
    ),
    "i0": Truth(lambda x: mp.besseli(0, x), (lambda x: mp.besseli(1, x),), _moderate(700), ulps=64),
    "i1": Truth(
        lambda x: mp.besseli(1, x), (lambda x: (mp.besseli(0, x) + mp.besseli(2, x)) / 2,), _moderate(700), ulps=64
    ),
    "j0": Truth(lambda x: mp.besselj(0, x), (lambda x: -mp.besselj(1, x),), _moderate(1e5), ulps=64),
    "j1": Truth(
        lambda x: mp.besselj(1, x), (lambda x: (mp.besselj(0, x) - mp.besselj(2, x)) / 2,), _moderate(1e5), ulps=64
    ),
    "xlogy": Truth(
        lambda x, y: x * mp.log(y), (lambda x, y: mp.log(y), lambda x, y: x / y), lambda x, y: y > 0, (0.0, 1.0), 64
    ),
    "xlog1py": Truth(
        lambda x, y: x * mp.log1p(y),
        (lambda x, y: mp.log1p(y), lambda x, y: x / (1 + y)),
        lambda x, y: y > -1,
        (-1.0, 0.0),
        64,
    ),
    "ndtr": Truth(_ndtr, (_density,), _moderate(1e6), ulps=64),
    "ndtri": Truth(
        lambda x: mp.sqrt(2) * _erfinv(2 * x - 1),
        (lambda x: 1 / _density(mp.sqrt(2) * _erfinv(2 * x - 1)),),
        lambda x: 1e-25 < x < 1,
        (0.0, 0.5, 1.0),
        64,
    ),
    "log_ndtr": Truth(
        lambda x: mp.log1p(-_ndtr(-x)) if x > 0 else mp.log(_ndtr(x)),
        (lambda x: _density(x) / _ndtr(x),),
        _moderate(1e4),
        ulps=64,
    ),
    "gelu_erf": Truth(
        lambda x: x * _ndtr(x),
        (lambda x: _ndtr(x) + x * _density(x),),
        lambda x: x > -37.5,
        (-0.7517915246935645,),
        64,
        "below -37.5 scipy's ndtr is 0 instead of a subnormal number",
    ),
    "gammainc": Truth(
        lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        (_gamma_density,),
        lambda a, x: 1e-6 < a < 1e4 and 0 < x < 1e4,
        ulps=64,
    ),
    "gammaincc": Truth(
        lambda a, x: mp.gammainc(a, x, regularized=True),
        (lambda a, x: -_gamma_density(a, x),),
        lambda a, x: 1e-6 < a < 1e4 and 0 < x < 1e4,
        ulps=64,
    ),
}
"""The operations held to 64 ulp; gammainc and gammaincc have their derivative in the second operand alone."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The largest error found: in ulps, and beyond what the condition number excuses, with the point of the latter."""

    ulps: float
    excess: float
    point: tuple[float, ...]
    got: float
    want: float
    counted: int
    ill_conditioned: int


def numbers(count: int, special: tuple[float, ...]) -> NDArray[np.float64]:
    """About ``count`` points: linear to 45, logarithmic to 1e300 with both signs, and the neighbours of ``special``."""
    linear = np.linspace(-45.0, 45.0, count // 2 + 1) + np.pi / 1000.0
    decades = 10.0 ** np.linspace(-300.0, 300.0, count // 4)
    near = []
    for place in special:
        up = down = place
        for _ in range(3):
            up, down = np.nextafter(up, np.inf), np.nextafter(down, -np.inf)
            near += [up, down]
        near += [place + side * 10.0**-k for k in range(1, 16) for side in (-1.0, 1.0)]
    return np.concatenate([linear, decades, -decades, special, near])


def grid(count: int, arity: int, special: tuple[float, ...]) -> tuple[NDArray[np.float64], ...]:
    """Points for every operand; pairs are drawn at random, and a third of them have operands close to each other."""
    line = numbers(count, special)
    if arity == 1:
        return (line,)
    generator = np.random.default_rng(20)
    left, right = generator.choice(line, count), generator.choice(line, count)
    third = count // 3
    right[:third] = left[:third] * (1.0 + generator.standard_normal(third) * 10.0 ** generator.uniform(-17, 0, third))
    narrow = generator.uniform(-45.0, 45.0, (2, third))
    left[third : 2 * third], right[third : 2 * third] = narrow
    return left, right


def finite(number: mpf) -> bool:
    return bool(mp.isfinite(number)) and abs(number) <= mpf(np.finfo(np.float64).max)


def error(got: float, want: mpf) -> float:
    """The error of ``got`` in ulps of ``want``, or in smallest subnormals where that is less."""
    if not np.isfinite(got):
        return float("inf")
    return float(abs(mpf(float(got)) - want) / mpf(float(np.spacing(abs(float(want))))))


def condition(function: Real, point: tuple[mpf, ...], value: mpf) -> float:
    """The condition number of ``function``, summed over its arguments."""
    total = mpf(0)
    step = mpf(10) ** -25
    for place, x in enumerate(point):
        if x and value:
            moved = (*point[:place], x * (1 + step), *point[place + 1 :])
            total += abs((function(*moved) - value) / (step * value))
    return float(total)


def measure(computed: NDArray[np.float64], true: Real, truth: Truth, points: tuple[NDArray[np.float64], ...]) -> Worst:
    """Compare ``computed`` with ``true`` at the points of the domain where the operation's value is finite."""
    worst = Worst(0.0, 0.0, (), 0.0, 0.0, 0, 0)
    ulps, counted, skipped = 0.0, 0, 0
    with mpmath.workdps(DIGITS):
        for got, *place in zip(computed.tolist(), *(p.tolist() for p in points), strict=True):
            x = tuple(map(mpf, place))
            if not truth.inside(*x) or not finite(truth.value(*x)):
                continue
            want = true(*x)
            if not finite(want):
                continue
            wrong = error(got, want)
            conditioning = condition(true, x, want) if wrong > 1.0 else 0.0
            if conditioning > 1e6:
                skipped += 1
                continue
            counted += 1
            ulps = max(ulps, wrong)
            if wrong - conditioning > worst.excess:
                worst = Worst(0.0, wrong - conditioning, tuple(place), got, float(want), 0, 0)
    return Worst(ulps, worst.excess, worst.point, worst.got, worst.want, counted, skipped)
