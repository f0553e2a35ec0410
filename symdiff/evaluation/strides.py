"""Arrays as the terms read and write them: strided views, and positions where no stride leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import as_strided

from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.views import View, part
from symdiff.meaning.terms import Affine, Index, Lookup, Term

Shape = tuple[int, ...]


def box_shape(term: Term) -> Shape:
    """The lengths of a term's box."""
    return tuple(size.value for size in term.box)


def variables_of(at: Sequence[Index]) -> list[int]:
    """The box variables in index maps, in order."""
    return sorted({v for index in at for v in index.variables})


# --- reading ----------------------------------------------------------------------------------------------------------


def read_view(field: Field, values: Values, at: Sequence[Index], term: Term, short: bool = False) -> Values:
    """An operand as it is read over the box of a term: axes that it does not depend on have length 1.

    ``short`` makes that also of axes along which the operand was only stretched.
    """
    if not at and not term.box:
        return values  # one number
    return field.map(values, partial(strided, at=at, term=term, short=short))


def strided(array: np.ndarray, at: Sequence[Index], term: Term, short: bool = False) -> np.ndarray:
    """The view of one array."""
    box = box_shape(term)
    if all(isinstance(index, Affine) for index in at):
        offset, strides = _layout(array, at, len(box))
        # of an array without elements there is no element to stretch
        used = {v for v in variables_of(at) if strides[v] or not short or array.size == 0}
        shape = tuple(n if v in used else 1 for v, n in enumerate(box))
        if 0 in shape or array.size == 0:
            return np.empty(shape, dtype=array.dtype)
        base = array[tuple(slice(o, None) for o in offset)] if offset else array
        return as_strided(base, shape, [strides[v] if v in used else 0 for v in range(len(box))], writeable=False)
    taken: np.ndarray = array[tuple(positions_of(index, box) for index in at)]
    return taken


def _layout(array: np.ndarray, at: Sequence[Index], ndim: int) -> tuple[list[int], list[int]]:
    strides = [0] * ndim
    offset = []
    for index, stride in zip(at, array.strides, strict=True):
        assert isinstance(index, Affine)
        offset.append(index.const.value)
        for v, coefficient in index.terms:
            strides[v] += coefficient * stride
    return offset, strides


def positions_of(index: Index, box: Shape) -> np.ndarray:
    """An index map as an array of positions that broadcasts over the box."""
    if isinstance(index, Lookup):
        shape = [1] * len(box)
        for v in index.variables:
            shape[v] = box[v]
        return index.table.reshape(shape)
    total = np.full([1] * len(box), index.const.value)
    for v, coefficient in index.terms:
        total = total + coefficient * np.arange(box[v]).reshape([-1 if k == v else 1 for k in range(len(box))])
    return total


# --- writing ----------------------------------------------------------------------------------------------------------


def covers(term: Term, at: Sequence[Index], shape: Shape) -> bool:
    """Whether index maps meet every element of an array, each once."""
    seen: set[int] = set()
    for index, length in zip(at, shape, strict=True):
        if not isinstance(index, Affine) or index.const.value != 0 or len(index.terms) > 1:
            return False
        if not index.terms:
            if length != 1:
                return False
            continue
        ((v, coefficient),) = index.terms
        if coefficient != 1 or v in seen or term.box[v].value != length:
            return False
        seen.add(v)
    return True


def as_whole(field: Field, values: Values, at: Sequence[Index], shape: Shape) -> Values:
    """Values whose axes are the box variables of maps that cover an array, in the order of the array's axes."""
    kept = variables_of(at)
    order = [kept.index(v) for index in at for v in index.variables]
    if order == list(range(len(shape))):
        return values
    return field.map(values, lambda a: np.reshape(np.transpose(a, order), shape))


def add_through(field: Field, target: Values, term: Term, at: Sequence[Index], values: Values) -> None:
    """Add ``values``, whose axes are the box variables in ``at``, at those positions of ``target``."""
    box = box_shape(term)
    kept = variables_of(at)
    if any(box[v] == 0 for v in kept):
        return
    if not all(isinstance(index, Affine) for index in at):
        flat = _flat_positions(field.shape(target), at, box, kept)
        field.add_at(
            target,
            flat.reshape(-1),
            field.map(values, lambda a: np.broadcast_to(a, [box[v] for v in kept]).reshape(-1)),
        )
        return
    for here, there in _places(at, box, kept):
        field.add_into(target, there, field.map(values, here))


def mark_through(reached: Mask, term: Term, at: Sequence[Index], found: Mask) -> None:
    """Mark the positions ``at`` where ``found``, whose axes are the box variables in them, holds."""
    box = box_shape(term)
    kept = variables_of(at)
    if any(box[v] == 0 for v in kept):
        return
    if not all(isinstance(index, Affine) for index in at):
        flat = _flat_positions(reached.shape, at, box, kept)
        reached.reshape(-1)[flat[np.broadcast_to(found, flat.shape)]] = True
        return
    for here, there in _places(at, box, kept):
        view = there(reached)
        np.logical_or(view, here(found), out=view)


def _places(at: Sequence[Index], box: Shape, kept: list[int]) -> Iterator[tuple[View, View]]:
    """Parts of values and the views of the target that they go to, none of which overlaps itself."""
    shared = [index.variables for index in at if len(index.variables) > 1]
    # of windows over several variables all but the longest are looped over
    loops = sorted({v for group in shared for v in sorted(group, key=lambda v: box[v])[:-1]})
    rest = [v for v in kept if v not in loops]
    for position in np.ndindex(*(box[v] for v in loops)):
        fixed = dict(zip(loops, position, strict=True))
        yield (
            part(*(fixed.get(v, slice(None)) for v in kept), ...),
            partial(_write_view, at=at, box=box, rest=rest, fixed=fixed),
        )


def _write_view(
    array: np.ndarray, at: Sequence[Index], box: Shape, rest: list[int], fixed: Mapping[int, int]
) -> np.ndarray:
    _, strides = _layout(array, at, len(box))
    offset = [
        index.const.value + sum(c * fixed[v] for v, c in index.terms if v in fixed)
        for index in at
        if isinstance(index, Affine)
    ]
    base = array[tuple(slice(o, None) for o in offset)] if offset else array
    return as_strided(base, [box[v] for v in rest], [strides[v] for v in rest])


def _flat_positions(shape: Shape, at: Sequence[Index], box: Shape, kept: list[int]) -> np.ndarray:
    places = np.broadcast_arrays(*(positions_of(index, box) for index in at))
    flat = np.ravel_multi_index(places, shape)
    full = np.broadcast_to(flat, [box[v] if v in kept else 1 for v in range(len(box))])
    return full.reshape([box[v] for v in kept])
