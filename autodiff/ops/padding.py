"""Putting a margin around an array."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, at
from .indexing import getitem
from .joining import along

Margins = tuple[tuple[int, int], ...]

# The modes whose margin repeats elements of the array, so that they are a choice of positions.
REPEATING = ("edge", "reflect", "symmetric", "wrap")


def margins(pad_width: Any, ndim: int) -> Margins:
    """NumPy's forms of a margin (one number, one pair, or a pair for each axis) as a pair for each axis."""
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2)).tolist()
        found = tuple((operator.index(a), operator.index(b)) for a, b in pairs)
    except (ValueError, TypeError):
        raise ValueError(
            f"pad: {pad_width!r} is no margin for {ndim} axes: a whole number, a pair, or a pair each"
        ) from None
    if any(n < 0 for pair in found for n in pair):
        raise ValueError(f"pad: the margin {pad_width!r} must not be negative")
    return found


def pad_meaning(m: Any, x: Any, pad_width: Margins, value: float) -> Any:
    """``x`` moved into the middle, and a slab of ``value`` before and after it along each axis."""
    inner = m.pad_constant(x, pad_width)
    if not value:
        return inner
    box = m.variables(x.ndim)
    slabs = []
    for axis, (before, after) in enumerate(pad_width):
        for start, length in ((0, before), (x.sizes[axis] + before, after)):
            # axes before this one within x, axes after it in full: every element of the margin once
            lengths = [*x.sizes[:axis], length, *inner.sizes[axis + 1 :]]
            starts = [*(a for a, _ in pad_width[:axis]), start, *(0 for _ in pad_width[axis + 1 :])]
            if length:
                slabs.append(m.term([v + s for v, s in zip(box, starts, strict=True)], [], float(value), lengths))
    return m.relation(inner.sizes, *inner.meaning.terms, *slabs)


@op(
    meaning=Structure(pad_meaning),
    vjp=[
        lambda g, y, x, pad_width, value: getitem(
            g, tuple(slice(a, a + n) for (a, _), n in zip(pad_width, x.shape, strict=True))
        )
    ],
    linear=True,
    numpy=(),
    language=False,
    torch_name="ConstantPadNdBackward0",
    samples=[at(ROW, pad_width=((1, 2),)), at(MATRIX, pad_width=((0, 1), (2, 0)), value=1.5)],
)
def pad_constant(x, /, pad_width, value=0.0):
    """``x`` inside a margin of ``value``, as wide as the pair for each axis says."""
    shape = tuple(a + n + b for (a, b), n in zip(pad_width, x.shape, strict=True))
    out = np.full(shape, value, x.dtype)
    out[tuple(slice(a, a + n) for (a, _), n in zip(pad_width, x.shape, strict=True))] = x
    return out


@function(
    samples=[
        at(ROW, 2), at(MATRIX, (1, 2)), at(MATRIX, ((1, 0), (0, 2)), constant_values=3.0),
        at(ROW, (6, 9), mode="reflect"), at(MATRIX, 2, mode="edge"), at(ROW, (3, 5), mode="wrap"),
        at(MATRIX, 1, mode="symmetric"), at(CUBE, 1),
    ],
)  # fmt: skip
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    """``x`` inside a margin of one number, or (``mode`` edge, reflect, symmetric, wrap) of its own elements."""
    shape = shape_of(x)
    widths = margins(pad_width, len(shape))
    if mode == "constant":
        if np.ndim(constant_values):
            raise ValueError("pad: constant_values must be one number; pad the sides one after the other")
        return pad_constant(x, pad_width=widths, value=constant_values)
    if mode not in REPEATING:
        raise ValueError(f'pad: mode is "constant" or one of {", ".join(REPEATING)}, not {mode!r}')
    for axis, (pair, length) in enumerate(zip(widths, shape, strict=True)):
        if any(pair):
            if not length:
                raise ValueError(f"pad: x has shape {shape}; axis {axis} has no elements to repeat")
            positions = np.pad(np.arange(length), pair, mode=mode)
            x = getitem(x, along(len(shape), axis, positions))
    return x
