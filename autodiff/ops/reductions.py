"""Sums and means, and the truth values ``any`` and ``all``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, reduced_shape
from ..broadcasting import ARRAYS, NUMBERS, sum_of_few
from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import CUBE, MATRIX, ROW, at
from . import moving


def restored(g: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """The cotangent (or the result) of a reduction of ``x``, shaped so that it broadcasts against ``x``."""
    if keepdims or axis is None or not shape:
        return g
    return moving.expand_dims(g, axis)


def spread(g: Any, shape: tuple[int, ...], axis: Axis, keepdims: bool) -> Any:
    """The cotangent of a reduction, repeated for every element of ``x`` that was reduced."""
    if not (keepdims or axis is None):
        g = restored(g, shape, axis, keepdims)
    # The walk back repeats the numbers itself, and only where somebody needs them apart.
    return g if type(g) in ARRAYS or isinstance(g, NUMBERS) else moving.broadcast_to(g, shape)


def total(x: Any, axis: Axis, keepdims: bool) -> Any:
    """The sum of an array over ``axis``."""
    if type(axis) is int and x.ndim > 1 and axis in (-1, x.ndim - 1):
        return sum_of_few(x)[..., None] if keepdims else sum_of_few(x)
    return np.add.reduce(x, axis, None, None, keepdims)


AXES = [
    at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1, keepdims=True), at(MATRIX, keepdims=True),
    at(CUBE, axis=(0, 2)), at(CUBE, axis=(-1, 0), keepdims=True), at(0.7), at(MATRIX, axis=()),
]  # fmt: skip


@op(
    meaning=Structure(lambda m, x, axis, keepdims: m.reduce(x, axis, keepdims)),
    vjp=[lambda g, y, x, axis, keepdims: spread(g, x.shape, axis, keepdims)],
    linear=True,
    latex=r"\sum",
    samples=[*AXES, at(np.zeros((0, 3)), axis=0)],
    method=True,
)
def sum(x, /, axis=None, keepdims=False):
    """The sum of the elements of ``x`` over ``axis`` (all, one or several); of no elements 0."""
    try:
        return total(x, axis, keepdims)
    except (TypeError, ValueError):
        axes_of(axis, x.shape, "sum")
        raise


@op(
    meaning=Structure(lambda m, x, axis, keepdims: m.reduce(x, axis, keepdims, "x / count")),
    vjp=[lambda g, y, x, axis, keepdims: spread(g / count(x.shape, axis), x.shape, axis, keepdims)],
    linear=True,
    samples=AXES,
    method=True,
)
def mean(x, /, axis=None, keepdims=False):
    """The arithmetic mean of the elements of ``x`` over ``axis``; ValueError where there are none."""
    try:
        sums = total(x, axis, keepdims)
    except (TypeError, ValueError):
        axes_of(axis, x.shape, "mean")
        raise
    size = x.size if axis is None else count(x.shape, axis)
    if not size:
        raise ValueError(f"mean of no elements: x has shape {x.shape}, axis is {axis}")
    return sums / size


def truth_meaning(m: Any, kind: str, x: Any, axis: Axis, keepdims: bool) -> Any:
    """One truth value for each line along ``axis``: nothing is sent back through it."""
    axes = axes_of(axis, x.shape, kind)
    sizes = reduced_shape(x.sizes, axes, keepdims)
    return m.decided(kind, sizes, axis=axes, keepdims=keepdims)


@op(
    meaning=Structure(lambda m, x, axis, keepdims: truth_meaning(m, "any", x, axis, keepdims)),
    vjp=[None],
    samples=[at(MATRIX > 0), at(MATRIX > 0, axis=0), at(MATRIX > 0, axis=1, keepdims=True)],
    method=True,
)
def any(x, /, axis=None, keepdims=False):
    """Whether some element of ``x`` along ``axis`` is true (not 0)."""
    axes_of(axis, x.shape, "any")
    return np.any(x, axis=axis, keepdims=keepdims)


@op(
    meaning=Structure(lambda m, x, axis, keepdims: truth_meaning(m, "all", x, axis, keepdims)),
    vjp=[None],
    samples=[at(MATRIX > 0), at(MATRIX > 0, axis=0), at(MATRIX > 0, axis=1, keepdims=True)],
    method=True,
)
def all(x, /, axis=None, keepdims=False):
    """Whether every element of ``x`` along ``axis`` is true (not 0)."""
    axes_of(axis, x.shape, "all")
    return np.all(x, axis=axis, keepdims=keepdims)
