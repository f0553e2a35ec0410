"""Order by size: sort and partition; equal elements stay in the order of their positions."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np

from ..axes import one_axis, shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, Kink, at
from .indexing import take_along_axis
from .moving import reshape

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


def sort_meaning(m: Any, x: Any, axis: int | None) -> Any:
    """The elements in their order along the axis."""
    if axis is None and x.ndim != 1:
        return m.program("sort(reshape(x, -1))")
    return m.order(x, -1 if axis is None else axis)


@op(
    meaning=Structure(sort_meaning),
    vjp=[lambda g, y, x, axis: sort_rule(g, x, axis)],
    selects=True,
    samples=ORDERS,
    kinks=[TIES],
)
def sort(x, /, axis=-1):
    """The elements of ``x`` in rising order along ``axis``, or all in one row; nan last."""
    if axis is not None and not x.ndim:
        in_order(x, axis, "sort")
    return np.sort(x, axis if axis is None else one_axis(axis, x.shape, "sort"), kind="stable")


def argsort_meaning(m: Any, x: Any, axis: int | None) -> Any:
    """The places that the elements of the order come from."""
    if axis is None:
        size = prod(x.shape)
        return m.decided("argsort", x.sizes if x.ndim == 1 else (size,), axis=None)
    return m.decided("argsort", x.sizes, axis=axis)


@op(
    meaning=Structure(argsort_meaning),
    vjp=[None],
    samples=ORDERS,
    kinks=[Kink("tied", ours="0", jump=True, sample=at(TIED))],
    method=True,
)
def argsort(x, /, axis=-1):
    """The positions that sort ``x`` along ``axis``; equal elements in the order of their positions."""
    return in_order(x, axis, "argsort")


@function(
    samples=[at(ROW, 1), at(MATRIX, 2), at(MATRIX, 1, axis=0), at(MATRIX, (1, 5), axis=None)],
    kinks=[Kink("tied", ours="in order of position", sample=at(TIED, 1))],
)
def partition(x: Any, kth: Any, axis: int | None = -1) -> Any:
    """``x`` with its ``kth`` elements where they would be if sorted, the smaller before and the larger after them.

    NumPy leaves the order within the parts open; here they are in order as well.
    """
    shape = shape_of(x)
    length = prod(shape) if axis is None else shape[one_axis(axis, shape, "partition")]
    for k in kth if np.iterable(kth) else (kth,):
        if length and not -length <= operator.index(k) < length:
            raise ValueError(f"partition(x, {kth}): there are {length} elements along axis {axis}, so no element {k}")
    return sort(x, axis=axis)
