"""NumPy's functions that write into the array they are given: on a tensor they assign to its elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..record.recording import Recorded
from .compositions import answers, operation
from .foreign import TakesNoTensors

COPIED = (
    "np.copyto (also behind np.full) would copy a tensor into an array and lose its gradient; "
    "write x * np.ones(shape), autodiff.full, or where(mask, x, y)"
)


def _values(x: Any) -> Any:
    return np.asarray(getattr(x, "array", x))


@answers("fill_diagonal")
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    if a.ndim < 2 or wrap or (a.ndim > 2 and len(set(a.shape)) > 1):
        raise ValueError(f"np.fill_diagonal: a has shape {a.shape}; of a tensor it is a matrix, or axes equally long")
    n = min(a.shape)
    a[(np.arange(n),) * a.ndim] = _repeated(val, n)


@answers("put")
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    flat = _values(ind).ravel()
    if mode != "raise":
        flat = flat % a.size if mode == "wrap" else np.clip(flat, 0, a.size - 1)
    a[np.unravel_index(np.where(flat < 0, flat + a.size, flat), a.shape)] = _repeated(v, flat.size)


@answers("place")
def place(arr: Any, mask: Any, vals: Any) -> None:
    at = _values(mask).astype(bool)
    arr[at] = _repeated(vals, int(at.sum()))


@answers("putmask")
def putmask(a: Any, mask: Any, values: Any) -> None:
    at = _values(mask).astype(bool)
    if np.ndim(values) and np.shape(values) != a.shape:
        values = operation("reshape")(_repeated(values, a.size), a.shape)
    a[at] = values[at] if np.ndim(values) else values


@answers("copyto")
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, Recorded):
        raise TakesNoTensors(COPIED, "elements")
    shape = dst.array.shape
    putmask(dst, np.broadcast_to(_values(where), shape), operation("broadcast_to")(src, shape))


@answers("put_along_axis")
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None = -1) -> None:
    places = _values(indices)
    if axis is None:
        put(arr, places, values)
        return
    grid = list(np.ogrid[tuple(slice(n) for n in places.shape)])
    grid[axis % arr.ndim] = places
    arr[tuple(grid)] = values


def _repeated(values: Any, count: int) -> Any:
    """One number, or so many elements of ``values``, which are begun again where they do not suffice."""
    if not np.ndim(values):
        return values
    return operation("take")(operation("ravel")(values), np.arange(count) % max(np.size(values), 1))
