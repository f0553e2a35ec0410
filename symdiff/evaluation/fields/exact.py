"""mpmath numbers: the truth, at a precision that is doubled until the value stands still."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Values
from symdiff.evaluation.precision import mp

REDUCED = 2**16
"""Angles and exponents of more bits than this are not reduced: that many digits of pi or log 2 take too long."""


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` on the real line: nan outside its domain and out of reach, an infinity at a pole.

    What mpmath cannot hold (``exp(exp(1e308))``) is nan, never an infinity or a zero that others would calculate with.
    """

    def on_reals(*arguments: Any) -> Any:
        try:
            value = function(*(mp.mpf(a) for a in arguments))
        except ZeroDivisionError:
            return mp.inf
        except (ValueError, mp.NoConvergence, TypeError, OverflowError):
            return mp.nan
        return value if isinstance(value, mp.mpf) else mp.nan

    return on_reals


def _reduced(name: str) -> Callable[[Any], Any]:
    """A circular or exponential function by its name in mpmath, of arguments that can be reduced in time."""

    def within_reach(x: Any) -> Any:
        return getattr(mp, name)(x) if not mp.isfinite(x) or mp.mag(x) < REDUCED else mp.nan

    return within_reach


def _named(name: str) -> Callable[..., Any]:
    """A function of mpmath, looked up in the context of the thread that calls it."""
    return lambda *arguments: getattr(mp, name)(*arguments)


def _power(base: Any, exponent: Any) -> Any:
    if base == 0 and exponent < 0:
        return mp.inf
    if base < 0 and mp.isfinite(exponent) and exponent != mp.floor(exponent):
        return mp.nan
    if mp.isfinite(exponent) and mp.mag(exponent) > REDUCED:
        return mp.nan
    return mp.power(base, exponent)


def _log(x: Any) -> Any:
    return -mp.inf if x == 0 else mp.log(x)


def _erfinv(x: Any) -> Any:
    """By Newton's method, each step of twice the precision; in the tail for the logarithm of ``erfc``."""
    rest = 1 - abs(x)
    if rest <= 0:
        return mp.nan if rest else mp.sign(x) * mp.inf
    if x == 0:
        return x
    tail, wanted = rest < 0.5, mp.prec
    z = mp.sqrt(-mp.log(rest * mp.sqrt(mp.pi))) if tail else abs(x) * mp.sqrt(mp.pi) / 2
    bits = 30
    for _ in range(200):
        with mp.workprec(min(bits, wanted) + 20):
            slope = 2 / mp.sqrt(mp.pi) * mp.exp(-z * z)
            if tail:
                value = mp.erfc(z)
                step = (mp.log(rest) - mp.log(value)) * value / -slope
            else:
                step = (abs(x) - mp.erf(z)) / slope
            z = z + step
            good = abs(step) < abs(z) * mp.mpf(2) ** (-min(bits, wanted) // 2)
        if good and bits >= wanted:
            break
        bits = 2 * bits if good else bits
    return mp.sign(x) * z


COT = sp.Symbol("c")
HIGHEST_ORDER = 2000
"""Polygamma functions of a higher order take too long."""


@cache
def _cotangent_derivative(order: int) -> sp.Poly:
    """The derivative of the cotangent, a polynomial in it."""
    found = sp.Poly(COT, COT)
    for _ in range(order):
        found = -found.diff(COT) * sp.Poly(1 + COT**2, COT)
    return found


def _polygamma(order: Any, x: Any) -> Any:
    """By reflection far on the negative side, where a recurrence takes as many steps as the argument is large."""
    n = int(order)
    if n > HIGHEST_ORDER:
        return mp.nan
    if x > -16 or x == mp.floor(x):
        return mp.digamma(x) if n == 0 else mp.polygamma(n, x)
    with mp.workprec(mp.prec + 20):
        cot = mp.cot(mp.pi * (x - mp.floor(x)))
        turned = mp.pi ** (n + 1) * mp.polyval([int(k) for k in _cotangent_derivative(n).all_coeffs()], cot)
        return (-1) ** n * mp.polygamma(n, 1 - x) - turned


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": _reduced("exp"),
    "log": _log,
    "sin": _reduced("sin"),
    "cos": _reduced("cos"),
    "tan": _reduced("tan"),
    "cot": _reduced("cot"),
    "sec": _reduced("sec"),
    "csc": _reduced("csc"),
    "asin": _named("asin"),
    "acos": _named("acos"),
    "atan": _named("atan"),
    "atan2": _named("atan2"),
    "sinh": _reduced("sinh"),
    "cosh": _reduced("cosh"),
    "tanh": _reduced("tanh"),
    "coth": _reduced("coth"),
    "sech": _reduced("sech"),
    "asinh": _named("asinh"),
    "acosh": _named("acosh"),
    "atanh": _named("atanh"),
    "Abs": abs,
    "sign": _named("sign"),
    "floor": _named("floor"),
    "ceiling": _named("ceil"),
    "Mod": lambda x, y: x - mp.floor(x / y) * y,
    "Max": max,
    "Min": min,
    "erf": _named("erf"),
    "erfc": _named("erfc"),
    "erfinv": _erfinv,
    "gamma": _named("gamma"),
    "loggamma": lambda x: mp.re(mp.loggamma(x)),
    "polygamma": _polygamma,
    "digamma": lambda x: _polygamma(0, x),
    "beta": _named("beta"),
    "lowergamma": lambda a, x: mp.gammainc(a, 0, x),
    "uppergamma": _named("gammainc"),
    "besselj": _named("besselj"),
    "besseli": _named("besseli"),
    "sinc": lambda x: mp.sinc(x),
    "Heaviside": lambda x, half: mp.mpf(x > 0) if x else half,
}
"""sympy's functions by class name, as mpmath computes them."""


@cache
def elementwise(name: str) -> np.ufunc:
    """A function of sympy's over object arrays of mpmath numbers.

    Raises NotImplementedError where mpmath has no counterpart.
    """
    if name not in FUNCTIONS:
        raise NotImplementedError(f"no numbers for the function {name}")
    made: np.ufunc = np.frompyfunc(_real(FUNCTIONS[name]), _arity(name), 1)
    return made


_TWO = {
    "atan2",
    "Mod",
    "polygamma",
    "beta",
    "lowergamma",
    "uppergamma",
    "besselj",
    "besseli",
    "Max",
    "Min",
    "Heaviside",
}


def _arity(name: str) -> int:
    return 2 if name in _TWO else 1


_POWER = np.frompyfunc(_real(_power), 2, 1)
_SQRT = np.frompyfunc(_real(_named("sqrt")), 1, 1)
_INVERSE = np.frompyfunc(_real(lambda x: mp.mpf(1) / x), 1, 1)
_TO_MPF = np.frompyfunc(lambda x: mp.mpf(x), 1, 1)
_TO_FLOAT = np.frompyfunc(float, 1, 1)


class Exact(ArrayField):
    """mpmath numbers in object arrays, at the working precision of the moment (``with mp.workprec(bits)``)."""

    dtype = np.dtype(object)
    costly = True

    def load(self, array: np.ndarray) -> Values:
        return np.asarray(_TO_MPF(np.asarray(array, dtype=np.float64)), dtype=object)

    def number(self, value: sp.Expr) -> Values:
        if isinstance(value, sp.Rational):
            return mp.mpf(int(value.p)) / int(value.q)
        if value.is_extended_real is False:  # such as the root of a negative constant
            return mp.nan
        return mp.mpf(value._to_mpmath(mp.prec))

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return np.full(shape, mp.mpf(0), dtype=object)

    def power(self, base: Values, exponent: Values) -> Values:
        return _POWER(base, exponent)

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        if exponent == -1:
            return _INVERSE(base)
        if exponent == sp.Rational(1, 2):
            return _SQRT(base)
        return _POWER(base, self.number(exponent))

    def apply(self, name: str, *arguments: Values) -> Values:
        return elementwise(name)(*arguments)

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(_TO_FLOAT(values), dtype=np.float64)
