"""Elements in other places: shapes, axes, joined and repeated arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.ops.padding import pad_constant


def array_of(x: Any) -> Any:
    """A constant's numbers, a tensor's as well."""
    return np.asarray(getattr(x, "data", x))


def broadcast_in_dim(
    x: Any, *sizes: Any, shape: Sequence[int], broadcast_dimensions: Sequence[int], **params: Any
) -> Any:
    """Axes put at their places among new ones, and stretched."""
    if not np.ndim(x):
        return ad.broadcast_to(x, shape=tuple(shape)) if shape else x
    placed = [1] * len(shape)
    for size, axis in zip(x.shape, broadcast_dimensions, strict=True):
        placed[axis] = size
    fresh = tuple(axis for axis in range(len(shape)) if axis not in broadcast_dimensions)
    if fresh:
        x = ad.expand_dims(x, axis=fresh)
    return x if tuple(placed) == tuple(shape) else ad.broadcast_to(x, shape=tuple(shape))


def reshape(x: Any, *sizes: Any, new_sizes: Sequence[int], dimensions: Any = None, **params: Any) -> Any:
    """Another shape, of the axes in another order where that is given."""
    if dimensions is not None:
        x = ad.transpose(x, tuple(dimensions))
    return x if tuple(new_sizes) == x.shape else ad.reshape(x, tuple(new_sizes))


def transpose(x: Any, permutation: Sequence[int]) -> Any:
    """The axes in another order."""
    return x if list(permutation) == list(range(x.ndim)) else ad.transpose(x, tuple(permutation))


def squeeze(x: Any, dimensions: Sequence[int]) -> Any:
    """Without axes of length 1; a single element that was sliced out is taken by its index."""
    return ad.squeeze(x, axis=tuple(dimensions)) if dimensions else x


def concatenate(*arrays: Any, dimension: int) -> Any:
    """One behind the other."""
    return ad.concatenate(arrays, axis=dimension) if len(arrays) > 1 else arrays[0]


def reverse(x: Any, dimensions: Sequence[int]) -> Any:
    """Along some axes from the end."""
    return ad.flip(x, axis=tuple(dimensions)) if dimensions else x


def sliced(x: Any, start_indices: Sequence[int], limit_indices: Sequence[int], strides: Any) -> Any:
    """A part."""
    steps = strides or (1,) * x.ndim
    place = tuple(
        slice(None) if (start, limit, step) == (0, n, 1) else slice(start, limit, None if step == 1 else step)
        for start, limit, step, n in zip(start_indices, limit_indices, steps, x.shape, strict=True)
    )
    while place and place[-1] == slice(None):
        place = place[:-1]
    return x[place] if place else x


def split(x: Any, sizes: Sequence[int], axis: int) -> list[Any]:
    """Parts along an axis."""
    ends = np.cumsum([0, *sizes])
    before = (slice(None),) * axis
    return [x[(*before, slice(int(a), int(b)))] for a, b in pairwise(ends)]


def pad(x: Any, value: Any, padding_config: Sequence[tuple[int, int, int]]) -> Any:
    """A frame of one value around, and between, the elements; negative widths cut off."""
    wide = x
    if any(inside for _, _, inside in padding_config):
        shape = tuple(max(0, n + (n - 1) * inside) for n, (_, _, inside) in zip(x.shape, padding_config, strict=True))
        places = tuple(slice(None, None, inside + 1) for _, _, inside in padding_config)
        base = ad.broadcast_to(value, shape=shape) if hasattr(value, "node") else np.full(shape, value, x.dtype)
        wide = ad.put(base, x, index=places)
    widths = tuple((max(low, 0), max(high, 0)) for low, high, _ in padding_config)
    if any(any(each) for each in widths):
        wide = framed(wide, widths, value)
    return cut(wide, padding_config) if any(low < 0 or high < 0 for low, high, _ in padding_config) else wide


def cut(x: Any, padding_config: Sequence[tuple[int, int, int]]) -> Any:
    """Without what negative widths take away."""
    return x[
        tuple(slice(max(-low, 0), n - max(-high, 0)) for n, (low, high, _) in zip(x.shape, padding_config, strict=True))
    ]


def framed(x: Any, widths: Sequence[tuple[int, int]], value: Any) -> Any:
    """A frame of one value."""
    if not hasattr(value, "node"):
        return pad_constant(x, pad_width=tuple(widths), value=float(array_of(value)))
    shape = tuple(n + low + high for n, (low, high) in zip(x.shape, widths, strict=True))
    place = tuple(slice(low, low + n) for n, (low, _) in zip(x.shape, widths, strict=True))
    return ad.put(ad.broadcast_to(value, shape=shape), x, index=place)


def sort(*arrays: Any, dimension: int, is_stable: bool, num_keys: int) -> list[Any]:
    """In rising order of the first arrays, the others beside them."""
    if len(arrays) == 1:
        return [ad.sort(arrays[0], axis=dimension)]
    keys = [array_of(each) for each in arrays[:num_keys]]
    order = np.lexsort(keys[::-1], axis=dimension)
    return [
        ad.sort(each, axis=dimension)
        if place == 0 and each.dtype.kind == "f"
        else ad.take_along_axis(each, order, axis=dimension)
        for place, each in enumerate(arrays)
    ]


def top_k(x: Any, k: int, axis: int = -1, **params: Any) -> list[Any]:
    """The largest, largest first; their places have no derivative."""
    axis %= x.ndim
    last = (slice(None),) * axis
    return [ad.flip(ad.sort(x, axis=axis), axis=axis)[(*last, slice(0, k))]]


def tiled(x: Any, reps: Sequence[int]) -> Any:
    """Repeated as a whole."""
    return ad.tile(x, tuple(reps))


def stack(*arrays: Any, axis: int = 0, **params: Any) -> Any:
    """Side by side along a new axis."""
    return ad.stack(arrays, axis=axis)


def unstack(x: Any, axis: int = 0, **params: Any) -> list[Any]:
    """The layers along an axis."""
    before = (slice(None),) * (axis % x.ndim)
    return [x[(*before, place)] for place in range(x.shape[axis])]


def same(x: Any, **params: Any) -> Any:
    """What says where or how numbers are kept."""
    return x


def stopped(x: Any, **params: Any) -> Any:
    """A constant from here on: nothing goes back through it."""
    return array_of(x)


def all_same(*arrays: Any, **params: Any) -> list[Any]:
    """The same for several arrays."""
    return list(arrays)


ENTRIES: dict[str, Callable[..., Any]] = {
    "broadcast_in_dim": broadcast_in_dim,
    "concatenate": concatenate,
    "copy": same,
    "copy_p": same,
    "device_put": all_same,
    "name": same,
    "optimization_barrier": all_same,
    "pad": pad,
    "pvary": all_same,
    "reshape": reshape,
    "rev": reverse,
    "sharding_constraint": same,
    "slice": sliced,
    "sort": sort,
    "split": split,
    "squeeze": squeeze,
    "stack": stack,
    "stop_gradient": stopped,
    "tile": tiled,
    "top_k": top_k,
    "transpose": transpose,
    "unstack": unstack,
}

EXACT = frozenset(ENTRIES) - {"sort", "top_k", "stop_gradient"}
