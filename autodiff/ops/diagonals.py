"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.axes import axes_of, shape_of
from autodiff.op import function, op
from autodiff.ops.reductions import sum
from autodiff.samples import CUBE, MATRIX, ROW, SQUARE, at


def plane(shape: tuple[int, ...], axis1: int, axis2: int, operation: str) -> tuple[int, int]:
    """The two axes of the matrices, from 0."""
    if len(shape) < 2:
        raise ValueError(f"{operation}: x has shape {shape}; a diagonal needs at least 2 axes")
    first, second = axes_of((axis1, axis2), shape, operation)
    return first, second


@op(
    vjp=[lambda g, y, x, offset, axis1, axis2: put_diagonal(g, x.shape, offset, axis1, axis2)],
    linear=True,
    samples=[at(SQUARE), at(MATRIX, offset=1), at(MATRIX, offset=-1), at(CUBE, offset=0, axis1=0, axis2=2), at(CUBE, offset=1, axis1=-1, axis2=0), at(MATRIX, offset=5)],
    method=True,
)
def diagonal(x, /, offset=0, axis1=0, axis2=1):
    """The diagonals of the matrices along two axes, ``offset`` places to the right; they become the last axis."""
    plane(x.shape, axis1, axis2, "diagonal")
    return x.diagonal(offset, axis1, axis2)


@op(
    vjp=[lambda g, y, x, shape, offset, axis1, axis2: diagonal(g, offset, axis1, axis2)],
    linear=True,
    samples=[at(ROW, shape=(4, 4)), at(ROW, shape=(4, 6), offset=1), at(ROW, shape=(5, 4), offset=-1), at(MATRIX, shape=(4, 3, 4), offset=0, axis1=0, axis2=2)],
    numpy=(),
    language=False,
)
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


@op(
    vjp=[lambda g, y, x, k: tril(g, k)],
    linear=True,
    samples=[at(SQUARE), at(MATRIX, k=1), at(CUBE, k=-1)],
)
def tril(x, /, k=0):
    """The lower triangle of each matrix: 0 above the diagonal ``k`` places to the right."""
    plane(x.shape, -2, -1, "tril")
    return np.tril(x, k)


@op(
    vjp=[lambda g, y, x, k: triu(g, k)],
    linear=True,
    samples=[at(SQUARE), at(MATRIX, k=1), at(CUBE, k=-1)],
)
def triu(x, /, k=0):
    """The upper triangle of each matrix: 0 below the diagonal ``k`` places to the right."""
    plane(x.shape, -2, -1, "triu")
    return np.triu(x, k)
