"""NumPy's functions that make arrays of numbers and arrays: filled, spaced, with elements put in between."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from .compositions import answers, linspace, operation


@answers("full_like")
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    shape = np.shape(a) if shape is None else shape
    value = fill_value if hasattr(fill_value, "astype") else np.asarray(fill_value)
    value = value.astype(getattr(a, "dtype", np.float64) if dtype is None else dtype)
    return operation("broadcast_to")(value, shape) * np.ones(shape, value.dtype)


@answers("insert")
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = operation("ravel")(arr), 0
    axis %= arr.ndim
    length = arr.shape[axis]
    # where the elements go, from where NumPy puts their numbers
    order = np.insert(np.arange(length), obj, length + np.arange(np.size(obj)))
    values = values if hasattr(values, "shape") else np.asarray(values, arr.dtype)
    if np.ndim(obj) == 0 and values.ndim:
        values = operation("moveaxis")(operation("expand_dims")(values, tuple(range(arr.ndim - values.ndim))), 0, axis)
        order = np.insert(np.arange(length), [obj] * values.shape[axis], length + np.arange(values.shape[axis]))
    shape = (*arr.shape[:axis], len(order) - length, *arr.shape[axis + 1 :])
    both = operation("concatenate")([arr, operation("broadcast_to")(values, shape)], axis=axis)
    return operation("take")(both, order, axis=axis)


@answers("resize")
def resize(a: Any, new_shape: Any) -> Any:
    shape = tuple(new_shape) if np.iterable(new_shape) else (new_shape,)
    places = np.arange(prod(shape)) % max(np.size(a), 1)
    return operation("reshape")(operation("take")(operation("ravel")(a), places), shape)


@answers("apply_over_axes")
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    for axis in axes if np.iterable(axes) else (axes,):
        axis = axis % a.ndim
        y = func(a, axis)
        a = y if y.ndim == a.ndim else operation("expand_dims")(y, axis)
    return a


@answers("geomspace")
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    if np.any(np.asarray(getattr(start, "array", start)) <= 0) or np.any(np.asarray(getattr(stop, "array", stop)) <= 0):
        raise ValueError("np.geomspace on tensors takes positive numbers")
    return operation("exp")(linspace(operation("log")(start), operation("log")(stop), num, endpoint))


@answers("logspace")
def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0) -> Any:
    return operation("power")(base, linspace(start, stop, num, endpoint))


@answers("ldexp")
def ldexp(x1: Any, x2: Any) -> Any:
    return x1 * np.exp2(np.asarray(getattr(x2, "array", x2)).astype(float))


@answers("unwrap")
def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2.0 * np.pi) -> Any:
    """The turns that are added do not move with the angles."""
    return p + (np.unwrap(p.data, discont, axis, period=period) - p.data)
