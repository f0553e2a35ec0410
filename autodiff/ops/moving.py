"""Moves that only rearrange or repeat elements by their shape: reshape, transpose, broadcast, flip, roll."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np

from ..axes import Axis, axes_of, one_axis, shape_of
from ..broadcasting import stretched_to
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import COLUMN, CUBE, MATRIX, ROW, at
from . import reductions


def whole_shape(shape: Any, operation: str) -> tuple[int, ...]:
    """A shape argument (a number or several) as a tuple of whole numbers."""
    try:
        return (operator.index(shape),) if not np.iterable(shape) else tuple(operator.index(n) for n in shape)
    except TypeError:
        raise TypeError(f"{operation}: the shape must be whole numbers, got {shape!r}") from None


@op(
    numpy=(),  # NumPy's function has more parameters
    meaning=Structure(lambda m, x, shape: m.reshape(x, shape)),
    vjp=[lambda g, y, x, shape: reshape(g, x.shape)],
    linear=True,
    samples=[
        at(MATRIX, shape=(2, 6)), at(MATRIX, shape=-1), at(CUBE, shape=(4, -1)), at(ROW, shape=(2, 1, -1)),
        at(0.5, shape=(1, 1)),
    ],
    method=True,
)  # fmt: skip
def reshape(x, /, shape):
    """The elements of ``x`` in the same order in another ``shape``; one length may be -1: what is left."""
    try:
        return x.reshape(shape)
    except ValueError:
        raise ValueError(f"reshape: {x.size} elements do not fit {whole_shape(shape, 'reshape')}") from None
    except TypeError:
        whole_shape(shape, "reshape")
        raise


def inverse_axes(axes: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """The permutation that undoes ``axes``."""
    if axes is None:
        return None
    return tuple(int(k) for k in np.argsort([axis % len(axes) for axis in axes]))


@op(
    meaning=Structure(lambda m, x, axes: m.transpose(x, axes)),
    vjp=[lambda g, y, x, axes: transpose(g, inverse_axes(axes))],
    linear=True,
    samples=[at(MATRIX), at(ROW), at(CUBE), at(CUBE, axes=(1, 2, 0)), at(CUBE, axes=(-1, 0, 1)), at(0.5)],
    aliases=("permute_dims",),
    method=True,
)
def transpose(x, /, axes=None):
    """``x`` with its axes in the order ``axes``: reversed, where none is given."""
    try:
        return x.transpose(axes)
    except (ValueError, TypeError):
        raise ValueError(
            f"transpose(x, axes={axes!r}): x has shape {x.shape}; axes must name each of 0 ... {x.ndim - 1} once"
        ) from None


@op(
    meaning=Structure(lambda m, x, shape: m.broadcast(x, as_lengths(shape))),
    vjp=[lambda g, y, x, shape: stretched_back(g, x.shape)],
    linear=True,
    samples=[
        at(ROW, shape=(2, 4)), at(0.5, shape=(2, 3)), at(COLUMN, shape=(3, 2)), at(COLUMN, shape=(2, 3, 4)),
        at(CUBE[:, :1], shape=(2, 2, 4)),
        at(0.5, shape=()), at(0.5, shape=3), at(ROW, shape=[2, 4]),
    ],
    method=True,
)  # fmt: skip
def broadcast_to(x, /, shape):
    """``x`` repeated along new axes in front and along its axes of length 1, until it has ``shape``."""
    shape = shape if type(shape) is tuple else as_lengths(shape)
    if x.shape == shape:
        return x
    try:
        return stretched_to(x, shape)
    except ValueError:
        raise ValueError(f"broadcast_to: shape {x.shape} does not stretch to {shape}") from None


def as_lengths(shape: Any) -> tuple[int, ...]:
    """A shape as a tuple: NumPy takes one length, or a list, too."""
    return tuple(shape) if np.iterable(shape) else (shape,)


def stretched_back(g: Any, shape: tuple[int, ...]) -> Any:
    """The sum of ``g`` over the axes along which an operand of ``shape`` was repeated."""
    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(extra + k for k, n in enumerate(shape) if n == 1 and g.shape[extra + k] != 1)
    if not axes:
        return g
    total = reductions.sum(g, axis=axes, keepdims=True)
    return reshape(total, shape) if extra else total


def expanded_meaning(m: Any, x: Any, axis: Axis) -> Any:
    """The same elements, read without the new axes."""
    ndim = x.ndim + (len(axis) if isinstance(axis, tuple | list) else 1)
    axes = axes_of(axis, x.shape, "expand_dims", ndim)
    box = m.variables(x.ndim)
    places, lengths = iter(box), iter(x.sizes)
    out = [0 if k in axes else next(places) for k in range(ndim)]
    return m.relation([1 if k in axes else next(lengths) for k in range(ndim)], m.term(out, [(x, box)], "s0", x.sizes))


@op(
    meaning=Structure(expanded_meaning),
    vjp=[lambda g, y, x, axis: reshape(g, x.shape)],
    linear=True,
    samples=[at(ROW, axis=0), at(ROW, axis=-1), at(MATRIX, axis=(0, 2)), at(0.5, axis=0), at(MATRIX, axis=())],
)
def expand_dims(x, /, axis):
    """``x`` with new axes of length 1 at the positions ``axis`` of the result."""
    ndim = x.ndim + (len(axis) if isinstance(axis, tuple | list) else 1)
    axes = axes_of(axis, x.shape, "expand_dims", ndim)
    lengths = iter(x.shape)
    return x.reshape(tuple(1 if k in axes else next(lengths) for k in range(ndim)))


def squeezed_meaning(m: Any, x: Any, axis: Axis) -> Any:
    """The same elements, read at 0 along the axes that went."""
    named = range(x.ndim) if axis is None else axes_of(axis, x.shape, "squeeze")
    axes = [k for k in named if x.shape[k] == 1]
    kept = [size for k, size in enumerate(x.sizes) if k not in axes]
    box = m.variables(len(kept))
    places = iter(box)
    return m.relation(kept, m.term(box, [(x, [0 if k in axes else next(places) for k in range(x.ndim)])], "s0", kept))


@op(
    meaning=Structure(squeezed_meaning),
    vjp=[lambda g, y, x, axis: reshape(g, x.shape)],
    linear=True,
    samples=[at(MATRIX[:, :1]), at(MATRIX[:1], axis=0), at(MATRIX[:1, None], axis=(0, -2)), at(MATRIX)],
    method=True,
)
def squeeze(x, /, axis=None):
    """``x`` without its axes of length 1: all of them, or those named by ``axis``."""
    if axis is None:
        return x.reshape(tuple(n for n in x.shape if n != 1))
    axes = axes_of(axis, x.shape, "squeeze")
    for each in axes:
        if x.shape[each] != 1:
            raise ValueError(
                f"squeeze(x, axis={axis!r}): x has shape {x.shape}; axis {each} has length {x.shape[each]}"
            )
    return x.reshape(tuple(n for k, n in enumerate(x.shape) if k not in axes))


@op(
    meaning=Structure(lambda m, x, axis: m.flip(x, axis)),
    vjp=[lambda g, y, x, axis: flip(g, axis)],
    linear=True,
    samples=[at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1), at(CUBE, axis=(0, 2))],
    method=True,
)
def flip(x, /, axis=None):
    """``x`` with the order of its elements reversed along ``axis`` (all, one or several)."""
    axes = axes_of(axis, x.shape, "flip")
    return x[tuple(slice(None, None, -1) if k in axes else slice(None) for k in range(x.ndim))]


def opposite(shift: Any) -> Any:
    """The shift, or the shifts, that go back."""
    return tuple(-each for each in shift) if isinstance(shift, tuple | list) else -shift


def rolled_meaning(m: Any, x: Any, shift: Any, axis: Any) -> Any:
    """Two pieces along one axis, ``y[i + s] = x[i]`` and ``y[i] = x[i + n - s]``; of several axes the positions."""
    if (
        not isinstance(shift, int)
        or (axis is None and x.ndim != 1)
        or isinstance(axis, tuple | list)
        or abs(shift) > x.size
    ):
        return m.gather(x, np.roll(np.arange(x.size).reshape(x.shape), shift, axis))
    axis = 0 if axis is None else axis % x.ndim
    size, box = x.sizes[axis], m.variables(x.ndim)
    # a shift to the left by s is one to the right by n - s, whatever n is
    moved, rest = (shift, size - shift) if shift >= 0 else (size + shift, -shift)
    pieces = []
    for length, read, write in ((rest, 0, moved), (moved, rest, 0)):
        lengths = [*x.sizes[:axis], length, *x.sizes[axis + 1 :]]
        at, out = ([*box[:axis], box[axis] + start, *box[axis + 1 :]] for start in (read, write))
        pieces.append(m.term(out, [(x, at)], "s0", lengths))
    return m.relation(x.sizes, *pieces)


@op(
    meaning=Structure(rolled_meaning),
    vjp=[lambda g, y, x, shift, axis: roll(g, opposite(shift), axis)],
    linear=True,
    samples=[
        at(ROW, shift=1), at(ROW, shift=-6), at(MATRIX, shift=2), at(MATRIX, shift=1, axis=1),
        at(MATRIX, shift=(1, -2), axis=(0, 1)), at(MATRIX, shift=1, axis=(0, 1)),
    ],
)  # fmt: skip
def roll(x, /, shift, axis=None):
    """``x`` with its elements moved on by ``shift`` places along ``axis``, those at the end to the beginning."""
    if axis is not None:
        for each in axis if isinstance(axis, tuple | list) else (axis,):
            one_axis(each, x.shape, "roll")
    return np.roll(x, shift, axis)


@function(numpy=(), samples=[at(MATRIX), at(0.5), at(CUBE)], method=True)
def ravel(x: Any) -> Any:
    """The elements of ``x`` in one row."""
    return reshape(x, (-1,))


@function(samples=[at(MATRIX, 0, 1), at(CUBE, 0, -1)], method=True)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """``x`` with two of its axes exchanged."""
    shape = shape_of(x)
    first, second = one_axis(axis1, shape, "swapaxes"), one_axis(axis2, shape, "swapaxes")
    order = list(range(len(shape)))
    order[first], order[second] = second, first
    return transpose(x, tuple(order))


@function(samples=[at(CUBE, 0, -1), at(CUBE, (0, 1), (2, 0))])
def moveaxis(x: Any, source: Axis, destination: Axis) -> Any:
    """``x`` with the axes ``source`` at the places ``destination``, the others in their order."""
    shape = shape_of(x)
    sources, places = axes_of(source, shape, "moveaxis"), axes_of(destination, shape, "moveaxis")
    if len(sources) != len(places):
        raise ValueError(f"moveaxis: {len(sources)} axes to move, but {len(places)} places for them")
    order = [k for k in range(len(shape)) if k not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return transpose(x, tuple(order))


@function(samples=[at(MATRIX), at(CUBE)], numpy=("matrix_transpose", "linalg.matrix_transpose"))
def matrix_transpose(x: Any) -> Any:
    """``x`` with its last two axes exchanged: each of the matrices in it transposed."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"matrix_transpose: x has shape {shape}; a matrix has at least 2 axes")
    return swapaxes(x, -1, -2)


@function(samples=[at(MATRIX)])
def flipud(x: Any) -> Any:
    """``x`` with its rows in reverse order."""
    return flip(x, 0)


@function(samples=[at(MATRIX)])
def fliplr(x: Any) -> Any:
    """``x`` with its columns in reverse order."""
    if len(shape_of(x)) < 2:
        raise ValueError(f"fliplr: x has shape {shape_of(x)}; columns need at least 2 axes")
    return flip(x, 1)


@function(samples=[at(MATRIX), at(MATRIX, 2), at(MATRIX, -1), at(CUBE, 1, (1, 2)), at(MATRIX, 4)])
def rot90(x: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """``x`` turned ``k`` quarters of a circle, from the first of ``axes`` towards the second."""
    shape = shape_of(x)
    first, second = axes_of(axes, shape, "rot90")
    match k % 4:
        case 0:
            return x
        case 1:
            return swapaxes(flip(x, second), first, second)
        case 2:
            return flip(x, (first, second))
        case _:
            return flip(swapaxes(x, first, second), second)


@function(samples=[at(ROW, MATRIX[:, :1])])
def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """All the arrays stretched to the shape that they have in common."""
    shapes = [shape_of(each) for each in arrays]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ValueError(f"broadcast_arrays: shapes {', '.join(map(str, shapes))} have no shape in common") from None
    return tuple(broadcast_to(each, shape) for each in arrays)


@function(samples=[at(0.5), at(ROW)])
def atleast_1d(x: Any, *others: Any) -> Any:
    """``x`` with at least one axis."""
    if others:
        return tuple(atleast_1d(each) for each in (x, *others))
    return x if shape_of(x) else reshape(x, (1,))


@function(samples=[at(0.5), at(ROW), at(MATRIX)])
def atleast_2d(x: Any, *others: Any) -> Any:
    """``x`` with at least two axes; a row becomes a matrix of one row."""
    if others:
        return tuple(atleast_2d(each) for each in (x, *others))
    shape = shape_of(x)
    return x if len(shape) >= 2 else reshape(x, (1, prod(shape)))


@function(samples=[at(0.5), at(ROW), at(MATRIX), at(CUBE)])
def atleast_3d(x: Any, *others: Any) -> Any:
    """``x`` with at least three axes; a row becomes (1, n, 1), a matrix (m, n, 1)."""
    if others:
        return tuple(atleast_3d(each) for each in (x, *others))
    shape = shape_of(x)
    if len(shape) >= 3:
        return x
    return reshape(x, (*shape, 1) if len(shape) == 2 else (1, prod(shape), 1))
