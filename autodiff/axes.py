"""Axis arguments: what NumPy takes, checked, and named when they are wrong."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from math import prod
from typing import Any, TypeAlias

import numpy as np

Axis: TypeAlias = "int | tuple[int, ...] | None"


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array, a tensor or a number."""
    return x.shape if hasattr(x, "shape") else np.shape(x)


def axis_error(operation: str, shape: tuple[int, ...], axis: object, ndim: int | None = None) -> Exception:
    """NumPy's own class of error, in words that name the operation, the axis and the shape."""
    ndim = len(shape) if ndim is None else ndim
    allowed = f"axis must be {-ndim} ... {ndim - 1}" if ndim else "a number has no axes, so axis must be None"
    return np.exceptions.AxisError(f"{operation}(x, axis={axis!r}): x has shape {shape}; {allowed}")


def one_axis(axis: Any, shape: tuple[int, ...], operation: str, ndim: int | None = None) -> int:
    """``axis`` as a number from 0; ``ndim`` where the axis is one of the result's, not of ``shape``'s."""
    ndim = len(shape) if ndim is None else ndim
    try:
        number = operator.index(axis)
    except TypeError:
        raise TypeError(f"{operation}(x, axis={axis!r}): axis must be a whole number") from None
    if not -ndim <= number < ndim:
        raise axis_error(operation, shape, axis, ndim)
    return number % ndim


def axes_of(axis: Any, shape: tuple[int, ...], operation: str, ndim: int | None = None) -> tuple[int, ...]:
    """``axis`` (None, a number or several) as a tuple of distinct numbers from 0."""
    ndim = len(shape) if ndim is None else ndim
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, Iterable):
        if ndim == 0 and axis in (0, -1):
            return ()  # NumPy's reductions let a number have this one axis
        return (one_axis(axis, shape, operation, ndim),)
    axes = tuple(one_axis(each, shape, operation, ndim) for each in axis)
    if len(set(axes)) != len(axes):
        raise ValueError(f"{operation}(x, axis={axis!r}): an axis is named twice")
    return axes


def count(shape: tuple[int, ...], axis: Axis = None) -> int:
    """How many elements of an array each element of its reduction over ``axis`` is made of."""
    if axis is None:
        return prod(shape)
    if isinstance(axis, tuple):
        return prod(shape[each] for each in axis)
    return shape[axis] if shape else 1


def reduced_shape(shape: tuple[int, ...], axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    """The shape that a reduction over ``axes`` leaves."""
    if keepdims:
        return tuple(1 if k in axes else n for k, n in enumerate(shape))
    return tuple(n for k, n in enumerate(shape) if k not in axes)


_BASIC = frozenset({int, slice, type(None), type(...)})


def is_basic(index: Any) -> bool:
    """Whether an index takes every element at most once: whole numbers, slices, new axes and the ellipsis only."""
    parts = index if isinstance(index, tuple) else (index,)
    return _BASIC.issuperset(map(type, parts)) or all(
        part is None or part is Ellipsis or (isinstance(part, int | np.integer | slice) and not isinstance(part, bool))
        for part in parts
    )
