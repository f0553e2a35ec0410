"""The reference's operations by name: values in mpmath, ulps of float64 libraries, and what they sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from mpmath import mp, mpf

from benchmarks.campaigns import arrays as ar
from benchmarks.campaigns import matrices as ma
from benchmarks.campaigns.scalars import SCALARS

Objects = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """``value(run, *arrays, **params)``; ``scale`` gives the magnitude that a sum's rounding goes by.

    ``arity`` is the number of operands (-1: one sequence of them), ``params`` the names of what may follow by position.
    ``normwise``: the operands are moved by ``u n |A|``, as backward-stable algorithms do.
    """

    value: Callable[..., Any]
    arity: int = 1
    ulps: float = 0.5
    scale: Callable[..., Any] | None = None
    normwise: bool = False
    params: tuple[str, ...] = ()
    spreads: bool = False
    """Its gradient's error is one of the whole array, as that of all algorithms for it: qr, eigh, svd, pinv."""


def _elementwise(name: str) -> Operation:
    scalar = SCALARS[name]
    count = len(scalar.inside)

    def value(run: Any, *arrays: Objects, **params: Any) -> Objects:
        found: Objects = run.elementwise(name, scalar.value, arrays, **params)
        return found

    return Operation(value, count, scalar.ulps, params=scalar.names)


def _reduction(function: Callable[..., Any], scale: Callable[..., Any] | None = None, ulps: float = 2.0) -> Operation:
    """Over ``axis``; other parameters go to the function of a line."""

    def value(run: Any, x: Objects, axis: Any = None, keepdims: bool = False, **params: Any) -> Objects:
        return ar.reduced(partial(function, **params), x, axis, keepdims)

    def magnitude(x: Objects, axis: Any = None, keepdims: bool = False, **params: Any) -> Objects:
        assert scale is not None
        return ar.reduced(scale, x, axis, keepdims)

    return Operation(value, ulps=ulps, scale=magnitude if scale else None, params=("axis",))


def _line(function: Callable[..., Any], axis: Any = -1, ulps: float = 2.0) -> Operation:
    def value(run: Any, x: Objects, axis: Any = axis, **params: Any) -> Objects:
        return ar.along(partial(function, **params), x, axis)

    return Operation(value, ulps=ulps, params=("axis",))


def _move(function: Callable[..., Any], arity: int = 1, params: tuple[str, ...] = ()) -> Operation:
    """What only moves elements: nothing is rounded."""
    if arity < 0:
        return Operation(lambda run, *xs, **p: ar.objects(function(xs, **p)), -1, 0.0, params=params)
    return Operation(lambda run, *xs, **p: ar.objects(function(*xs, **p)), arity, 0.0, params=params)


def _sizes(function: Callable[..., Any]) -> Callable[..., Any]:
    """A contraction's scale: the same contraction of magnitudes."""
    return lambda *arrays, **params: function(*(ar.each(abs, x) for x in arrays), **params)


def _sum_of_sizes(row: list[Any]) -> Any:
    return mp.fsum(abs(v) for v in row) * (mp.log(len(row) or 1, 2) + 1)


def _mean_of_sizes(row: list[Any]) -> Any:
    return _sum_of_sizes(row) / max(len(row), 1)


def _contraction(function: Callable[..., Any], arity: int = 2, params: tuple[str, ...] = ()) -> Operation:
    return Operation(lambda run, *xs, **p: function(*xs, **p), arity, 2.0, _sizes(function), params=params)


def _matrix(
    function: Callable[..., Any], arity: int = 1, params: tuple[str, ...] = (), spreads: bool = False
) -> Operation:
    return Operation(lambda run, *xs, **p: function(*xs, **p), arity, 2.0, None, True, params, spreads)


def _eigenvalues_norm(x: Objects, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Objects:
    if x.ndim == 2 and axis is None and ord is not None:
        return ma.matrix_norm(x, ord)
    return ar.reduced(partial(ar.vector_norm, ord=2 if ord is None else ord), x, axis, keepdims)


def _norm(run: Any, x: Objects, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Objects:
    return _eigenvalues_norm(x, ord, axis, keepdims)


def _getitem(x: Objects, index: Any) -> Any:
    return x[index]


REDUCTIONS = {
    "sum": _reduction(mp.fsum, _sum_of_sizes, 1.0),
    "mean": _reduction(ar.mean, _mean_of_sizes, 1.0),
    "prod": _reduction(ar.product),
    "max": _reduction(max, ulps=0.0),
    "min": _reduction(min, ulps=0.0),
    "ptp": _reduction(lambda row: max(row) - min(row), ulps=0.5),
    "median": _reduction(ar.median, ulps=0.5),
    "logsumexp": _reduction(ar.logsumexp, lambda row: max(abs(v) for v in row) + 1, 2.0),
    "vector_norm": _reduction(ar.vector_norm, ulps=4.0),
    "norm": Operation(_norm, 1, 4.0, params=("ord", "axis")),
}

LINES = {
    "cumsum": _line(ar.running(lambda a, b: a + b), None, 1.0),
    "cumprod": _line(ar.running(lambda a, b: a * b), None),
    "sort": _line(sorted, ulps=0.0),
    "diff": Operation(lambda run, x, n=1, axis=-1: ar.objects(np.diff(x, n, axis)), 1, 0.5),
}

CONTRACTIONS = {
    "matmul": _contraction(ar.matmul),
    "dot": _contraction(ar.matmul),
    "outer": Operation(lambda run, a, b: np.multiply.outer(a.reshape(-1), b.reshape(-1)), 2, 0.5),
    "inner": _contraction(lambda a, b: ar.matmul(a, b.T)),
    "vdot": _contraction(lambda a, b: ar.matmul(a.reshape(-1), b.reshape(-1))),
    "kron": Operation(lambda run, a, b: np.kron(a, b), 2, 0.5),
    "einsum": _contraction(ar.einsum, -1),
    "trace": _contraction(lambda a: ar.objects(mp.fsum(a[k, k] for k in range(min(a.shape)))), 1),
    "conv1d": _contraction(ar.convolution, 3),
    "conv2d": _contraction(ar.convolution, 3),
    "avg_pool1d": Operation(
        lambda run, x, kernel_size, stride=None: ar.pooled(ar.mean, x, kernel_size, stride),
        1,
        1.0,
        params=("kernel_size", "stride"),
    ),
    "avg_pool2d": Operation(
        lambda run, x, kernel_size, stride=None: ar.pooled(ar.mean, x, kernel_size, stride),
        1,
        1.0,
        params=("kernel_size", "stride"),
    ),
    "max_pool1d": Operation(
        lambda run, x, kernel_size, stride=None: ar.pooled(max, x, kernel_size, stride),
        1,
        0.0,
        params=("kernel_size", "stride"),
    ),
    "max_pool2d": Operation(
        lambda run, x, kernel_size, stride=None: ar.pooled(max, x, kernel_size, stride),
        1,
        0.0,
        params=("kernel_size", "stride"),
    ),
}

MATRICES = {
    "inv": _matrix(ma.inv),
    "solve": _matrix(ma.solve, 2),
    "det": _matrix(ma.det),
    "logabsdet": _matrix(ma.logabsdet),
    "cholesky": _matrix(ma.cholesky),
    "qr": _matrix(ma.qr, spreads=True),
    "eigvalsh": _matrix(ma.eigvalsh, spreads=True),
    "eigh": _matrix(ma.eigh, spreads=True),
    "singular_values": _matrix(ma.singular_values, spreads=True),
    "pinv": _matrix(ma.pinv, spreads=True),
    "matrix_norm": _matrix(ma.matrix_norm, 1, ("ord",), spreads=True),
    "matrix_power": Operation(lambda run, a, n: ma.matrix_power(a, n), 1, 4.0, None, True, ("n",)),
}

MOVES = {
    "getitem": _move(_getitem),
    "reshape": _move(lambda x, shape: x.reshape(shape), params=("shape",)),
    "transpose": _move(lambda x, axes=None: np.transpose(x, axes), params=("axes",)),
    "broadcast_to": _move(lambda x, shape: np.broadcast_to(x, shape), params=("shape",)),
    "expand_dims": _move(np.expand_dims, params=("axis",)),
    "squeeze": _move(np.squeeze),
    "flip": _move(lambda x, axis=None: np.flip(x, axis)),
    "roll": _move(lambda x, shift, axis=None: np.roll(x, shift, axis), params=("shift", "axis")),
    "ravel": _move(lambda x: x.reshape(-1)),
    "diagonal": _move(np.diagonal),
    "diag": _move(lambda x: ma.eye(len(x)) * x if x.ndim == 1 else np.diagonal(x)),
    "tril": _move(lambda x: _masked(x, np.tril)),
    "triu": _move(lambda x: _masked(x, np.triu)),
    "take": _move(lambda x, indices, axis=None: np.take(x, indices, axis), params=("indices", "axis")),
    "repeat": _move(lambda x, repeats, axis=None: np.repeat(x, repeats, axis), params=("repeats", "axis")),
    "tile": _move(lambda x, reps: np.tile(x, reps), params=("reps",)),
    "concatenate": _move(lambda xs, axis=0: np.concatenate(xs, axis), -1),
    "stack": _move(lambda xs, axis=0: np.stack(xs, axis), -1),
}


def _masked(x: Objects, which: Callable[..., Any]) -> Objects:
    mask = which(np.ones(x.shape, dtype=bool))
    return np.where(mask, x, mpf(0))


OPERATIONS: dict[str, Operation] = {
    **{name: _elementwise(name) for name in SCALARS},
    **REDUCTIONS,
    **LINES,
    **CONTRACTIONS,
    **MATRICES,
    **MOVES,
}
"""Every operation that a campaign's program may use."""
