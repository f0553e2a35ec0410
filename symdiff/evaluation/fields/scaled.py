"""Floats that remember the largest term that was summed for them: the scale in which an error of a sum is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.evaluation.fields.arrays import ArrayField
from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.floats import Floats

LARGEST_BOX = 1_000_000
"""Up to so many products the largest one is searched; beyond, their sum stands for it."""


@dataclass(slots=True)
class Scaled:
    """Values, and for each the largest term of its sums; None where that is its own size everywhere."""

    value: Array
    largest: Array | None = None

    @property
    def scale(self) -> Array:
        """The largest term of each value's sums, at least its own size."""
        return np.asarray(np.abs(self.value)) if self.largest is None else self.largest


class Scales(Field):
    """Numbers, float64 where nothing is said, with the scale of each value.

    What cancels before it is evaluated has no scale, so nothing is merged.
    """

    merges = False

    def __init__(self, arithmetic: ArrayField | None = None) -> None:
        self._floats = Floats() if arithmetic is None else arithmetic

    def load(self, array: Array) -> Values:
        return Scaled(self._floats.load(array))

    def number(self, value: sp.Expr) -> Values:
        return Scaled(self._floats.number(value))

    def zeros(self, shape: tuple[int, ...]) -> Values:
        return Scaled(self._floats.zeros(shape), self._floats.zeros(shape))

    def map(self, values: Values, view: Callable[[Array], Array]) -> Values:
        largest = None if values.largest is None else view(np.asarray(values.largest))
        return Scaled(view(np.asarray(values.value)), largest)

    def shape(self, values: Values) -> tuple[int, ...]:
        return np.shape(values.value)

    def add(self, a: Values, b: Values) -> Values:
        return Scaled(a.value + b.value)

    def gathered(self, a: Values, b: Values) -> Values:
        return Scaled(a.value + b.value, np.fmax(a.scale, b.scale))

    def multiply(self, a: Values, b: Values) -> Values:
        if a.largest is None and b.largest is None:
            return Scaled(a.value * b.value)
        scale = np.fmax(a.scale * np.abs(b.value), np.abs(a.value) * b.scale)
        return Scaled(a.value * b.value, scale)

    def power(self, base: Values, exponent: Values) -> Values:
        return Scaled(self._floats.power(base.value, exponent.value))

    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        return Scaled(self._floats.power_number(base.value, exponent))

    def apply(self, name: str, *arguments: Values) -> Values:
        return Scaled(np.asarray(self._floats.apply(name, *(a.value for a in arguments))))

    def sum(self, values: Values, axes: tuple[int, ...]) -> Values:
        if not axes:
            return values
        scale = np.maximum.reduce(values.scale, axis=axes, initial=0.0)
        return Scaled(np.add.reduce(values.value, axis=axes), scale)

    def product(self, values: Values, axis: int) -> Values:
        return Scaled(np.multiply.reduce(values.value, axis=axis))

    def accumulate(self, values: Values, axis: int) -> Values:
        scale = np.maximum.accumulate(values.scale, axis=axis)
        return Scaled(np.add.accumulate(values.value, axis=axis), scale)

    def accumulate_product(self, values: Values, axis: int) -> Values:
        return Scaled(np.multiply.accumulate(values.value, axis=axis))

    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values:
        value = self._floats.einsum(labels, [x.value for x in operands], out)
        scales = [x.scale for x in operands]
        lengths = {k: n for part, x in zip(labels, scales, strict=True) for k, n in zip(part, x.shape, strict=True)}
        if int(np.prod(list(lengths.values()), dtype=np.int64)) > LARGEST_BOX:
            return Scaled(value, self._floats.einsum(labels, scales, out))
        rest = [k for k in lengths if k not in set(out)]
        terms = np.asarray(self._floats.einsum(labels, scales, [*out, *rest]))
        axes = tuple(range(len(out), terms.ndim))
        return Scaled(value, np.maximum.reduce(terms, axis=axes, initial=0.0) if axes else terms)

    def add_into(self, target: Values, view: Callable[[Array], Array], values: Values) -> None:
        target.largest = target.scale
        value, scale = view(target.value), view(target.largest)
        np.add(value, values.value, out=value)
        np.fmax(scale, values.scale, out=scale)

    def add_at(self, target: Values, positions: Array, values: Values) -> None:
        target.largest = target.scale
        np.add.at(target.value.reshape(-1), positions, values.value)
        np.fmax.at(target.largest.reshape(-1), positions, values.scale)

    def select(self, mask: Mask, values: Values) -> Values:
        largest = None if values.largest is None else np.where(mask, values.largest, 0.0)
        return Scaled(np.where(mask, values.value, 0.0), largest)

    def less(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.less(a.value, b.value))

    def equal(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.equal(a.value, b.value))

    def to_float(self, values: Values) -> Array:
        return self._floats.to_float(values.value)
