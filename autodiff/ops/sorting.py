"""Order by size: sort and partition; equal elements stay in the order of their positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.axes import one_axis
from autodiff.op import op
from autodiff.ops.indexing import take_along_axis
from autodiff.ops.moving import reshape
from autodiff.samples import CUBE, MATRIX, ROW, Kink, at

TIED = np.array([3.0, 1.0, 3.0, -3.0])


def in_order(x: Any, axis: int | None, name: str) -> Any:
    """The positions that sort ``x`` along ``axis``, equal elements in the order of their positions."""
    if axis is None:
        return np.argsort(x, axis=None, kind="stable")
    if not x.ndim:
        raise ValueError(f"{name}: a number has no order; x must have at least 1 axis")
    return np.argsort(x, axis=one_axis(axis, x.shape, name), kind="stable")


def sort_rule(g: Any, x: Any, axis: int | None) -> Any:
    """Every cotangent goes back to the place that its element came from."""
    positions = np.argsort(in_order(value_of(x), axis, "sort"), axis=0 if axis is None else axis)
    return reshape(take_along_axis(g, positions, axis=0 if axis is None else axis), x.shape)


def value_of(x: Any) -> Any:
    """The plain array of a tensor."""
    return x if isinstance(x, np.ndarray | np.generic) else x.data


TIES = Kink("tied", ours="in order of position", sample=at(TIED))
ORDERS = [at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=1), at(MATRIX, axis=None)]


@op(vjp=[lambda g, y, x, axis: sort_rule(g, x, axis)], selects=True, samples=ORDERS, kinks=[TIES])
def sort(x, /, axis=-1):
    """The elements of ``x`` in rising order along ``axis``, or all in one row; nan last."""
    if axis is not None and not x.ndim:
        in_order(x, axis, "sort")
    return np.sort(x, axis if axis is None else one_axis(axis, x.shape, "sort"), kind="stable")


@op(vjp=[None], samples=ORDERS, kinks=[Kink("tied", ours="0", jump=True, sample=at(TIED))], method=True)
def argsort(x, /, axis=-1):
    """The positions that sort ``x`` along ``axis``; equal elements in the order of their positions."""
    return in_order(x, axis, "argsort")


def partition_order(x: Any, kth: Any, axis: int | None) -> Any:
    """The positions that NumPy's partition puts the elements in."""
    return np.argpartition(x, kth, axis)


@op(
    vjp=[lambda g, y, x, kth, axis: partition_rule(g, value_of(x), kth, axis)],
    selects=True,
    samples=[at(ROW, kth=1), at(MATRIX, kth=2), at(MATRIX, kth=1, axis=0), at(MATRIX, kth=(1, 5), axis=None)],
    kinks=[Kink("tied", ours="in order of position", sample=at(TIED, kth=1))],
)
def partition(x, /, kth, axis=-1):
    """``x`` with its ``kth`` elements where they would be if sorted, the smaller before and the larger after them."""
    if axis is not None:
        if not x.ndim:
            in_order(x, axis, "partition")
        one_axis(axis, x.shape, "partition")
    length = x.size if axis is None else x.shape[axis]
    try:
        positions = partition_order(x, kth, axis)
    except ValueError:
        raise ValueError(f"partition(x, {kth}): x has {length} elements along axis {axis}") from None
    return x.ravel()[positions] if axis is None else np.take_along_axis(x, positions, axis)


def partition_rule(g: Any, x: Any, kth: Any, axis: int | None) -> Any:
    """Every cotangent goes back to the place that its element came from."""
    back = 0 if axis is None else axis
    positions = np.argsort(partition_order(x, kth, axis), axis=back)
    return reshape(take_along_axis(g, positions, axis=back), x.shape)
