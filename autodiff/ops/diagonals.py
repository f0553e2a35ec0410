"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import axes_of, shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, SQUARE, at
from .piecewise import where
from .reductions import sum


def plane(shape: tuple[int, ...], axis1: int, axis2: int, operation: str) -> tuple[int, int]:
    """The two axes of the matrices, from 0."""
    if len(shape) < 2:
        raise ValueError(f"{operation}: x has shape {shape}; a diagonal needs at least 2 axes")
    first, second = axes_of((axis1, axis2), shape, operation)
    return first, second


def diagonal_map(m: Any, rest: Any, size: Any, places: tuple[int, int], offset: int) -> tuple[Any, Any, Any]:
    """``(box, matrix position, diagonal position)``: the diagonal's own variable stands last."""
    box = m.variables(len(rest) + 1)
    at = box[:-1]
    for axis, place in sorted(zip(places, (box[-1] + max(0, -offset), box[-1] + max(0, offset)), strict=True)):
        at.insert(axis, place)
    return [*rest, size], at, box


def diagonal_meaning(m: Any, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    """``y[..., i] = x[..., i, i + offset]``."""
    places = axis1 % x.ndim, axis2 % x.ndim
    rows, columns = (x.sizes[k] for k in places)
    rest = [size for k, size in enumerate(x.sizes) if k not in places]
    if rows.value == columns.value >= abs(offset):
        size = m.same(rows, columns) - abs(offset)
    else:
        size = max(0, min(rows.value + min(offset, 0), columns.value - max(offset, 0)))
    sizes, at, out = diagonal_map(m, rest, size, places, offset)
    return m.relation(sizes, m.term(out, [(x, at)], "s0", sizes))


def put_meaning(m: Any, x: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    """``y[..., i, i + offset] = x[..., i]``."""
    places = axis1 % len(shape), axis2 % len(shape)
    _, out, at = diagonal_map(m, x.sizes[:-1], x.sizes[-1], places, offset)
    square = x.sizes[-1] + abs(offset)
    rest = iter(x.sizes[:-1])
    sizes = [(square if n == square.value else n) if k in places else next(rest) for k, n in enumerate(shape)]
    return m.relation(sizes, m.term(out, [(x, at)], "s0", x.sizes))


@op(
    meaning=Structure(diagonal_meaning),
    vjp=[lambda g, y, x, offset, axis1, axis2: put_diagonal(g, x.shape, offset, axis1, axis2)],
    linear=True,
    selects=True,
    samples=[
        at(SQUARE), at(MATRIX, offset=1), at(MATRIX, offset=-1), at(CUBE, offset=0, axis1=0, axis2=2),
        at(CUBE, offset=1, axis1=-1, axis2=0), at(MATRIX, offset=5),
    ],
    method=True,
)  # fmt: skip
def diagonal(x, /, offset=0, axis1=0, axis2=1):
    """The diagonals of the matrices along two axes, ``offset`` places to the right; they become the last axis."""
    plane(x.shape, axis1, axis2, "diagonal")
    return x.diagonal(offset, axis1, axis2)


@op(
    meaning=Structure(put_meaning),
    vjp=[lambda g, y, x, shape, offset, axis1, axis2: diagonal(g, offset, axis1, axis2)],
    linear=True,
    samples=[
        at(ROW, shape=(4, 4)), at(ROW, shape=(4, 6), offset=1), at(ROW, shape=(5, 4), offset=-1),
        at(MATRIX, shape=(4, 3, 4), offset=0, axis1=0, axis2=2),
    ],
    numpy=(),
    language=False,
)  # fmt: skip
def put_diagonal(x, /, shape, offset=0, axis1=0, axis2=1):
    """Zeros of ``shape`` with the last axis of ``x`` on the diagonals along two axes."""
    first, second = plane(shape, axis1, axis2, "put_diagonal")
    out = np.zeros(shape, x.dtype)
    matrices = np.moveaxis(out, (first, second), (-2, -1))
    rows = np.arange(x.shape[-1]) + (-offset if offset < 0 else 0)
    matrices[..., rows, rows + offset] = x
    return out


@function(samples=[at(ROW), at(ROW, 1), at(SQUARE), at(MATRIX, -1)])
def diag(x: Any, k: int = 0) -> Any:
    """A row as the diagonal of a matrix of zeros, ``k`` places to the right; of a matrix its diagonal."""
    shape = shape_of(x)
    if len(shape) == 1:
        return put_diagonal(x, (shape[0] + abs(k),) * 2, k)
    if len(shape) != 2:
        raise ValueError(f"diag: x has shape {shape}; it must be a row or a matrix")
    return diagonal(x, k)


@function(samples=[at(SQUARE), at(MATRIX, 1), at(CUBE, 0, 0, 2)], method=True)
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal."""
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


@function(samples=[at(SQUARE), at(MATRIX, 1), at(CUBE, -1)])
def tril(x: Any, k: int = 0) -> Any:
    """The lower triangle of each matrix: 0 above the diagonal ``k`` places to the right."""
    shape = shape_of(x)
    plane(shape, -2, -1, "tril")
    return where(np.tri(*shape[-2:], k, dtype=bool), x, 0.0)


@function(samples=[at(SQUARE), at(MATRIX, 1), at(CUBE, -1)])
def triu(x: Any, k: int = 0) -> Any:
    """The upper triangle of each matrix: 0 below the diagonal ``k`` places to the right."""
    shape = shape_of(x)
    plane(shape, -2, -1, "triu")
    return where(np.tri(*shape[-2:], k - 1, dtype=bool), 0.0, x)
