"""Floating-point fields: float64, or the platform's extended precision."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Mask, Values
from symdiff.evaluation.precision import mp

FUNCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "cot": lambda x: 1 / np.tan(x),
    "sec": lambda x: 1 / np.cos(x),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "Abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "ceiling": np.ceil,
    "Mod": np.mod,
    "Max": np.maximum,
    "Min": np.minimum,
}
"""sympy's functions by class name, as NumPy computes them; what is missing here is computed by mpmath."""


_LARGEST = 2**1000
"""Whole numbers below it have a float."""


_MANY = 1 << 14
"""From so many elements on a mask without order is applied to bits, several times faster than by a choice for each."""


def chosen(mask: Mask, values: Values) -> Values:
    """``values`` where the mask holds, 0.0 elsewhere."""
    array = np.asarray(values)
    if array.shape != mask.shape or array.size < _MANY or array.dtype != np.float64 or not array.flags.c_contiguous:
        return np.where(mask, array, 0.0)
    bits = np.negative(np.ascontiguousarray(mask).view(np.int8), dtype=np.int8).astype(np.int64)
    bits &= array.view(np.int64)
    return bits.view(np.float64)


FINER = 120
"""The bits in which functions are computed that NumPy has not: more than any float has."""

_TO_FLOAT = np.frompyfunc(float, 1, 1)


def _exactly(array: np.ndarray) -> np.ndarray:
    """Floats of any width as mpmath numbers, digit for digit: as two doubles."""
    high = array.astype(np.float64)
    low = np.where(np.isfinite(high), array - high, 0.0).astype(np.float64)
    return np.asarray(np.frompyfunc(lambda a, b: mp.mpf(a) + mp.mpf(b), 2, 1)(high, low), dtype=object)


class Floats(ArrayField):
    """IEEE arithmetic in one dtype; ``np.longdouble`` where 64 more bits of range and 11 of precision are wanted."""

    worth_blocks = 2

    def __init__(self, dtype: type[np.floating] = np.float64) -> None:
        self.dtype = np.dtype(dtype)

    def load(self, array: np.ndarray) -> Values:
        return np.asarray(array, dtype=self.dtype)

    def number(self, value: sp.Expr) -> Values:
        if isinstance(value, sp.Rational) and max(abs(value.p), value.q) < _LARGEST:
            return self.dtype.type(int(value.p)) / self.dtype.type(int(value.q))
        if value.is_extended_real is False:  # such as the root of a negative constant
            return self.dtype.type(np.nan)
        return self.dtype.type(float(value) if value.is_infinite else str(value.evalf(40)))

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return np.zeros(shape, dtype=self.dtype)

    def empty(self, shape: tuple[int, ...]) -> Values:
        return np.empty(shape, dtype=self.dtype)

    def put(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        view(target)[...] = values

    def subtract(self, a: Values, b: Values) -> Values:
        return a - b

    def divide(self, a: Values, b: Values) -> Values:
        return a / b

    def negate(self, values: Values) -> Values:
        return -values

    def select(self, mask: Mask, values: Values) -> Values:
        return chosen(mask, values) if self.dtype == np.float64 else super().select(mask, values)

    def power(self, base: Values, exponent: Values) -> Values:
        return np.power(base, exponent)

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        if exponent == -1:
            return 1 / base
        if exponent == sp.Rational(1, 2):
            return np.sqrt(base)
        if exponent == sp.Rational(-1, 2):
            return 1 / np.sqrt(base)
        if exponent == 2:
            return base * base
        return np.power(base, self.number(exponent))

    def apply(self, name: str, *arguments: Values) -> Values:
        if name in FUNCTIONS:
            return FUNCTIONS[name](*arguments)
        # few programs have a function that NumPy has not
        from symdiff.evaluation.fields.exact import elementwise

        with mp.workprec(FINER):
            found = elementwise(name)(*(_exactly(np.asarray(each)) for each in arguments))
            high = np.asarray(_TO_FLOAT(found), dtype=np.float64)
            if self.dtype == np.float64:
                return high
            rest = np.where(np.isfinite(high), found - high, 0)
            return high.astype(self.dtype) + np.asarray(_TO_FLOAT(rest), dtype=np.float64)

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(values, dtype=np.float64)
