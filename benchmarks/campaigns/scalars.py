"""The value of every elementwise operation in mpmath, typed from calculus books: values only, never a derivative.

``ulps`` is what a float64 library's own result may be off by, ``inside`` where the operands come from (``inputs``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mpmath import mp, mpf

Real = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One function of numbers: its value, its ulps, the name of the domain of each operand, and static parameters."""

    value: Real
    inside: tuple[str, ...] = ("real",)
    ulps: float = 2.0
    params: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def sigmoid(x: mpf) -> mpf:
    return 1 / (1 + mp.exp(-x))


def softplus(x: mpf) -> mpf:
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def _sinc(x: mpf) -> mpf:
    return mp.sincpi(x) if x else mpf(1)


def _gelu_tanh(x: mpf) -> mpf:
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mpf(0.044715) * x**3))


def _ndtr(x: mpf) -> mpf:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _ndtri(x: mpf) -> mpf:
    return -_ndtri(1 - x) if x > mpf(1) / 2 else _root_of_ndtr(x)


def _root_of_ndtr(x: mpf) -> mpf:
    """The solution of log(ndtr(y)) = log(x), by Newton from the tail's asymptote; mpmath's erfinv fails below 1e-16."""
    goal = mp.log(x)
    y = -mp.sqrt(-2 * goal) if x < mpf("0.1") else mp.sqrt(2) * mp.erfinv(2 * x - 1)
    for _ in range(200):
        tail = _ndtr(y)
        step = (mp.log(tail) - goal) * tail / _density(y)
        y -= step
        if abs(step) <= abs(y) * mp.eps * 8 or not y:
            break
    return y


def _density(x: mpf) -> mpf:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def _erfinv(x: mpf) -> mpf:
    return _ndtri((1 + x) / 2) / mp.sqrt(2)


def _selu(x: mpf) -> mpf:
    scale, alpha = mpf(1.0507009873554805), mpf(1.6732632423543772)
    return scale * x if x > 0 else scale * alpha * mp.expm1(x)


def _log_sum(x: mpf, y: mpf) -> mpf:
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def _power(x: mpf, y: mpf) -> mpf:
    if y == mp.floor(y) and abs(y) < 10**6:
        return x ** int(y)
    return x**y


def _round(x: mpf) -> mpf:
    below = mp.floor(x)
    rest = x - below
    even = below if below % 2 == 0 else below + 1
    return even if rest == mpf(1) / 2 else below + (1 if rest > mpf(1) / 2 else 0)


def _loggamma(x: mpf) -> mpf:
    return mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x)


def _huber(x: mpf, delta: float = 1.0) -> mpf:
    return x * x / 2 if abs(x) <= delta else delta * (abs(x) - mpf(delta) / 2)


def _sign(x: mpf) -> mpf:
    return mpf(mp.sign(x))


def _logit(x: mpf) -> mpf:
    return mp.log(x / (1 - x))


def _both(x: str) -> tuple[str, str]:
    return (x, x)


REAL2 = _both("real")

SCALARS: dict[str, Scalar] = {
    "add": Scalar(lambda x, y: x + y, REAL2, 0.5),
    "subtract": Scalar(lambda x, y: x - y, REAL2, 0.5),
    "multiply": Scalar(lambda x, y: x * y, REAL2, 0.5),
    "divide": Scalar(lambda x, y: x / y, ("real", "nonzero"), 0.5),
    "negative": Scalar(lambda x: -x, ulps=0.0),
    "positive": Scalar(lambda x: x, ulps=0.0),
    "reciprocal": Scalar(lambda x: 1 / x, ("nonzero",), 0.5),
    "remainder": Scalar(lambda x, y: x - y * mp.floor(x / y), ("moderate", "nonzero moderate")),
    "floor_divide": Scalar(lambda x, y: mp.floor(x / y), ("moderate", "nonzero moderate"), 0.0),
    "abs": Scalar(abs, ("nonzero",), 0.0),
    "sign": Scalar(_sign, ("nonzero",), 0.0),
    "square": Scalar(lambda x: x * x, ulps=0.5),
    "power": Scalar(_power, ("positive moderate", "moderate")),
    "sqrt": Scalar(mp.sqrt, ("positive",), 0.5),
    "cbrt": Scalar(lambda x: mp.sign(x) * mp.cbrt(abs(x)), ("nonzero",)),
    "exp": Scalar(mp.exp),
    "exp2": Scalar(lambda x: mpf(2) ** x),
    "expm1": Scalar(mp.expm1),
    "log": Scalar(mp.log, ("positive",)),
    "log2": Scalar(lambda x: mp.log(x) / mp.ln2, ("positive",)),
    "log10": Scalar(lambda x: mp.log(x) / mp.ln10, ("positive",)),
    "log1p": Scalar(mp.log1p, ("above -1",)),
    "logaddexp": Scalar(_log_sum, REAL2),
    "logaddexp2": Scalar(lambda x, y: _log_sum(x * mp.ln2, y * mp.ln2) / mp.ln2, REAL2),
    "sin": Scalar(mp.sin),
    "cos": Scalar(mp.cos),
    "tan": Scalar(mp.tan),
    "arcsin": Scalar(mp.asin, ("unit",)),
    "arccos": Scalar(mp.acos, ("unit",)),
    "arctan": Scalar(mp.atan),
    "arctan2": Scalar(mp.atan2, ("nonzero", "real")),
    "hypot": Scalar(lambda x, y: mp.sqrt(x * x + y * y), _both("nonzero")),
    "sinc": Scalar(_sinc, ("moderate",)),
    "deg2rad": Scalar(lambda x: x * mp.pi / 180),
    "rad2deg": Scalar(lambda x: x * 180 / mp.pi),
    "sinh": Scalar(mp.sinh),
    "cosh": Scalar(mp.cosh),
    "tanh": Scalar(mp.tanh),
    "sech": Scalar(mp.sech),
    "sech_squared": Scalar(lambda x: mp.sech(x) ** 2, ulps=4.0),
    "arcsinh": Scalar(mp.asinh),
    "arccosh": Scalar(mp.acosh, ("above 1",)),
    "arctanh": Scalar(mp.atanh, ("unit",)),
    "relu": Scalar(lambda x: max(x, mpf(0)), ("nonzero",), 0.0),
    "leaky_relu": Scalar(
        lambda x, negative_slope=0.01: x if x > 0 else mpf(negative_slope) * x,
        ("nonzero",),
        0.5,
        {},
        ("negative_slope",),
    ),
    "elu": Scalar(lambda x, alpha=1.0: x if x > 0 else mpf(alpha) * mp.expm1(x), ("nonzero",), 2.0, {}, ("alpha",)),
    "selu": Scalar(_selu, ("nonzero",)),
    "hardtanh": Scalar(lambda x: min(max(x, mpf(-1)), mpf(1)), ("nonzero",), 0.0),
    "sigmoid": Scalar(sigmoid),
    "softplus": Scalar(softplus),
    "log_sigmoid": Scalar(lambda x: -softplus(-x)),
    "silu": Scalar(lambda x: x * sigmoid(x)),
    "gelu_tanh": Scalar(_gelu_tanh, ("moderate",), 4.0),
    "gelu_erf": Scalar(lambda x: x * _ndtr(x), ("above -37",), 64.0),
    "huber": Scalar(_huber, ("moderate",), 1.0, {}, ("delta",)),
    "maximum": Scalar(max, REAL2, 0.0),
    "minimum": Scalar(min, REAL2, 0.0),
    "fmax": Scalar(max, REAL2, 0.0),
    "fmin": Scalar(min, REAL2, 0.0),
    "copysign": Scalar(lambda x, y: abs(x) * (mp.sign(y) or 1), _both("nonzero"), 0.0),
    "nan_to_num": Scalar(lambda x: x, ulps=0.0),
    "floor": Scalar(mp.floor, ("moderate",), 0.0),
    "ceil": Scalar(mp.ceil, ("moderate",), 0.0),
    "round": Scalar(_round, ("moderate",), 0.0),
    "trunc": Scalar(lambda x: mp.sign(x) * mp.floor(abs(x)), ("moderate",), 0.0),
    "erf": Scalar(mp.erf, ("moderate",), 16.0),
    "erfc": Scalar(mp.erfc, ("above -37",), 64.0),
    "erfinv": Scalar(_erfinv, ("unit",), 64.0),
    "gamma": Scalar(mp.gamma, ("gamma",), 64.0),
    "gammaln": Scalar(_loggamma, ("positive",), 64.0),
    "digamma": Scalar(mp.digamma, ("gamma",), 64.0),
    "beta": Scalar(mp.beta, _both("positive moderate"), 131072.0),
    "betaln": Scalar(
        lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y), _both("positive moderate"), 512.0
    ),
    "logit": Scalar(_logit, ("probability",), 64.0),
    "i0": Scalar(lambda x: mp.besseli(0, x), ("bessel",), 64.0),
    "i1": Scalar(lambda x: mp.besseli(1, x), ("bessel",), 64.0),
    "j0": Scalar(lambda x: mp.besselj(0, x), ("bessel",), 64.0),
    "j1": Scalar(lambda x: mp.besselj(1, x), ("bessel",), 64.0),
    "xlogy": Scalar(lambda x, y: x * mp.log(y), ("moderate", "positive"), 4.0),
    "xlog1py": Scalar(lambda x, y: x * mp.log1p(y), ("moderate", "above -1"), 4.0),
    "ndtr": Scalar(_ndtr, ("above -37",), 64.0),
    "ndtri": Scalar(_ndtri, ("probability",), 64.0),
    "log_ndtr": Scalar(lambda x: mp.log(_ndtr(x)) if x < 0 else mp.log1p(-_ndtr(-x)), ("moderate",), 64.0),
    "where": Scalar(lambda c, x, y: x if c else y, ("mask", "real", "real"), 0.0),
    "clip": Scalar(
        lambda x, min=None, max=None: _clipped(x, min, max),
        ("nonzero",),
        0.0,
        {"min": -0.75, "max": 2.5},
        ("min", "max"),
    ),
}


def _clipped(x: mpf, low: float | None, high: float | None) -> mpf:
    x = x if low is None or x > low else mpf(low)
    return x if high is None or x < high else mpf(high)
