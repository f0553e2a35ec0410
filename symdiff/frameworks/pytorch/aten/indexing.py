"""Elements by position: taken, put, and added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.missing import Missing
from symdiff.frameworks.pytorch.aten.moving import part


def positions(index: Any) -> Any:
    """Positions, or a mask, as an array of numbers that have no derivative."""
    return np.asarray(getattr(index, "data", index))


def index(x: Any, indices: Sequence[Any]) -> Any:
    """``x[...]``: None stands for an axis that is taken whole."""
    return x[where(indices)]


def where(indices: Sequence[Any]) -> tuple[Any, ...]:
    """PyTorch's list of index tensors as NumPy's tuple."""
    return tuple(slice(None) if each is None else positions(each) for each in indices)


def index_put(x: Any, indices: Sequence[Any], values: Any, accumulate: bool = False) -> Any:
    """A copy with values put, or added, at positions."""
    place = where(indices)
    if accumulate:
        shape = np.empty(x.shape, np.bool_)[place].shape
        return x + ad.add_at(ad.broadcast_to(values, shape=shape), index=place, shape=x.shape)
    return ad.put(x, values, index=place)


def along(x: Any, dim: int, places: Any) -> tuple[Any, ...]:
    """The full index of ``gather`` and ``scatter``: a place along one axis for every element."""
    places = positions(places)
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in places.shape)])
    grid[dim] = places
    return tuple(grid)


def gather(x: Any, dim: int, places: Any, sparse_grad: bool = False) -> Any:
    """Elements at each line's own places."""
    if not x.ndim:
        return x if not positions(places).ndim else ad.broadcast_to(x, shape=positions(places).shape)
    return x[along(x, dim % x.ndim, places)]


def scatter(x: Any, dim: int, places: Any, source: Any, reduce: str | None = None) -> Any:
    """A copy with the source's elements put at each line's own places."""
    if reduce is not None:
        raise Missing(f"reduce={reduce}")
    if not x.ndim:
        return source * np.ones(()) if not hasattr(source, "shape") else ad.reshape(source, shape=())
    dim %= x.ndim
    return ad.put(x, _as_large(source, positions(places).shape), index=along(x, dim, places))


def scatter_add(x: Any, dim: int, places: Any, source: Any) -> Any:
    """The source's elements added at each line's own places."""
    if not x.ndim:
        return x + ad.reshape(source, shape=())
    dim %= x.ndim
    source = _as_large(source, positions(places).shape)
    return x + ad.add_at(source, index=along(x, dim, places), shape=x.shape)


def scatter_reduce(x: Any, dim: int, places: Any, source: Any, reduce: str, include_self: bool = True) -> Any:
    """Sums only."""
    if reduce != "sum" or not include_self:
        raise Missing(f"reduce={reduce}, include_self={include_self}")
    return scatter_add(x, dim, places, source)


def _as_large(source: Any, shape: tuple[int, ...]) -> Any:
    """The part of a source that has a place."""
    if not hasattr(source, "shape") or source.shape == shape or not source.ndim:
        return source
    return source[tuple(slice(n) for n in shape)]


def layers(x: Any, dim: int, places: Any) -> tuple[Any, ...]:
    """The index of whole layers along an axis."""
    return (*(slice(None) for _ in range(dim % x.ndim)), np.atleast_1d(positions(places)))


def index_add(x: Any, dim: int, places: Any, source: Any, alpha: Any = 1) -> Any:
    """Layers of the source added to those of ``x``."""
    if not x.ndim:
        return x + alpha * ad.sum(source)
    shape = np.empty(x.shape, np.bool_)[layers(x, dim, places)].shape
    source = ad.reshape(source, shape=shape) if source.shape != shape else source
    return x + alpha * ad.add_at(source, index=layers(x, dim, places), shape=x.shape)


def put_layers(x: Any, dim: int, places: Any, source: Any) -> Any:
    """Layers of the source in the place of those of ``x``."""
    if not x.ndim:
        return ad.reshape(source, shape=()) if hasattr(source, "shape") else source * np.ones(())
    return ad.put(x, source, index=layers(x, dim, places))


def index_select(x: Any, dim: int, places: Any) -> Any:
    """Layers along an axis, by number."""
    return ad.take(x, positions(places), axis=dim) if x.ndim else x


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """``value`` where the mask is true."""
    value = value if hasattr(value, "shape") else float(value)
    return ad.where(mask, value, x)


def masked_select(x: Any, mask: Any) -> Any:
    """The elements where the mask is true, in one line."""
    mask = positions(mask)
    shape = np.broadcast_shapes(x.shape, mask.shape)
    return ad.broadcast_to(x, shape=shape)[np.broadcast_to(mask, shape)]


def masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    """The source's elements, one after the other, where the mask is true."""
    mask = np.broadcast_to(positions(mask), np.broadcast_shapes(x.shape, positions(mask).shape))
    return ad.put(ad.broadcast_to(x, shape=mask.shape), ad.reshape(source, shape=-1)[: int(mask.sum())], index=mask)


def take(x: Any, places: Any) -> Any:
    """Elements by their number in a row."""
    return ad.take(ad.reshape(x, shape=-1), positions(places))


def put(x: Any, places: Any, source: Any, accumulate: bool = False) -> Any:
    """Elements put, or added, by their number in a row."""
    flat, source = ad.reshape(x, shape=-1), ad.reshape(source, shape=-1)
    return ad.reshape(index_put(flat, [positions(places).reshape(-1)], source, accumulate), shape=x.shape)


def slice_scatter(x: Any, source: Any, *place: Any, **also: Any) -> Any:
    """A copy with a slice in the place of another."""
    return ad.put(x, source, index=part(x, *place, **also))


def select_scatter(x: Any, source: Any, dim: int, place: int) -> Any:
    """A copy with one layer replaced."""
    return ad.put(x, source, index=(slice(None),) * (dim % x.ndim) + (place,))


def diagonal_scatter(x: Any, source: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy with a diagonal replaced."""
    places = np.diagonal(np.arange(x.size).reshape(x.shape), offset, dim1, dim2)
    return put(x, places, source)


ENTRIES: dict[str, Callable[..., Any]] = {
    "_index_put_impl": index_put,
    "_unsafe_index": index,
    "_unsafe_index_put": index_put,
    "_unsafe_masked_index": lambda x, mask, indices, fill: ad.where(mask, x[where(indices)], float(fill)),
    "copy": lambda x, source, non_blocking=False: (
        ad.broadcast_to(source, shape=x.shape) if np.shape(source) != x.shape else source
    ),
    "diagonal_scatter": diagonal_scatter,
    "embedding": lambda weight, places, *options: ad.embedding(positions(places), weight),
    "gather": gather,
    "index": index,
    "index_add": index_add,
    "index_copy": put_layers,
    "index_fill": lambda x, dim, places, value: put_layers(x, dim, places, value),
    "index_put": index_put,
    "index_select": index_select,
    "masked_fill": masked_fill,
    "masked_scatter": masked_scatter,
    "masked_select": masked_select,
    "put": put,
    "scatter": scatter,
    "scatter_add": scatter_add,
    "scatter_reduce": scatter_reduce,
    "select_scatter": select_scatter,
    "slice_scatter": slice_scatter,
    "take": take,
}
