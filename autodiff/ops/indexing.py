"""Taking elements by position: ``x[...]`` in all of NumPy's forms, take, and the way back."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..axes import is_basic, one_axis
from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import CUBE, MATRIX, ROW, at
from .moving import stretched_back


@op(
    meaning=Structure(lambda m, x, index: m.getitem(x, index)),
    vjp=[lambda g, y, x, index: add_at(g, index, x.shape)],
    adds=lambda total, g, index: added_at(total, g, index),
    linear=True,
    selects=True,
    samples=[
        at(ROW, index=1), at(ROW, index=-1), at(ROW, index=slice(1, None, 2)), at(MATRIX, index=(slice(None), 1)),
        at(MATRIX, index=(..., None, 0)), at(CUBE, index=(slice(None, None, -1), ..., slice(0, 2))),
        at(MATRIX, index=0), at(0.5, index=()), at(0.5, index=None), at(ROW, index=ROW > 0),
        at(MATRIX, index=MATRIX > 0), at(ROW, index=np.array([0, 2, 2, -1])),
        at(MATRIX, index=(np.array([0, 1, 1]), np.array([2, 0, 0]))),
        at(MATRIX, index=(slice(None), np.array([1, 1, 0]))),
        at(CUBE, index=(np.array([0, 0]), slice(None), np.array([1, 1]))), at(MATRIX, index=[1, 0, 1]),
        at(MATRIX, index=np.array([[0, 1], [1, 1]])), at(MATRIX, index=(np.array([[0], [1]]), np.array([0, 2]))),
        at(MATRIX, index=(np.array([True, False, True]), slice(1, None))),
    ],
)  # fmt: skip
def getitem(x, /, index):
    """``x[index]``: numbers, slices, ``...``, None, masks, arrays of positions, alone or together as a tuple."""
    try:
        return x[index]
    except IndexError as error:
        raise IndexError(f"x[{shown(index)}]: x has shape {x.shape}; {error}") from None


def whole(indices: Any, operation: str) -> Any:
    """Positions as an array of whole numbers."""
    positions = np.asarray(indices)
    if positions.dtype.kind not in "iu" and positions.size:
        raise TypeError(f"{operation}: positions are whole numbers, not {shown(positions)}")
    return positions.astype(np.intp, copy=False)


def shown(index: Any) -> str:
    """An index as it is written between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(shown(part) for part in index)
    if isinstance(index, slice):
        start, stop, step = ("" if part is None else str(part) for part in (index.start, index.stop, index.step))
        return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"
    if index is Ellipsis:
        return "..."
    if isinstance(index, np.ndarray) and index.size > 8:
        return f"an array of {index.dtype} of shape {index.shape}"
    return str(index.tolist() if isinstance(index, np.ndarray) else index)


def add_at_meaning(m: Any, x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """The map of ``getitem``, read from its result to its operand."""
    if not is_basic(index):
        flat = np.arange(prod(shape)).reshape(shape)[index]
        if len(shape) == 1 and x.shape == flat.shape:
            return m.scatter(x, flat, shape[0])
        return m.program(
            "reshape(add_at(reshape(broadcast_to(x, wide), -1), places, whole), shape)",
            wide=flat.shape, places=flat.reshape(-1), whole=(prod(shape),),
        )  # fmt: skip
    (term,) = m.getitem(m.shaped(shape), index).meaning.terms
    return m.relation(shape, m.term(term.reads[0].at, [(x, term.out)], "s0", term.box))


@op(
    meaning=Structure(add_at_meaning),
    vjp=[lambda g, y, x, index, shape: getitem(g, index)],
    linear=True,
    samples=[
        at(1.5, index=1, shape=(4,)), at(ROW, index=slice(1, None), shape=(5,)),
        at(ROW, index=np.array([0, 2, 2, -1]), shape=(3,)),
        at(MATRIX, index=(slice(None), np.array([1, 1, 0, 2])), shape=(3, 5)),
        at(MATRIX, index=np.array([0, 0, 1]), shape=(2, 4)),
    ],
    numpy=(),
    language=False,
)  # fmt: skip
def add_at(x, /, index, shape):
    """Zeros of ``shape``, to which ``x`` is added at ``index``; positions named twice receive both."""
    out = np.zeros(shape, x.dtype)
    if is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == bool):
        out[index] = x
    elif len(shape) == 1 and x.dtype == np.float64 and isinstance(index, np.ndarray):
        positions = np.where(index < 0, index + shape[0], index)
        out = np.bincount(positions.ravel(), np.broadcast_to(x, index.shape).ravel(), shape[0])
    else:
        np.add.at(out, index, x)
    return out


def added_at(total: Any, g: Any, index: Any) -> bool:
    """Add ``g`` to the elements at ``index`` of an array; False where a place may be named twice."""
    if not is_basic(index) or not total.flags.writeable:
        return False
    part = total[index]
    if type(part) is np.ndarray:
        np.add(part, g, part)  # total[index] += g would assign the sum to where it already is
    else:
        total[index] = part + g
    return True


def winners(index: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """For every place of ``shape`` which of the elements assigned at ``index`` it holds; and which places those are.

    A place that is named twice holds what is assigned last.
    """
    named = np.arange(prod(shape)).reshape(shape)[index]
    chosen = np.zeros(shape, np.intp)
    chosen[index] = np.arange(named.size).reshape(named.shape)
    return chosen, named


def put_meaning(m: Any, x: Any, v: Any, index: Any) -> Any:
    """The old element or the new one, by place."""
    mask = np.zeros(x.shape, np.bool_)
    mask[index] = True
    if not v.ndim:
        return m.program("where(mask, v, x)", mask=mask)
    chosen, named = winners(index, x.shape)
    return m.program(
        "where(mask, reshape(take(reshape(broadcast_to(v, wide), -1), places), whole), x)",
        mask=mask, places=chosen.reshape(-1), wide=named.shape, whole=x.shape,
    )  # fmt: skip


def put_value_rule(g: Any, v: Any, index: Any) -> Any:
    """The cotangents of the places, but for those that were assigned again later."""
    found = getitem(g, index)
    if not is_basic(index):
        chosen, named = winners(index, g.shape)
        kept = chosen.reshape(-1)[named] == np.arange(named.size).reshape(named.shape)
        if not kept.all():
            found = found * kept
    return stretched_back(found, v.shape)


@op(
    meaning=Structure(put_meaning),
    vjp=[lambda g, y, x, v, index: put(g, 0.0, index), lambda g, y, x, v, index: put_value_rule(g, v, index)],
    linear=True,
    selects=True,
    samples=[
        at(ROW, 1.5, index=1), at(ROW, ROW[:2], index=slice(1, 3)), at(MATRIX, ROW, index=0),
        at(MATRIX, ROW[:3], index=(slice(None), -1)), at(ROW, -0.5, index=ROW > 0),
        at(ROW, ROW[:3], index=np.array([0, 2, 2])), at(MATRIX, 2.5, index=(np.array([0, 2]), np.array([1, 1]))),
        at(MATRIX, ROW[:1], index=(slice(None), slice(1, 3))),
    ],
    numpy=(),
    language=False,
)  # fmt: skip
def put(x, v, /, index):
    """A copy of ``x`` with ``v`` at ``index``: what ``x[index] = v`` means where nothing may be overwritten."""
    out = np.array(x, np.result_type(x, v) if np.ndim(v) else x.dtype)
    try:
        out[index] = v
    except IndexError as error:
        raise IndexError(f"x[{shown(index)}] = ...: x has shape {x.shape}; {error}") from None
    except ValueError as error:
        raise ValueError(f"x[{shown(index)}] = ...: x has shape {x.shape}, the value {np.shape(v)}; {error}") from None
    return out


def take_rule(g: Any, y: Any, x: Any, indices: Any, axis: int | None, mode: str) -> Any:
    """The cotangents, added up at the positions that were taken."""
    length = x.size if axis is None else x.shape[axis]
    positions = legal(indices, length, mode)
    if axis is None:
        return add_at(g, np.unravel_index(positions, x.shape), x.shape) if x.ndim else add_at(g, positions, (1,))[0]
    return add_at(g, (slice(None),) * (axis % x.ndim) + (positions,), x.shape)


def legal(indices: Any, length: int, mode: str) -> Any:
    """Positions from 0, wrapped or clipped where the mode says so."""
    indices = np.asarray(indices)
    match mode:
        case "wrap":
            return indices % length
        case "clip":
            return np.clip(indices, 0, length - 1)
        case _:
            return np.where(indices < 0, indices + length, indices)


def take_meaning(m: Any, x: Any, indices: Any, axis: int | None, mode: str) -> Any:
    """A table of positions along the axis, or of all positions."""
    if axis is not None and np.ndim(indices) == 1:
        return m.take(x, legal(indices, x.shape[axis], mode), axis % x.ndim)
    return m.gather(x, np.take(np.arange(x.size).reshape(x.shape), indices, axis, mode=mode))


@op(
    meaning=Structure(take_meaning),
    vjp=[take_rule],
    linear=True,
    selects=True,
    samples=[
        at(0.7, indices=np.array([0, 0])),
        at(ROW, indices=2), at(ROW, indices=np.array([0, 0, 3])), at(MATRIX, indices=np.array([5, 0, 0])),
        at(MATRIX, indices=np.array([1, -1]), axis=1), at(MATRIX, indices=0, axis=0),
        at(MATRIX, indices=np.array([[0, 1], [1, 1]]), axis=0), at(ROW, indices=np.array([7, -9]), mode="wrap"),
        at(ROW, indices=np.array([7, -9]), mode="clip"),
    ],
    method=True,
)  # fmt: skip
def take(x, /, indices, axis=None, mode="raise"):
    """The elements (or layers along ``axis``) of ``x`` at the positions ``indices``."""
    length = x.size if axis is None else x.shape[one_axis(axis, x.shape, "take")]
    positions = whole(indices, "take")
    try:
        return np.take(x, positions, axis, mode=mode)
    except IndexError:
        raise IndexError(
            f"take: {shown(np.asarray(indices))} is outside of {length} elements (x has shape {x.shape})"
        ) from None


def grid_index(indices: Any, shape: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    """``indices`` along ``axis``, with the positions along the other axes to make it a full index."""
    index: list[Any] = list(np.ogrid[tuple(slice(n) for n in indices.shape)])
    for k, n in enumerate(shape):
        if k != axis and n == 1:
            index[k] = np.zeros_like(index[k])  # numpy stretches an axis of length 1
    index[axis] = indices
    return tuple(index)


def along_meaning(m: Any, x: Any, indices: Any, axis: int | None) -> Any:
    """The positions that are taken."""
    return m.gather(x, np.take_along_axis(np.arange(x.size).reshape(x.shape), np.asarray(indices), axis))


@op(
    meaning=Structure(along_meaning),
    vjp=[lambda g, y, x, indices, axis: along_rule(g, x.shape, indices, axis)],
    linear=True,
    selects=True,
    samples=[
        at(MATRIX, indices=np.array([[0, 2], [1, 1], [3, 0]]), axis=1),
        at(MATRIX, indices=np.array([[0, 1, 0, 2]]), axis=0), at(ROW, indices=np.array([3, -1, 0]), axis=0),
        at(ROW, indices=np.array([2, 2]), axis=-1), at(MATRIX, indices=np.array([5, 0, 0]), axis=None),
    ],
)  # fmt: skip
def take_along_axis(x, /, indices, axis=-1):
    """For every line of ``x`` along ``axis``, the elements at that line's own positions ``indices``."""
    if axis is not None:
        one_axis(axis, x.shape, "take_along_axis")
    positions = whole(indices, "take_along_axis")
    try:
        return np.take_along_axis(x, positions, axis)
    except (IndexError, ValueError) as error:
        raise type(error)(
            f"take_along_axis: x has shape {x.shape}, the positions {positions.shape}, axis is {axis}; {error}"
        ) from None


def along_rule(g: Any, shape: tuple[int, ...], indices: Any, axis: int | None) -> Any:
    """The cotangents, added up at each line's positions."""
    indices = np.asarray(indices)
    if axis is None:
        return add_at(g, np.unravel_index(legal(indices, prod(shape), "raise"), shape), shape)
    return add_at(g, grid_index(indices, shape, axis % len(shape)), shape)
