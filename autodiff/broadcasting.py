"""Between the shape of a cotangent and the shape of what it belongs to."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

SMALL = 1000

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
        return np.add.reduce(g, axis=axes, keepdims=True).reshape(shape)
    return g.sum(axis=axes, keepdims=True).reshape(shape)


def stretched_to(g: Any, shape: Shape) -> Any:
    """Return ``g`` repeated to ``shape``; a large array as a view."""
    if not isinstance(g, NUMBERS):
        return g.broadcast_to(shape)
    if g.ndim > len(shape) or prod(shape) > SMALL:
        return np.broadcast_to(g, shape)
    whole = np.empty(shape, g.dtype)  # a third of the time of a view
    whole[...] = g
    return whole
