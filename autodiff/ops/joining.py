"""Putting arrays together, and taking them apart: concatenate, stack, split, tile, repeat, meshgrid."""

from __future__ import annotations

import operator
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..axes import one_axis, shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import COLUMN, CUBE, MATRIX, ROW, at
from .indexing import add_at, getitem
from .moving import atleast_1d, atleast_2d, atleast_3d, broadcast_to, expand_dims, reshape
from .reductions import sum


def along(ndim: int, axis: int, part: Any) -> tuple[Any, ...]:
    """The index that takes ``part`` of one axis and all of the others."""
    return (slice(None),) * axis + (part,) + (slice(None),) * (ndim - axis - 1)


def concatenate_rule(g: Any, y: Any, *arrays: Any, axis: int | None) -> tuple[Any, ...]:
    """Each array gets the part of the cotangent where it stands."""
    if axis is None:
        ends = accumulate((x.size for x in arrays), initial=0)
        return tuple(
            reshape(getitem(g, slice(start, end)), x.shape)
            for x, (start, end) in zip(arrays, pairwise(ends), strict=True)
        )
    axis %= g.ndim
    ends = accumulate((x.shape[axis] for x in arrays), initial=0)
    return tuple(getitem(g, along(g.ndim, axis, slice(start, end))) for start, end in pairwise(ends))


def misfit(name: str, arrays: tuple[Any, ...], axis: Any) -> Exception:
    """Why arrays cannot be joined, in words."""
    shapes = ", ".join(str(x.shape) for x in arrays)
    if axis is not None and not -arrays[0].ndim <= operator.index(axis) < arrays[0].ndim:
        ndim = arrays[0].ndim
        allowed = f"axis must be {-ndim} ... {ndim - 1}" if ndim else "numbers have no axis to join along; use stack"
        return np.exceptions.AxisError(f"{name}: shapes {shapes}, axis={axis}; {allowed}")
    return ValueError(f"{name}: shapes {shapes} may differ along axis {axis} only")


def joined_meaning(m: Any, *arrays: Any, axis: int | None) -> Any:
    """One piece for each array, moved on by the lengths before it."""
    if axis is None and any(x.ndim != 1 for x in arrays):
        rows = ", ".join(f"reshape({x.name}, -1)" for x in arrays)
        return m.program(f"concatenate(({rows},))")
    return m.concatenate(arrays, 0 if axis is None else axis)


@op(
    meaning=Structure(joined_meaning),
    sequence=True,
    vjp=concatenate_rule,
    linear=True,
    samples=[
        at((ROW, ROW[:2])), at((MATRIX, MATRIX[:1])), at((MATRIX, COLUMN), axis=-1), at((MATRIX, ROW), axis=None),
        at((ROW,)),
    ],
    aliases=("concat",),
)  # fmt: skip
def concatenate(*arrays, axis=0):
    """The arrays one after the other along ``axis``; all in one row, where it is None."""
    if not arrays:
        raise ValueError("concatenate: no arrays to join")
    try:
        return np.concatenate(arrays, axis)
    except ValueError:
        raise misfit("concatenate", arrays, axis) from None


def stack_rule(g: Any, y: Any, *arrays: Any, axis: int) -> tuple[Any, ...]:
    """Each array gets its layer of the cotangent."""
    axis %= g.ndim
    return tuple(getitem(g, along(g.ndim, axis, k)) for k in range(len(arrays)))


@op(
    meaning=Structure(lambda m, *arrays, axis: m.stack(arrays, axis)),
    sequence=True,
    vjp=stack_rule,
    linear=True,
    samples=[at((ROW, ROW)), at((ROW, 2 * ROW), axis=1), at((MATRIX, MATRIX), axis=-1), at((0.5, 1.5, -2.0))],
)
def stack(*arrays, axis=0):
    """Arrays of one shape as the layers of a new ``axis``."""
    if not arrays:
        raise ValueError("stack: no arrays to join")
    shape = arrays[0].shape
    for each in arrays:
        if each.shape != shape:
            raise ValueError(f"stack: the arrays must have one shape, got {', '.join(str(x.shape) for x in arrays)}")
    one_axis(axis, shape, "stack", len(shape) + 1)
    return np.stack(arrays, axis)


@function(samples=[at((ROW, ROW)), at((MATRIX, MATRIX))])
def vstack(arrays: Any) -> Any:
    """The arrays on top of each other; rows become matrices of one row."""
    return concatenate([atleast_2d(x) for x in arrays], axis=0)


@function(samples=[at((ROW, ROW)), at((MATRIX, MATRIX))])
def hstack(arrays: Any) -> Any:
    """The arrays side by side; rows one after the other."""
    parts = [atleast_1d(x) for x in arrays]
    return concatenate(parts, axis=0 if parts and len(shape_of(parts[0])) == 1 else 1)


@function(samples=[at((ROW, ROW)), at((MATRIX, MATRIX))])
def dstack(arrays: Any) -> Any:
    """The arrays behind each other along the third axis."""
    return concatenate([atleast_3d(x) for x in arrays], axis=2)


@function(samples=[at((ROW, ROW))])
def column_stack(arrays: Any) -> Any:
    """Rows as the columns of a matrix, beside matrices as they are."""
    columns = [expand_dims(atleast_1d(x), 1) if len(shape_of(x)) < 2 else x for x in arrays]
    return concatenate(columns, axis=1)


def _cut(x: Any, ends: list[int], axis: int) -> list[Any]:
    ndim = len(shape_of(x))
    return [getitem(x, along(ndim, axis, slice(a, b))) for a, b in pairwise(ends)]


@function(samples=[at(ROW, 3), at(MATRIX, 2, axis=1), at(ROW, [1, 3])])
def array_split(x: Any, sections: Any, axis: int = 0) -> Any:
    """``x`` cut into nearly equal ``sections`` along ``axis``, or at the positions given."""
    shape = shape_of(x)
    axis = one_axis(axis, shape, "array_split")
    length = shape[axis]
    if np.iterable(sections):
        return _cut(x, [0, *(operator.index(k) for k in sections), length], axis)
    parts = operator.index(sections)
    if parts < 1:
        raise ValueError(f"array_split(x, {parts}): into at least 1 part")
    short, longer = divmod(length, parts)
    return _cut(x, list(accumulate([short + 1] * longer + [short] * (parts - longer), initial=0)), axis)


@function(samples=[at(ROW, 2), at(MATRIX, 2, axis=1), at(ROW, [1, 3])])
def split(x: Any, sections: Any, axis: int = 0) -> Any:
    """``x`` cut into equal ``sections`` along ``axis``, or at the positions given."""
    shape = shape_of(x)
    length = shape[one_axis(axis, shape, "split")]
    if not np.iterable(sections) and sections > 0 and length % sections:
        raise ValueError(f"split(x, {sections}, axis={axis}): {length} elements do not divide into {sections} parts")
    return array_split(x, sections, axis)


@function(samples=[at(ROW, 2), at(MATRIX, 2)])
def hsplit(x: Any, sections: Any) -> Any:
    """``x`` cut along its columns (a row: along itself)."""
    return split(x, sections, 0 if len(shape_of(x)) == 1 else 1)


@function(samples=[at(MATRIX, 3)])
def vsplit(x: Any, sections: Any) -> Any:
    """``x`` cut along its rows."""
    return split(x, sections, 0)


@function(samples=[at(CUBE, 2)])
def dsplit(x: Any, sections: Any) -> Any:
    """``x`` cut along its third axis."""
    return split(x, sections, 2)


@function(samples=[at(MATRIX), at(MATRIX, axis=1)])
def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The layers of ``x`` along ``axis``."""
    shape = shape_of(x)
    axis = one_axis(axis, shape, "unstack")
    return tuple(getitem(x, along(len(shape), axis, k)) for k in range(shape[axis]))


@function(samples=[at(ROW, 2), at(MATRIX, (2, 1, 2)), at(MATRIX, 2), at(CUBE, (2, 1))])
def tile(x: Any, reps: Any) -> Any:
    """Copies of ``x`` side by side, ``reps`` of them along each axis."""
    counts = [operator.index(n) for n in (reps if np.iterable(reps) else (reps,))]
    if min(counts, default=0) < 0:
        raise ValueError(f"tile: reps={reps} must not be negative")
    shape = list(shape_of(x))
    shape = [1] * (len(counts) - len(shape)) + shape
    counts = [1] * (len(shape) - len(counts)) + counts
    # an axis of length 1 before each axis, stretched: the copies
    apart = reshape(x, tuple(m for n in shape for m in (1, n)))
    copies = broadcast_to(apart, tuple(m for pair in zip(counts, shape, strict=True) for m in pair))
    return reshape(copies, tuple(r * n for r, n in zip(counts, shape, strict=True)))


def repeat_rule(g: Any, y: Any, x: Any, repeats: Any, axis: int | None) -> Any:
    """The cotangents of all copies of an element, added up."""
    length = x.size if axis is None else x.shape[axis]
    if np.ndim(repeats) == 0 or np.size(repeats) == 1:
        if axis is None:
            return reshape(sum(reshape(g, (x.size, int(np.ravel(repeats)[0]))), axis=-1), x.shape)
        axis %= x.ndim
        apart = reshape(g, (*x.shape[: axis + 1], int(np.ravel(repeats)[0]), *x.shape[axis + 1 :]))
        return sum(apart, axis=axis + 1)
    positions = np.repeat(np.arange(length), repeats)
    if axis is None:
        return reshape(add_at(g, positions, (length,)), x.shape)
    return add_at(g, along(x.ndim, axis % x.ndim, positions), x.shape)


def repeat_meaning(m: Any, x: Any, repeats: Any, axis: int | None) -> Any:
    """``y[i * r + j] = x[i]`` where the count is one number; the positions elsewhere."""
    if axis is None and x.ndim != 1:
        return m.gather(x, np.repeat(np.arange(x.size), repeats))
    axis = 0 if axis is None else axis % x.ndim
    if np.ndim(repeats):
        return m.take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis)
    *box, copy = m.variables(x.ndim + 1)
    out = [*box[:axis], box[axis] * int(repeats) + copy, *box[axis + 1 :]]
    sizes = [*x.sizes[:axis], x.sizes[axis] * int(repeats), *x.sizes[axis + 1 :]]
    return m.relation(sizes, m.term(out, [(x, box)], "s0", [*x.sizes, int(repeats)]))


@op(
    meaning=Structure(repeat_meaning),
    vjp=[repeat_rule],
    linear=True,
    method=True,
    samples=[
        at(ROW, repeats=3), at(MATRIX, repeats=2), at(MATRIX, repeats=2, axis=1), at(MATRIX, repeats=(1, 3, 0), axis=0),
        at(ROW, repeats=(0, 1, 2, 1)), at(MATRIX, repeats=(0, 1, 2, 1, 3, 1, 0, 2, 1, 1, 1, 2)),
    ],
)  # fmt: skip
def repeat(x, /, repeats, axis=None):
    """``x`` with every element repeated, ``repeats`` (one number, or one for each) times along ``axis``."""
    if axis is not None:
        one_axis(axis, x.shape, "repeat")
    try:
        return np.repeat(x, repeats, axis)
    except ValueError:
        length = x.size if axis is None else x.shape[axis]
        raise ValueError(
            f"repeat: {length} elements need one count or {length}, none negative; got {repeats}"
        ) from None


@function(samples=[at(ROW, ROW[:2]), at(ROW, ROW[:2], indexing="ij"), at(ROW, ROW[:2], sparse=True)])
def meshgrid(*arrays: Any, indexing: str = "xy", sparse: bool = False) -> tuple[Any, ...]:
    """The coordinates of every point of the grid that the rows span."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing is "xy" or "ij", not {indexing!r}')
    n = len(arrays)
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else list(range(n))
    lengths = [int(np.prod(shape_of(x), dtype=int)) for x in arrays]
    grid = [lengths[k] for k in order]
    apart = [
        reshape(x, tuple(lengths[k] if place == order.index(k) else 1 for place in range(n)))
        for k, x in enumerate(arrays)
    ]
    return tuple(apart) if sparse else tuple(broadcast_to(x, tuple(grid)) for x in apart)
