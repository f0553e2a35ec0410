"""How large an expression would become, element by element, before any is built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Mask, Values


class Weights(ArrayField):
    """Counts of the leaves and functions in an element's expression; 0 for a zero, and for what a zero multiplies."""

    dtype = np.dtype(np.float64)

    def load(self, array: np.ndarray) -> Values:
        return (np.asarray(array) != 0).astype(np.float64)

    def number(self, value: sp.Expr) -> Values:
        return np.float64(0.0 if value == 0 else 1.0)

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return np.zeros(shape)

    def multiply(self, a: Values, b: Values) -> Values:
        return np.where((a == 0) | (b == 0), 0.0, a + b)

    def power(self, base: Values, exponent: Values) -> Values:
        return base + exponent

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        return base + 1.0

    def apply(self, name: str, *arguments: Values) -> Values:
        return sum(arguments) + 1.0

    def product(self, values: Values, axis: int) -> Values:
        return np.add.reduce(values, axis=axis)

    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values:
        present = [np.asarray(operand != 0, dtype=np.float64) for operand in operands]
        total: Values = 0.0
        for place, operand in enumerate(operands):
            total = total + super().einsum(labels, [operand if k == place else p for k, p in enumerate(present)], out)
        return total

    def less(self, a: Values, b: Values) -> Mask:
        raise TypeError("weights have no order: conditions come from the numbers")

    equal = less

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(values, dtype=np.float64)
