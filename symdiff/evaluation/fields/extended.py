"""The platform's extended precision, with sums in pairs: their rounding grows with the logarithm of their length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symdiff.evaluation.fields.base import Values
from symdiff.evaluation.fields.floats import Floats

LARGEST_BOX = 4_000_000
"""Contractions of more products are summed one after the other."""


class Extended(Floats):
    """``np.longdouble``: 64 bits of precision where the platform has them."""

    def __init__(self) -> None:
        super().__init__(np.longdouble)

    def sum(self, values: Values, axes: tuple[int, ...]) -> Values:
        if not axes:
            return values
        array = np.asarray(values, dtype=self.dtype)
        kept = [k for k in range(array.ndim) if k not in axes]
        turned = array.transpose([*kept, *axes]).reshape([array.shape[k] for k in kept] + [-1])
        # numpy adds in pairs along an axis whose elements lie side by side
        return np.add.reduce(np.ascontiguousarray(turned), axis=-1)

    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values:
        lengths = {
            label: n
            for part, x in zip(labels, operands, strict=True)
            for label, n in zip(part, np.shape(x), strict=True)
        }
        order = [*out, *(label for label in lengths if label not in out)]
        if int(np.prod([lengths[label] for label in order], dtype=np.int64)) > LARGEST_BOX and len(operands) > 1:
            return super().einsum(labels, operands, out)
        total: Values = self.dtype.type(1)
        for part, x in zip(labels, operands, strict=True):
            total = total * _spread(np.asarray(x, dtype=self.dtype), part, order)
        box = np.broadcast_to(total, [lengths[label] for label in order])
        return self.sum(box, tuple(range(len(out), len(order))))


def _spread(array: np.ndarray, part: Sequence[int], order: Sequence[int]) -> np.ndarray:
    """An operand with its axes in ``order``, of length 1 where it has none."""
    present = [label for label in order if label in part]
    turned = array.transpose([list(part).index(label) for label in present])
    shape = iter(turned.shape)
    return turned.reshape([next(shape) if label in part else 1 for label in order])
