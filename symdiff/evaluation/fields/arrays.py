"""Fields whose arrays are NumPy arrays: floats, mpmath numbers and sympy expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from symdiff.evaluation.fields.base import Field, Mask, Values


class ArrayField(Field):
    """Everything that NumPy does alike for floats and for objects."""

    dtype: np.dtype

    def map(self, values: Values, view: Callable[[np.ndarray], np.ndarray]) -> Values:
        # a reduction over objects leaves a bare number, which has no strides
        return view(values if isinstance(values, np.ndarray) else np.asarray(values, dtype=self.dtype))

    def shape(self, values: Values) -> tuple[int, ...]:
        return np.shape(values)

    def add(self, a: Values, b: Values) -> Values:
        return a + b

    def multiply(self, a: Values, b: Values) -> Values:
        return a * b

    def sum(self, values: Values, axes: tuple[int, ...]) -> Values:
        return np.add.reduce(values, axis=axes) if axes else values

    def product(self, values: Values, axis: int) -> Values:
        return np.multiply.reduce(values, axis=axis)

    def accumulate(self, values: Values, axis: int) -> Values:
        return np.add.accumulate(values, axis=axis)

    def accumulate_product(self, values: Values, axis: int) -> Values:
        return np.multiply.accumulate(values, axis=axis)

    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values:
        interleaved: list[object] = []
        for operand, label in zip(operands, labels, strict=True):
            interleaved += [operand, list(label)]
        return np.einsum(*interleaved, list(out), optimize=self.dtype != object and len(operands) > 1)  # type: ignore[call-overload]

    def add_into(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        part = view(target)
        np.add(part, values, out=part)

    def add_at(self, target: Values, positions: np.ndarray, values: Values) -> None:
        np.add.at(target.reshape(-1), positions, values)

    def select(self, mask: Mask, values: Values) -> Values:
        return np.where(mask, values, self.zeros(()))

    def less(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.less(a, b), dtype=bool)

    def equal(self, a: Values, b: Values) -> Mask:
        return np.asarray(np.equal(a, b), dtype=bool)
