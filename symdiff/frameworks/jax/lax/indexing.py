"""Elements by position: gathered, scattered, sliced at places that are computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.jax.lax.elementwise import told
from symdiff.frameworks.jax.lax.moving import array_of
from symdiff.frameworks.missing import Missing


def windows(
    shape: Sequence[int], indices: Any, sizes: Sequence[int], window_dims: Sequence[int], left_out: Sequence[int],
    starts: Sequence[int], batching: Sequence[int], batching_indices: Sequence[int], mode: Any,
) -> tuple[tuple[Any, ...], Any]:  # fmt: skip
    """The place in the operand of every element of what is gathered or scattered, and whether it has one.

    By the description of XLA's gather: each of the index's rows is where a window of these ``sizes`` starts; the
    windows' axes are ``window_dims`` of the result, without those ``left_out`` and the ``batching`` ones.
    """
    indices = array_of(indices).astype(np.int64)
    rows = indices.shape[:-1]
    rank = len(shape)
    total = len(rows) + len(window_dims)
    row_dims = [axis for axis in range(total) if axis not in window_dims]
    kept = [axis for axis in range(rank) if axis not in (*left_out, *batching)]
    inside = np.ones((1,) * total, bool)
    place: list[Any] = []
    for axis in range(rank):
        start = np.zeros(rows, np.int64)
        if axis in starts:
            start = indices[..., list(starts).index(axis)]
        elif axis in batching:
            along = batching_indices[list(batching).index(axis)]
            start = np.arange(rows[along]).reshape([-1 if k == along else 1 for k in range(len(rows))])
            start = np.broadcast_to(start, rows)
        last = shape[axis] - sizes[axis]
        spread = np.expand_dims(start, tuple(window_dims)) if window_dims else start
        if "CLIP" in str(mode).upper():
            spread = np.clip(spread, 0, last)
        inside = inside & (spread >= 0) & (spread <= last)
        offset: Any = 0
        if axis in kept:
            along = window_dims[kept.index(axis)]
            offset = np.arange(sizes[axis]).reshape([-1 if k == along else 1 for k in range(total)])
        place.append(np.clip(spread + offset, 0, max(shape[axis] - 1, 0)))
    assert len(row_dims) == len(rows)
    full = np.broadcast_shapes(*(each.shape for each in place), inside.shape)
    return tuple(np.broadcast_to(each, full) for each in place), np.broadcast_to(inside, full)


def gather(
    x: Any, indices: Any, dimension_numbers: Any, slice_sizes: Sequence[int], mode: Any, fill_value: Any = None,
    **params: Any,
) -> Any:  # fmt: skip
    """Windows of ``x`` at the places that the indices say."""
    d = dimension_numbers
    offset, collapsed = [int(k) for k in d.offset_dims], [int(k) for k in d.collapsed_slice_dims]
    starts = [int(k) for k in d.start_index_map]
    place, inside = windows(
        x.shape, indices, slice_sizes, offset, collapsed, starts, d.operand_batching_dims,
        d.start_indices_batching_dims, mode,
    )  # fmt: skip
    found = taken(x, place, indices, slice_sizes, offset, collapsed, starts)
    if inside.all():
        return found
    dtype = x.dtype.type
    return ad.where(inside, found, dtype(np.nan if fill_value is None else fill_value))


def taken(
    x: Any, place: tuple[Any, ...], indices: Any, sizes: Sequence[int], offset: list[int], collapsed: list[int],
    starts: list[int],
) -> Any:  # fmt: skip
    """Whole layers along one axis where that is what is gathered, else elements one by one."""
    if len(starts) == 1 and collapsed == starts and x.ndim > 1:
        (axis,) = starts
        others = [n for k, n in enumerate(x.shape) if k != axis]
        rows = array_of(indices).ndim - 1
        behind = [k for k in range(rows + x.ndim - 1) if not axis <= k < axis + rows]
        if [n for k, n in enumerate(sizes) if k != axis] == others and offset == behind:
            layers = place[axis].reshape(place[axis].shape)
            for k in sorted(behind, reverse=True):
                layers = np.take(layers, 0, axis=k)
            return ad.take(x, layers, axis=axis)
    return x[place] if x.ndim else ad.broadcast_to(x, shape=place[0].shape if place else ())


def scattered(x: Any, indices: Any, updates: Any, dimension_numbers: Any, mode: Any) -> tuple[tuple[Any, ...], Any]:
    """The places that the updates go to, and whether they have one."""
    d = dimension_numbers
    window_dims, inserted = [int(k) for k in d.update_window_dims], [int(k) for k in d.inserted_window_dims]
    kept = [axis for axis in range(np.ndim(x)) if axis not in (*inserted, *d.operand_batching_dims)]
    sizes = [1] * np.ndim(x)
    for axis, along in zip(kept, window_dims, strict=True):
        sizes[axis] = np.shape(updates)[along]
    return windows(
        np.shape(x), indices, sizes, window_dims, inserted, [int(k) for k in d.scatter_dims_to_operand_dims],
        d.operand_batching_dims, d.scatter_indices_batching_dims, mode,
    )  # fmt: skip


def with_places(rule: Callable[[Any, Any, tuple[Any, ...]], Any], needs_distinct: bool = False) -> Callable[..., Any]:
    """An entry for a scatter: what becomes of ``x`` with updates at places."""

    def entry(x: Any, indices: Any, updates: Any, dimension_numbers: Any, mode: Any, **params: Any) -> Any:
        if not np.ndim(x):
            raise Missing("of a scalar")
        place, inside = scattered(x, indices, updates, dimension_numbers, mode)
        if not inside.all():
            place = tuple(each[inside] for each in place)
            updates = updates[inside]
        if needs_distinct:
            flat = np.ravel_multi_index(place, x.shape) if place[0].size else np.zeros(0, int)
            if np.unique(flat).size != flat.size:
                raise Missing("at places that are written twice")
        return rule(x, updates, place)

    entry.__doc__ = rule.__doc__
    return entry


def added(x: Any, updates: Any, place: tuple[Any, ...]) -> Any:
    """``x`` with updates added, at one place also several."""
    return x + ad.add_at(updates, index=place, shape=x.shape)


def dynamic_slice(x: Any, *starts: Any, slice_sizes: Sequence[int]) -> Any:
    """A part that starts where the operands say, moved inside."""
    return x[place_of(x, starts, slice_sizes)] if np.ndim(x) else x


def place_of(x: Any, starts: Sequence[Any], sizes: Sequence[int]) -> tuple[Any, ...]:
    """The slices of a part."""
    begins = [
        int(np.clip(int(array_of(start)), 0, n - size)) for start, n, size in zip(starts, x.shape, sizes, strict=True)
    ]
    return tuple(slice(begin, begin + size) for begin, size in zip(begins, sizes, strict=True))


def dynamic_update_slice(x: Any, update: Any, *starts: Any) -> Any:
    """A copy with another part."""
    if not np.ndim(x):
        return update
    return ad.put(x, update, index=place_of(x, starts, update.shape))


def put(x: Any, updates: Any, place: tuple[Any, ...]) -> Any:
    """A copy with updates in the place of what was there, each place once."""
    return ad.put(x, updates, index=place)


def combined(rule: Callable[[Any, Any], Any]) -> Callable[[Any, Any, tuple[Any, ...]], Any]:
    """An update together with what was there."""

    def found(x: Any, updates: Any, place: tuple[Any, ...]) -> Any:
        return ad.put(x, rule(x[place], updates), index=place)

    found.__doc__ = f"{told(rule)} of what was there and the updates, each place once"
    return found


def subtracted(x: Any, updates: Any, place: tuple[Any, ...]) -> Any:
    """``x`` with updates taken away, at one place also several."""
    return added(x, -updates, place)


ENTRIES: dict[str, Callable[..., Any]] = {
    "dynamic_slice": dynamic_slice,
    "dynamic_update_slice": dynamic_update_slice,
    "gather": gather,
    "scatter": with_places(put, needs_distinct=True),
    "scatter-add": with_places(added),
    "scatter-max": with_places(combined(ad.maximum), needs_distinct=True),
    "scatter-min": with_places(combined(ad.minimum), needs_distinct=True),
    "scatter-mul": with_places(combined(ad.multiply), needs_distinct=True),
    "scatter-sub": with_places(subtracted),
}

EXACT = frozenset({"dynamic_slice", "dynamic_update_slice", "gather"})
