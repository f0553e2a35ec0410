"""Between the shape of a cotangent and the shape of what it belongs to."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

SMALL = 1000
FEW = 8

NUMBERS = np.ndarray, np.generic
# Those of numbers, by their very type: found sooner than by isinstance, but for subclasses.
ARRAYS = frozenset({np.ndarray, *(np.dtype(code).type for code in "?bBhHiIlLqQefdgFDG")})

Shape = tuple[int, ...]


def summed_to(g: Any, shape: Shape) -> Any:
    """Return ``g`` summed over the axes along which an array of ``shape`` was stretched to the shape of ``g``.

    ``g`` is an array or anything with NumPy's methods ``sum`` and ``reshape`` (a tensor, a symbol).
    """
    given = g.shape
    extra = len(given) - len(shape)
    if type(g) is np.ndarray and given[extra:] == shape:
        return np.add.reduce(g, 0 if extra == 1 else tuple(range(extra)))
    # Axes of length 1 were stretched, so their cotangents add up.
    axes = (*range(extra), *(extra + k for k, n in enumerate(shape) if n == 1 and given[extra + k] != 1))
    if type(g) is np.ndarray:
        if len(axes) == 1 and g.size >= SMALL:
            return sum_over_one(g, axes[0]).reshape(shape)
        return np.add.reduce(g, axis=axes, keepdims=True).reshape(shape)
    return g.sum(axis=axes, keepdims=True).reshape(shape)


def sum_over_one(x: Any, axis: int) -> Any:
    """Return the array ``x`` summed over one axis, counted from the front, which it then has no more.

    NumPy goes through lines of a few elements one by one, as they lie in memory; products with ones do not.
    """
    rows, within = x.shape[:axis], x.shape[axis + 1 :]
    if within and rows and x.dtype == np.float64 and prod(within) <= FEW * FEW:
        return np.matmul(np.ones(x.shape[axis]), x.reshape(*rows, x.shape[axis], -1)).reshape(*rows, *within)
    return sum_of_few(x) if axis == x.ndim - 1 else np.add.reduce(x, axis)


def sum_of_few(x: Any) -> Any:
    """Return the array ``x`` summed over its last axis: where that has a few elements, one after the other.

    The result is NumPy's to the last bit, who adds so few in this order, too.
    """
    n = x.shape[-1]
    if not 1 < n < FEW or x.dtype != np.float64 or x.size < 50 * n:
        return np.add.reduce(x, -1)
    total = x[..., 0] + x[..., 1]
    for k in range(2, n):
        np.add(total, x[..., k], total)
    return total


def stretched_to(g: Any, shape: Shape) -> Any:
    """Return ``g`` repeated to ``shape``; a large array as a view."""
    if not isinstance(g, NUMBERS):
        return g.broadcast_to(shape)
    if g.ndim > len(shape) or prod(shape) > SMALL:
        return np.broadcast_to(g, shape)
    whole = np.empty(shape, g.dtype)  # a third of the time of a view
    whole[...] = g
    return whole
