"""Products that sum over a common index: dot, matmul, outer, tensordot and their kin; einsum has its own file."""

from __future__ import annotations

import builtins
import operator
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from ..axes import axes_of, one_axis, shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, OTHER_MATRIX, OTHER_ROW, ROW, SQUARE, at
from .einsum import contraction
from .joining import stack
from .moving import expand_dims, matrix_transpose, moveaxis, ravel, reshape, stretched_back, transpose
from .reductions import sum


def matmul_left(g: Any, y: Any, x: Any, z: Any) -> Any:
    """``g @ z^T``, with vectors taken as the rows and columns that they stand for."""
    if x.ndim == 2 and z.ndim <= 2:
        return outer(g, z) if z.ndim == 1 else matmul(g, transpose(z))
    if z.ndim == 1:
        return expand_dims(g, -1) * z
    if x.ndim == 1:
        if z.ndim == 2:
            return matmul(z, g)
        return stretched_back(reshape(matmul(z, expand_dims(g, -1)), (*z.shape[:-2], z.shape[-2])), x.shape)
    return stretched_back(matmul(g, matrix_transpose(z)), x.shape)


def matmul_right(g: Any, y: Any, x: Any, z: Any) -> Any:
    """``x^T @ g``, with vectors taken as the rows and columns that they stand for."""
    if x.ndim == 2 and z.ndim <= 2:
        return matmul(g, x) if z.ndim == 1 else matmul(transpose(x), g)
    if x.ndim == 1:
        if z.ndim == 2:
            return outer(x, g)
        return expand_dims(g, -2) * expand_dims(x, -1) if z.ndim > 1 else g * x
    if z.ndim == 1:
        return stretched_back(matmul(expand_dims(g, -2), x), z.shape)
    return stretched_back(matmul(matrix_transpose(x), g), z.shape)


@op(
    meaning=Structure(lambda m, x, y: m.matmul(x, y)),
    vjp=[matmul_left, matmul_right],
    numpy=("matmul", "linalg.matmul"),
    samples=[
        at(MATRIX, MATRIX.T), at(MATRIX, ROW), at(MATRIX[0], OTHER_MATRIX.T), at(ROW, OTHER_ROW), at(CUBE, MATRIX.T),
        at(SQUARE, CUBE), at(CUBE[:, None], OTHER_MATRIX.T), at(CUBE, ROW), at(MATRIX[:, 0], CUBE),
        at(CUBE[:1], CUBE.transpose(0, 2, 1)),
    ],
)  # fmt: skip
def matmul(x, y, /):
    """The matrix product over the last axis of ``x`` and the last but one of ``y``; axes before those broadcast."""
    try:
        # Of vectors and matrices dot is the same product, with half the overhead.
        return x.dot(y) if 0 < x.ndim <= 2 and 0 < y.ndim <= 2 else np.matmul(x, y)
    except ValueError:
        raise matmul_misfit(x, y) from None


def matmul_misfit(x: Any, y: Any) -> Exception:
    """Why two arrays have no matrix product, in words."""
    if not x.ndim or not y.ndim:
        return ValueError(f"matmul: {x.shape} @ {y.shape}: a number has no matrix product; use *")
    inner = x.shape[-1], y.shape[-2 if y.ndim > 1 else 0]
    if inner[0] != inner[1]:
        return ValueError(f"matmul: {x.shape} @ {y.shape} needs {inner[0]} = {inner[1]}")
    return ValueError(f"matmul: {x.shape} @ {y.shape}: the axes before the last two do not broadcast")


@op(
    meaning=Structure(lambda m, a, b: m.dot(a, b)),
    vjp=[
        lambda g, y, a, b: dot_left(g, a.shape, b),
        lambda g, y, a, b: dot_right(g, a, b.shape),
    ],
    samples=[
        at(ROW, OTHER_ROW), at(MATRIX, ROW), at(ROW, MATRIX.T), at(MATRIX, OTHER_MATRIX.T), at(0.5, ROW),
        at(MATRIX, 2.0), at(0.5, 1.5), at(CUBE, ROW), at(MATRIX, CUBE.transpose(0, 2, 1)),
        at(ROW, CUBE.transpose(0, 2, 1)),
    ],
    method=True,
)  # fmt: skip
def dot(a, b, /):
    """The sum of products over the last axis of ``a`` and the last but one (a row: the only one) of ``b``."""
    try:
        return np.dot(a, b)
    except ValueError:
        inner = a.shape[-1], b.shape[-2 if b.ndim > 1 else 0]
        raise ValueError(f"dot: shapes {a.shape} and {b.shape} need {inner[0]} = {inner[1]}") from None


def dot_left(g: Any, shape: tuple[int, ...], b: Any) -> Any:
    """The cotangent of the left factor of ``dot``: every row of ``b`` weighed by ``g``."""
    if not shape:
        return sum(g * b)
    if not b.ndim or b.ndim == 1:
        return g * b if not b.ndim or len(shape) == 1 else expand_dims(g, -1) * b
    columns = reshape(moveaxis(b, -2, 0), (b.shape[-2], prod(b.shape[:-2]) * b.shape[-1])) if b.ndim > 2 else b
    return reshape(dot(reshape(g, (prod(shape[:-1]), columns.shape[1])), transpose(columns)), shape)


def dot_right(g: Any, a: Any, shape: tuple[int, ...]) -> Any:
    """The cotangent of the right factor of ``dot``: every row of ``a`` weighed by ``g``."""
    if not shape:
        return sum(g * a)
    if not a.ndim:
        return g * a
    n = a.shape[-1]
    rows = reshape(a, (prod(a.shape[:-1]), n))
    if len(shape) == 1:
        return dot(reshape(g, (rows.shape[0],)), rows)
    flat = dot(transpose(rows), reshape(g, (rows.shape[0], prod(shape[:-2]) * shape[-1])))
    return moveaxis(reshape(flat, (n, *shape[:-2], shape[-1])), 0, -2)


def outer_meaning(m: Any, a: Any, b: Any) -> Any:
    """``y[i, j] = a[i] * b[j]``, where ``i`` and ``j`` number the elements of matrices row by row."""
    if a.ndim <= 1 and b.ndim <= 1:
        return m.outer(a, b)
    box = m.variables(a.ndim + b.ndim)
    at = box[: a.ndim], box[a.ndim :]
    out = []
    for x, places in zip((a, b), at, strict=True):
        strides = [prod(x.shape[k + 1 :]) for k in range(x.ndim)]
        out.append(builtins.sum((p * n for p, n in zip(places, strides, strict=True)), start=0))
    return m.relation([a.size, b.size], m.term(out, [(a, at[0]), (b, at[1])], "s0*s1", [*a.sizes, *b.sizes]))


@op(
    meaning=Structure(outer_meaning),
    vjp=[lambda g, y, a, b: reshape(dot(g, ravel(b)), a.shape), lambda g, y, a, b: reshape(dot(ravel(a), g), b.shape)],
    samples=[at(ROW, OTHER_ROW), at(ROW, MATRIX), at(0.5, ROW), at(MATRIX, ROW)],
    numpy=("outer", "linalg.outer"),
)
def outer(a, b, /):
    """The products of every element of ``a`` with every element of ``b``, as a matrix."""
    # dot is twice as fast as the product of a column and a row, which NumPy walks through against its order.
    return a.reshape(-1, 1).dot(b.reshape(1, -1))


@function(samples=[at(ROW, OTHER_ROW), at(MATRIX, OTHER_MATRIX)])
def vdot(a: Any, b: Any) -> Any:
    """The sum of the products of all elements of two arrays with as many elements."""
    return dot(ravel(a), ravel(b))


def vecdot_meaning(m: Any, a: Any, b: Any, axis: int) -> Any:
    """The sum over the axis, the same one counted from the end of each operand."""
    letters = "abcdefgh"
    axis = axis if axis < 0 else axis - a.ndim
    if axis == -1:
        return m.einsum("...i,...i->...", a, b)
    if axis + b.ndim < 0 or a.ndim != b.ndim:
        raise NotImplementedError("vecdot along an axis that differs between the operands")
    named = letters[: a.ndim]
    return m.einsum(f"{named},{named}->{named[:axis]}{named[axis + 1 :]}", a, b)


@op(
    meaning=Structure(vecdot_meaning),
    vjp=[
        lambda g, y, a, b, axis: vecdot_rule(g, a.shape, b, axis),
        lambda g, y, a, b, axis: vecdot_rule(g, b.shape, a, axis),
    ],
    samples=[
        at(ROW, OTHER_ROW), at(MATRIX, OTHER_MATRIX), at(MATRIX, OTHER_MATRIX, axis=0), at(CUBE, ROW),
        at(MATRIX[:1], CUBE),
    ],
    numpy=("vecdot", "linalg.vecdot"),
)  # fmt: skip
def vecdot(a, b, /, axis=-1):
    """The sums of products along ``axis``; the other axes broadcast."""
    for x in (a, b):
        one_axis(axis, x.shape, "vecdot")
    n, m = a.shape[axis], b.shape[axis]
    if n != m:
        raise ValueError(f"vecdot: shapes {a.shape} and {b.shape}, axis={axis} needs {n} = {m}")
    return np.vecdot(a, b, axis=axis)


def vecdot_rule(g: Any, shape: tuple[int, ...], other: Any, axis: int) -> Any:
    """The other vectors, weighed by ``g``."""
    # the axis is that of each operand, whose ranks may differ: counted from the end of the wider one
    ndim = max(len(shape), other.ndim)
    full = expand_dims(g, axis if axis < 0 else axis - min(len(shape), other.ndim) if ndim != len(shape) else axis)
    return stretched_back(full * other, shape)


@function(samples=[at(ROW, OTHER_ROW), at(MATRIX, ROW), at(MATRIX, OTHER_MATRIX), at(0.5, ROW)])
def inner(a: Any, b: Any) -> Any:
    """The sums of products over the last axes of ``a`` and ``b``."""
    first, second = shape_of(a), shape_of(b)
    if not first or not second:
        return a * b
    if first[-1] != second[-1]:
        raise ValueError(f"inner: shapes {first} and {second} need {first[-1]} = {second[-1]}")
    return tensordot(a, b, axes=((-1,), (-1,)))


@function(
    samples=[
        at(CUBE, CUBE.transpose(1, 2, 0)), at(MATRIX, MATRIX.T, axes=1), at(ROW, OTHER_ROW, axes=0),
        at(CUBE, MATRIX, axes=((1, 2), (0, 1))), at(MATRIX, OTHER_MATRIX, axes=(0, 0)),
    ],
    numpy=("tensordot", "linalg.tensordot"),
)  # fmt: skip
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sums of products over ``axes``: how many (the last of ``a``, the first of ``b``), or which of each."""
    first, second = shape_of(a), shape_of(b)
    if np.iterable(axes):
        left, right = (
            axes_of(tuple(k) if np.iterable(k) else (k,), s, "tensordot")
            for k, s in zip(axes, (first, second), strict=True)
        )
    else:
        k = operator.index(axes)
        if not 0 <= k <= min(len(first), len(second)):
            raise ValueError(f"tensordot: shapes {first} and {second} do not have {k} axes in common")
        left, right = tuple(range(len(first) - k, len(first))), tuple(range(k))
    if [first[k] for k in left] != [second[k] for k in right]:
        raise ValueError(f"tensordot: axes {left} of shape {first} and {right} of shape {second} differ in length")
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    mine = letters[: len(first)]
    others = iter(letters[len(first) :])
    yours = "".join(mine[left[right.index(k)]] if k in right else next(others) for k in range(len(second)))
    result = "".join(c for c in mine + yours if (c in mine) != (c in yours))
    return contraction(a, b, subscripts=f"{mine},{yours}->{result}")


@function(samples=[at(ROW, OTHER_ROW[:2]), at(MATRIX, SQUARE), at(ROW, MATRIX)])
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: ``b`` times each element of ``a``, in its place."""
    first, second = shape_of(a), shape_of(b)
    ndim = max(len(first), len(second))
    first, second = ((1,) * (ndim - len(s)) + s for s in (first, second))
    left = reshape(a, tuple(m for n in first for m in (n, 1)))
    right = reshape(b, tuple(m for n in second for m in (1, n)))
    return reshape(left * right, tuple(n * m for n, m in zip(first, second, strict=True)))


@function(
    samples=[at(SQUARE[0], SQUARE[1]), at(SQUARE, SQUARE[0]), at(SQUARE.T, SQUARE, axis=0), at(ROW[:2], OTHER_ROW[:2])],
    numpy=("linalg.cross",),  # np.cross has other parameters
)
def cross(a: Any, b: Any, axis: int = -1) -> Any:
    """The vector product of vectors of 3 along ``axis``; of vectors of 2 its third component alone."""
    parts = []
    for x in (a, b):
        shape = shape_of(x)
        k = one_axis(axis, shape, "cross")
        if shape[k] not in (2, 3):
            raise ValueError(f"cross: x has shape {shape}; vectors along axis {axis} must have 2 or 3 elements")
        parts.append([x[(slice(None),) * k + (place,)] for place in range(shape[k])])
    u, v = parts
    third = u[0] * v[1] - u[1] * v[0]
    if len(u) == len(v) == 2:
        return third
    u, v = ([*p, 0.0][:3] for p in (u, v))
    return stack([u[1] * v[2] - u[2] * v[1] + 0 * third, u[2] * v[0] - u[0] * v[2] + 0 * third, third], axis=axis)


def _chain(sizes: list[int]) -> dict[tuple[int, int], int]:
    """Where to cut each chain of matrices so that the fewest multiplications are needed."""
    n = len(sizes) - 1
    cost = {(k, k): 0 for k in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )
    return cut


@function(samples=[at((MATRIX, MATRIX.T, SQUARE)), at((ROW, MATRIX.T, SQUARE, MATRIX[:, 0]))])
def multi_dot(arrays: Any) -> Any:
    """The product of two or more matrices, in the order of fewest multiplications; rows at its ends only."""
    arrays = list(arrays)
    if len(arrays) < 2:
        raise ValueError(f"multi_dot: at least 2 matrices, got {len(arrays)}")
    shapes = [shape_of(x) for x in arrays]
    full = [
        (1, *s) if k == 0 and len(s) == 1 else (*s, 1) if k == len(shapes) - 1 and len(s) == 1 else s
        for k, s in enumerate(shapes)
    ]
    if any(len(s) != 2 for s in full) or any(s[1] != t[0] for s, t in pairwise(full)):
        raise ValueError(f"multi_dot: shapes {', '.join(map(str, shapes))} do not make a chain of matrices")
    cut = _chain([full[0][0], *(s[1] for s in full)])

    def product(i: int, j: int) -> Any:
        return arrays[i] if i == j else dot(product(i, cut[i, j]), product(cut[i, j] + 1, j))

    return product(0, len(arrays) - 1)
