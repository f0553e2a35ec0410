"""Floats that carry a running bound on their own rounding error.

A value is the centre of an interval that holds what any evaluation in the stated precision may give: each operation
adds the errors of its operands, magnified by its own derivative, and its own rounding (Higham, Accuracy and Stability
of Numerical Algorithms, 3.3). An error that is 0 everywhere is kept as one number stretched over the array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.floats import Floats, chosen
from symdiff.evaluation.fields.spreads import SPREADS, power_spread

FUNCTION_ULPS = 4.0
"""How many ulps an elementary function of NumPy's may be off (its documented bound for vectorised kernels)."""

SPECIAL_ULPS = 64.0
_SPECIAL = {
    "erf", "erfc", "erfinv", "gamma", "loggamma", "polygamma", "digamma", "beta", "besselj", "besseli", "lowergamma",
    "uppergamma",
}  # fmt: skip
_EXACT = frozenset({"Abs", "sign", "floor", "ceiling", "Max", "Min"})
_TINY = 5e-324
"""What is lost below the smallest number."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Values with a bound on the error of each."""

    value: Any
    error: Any


def _nothing(shape: tuple[int, ...]) -> Array:
    """Errors of 0, in no memory."""
    return np.broadcast_to(np.float64(0.0), shape)


def _is_exact(x: Interval) -> bool:
    """Whether all errors are known to be 0."""
    error = np.asarray(x.error)
    return not any(error.strides) and (not error.size or error.flat[0] == 0.0)


class Bounded(Field):
    """float64 with running error bounds; ``unit`` is the rounding unit of the arithmetic that is judged.

    Its sums may be in any order, or, with ``pairs``, are those of numbers that are added in pairs.
    """

    worth_blocks = 1

    def __init__(self, unit: float = 2.0**-53, pairs: bool = False) -> None:
        self.unit, self._pairs = unit, pairs
        self._floats = Floats()

    def _additions(self, count: int) -> float:
        """How many roundings a term of a sum of so many may meet."""
        # numpy's pairs begin with blocks of 128 terms in 8 running sums
        return min(count, 20 + np.log2(max(count, 1))) if self._pairs else count

    # --- in and out ---------------------------------------------------------------------------------------------------

    def load(self, array: np.ndarray) -> Values:
        values = np.asarray(array, dtype=np.float64)
        return Interval(values, _nothing(values.shape))

    def number(self, value: sp.Expr) -> Values:
        number = self._floats.number(value)
        dyadic = isinstance(value, sp.Rational) and sp.Integer(value.q) & (sp.Integer(value.q) - 1) == 0
        return Interval(number, np.float64(0.0) if dyadic or value.is_infinite else abs(number) * self.unit)

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return Interval(np.zeros(shape), np.zeros(shape))

    def empty(self, shape: tuple[int, ...]) -> Values:
        return Interval(np.empty(shape), np.empty(shape))

    def put(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        view(target.value)[...] = values.value
        view(target.error)[...] = values.error

    def map(self, values: Values, view: Callable[[np.ndarray], np.ndarray]) -> Values:
        return Interval(view(np.asarray(values.value)), view(np.asarray(values.error)))

    def shape(self, values: Values) -> tuple[int, ...]:
        return np.shape(values.value)

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(values.value, dtype=np.float64)

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def _made(self, value: Any, error: Any, rounding: float, *given: Values) -> Interval:
        """A value with its error and so many units of its own rounding."""
        own = np.abs(value)
        own *= self.unit * rounding
        own += error
        if not np.isfinite(np.add.reduce(own, axis=None)):
            # what is infinite because something ``given`` is was not rounded
            own = np.where(np.isnan(own) & ~np.isnan(value), np.inf, own)
            own = np.where(self._passed_on(value, given), 0.0, own)
        return Interval(value, own)

    def _passed_on(self, value: Any, given: Sequence[Values]) -> Any:
        """Where a value is infinite because something that it is made of is, not because it overflowed."""
        before: Any = False
        for each in given:
            before = before | (np.isinf(each.value) & (each.error == 0.0))
        return before & np.isinf(value)

    def add(self, a: Values, b: Values) -> Values:
        return self._made(a.value + b.value, self._both(a, b), 1.0, a, b)

    def subtract(self, a: Values, b: Values) -> Values:
        return self._made(a.value - b.value, self._both(a, b), 1.0, a, b)

    def _both(self, a: Interval, b: Interval) -> Any:
        if _is_exact(a):
            return 0.0 if _is_exact(b) else b.error
        return a.error if _is_exact(b) else a.error + b.error

    def negate(self, values: Values) -> Values:
        return Interval(-values.value, values.error)

    def multiply(self, a: Values, b: Values) -> Values:
        value = a.value * b.value
        error: Any = 0.0
        exact_a, exact_b = _is_exact(a), _is_exact(b)
        if not exact_b:
            error = np.abs(a.value) if exact_a else np.abs(a.value) + a.error
            error = error * b.error
        if not exact_a:
            error = error + np.abs(b.value) * a.error
        return self._made(value, error + _TINY, 1.0, a, b)

    def divide(self, a: Values, b: Values) -> Values:
        value = a.value / b.value
        if _is_exact(a) and _is_exact(b):
            return self._made(value, _TINY, 1.0, a)
        below = np.abs(b.value) if _is_exact(b) else np.abs(b.value) - b.error
        above = a.error if _is_exact(b) else a.error + np.abs(value) * b.error
        error = above / below + _TINY
        return self._made(value, error if _is_exact(b) else np.where(below > 0, error, np.inf), 1.0, a)

    def power(self, base: Values, exponent: Values) -> Values:
        value = np.power(base.value, exponent.value)
        corners = [
            np.abs(np.power(base.value + s * base.error, exponent.value + t * exponent.error) - value)
            for s in (-1, 1)
            for t in (-1, 1)
        ]
        return self._made(value, np.maximum.reduce(corners), 2 * FUNCTION_ULPS)

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        rounding = 2.0 if exponent in (-1, 2, sp.Rational(1, 2)) else 2 * FUNCTION_ULPS
        value = np.asarray(self._floats.power_number(base.value, exponent))
        if _is_exact(base):
            return self._made(value, _TINY, rounding)
        return self._made(value, power_spread(base.value, base.error, value, exponent) + _TINY, rounding)

    def apply(self, name: str, *arguments: Values) -> Values:
        value = np.asarray(self._floats.apply(name, *(a.value for a in arguments)))
        rounding = 0.0 if name in _EXACT else 2 * SPECIAL_ULPS if name in _SPECIAL else 2 * FUNCTION_ULPS
        if all(map(_is_exact, arguments)):
            return self._made(value, _TINY if rounding else 0.0, rounding)
        if name in SPREADS:
            (argument,) = arguments
            return self._made(value, SPREADS[name](argument.value, argument.error, value) + _TINY, rounding)
        spread = np.zeros(np.shape(value))
        for place in range(len(arguments)):
            for sign in (-1, 1):
                moved = [a.value + sign * a.error if k == place else a.value for k, a in enumerate(arguments)]
                spread = np.maximum(spread, np.abs(self._floats.apply(name, *moved) - value))
        return self._made(value, spread + _TINY, rounding)

    # --- sums and products --------------------------------------------------------------------------------------------

    def sum(self, values: Values, axes: tuple[int, ...]) -> Values:
        if not axes:
            return values
        count = int(np.prod([values.value.shape[a] for a in axes], dtype=np.int64))
        rounding = self.unit * self._additions(count) * np.add.reduce(np.abs(values.value), axis=axes)
        total = np.asarray(np.add.reduce(values.value, axis=axes))
        return Interval(total, np.add.reduce(values.error, axis=axes) + rounding)

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
            for label, n in zip(part, np.shape(x.value), strict=True)
        }
        count = int(np.prod([n for label, n in extent.items() if label not in kept], dtype=np.int64))
        value = np.asarray(self._floats.einsum(labels, [x.value for x in operands], out))
        sizes = [np.abs(x.value) for x in operands]
        rounding = self.unit * (self._additions(count) + len(operands))
        error = np.asarray(rounding * self._floats.einsum(labels, sizes, out))
        for place, x in enumerate(operands):
            if not _is_exact(x):
                others = [x.error if k == place else size + operands[k].error for k, size in enumerate(sizes)]
                error = error + self._floats.einsum(labels, others, out)
        return self._made(value, error, 0.0, Interval(value, error))

    def add_into(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        value, error = view(target.value), view(target.error)
        np.add(value, values.value, out=value)
        # one addition to an exact zero rounds nothing, but the next ones do
        rounding = np.abs(value)
        rounding *= self.unit
        np.add(error, rounding, out=error)
        if not _is_exact(values):
            np.add(error, values.error, out=error)

    def add_at(self, target: Values, positions: np.ndarray, values: Values) -> None:
        np.add.at(target.value.reshape(-1), positions, values.value)
        repeats = positions.size / max(len(np.unique(positions)), 1)
        np.add.at(target.error.reshape(-1), positions, values.error + self.unit * repeats * np.abs(values.value))

    def select(self, mask: Mask, values: Values) -> Values:
        value = chosen(mask, values.value)
        return Interval(value, _nothing(value.shape) if _is_exact(values) else chosen(mask, values.error))

    # --- comparisons --------------------------------------------------------------------------------------------------

    def less(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.less(a.value, b.value))

    def equal(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.equal(a.value, b.value))

    def close(self, a: Values, b: Values) -> Mask:
        """Where rounding could turn the order of two values: a tie, as far as anyone can tell."""
        return np.asarray(np.abs(a.value - b.value) <= a.error + b.error)


def _numbered(array: np.ndarray, axis: int) -> np.ndarray:
    """1, 2, 3, ... along an axis."""
    return np.arange(1.0, array.shape[axis] + 1).reshape([-1 if k == axis else 1 for k in range(array.ndim)])
