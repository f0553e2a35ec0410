"""The value of reductions, contractions and moves on arrays of mpf: values only, never a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp, mpf

Objects = np.ndarray[Any, Any]


def lifted(array: object) -> Objects:
    """An array of mpf with the same numbers, exactly: ``lifted([0.5])``; what holds mpf already is kept.

    Shape: that of ``array``.
    """
    array = getattr(array, "array", array)
    found = np.asarray(array)
    if found.dtype == object or found.dtype == bool:
        return found
    flat = [mpf(each) for each in found.reshape(-1).tolist()]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(found.shape)


def objects(found: Any) -> Objects:
    """An array of objects, of a number of mpmath as well."""
    if isinstance(found, np.ndarray) and found.dtype == object:
        return found
    out = np.empty((), dtype=object)
    out[()] = found
    return out


def each(function: Callable[[Any], Any], x: Objects) -> Objects:
    """A scalar function of every element."""
    out = np.empty(x.shape, dtype=object)
    out.reshape(-1)[:] = [function(v) for v in x.reshape(-1)] or out.reshape(-1)
    return out


def axes_of(x: Objects, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(k % x.ndim for k in (axis if isinstance(axis, tuple) else (axis,)))


def lines(x: Objects, axis: Any) -> Objects:
    """The array with the reduced axes last and as one: shape kept + (count,)."""
    over = axes_of(x, axis)
    kept = [k for k in range(x.ndim) if k not in over]
    moved = x.transpose(*kept, *over) if x.ndim else x
    return moved.reshape((*tuple(x.shape[k] for k in kept), -1))


def reduced(function: Callable[[list[Any]], Any], x: Objects, axis: Any = None, keepdims: bool = False) -> Objects:
    """A function of a list over some axes."""
    over = axes_of(x, axis)
    rows = lines(x, axis)
    out = np.empty(rows.shape[:-1], dtype=object)
    out.reshape(-1)[:] = [function(list(row)) for row in rows.reshape(-1, rows.shape[-1])]
    if keepdims:
        out = out.reshape(tuple(1 if k in over else n for k, n in enumerate(x.shape)))
    return out


def along(function: Callable[[list[Any]], list[Any]], x: Objects, axis: Any = -1) -> Objects:
    """A function from lines to lines, along an axis."""
    if axis is None:
        return along(function, x.reshape(-1), 0)
    moved = np.moveaxis(x, axis, -1)
    out = np.empty(moved.shape, dtype=object)
    rows, found = moved.reshape(-1, moved.shape[-1]), out.reshape(-1, moved.shape[-1])
    for k, row in enumerate(rows):
        found[k, :] = function(list(row))
    return np.moveaxis(out, -1, axis)


def mean(row: list[Any]) -> Any:
    return mp.fsum(row) / len(row)


def median(row: list[Any]) -> Any:
    ordered, middle = sorted(row), len(row) // 2
    return ordered[middle] if len(row) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def logsumexp(row: list[Any]) -> Any:
    top = max(row)
    return top + mp.log(mp.fsum(mp.exp(v - top) for v in row))


def vector_norm(row: list[Any], ord: Any = 2) -> Any:
    sizes = [abs(v) for v in row]
    if ord == np.inf or ord == -np.inf:
        return max(sizes) if ord > 0 else min(sizes)
    if ord == 1:
        return mp.fsum(sizes)
    if ord == 2:
        return mp.sqrt(mp.fsum(v * v for v in sizes))
    if ord == 0:
        return mpf(sum(1 for v in sizes if v))
    return mp.fsum(v ** mpf(ord) for v in sizes if v) ** (1 / mpf(ord))


def running(step: Callable[[Any, Any], Any]) -> Callable[[list[Any]], list[Any]]:
    """``cumsum`` of addition, ``cumprod`` of multiplication."""

    def run(row: list[Any]) -> list[Any]:
        found: list[Any] = []
        for v in row:
            found.append(step(found[-1], v) if found else v)
        return found

    return run


def product(row: list[Any]) -> Any:
    found = mpf(1)
    for v in row:
        found = found * v
    return found


def matmul(x: Objects, y: Objects) -> Objects:
    return objects(np.matmul(x, y)) if x.ndim and y.ndim else objects(x * y)


def einsum(*operands: Objects, subscripts: str) -> Objects:
    """By its definition: every index runs, products add up."""
    terms, _, result = subscripts.replace(" ", "").partition("->")
    parts = terms.split(",")
    if "->" not in subscripts:
        letters = sorted(set(terms) - {","})
        result = "".join(c for c in letters if terms.count(c) == 1)
    sizes = {c: n for part, x in zip(parts, operands, strict=True) for c, n in zip(part, x.shape, strict=True)}
    summed = [c for c in sizes if c not in result]
    out = np.empty(tuple(sizes[c] for c in result), dtype=object)
    for place in np.ndindex(out.shape):
        total = mpf(0)
        for inner in np.ndindex(tuple(sizes[c] for c in summed)):
            at = dict(zip([*result, *summed], [*place, *inner], strict=True))
            term = mpf(1)
            for part, x in zip(parts, operands, strict=True):
                term = term * x[tuple(at[c] for c in part)]
            total += term
        out[place] = total
    return out


def convolution(x: Objects, w: Objects, *bias: Objects, stride: int = 1, padding: int = 0) -> Objects:
    """``conv1d`` and ``conv2d`` of PyTorch: x (N, C, *size), w (O, C, *kernel)."""
    rank = x.ndim - 2
    if padding:
        wide = np.full(x.shape[:2] + tuple(n + 2 * padding for n in x.shape[2:]), mpf(0), dtype=object)
        wide[(slice(None), slice(None)) + (slice(padding, -padding),) * rank] = x
        x = wide
    kernel = w.shape[2:]
    size = tuple((n - k) // stride + 1 for n, k in zip(x.shape[2:], kernel, strict=True))
    out = np.empty((x.shape[0], w.shape[0], *size), dtype=object)
    for place in np.ndindex(out.shape):
        window = tuple(slice(p * stride, p * stride + k) for p, k in zip(place[2:], kernel, strict=True))
        products = x[(place[0], slice(None), *window)] * w[place[1]]
        out[place] = mp.fsum(products.reshape(-1)) + (bias[0][place[1]] if bias else 0)
    return out


def pooled(function: Callable[[list[Any]], Any], x: Objects, kernel_size: int, stride: int | None = None) -> Objects:
    """Windows over the last axes (all behind the first two), side by side unless a stride is given."""
    stride = stride or kernel_size
    size = tuple((n - kernel_size) // stride + 1 for n in x.shape[2:])
    out = np.empty(x.shape[:2] + size, dtype=object)
    for place in np.ndindex(out.shape):
        window = tuple(slice(p * stride, p * stride + kernel_size) for p in place[2:])
        out[place] = function(list(x[(*place[:2], *window)].reshape(-1)))
    return out
