"""What only moves or repeats elements by their shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad


def view(x: Any, size: Sequence[int]) -> Any:
    """The same elements in another shape."""
    return x if tuple(size) == x.shape else ad.reshape(x, shape=tuple(size))


def expand(x: Any, size: Sequence[int], implicit: bool = False) -> Any:
    """Repeated along new axes and those of length 1; -1 stands for a length that stays."""
    before = len(size) - x.ndim
    lengths = [x.shape[k - before] if n == -1 else n for k, n in enumerate(size)]
    return x if tuple(lengths) == x.shape else ad.broadcast_to(x, shape=tuple(lengths))


def transpose(x: Any, first: int, second: int) -> Any:
    """Two axes exchanged."""
    return ad.swapaxes(x, first, second) if x.ndim > 1 else x


def squeeze(x: Any, dim: Any = None) -> Any:
    """Without axes of length 1: all, or those named that are."""
    if dim is None:
        return ad.squeeze(x)
    named = [dim] if isinstance(dim, int) else list(dim)
    going = tuple(k for k in named if x.ndim and x.shape[k] == 1)
    return ad.squeeze(x, axis=going) if going else x


def select(x: Any, dim: int, index: int) -> Any:
    """One layer along an axis."""
    return x[(slice(None),) * (dim % x.ndim) + (index,)]


def part(x: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Any:
    """The place of a slice along an axis, with ends that may lie outside."""
    return (slice(None),) * (dim % x.ndim) + (slice(start, end, step),)


def split(x: Any, size: Any, dim: int = 0) -> list[Any]:
    """Pieces of one length, the last perhaps shorter, or of the lengths given."""
    total = x.shape[dim]
    sizes = [size] * -(-total // size) if isinstance(size, int) else list(size)
    ends = np.minimum(np.cumsum(sizes), total)
    return [x[part(x, dim, int(end - n if not isinstance(size, int) else k * size), int(end))]
            for k, (n, end) in enumerate(zip(sizes, ends, strict=True))]  # fmt: skip


def unbind(x: Any, dim: int = 0) -> list[Any]:
    """The layers along an axis."""
    return [select(x, dim, k) for k in range(x.shape[dim])]


def repeat(x: Any, repeats: Sequence[int]) -> Any:
    """Tiled."""
    return ad.tile(x, tuple(repeats))


def roll(x: Any, shifts: Any, dims: Any = ()) -> Any:
    """Rolled along axes, or as one line."""
    one = [shifts] if isinstance(shifts, int) else list(shifts)
    if not dims:
        return ad.roll(x, shift=one[0])
    return ad.roll(x, shift=tuple(one), axis=tuple([dims] if isinstance(dims, int) else dims))


def flip(x: Any, dims: Sequence[int]) -> Any:
    """Backwards along axes."""
    return ad.flip(x, axis=tuple(dims)) if dims and x.ndim else x


def diag_embed(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The last axis as the diagonal of matrices."""
    ndim, n = x.ndim + 1, x.shape[-1] + abs(offset)
    first, second = dim1 % ndim, dim2 % ndim
    shape = list(x.shape[:-1])
    for axis in sorted((first, second)):
        shape.insert(axis, n)
    return ad.put_diagonal(x, shape=tuple(shape), offset=offset, axis1=first, axis2=second)


def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonal of two axes, as the last one."""
    return ad.diagonal(x, offset=offset, axis1=dim1, axis2=dim2)


def as_strided(x: Any, size: Sequence[int], stride: Sequence[int], storage_offset: int | None = None) -> Any:
    """Elements by their places in a row; of an operand that is one row itself."""
    places = np.full(tuple(size), storage_offset or 0)
    for axis, (n, step) in enumerate(zip(size, stride, strict=True)):
        places += (np.arange(n) * step).reshape([-1 if k == axis else 1 for k in range(len(size))])
    return ad.take(ad.reshape(x, shape=-1), places)


def unfold(x: Any, dim: int, size: int, step: int) -> Any:
    """Windows along an axis, as a new last one."""
    if not x.ndim:
        return ad.reshape(x, shape=(1,))
    dim %= x.ndim
    places = np.arange(0, x.shape[dim] - size + 1, step)[:, None] + np.arange(size)
    return ad.moveaxis(ad.take(x, places, axis=dim), dim + 1, -1)


def cast(x: Any, *ignored: Any, **options: Any) -> Any:
    """A copy, perhaps of another dtype: its values are PyTorch's in any case."""
    return ad.copy(x)


def stopped(x: Any) -> Any:
    """A constant from here on."""
    return np.array(x.data)


def pixel_shuffle(x: Any, factor: int) -> Any:
    """Channels as finer pixels."""
    *batch, channels, height, width = x.shape
    fine = ad.reshape(x, shape=(*batch, channels // factor**2, factor, factor, height, width))
    order = [*range(len(batch)), *(len(batch) + k for k in (0, 3, 1, 4, 2))]
    moved = ad.transpose(fine, axes=tuple(order))
    return ad.reshape(moved, shape=(*batch, channels // factor**2, height * factor, width * factor))


ENTRIES: dict[str, Callable[..., Any]] = {
    "_conj": lambda x: x,
    "_neg_view": ad.negative,
    "_reshape_alias": lambda x, size, stride: view(x, size),
    "_reshape_copy": view,
    "_to_copy": cast,
    "_unsafe_view": view,
    "alias": lambda x: x,
    "as_strided": as_strided,
    "broadcast_to": expand,
    "clone": lambda x: x,
    "contiguous": lambda x: x,
    "detach": stopped,
    "diag_embed": diag_embed,
    "diagonal": diagonal,
    "diagonal_copy": diagonal,
    "expand": expand,
    "expand_copy": expand,
    "flip": flip,
    "lift_fresh": lambda x: x,
    "lift_fresh_copy": lambda x: x,
    "movedim": ad.moveaxis,
    "permute": lambda x, dims: ad.transpose(x, axes=tuple(k % x.ndim for k in dims)) if x.ndim else x,
    "permute_copy": lambda x, dims: ad.transpose(x, axes=tuple(k % x.ndim for k in dims)) if x.ndim else x,
    "pixel_shuffle": pixel_shuffle,
    "repeat": repeat,
    "repeat_interleave.self_int": lambda x, repeats, dim=None, output_size=None: ad.repeat(
        x, repeats=repeats, axis=dim
    ),
    "reshape": view,
    "roll": roll,
    "rot90": lambda x, k=1, dims=(0, 1): ad.rot90(x, k, tuple(dims)),
    "select": select,
    "select_copy": select,
    "slice": lambda x, *where, **also: x[part(x, *where, **also)],
    "slice_copy": lambda x, *where, **also: x[part(x, *where, **also)],
    "split": split,
    "split_with_sizes": split,
    "split_with_sizes_copy": split,
    "squeeze": squeeze,
    "squeeze_copy": squeeze,
    "t": lambda x: ad.transpose(x),
    "t_copy": lambda x: ad.transpose(x),
    "transpose": transpose,
    "transpose_copy": transpose,
    "tril": lambda x, diagonal=0: ad.tril(x, diagonal),
    "triu": lambda x, diagonal=0: ad.triu(x, diagonal),
    "unbind": unbind,
    "unfold": unfold,
    "unsafe_split": split,
    "unsqueeze": lambda x, dim: ad.expand_dims(x, axis=dim),
    "unsqueeze_copy": lambda x, dim: ad.expand_dims(x, axis=dim),
    "view": view,
    "view_copy": view,
}
