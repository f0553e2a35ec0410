"""sympy expressions: one symbol for each element, for the lines that a page writes out."""

from __future__ import annotations

from functools import partial

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Mask, Values
from symdiff.meaning.formula import applied, meant

_SYMPY_POWER = np.frompyfunc(lambda base, exponent: applied(sp.Pow, base, exponent), 2, 1)


class Expressions(ArrayField):
    """Object arrays of sympy expressions; conditions are answered from the point at which the program was evaluated."""

    dtype = np.dtype(object)
    costly = True

    def load(self, array: np.ndarray) -> Values:
        return np.asarray(np.frompyfunc(decimal_number, 1, 1)(array), dtype=object)

    def number(self, value: sp.Expr) -> Values:
        return meant(value)

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return np.full(shape, sp.Integer(0), dtype=object)

    def power(self, base: Values, exponent: Values) -> Values:
        return _SYMPY_POWER(base, exponent)

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        return _SYMPY_POWER(base, exponent)

    def apply(self, name: str, *arguments: Values) -> Values:
        return np.frompyfunc(partial(applied, getattr(sp, name)), len(arguments), 1)(*arguments)

    def less(self, a: Values, b: Values) -> Mask:
        raise TypeError("symbols have no order: conditions come from the numbers")

    equal = less

    def magnitudes(self, values: Values) -> np.ndarray:
        # whatever is not 0 for every value may be a pivot
        return np.asarray(np.frompyfunc(lambda e: float(e != 0), 1, 1)(values), dtype=np.float64)

    def all_finite(self, values: Values) -> bool:
        # a symbol stands for any number
        return True

    def to_float(self, values: Values) -> np.ndarray:
        try:
            return np.asarray(np.frompyfunc(lambda e: float(e), 1, 1)(values), dtype=np.float64)
        except TypeError as error:
            raise NotImplementedError("symbols have no values") from error


def decimal_number(value: float) -> sp.Expr:
    """The rational that a float's shortest decimal form spells: 1/10 for ``0.1``; infinities and nan stay sympy's."""
    value = float(value)
    if value != value:
        return sp.nan
    if value in (float("inf"), float("-inf")):
        return sp.oo if value > 0 else -sp.oo
    return meant(sp.Rational(repr(value)))
