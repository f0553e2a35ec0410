"""mpmath numbers: the truth, at a precision that is doubled until the value stands still."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Values

mp = mpmath.mp

LARGEST_EXPONENT = 2**26
"""The powers of 2 that numbers stay between; those of float64 end at 1024."""


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` on the real line: nan outside its domain, an infinity at a pole."""

    def on_reals(*arguments: Any) -> Any:
        try:
            value = function(*(mp.mpf(a) for a in arguments))
        except ZeroDivisionError:
            return mp.inf
        except (ValueError, mp.NoConvergence, TypeError):
            return mp.nan
        except OverflowError:
            return mp.inf
        return _within_range(value) if isinstance(value, mp.mpf) else mp.nan

    return on_reals


def _within_range(value: Any) -> Any:
    """A number, or the infinity or zero that stands for one far beyond any float, whose powers would take for ever."""
    sign, mantissa, exponent, bits = value._mpf_
    if not mantissa or -LARGEST_EXPONENT < exponent + bits < LARGEST_EXPONENT:
        return value
    return mp.mpf(0) if exponent < 0 else -mp.inf if sign else mp.inf


def _power(base: Any, exponent: Any) -> Any:
    if base == 0 and exponent < 0:
        return mp.inf
    if base < 0 and mp.isfinite(exponent) and exponent != mp.floor(exponent):
        return mp.nan
    return mp.power(base, exponent)


def _log(x: Any) -> Any:
    return -mp.inf if x == 0 else mp.log(x)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "log": _log,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "cot": mp.cot,
    "sec": mp.sec,
    "csc": mp.csc,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "coth": mp.coth,
    "sech": mp.sech,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "Abs": abs,
    "sign": mp.sign,
    "floor": mp.floor,
    "ceiling": mp.ceil,
    "Mod": lambda x, y: x - mp.floor(x / y) * y,
    "Max": max,
    "Min": min,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfinv": mp.erfinv,
    "gamma": mp.gamma,
    "loggamma": lambda x: mp.re(mp.loggamma(x)),
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
    "digamma": mp.digamma,
    "beta": mp.beta,
    "lowergamma": lambda a, x: mp.gammainc(a, 0, x),
    "uppergamma": mp.gammainc,
    "besselj": mp.besselj,
    "besseli": mp.besseli,
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
_SQRT = np.frompyfunc(_real(mp.sqrt), 1, 1)
_INVERSE = np.frompyfunc(_real(lambda x: mp.mpf(1) / x), 1, 1)
_TO_MPF = np.frompyfunc(mp.mpf, 1, 1)
_TO_FLOAT = np.frompyfunc(float, 1, 1)


class Exact(ArrayField):
    """mpmath numbers in object arrays, at mpmath's working precision of the moment (``with mpmath.workprec(bits)``)."""

    dtype = np.dtype(object)
    costly = True

    def load(self, array: np.ndarray) -> Values:
        return np.asarray(_TO_MPF(np.asarray(array, dtype=np.float64)), dtype=object)

    def number(self, value: sp.Expr) -> Values:
        if isinstance(value, sp.Rational):
            return mp.mpf(int(value.p)) / int(value.q)
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
