"""Floats that carry a running bound on their own rounding error.

A value is the centre of an interval that holds what any evaluation in the stated precision may give: each operation
adds the errors of its operands, magnified by its own derivative, and its own rounding (Higham, Accuracy and Stability
of Numerical Algorithms, 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symdiff.fields.base import Field, Mask, Values
from symdiff.fields.floats import Floats

FUNCTION_ULPS = 4.0
"""How many ulps an elementary function of NumPy's may be off (its documented bound for vectorised kernels)."""

SPECIAL_ULPS = 64.0
_SPECIAL = {
    "erf",
    "erfc",
    "erfinv",
    "gamma",
    "loggamma",
    "polygamma",
    "beta",
    "besselj",
    "besseli",
    "lowergamma",
    "uppergamma",
    "digamma",
}
_EXACT = {"Abs", "sign", "floor", "ceiling", "Max", "Min"}


@dataclass(frozen=True, slots=True)
class Interval:
    """Values with a bound on the error of each."""

    value: Any
    error: Any


class Bounded(Field):
    """float64 with running error bounds; ``unit`` is the rounding unit of the arithmetic that is judged."""

    def __init__(self, unit: float = 2.0**-53) -> None:
        self.unit = unit
        self._floats = Floats()

    def load(self, array: np.ndarray) -> Values:
        values = np.asarray(array, dtype=np.float64)
        return Interval(values, np.zeros(values.shape))

    def number(self, value: sp.Expr) -> Values:
        number = self._floats.number(value)
        dyadic = isinstance(value, sp.Rational) and sp.Integer(value.q) & (sp.Integer(value.q) - 1) == 0
        return Interval(number, np.float64(0.0) if dyadic or value.is_infinite else abs(number) * self.unit)

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return Interval(np.zeros(shape), np.zeros(shape))

    def map(self, values: Values, view: Callable[[np.ndarray], np.ndarray]) -> Values:
        return Interval(view(values.value), view(values.error))

    def shape(self, values: Values) -> tuple[int, ...]:
        return np.shape(values.value)

    def add(self, a: Values, b: Values) -> Values:
        value = a.value + b.value
        return Interval(value, a.error + b.error + self.unit * np.abs(value))

    def multiply(self, a: Values, b: Values) -> Values:
        value = a.value * b.value
        error = np.abs(a.value) * b.error + np.abs(b.value) * a.error + a.error * b.error
        return Interval(value, error + self.unit * np.abs(value) + np.where(value != 0, 5e-324, 0.0))

    def power(self, base: Values, exponent: Values) -> Values:
        value = np.power(base.value, exponent.value)
        corners = [
            np.abs(np.power(base.value + s * base.error, exponent.value + t * exponent.error) - value)
            for s in (-1, 1)
            for t in (-1, 1)
        ]
        return self._rounded(value, np.maximum.reduce(corners), FUNCTION_ULPS)

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        exact = exponent in (-1, 2, sp.Rational(1, 2))
        value = self._floats.power_number(base.value, exponent)
        corners = [np.abs(self._floats.power_number(base.value + s * base.error, exponent) - value) for s in (-1, 1)]
        error = np.maximum(*corners)
        if exponent < 0 or exponent.q != 1:
            # the interval reaches across the pole, or out of the domain
            error = np.where((np.abs(base.value) <= base.error) & (base.error > 0), np.inf, error)
        return self._rounded(value, error, 1.0 if exact else FUNCTION_ULPS)

    def apply(self, name: str, *arguments: Values) -> Values:
        value = np.asarray(self._floats.apply(name, *(a.value for a in arguments)))
        spread = np.zeros(np.shape(value))
        for place in range(len(arguments)):
            for sign in (-1, 1):
                moved = [a.value + sign * a.error if k == place else a.value for k, a in enumerate(arguments)]
                spread = np.maximum(spread, np.abs(self._floats.apply(name, *moved) - value))
        if name in ("sin", "cos"):
            # at an extremum both ends of the interval lie on one side
            spread = np.maximum(spread, np.minimum(arguments[0].error ** 2, 2.0))
        ulps = 0.0 if name in _EXACT else SPECIAL_ULPS if name in _SPECIAL else FUNCTION_ULPS
        return self._rounded(value, spread, ulps)

    def _rounded(self, value: np.ndarray, spread: np.ndarray, ulps: float) -> Interval:
        error = spread + ulps * 2 * self.unit * np.abs(value)
        return Interval(value, np.where(np.isnan(error) & ~np.isnan(value), np.inf, error))

    def sum(self, values: Values, axes: tuple[int, ...]) -> Values:
        if not axes:
            return values
        count = int(np.prod([values.value.shape[a] for a in axes], dtype=np.int64))
        rounding = self.unit * count * np.add.reduce(np.abs(values.value), axis=axes)
        return Interval(np.add.reduce(values.value, axis=axes), np.add.reduce(values.error, axis=axes) + rounding)

    def product(self, values: Values, axis: int) -> Values:
        value = np.multiply.reduce(values.value, axis=axis)
        largest = np.multiply.reduce(np.abs(values.value) + values.error, axis=axis)
        count = values.value.shape[axis]
        return Interval(value, largest - np.abs(value) + 2 * self.unit * count * largest)

    def accumulate(self, values: Values, axis: int) -> Values:
        value = np.add.accumulate(values.value, axis=axis)
        rounding = self.unit * _numbered(value, axis) * np.add.accumulate(np.abs(values.value), axis=axis)
        return Interval(value, np.add.accumulate(values.error, axis=axis) + rounding)

    def accumulate_product(self, values: Values, axis: int) -> Values:
        value = np.multiply.accumulate(values.value, axis=axis)
        largest = np.multiply.accumulate(np.abs(values.value) + values.error, axis=axis)
        return Interval(value, largest - np.abs(value) + 2 * self.unit * _numbered(value, axis) * largest)

    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values:
        kept = set(out)
        extent = {
            label: n
            for part, x in zip(labels, operands, strict=True)
            for label, n in zip(part, x.value.shape, strict=True)
        }
        count = int(np.prod([n for label, n in extent.items() if label not in kept], dtype=np.int64))
        value = self._floats.einsum(labels, [x.value for x in operands], out)
        sizes = [np.abs(x.value) for x in operands]
        error = self.unit * (count + len(operands)) * self._floats.einsum(labels, sizes, out)
        for place, x in enumerate(operands):
            if np.any(x.error):
                others = [x.error if k == place else size + operands[k].error for k, size in enumerate(sizes)]
                error = error + self._floats.einsum(labels, others, out)
        return Interval(value, error)

    def add_into(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        value, error = view(target.value), view(target.error)
        np.add(value, values.value, out=value)
        # one addition to an exact zero rounds nothing, but the next ones do
        np.add(error, values.error + self.unit * np.abs(value), out=error)

    def add_at(self, target: Values, positions: np.ndarray, values: Values) -> None:
        np.add.at(target.value.reshape(-1), positions, values.value)
        repeats = positions.size / max(len(np.unique(positions)), 1)
        np.add.at(target.error.reshape(-1), positions, values.error + self.unit * repeats * np.abs(values.value))

    def select(self, mask: Mask, values: Values) -> Values:
        return Interval(np.where(mask, values.value, 0.0), np.where(mask, values.error, 0.0))

    def less(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.less(a.value, b.value))

    def equal(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.equal(a.value, b.value))

    def close(self, a: Values, b: Values) -> Mask:
        """Where rounding could turn the order of two values: a tie, as far as anyone can tell."""
        return np.asarray(np.abs(a.value - b.value) <= a.error + b.error)

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(values.value, dtype=np.float64)


def _numbered(array: np.ndarray, axis: int) -> np.ndarray:
    """1, 2, 3, ... along an axis."""
    return np.arange(1.0, array.shape[axis] + 1).reshape([-1 if k == axis else 1 for k in range(array.ndim)])
