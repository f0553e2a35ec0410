"""Norms of vectors and matrices."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from ..axes import Axis, axes_of, shape_of
from ..declare.meanings import Composite
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, POSITIVE_ROW, ROW, Kink, at
from ..kernels import floating
from .arithmetic import abs, sign
from .extrema import max, min
from .factorisations import singular_values
from .moving import expand_dims, moveaxis
from .quotients import or_one
from .reductions import restored, sum

ZERO = Kink("all elements 0", ours="0", torch="0", sample=at(np.zeros(3)))


def scaled_root(x: Any, axis: Axis, keepdims: bool) -> Any:
    """The Euclidean norm by way of the largest element, for squares that overflow or vanish."""
    top = np.maximum.reduce(np.abs(x), axis, None, None, True, 0.0)
    scale = np.where((top > 0) & np.isfinite(top), top, x.dtype.type(1))
    d = x / scale
    y = np.sqrt(np.add.reduce(d * d, axis, None, None, True)) * scale
    return y if keepdims else np.squeeze(y, axes_of(axis, x.shape, "norm"))


@op(
    meaning=Composite("sqrt(sum(x**2, axis=axis, keepdims=keepdims))"),
    vjp=[lambda g, y, x, axis, keepdims: restored(g / or_one(y), x.shape, axis, keepdims) * x],
    latex=r"\lVert\cdot\rVert",
    torch_name="LinalgVectorNormBackward0",
    numpy=(),
    language=False,
    samples=[at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2), keepdims=True), at(-0.7)],
    kinks=[ZERO],
)
def euclidean_norm(x, /, axis=None, keepdims=False):
    """The square root of the sum of squares; no square overflows or vanishes on the way."""
    x = floating(x)
    with np.errstate(over="ignore", under="ignore"):
        try:
            y = np.sqrt(np.add.reduce(x * x, axis, None, None, keepdims))
        except (TypeError, ValueError):
            axes_of(axis, x.shape, "norm")
            raise
        limits = np.finfo(x.dtype)
        low, high = limits.tiny / limits.eps**2, limits.max
        safe = (y > low**0.5) & (y < high**0.5)
        return y if safe.all() else scaled_root(x, axis, keepdims)


def p_norm_rule(g: Any, y: Any, x: Any, p: float, axis: Axis, keepdims: bool) -> Any:
    """``g sign(x) (|x| / y)**(p - 1)``, and 0 where ``x`` is 0: for ``p > 1`` the slope, for others a subgradient."""
    if p < 0:
        g = g * (y != 0)  # an element that is 0 makes the norm 0 whatever the others are
    shares = abs(x) / restored(or_one(y), x.shape, axis, keepdims)
    slopes = (or_one(shares) if p < 1 else shares) ** (p - 1)
    return restored(g, x.shape, axis, keepdims) * sign(x) * slopes


@op(
    meaning="x**(1/p)",
    vjp=[lambda g, y, x, p: g * x ** (1 / p - 1) / p],
    numpy=(),
    language=False,
    samples=[at(2.0), at(POSITIVE_ROW), at(POSITIVE_ROW, p=8)],
    domain="x > 0",
)
def p_root(x, /, p=4):
    """The ``p``-th root: in its meaning ``1/p`` is no rounded number."""
    return x ** (1 / p)


@op(
    meaning=Composite("p_root(sum(abs(x)**p, axis=axis, keepdims=keepdims), p=p)"),
    vjp=[lambda g, y, x, p, axis, keepdims: p_norm_rule(g, y, x, p, axis, keepdims)],
    latex=r"\lVert\cdot\rVert_{p}",
    numpy=(),
    language=False,
    # powers of two, of which 1 / p is no rounded number
    samples=[at(ROW), at(ROW, p=8), at(MATRIX, axis=0), at(CUBE, axis=(0, 2), keepdims=True)],
    kinks=[Kink("all elements 0", ours="0", torch="0", sample=at(np.zeros(3)))],
)
def p_norm(x, /, p=4, axis=None, keepdims=False):
    """The ``p``-th root of the sum of ``p``-th powers, by way of the largest element: no power overflows or vanishes.

    For ``p < 0`` it is the smallest element that the others are compared with.
    """
    x = floating(x)
    size = np.abs(x)
    if p > 0:
        top = np.maximum.reduce(size, axis, None, None, True, 0.0)
    else:
        top = np.minimum.reduce(size, axis, None, None, True, np.inf)
    scale = np.where((top > 0) & np.isfinite(top), top, x.dtype.type(1))
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        y = np.add.reduce((size / scale) ** p, axis, None, None, True) ** (1 / p) * scale
    return y if keepdims else np.squeeze(y, axes_of(axis, x.shape, "norm"))


VectorNorm = Callable[[Any, Axis, bool], Any]
VECTOR_NORMS: dict[float, VectorNorm] = {
    0: lambda x, axis, keepdims: sum(x != 0, axis=axis, keepdims=keepdims) * 1.0,
    1: lambda x, axis, keepdims: sum(abs(x), axis=axis, keepdims=keepdims),
    2: lambda x, axis, keepdims: euclidean_norm(x, axis=axis, keepdims=keepdims),
    inf: lambda x, axis, keepdims: max(abs(x), axis=axis, keepdims=keepdims),
    -inf: lambda x, axis, keepdims: min(abs(x), axis=axis, keepdims=keepdims),
}

# Of matrices in the last two axes, without their axes kept.
MATRIX_NORMS: dict[Any, Callable[[Any], Any]] = {
    "fro": lambda x: euclidean_norm(x, axis=(-2, -1)),
    "nuc": lambda x: sum(singular_values(x), axis=-1),
    1: lambda x: max(sum(abs(x), axis=-2), axis=-1),
    -1: lambda x: min(sum(abs(x), axis=-2), axis=-1),
    2: lambda x: max(singular_values(x), axis=-1),
    -2: lambda x: min(singular_values(x), axis=-1),
    inf: lambda x: max(sum(abs(x), axis=-1), axis=-1),
    -inf: lambda x: min(sum(abs(x), axis=-1), axis=-1),
}


@function(
    samples=[
        at(ROW), at(ROW, ord=3), at(MATRIX, axis=0, ord=1), at(MATRIX, ord=inf, axis=1),
        at(CUBE, axis=(0, 2), keepdims=True),
    ],
    numpy=("linalg.vector_norm",),
    language=False,
)  # fmt: skip
def vector_norm(x: Any, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of the elements over ``axis`` as a vector: ``ord`` 2, 1, inf, -inf, 0 or any other power."""
    if isinstance(ord, str):
        raise ValueError(f"vector_norm: ord={ord!r} is a norm of matrices; of a vector it is a power such as 2 or inf")
    if ord in VECTOR_NORMS:
        return VECTOR_NORMS[ord](x, axis, keepdims)
    return p_norm(x, p=float(ord), axis=axis, keepdims=keepdims)


@function(
    samples=[
        at(MATRIX), at(MATRIX.T, ord="nuc"), at(MATRIX, ord=2, keepdims=True), at(MATRIX, ord=1), at(MATRIX, ord=inf),
    ],
    numpy=("linalg.matrix_norm",),
    language=False,
)  # fmt: skip
def matrix_norm(x: Any, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of each matrix in the last two axes: ``ord`` "fro", "nuc", 1, 2, inf or their negatives."""
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"matrix_norm: x has shape {shape}; a matrix has at least 2 axes")
    if ord not in MATRIX_NORMS:
        raise ValueError(f"matrix_norm: ord={ord!r}; it is one of {', '.join(map(repr, MATRIX_NORMS))}")
    y = MATRIX_NORMS[ord](x)
    return expand_dims(y, (-2, -1)) if keepdims else y


@function(
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(ROW, ord=3), at(ROW, ord=1), at(ROW, ord=inf), at(ROW, ord=-inf),
        at(MATRIX, ord="nuc"), at(MATRIX, ord=2), at(MATRIX, ord="fro", keepdims=True), at(CUBE, axis=(0, 2)),
        at(CUBE, ord=1, axis=(2, 0), keepdims=True),
    ],
    numpy=("linalg.norm",),
    kinks=[ZERO],
    method=False,
)  # fmt: skip
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """A norm as ``numpy.linalg.norm`` has it: of a vector over one axis, of matrices over two; Euclidean by default."""
    shape = shape_of(x)
    if ord is None:
        return euclidean_norm(x, axis=axis, keepdims=keepdims)
    axes = axes_of(axis, shape, "norm")
    if len(axes) == 1:
        return vector_norm(x, axes, keepdims, ord)
    if len(axes) != 2:
        raise ValueError(f"norm(x, ord={ord!r}): x has shape {shape}; name the one axis or the two axes of the norm")
    y = matrix_norm(moveaxis(x, axes, (-2, -1)), ord=ord)
    return expand_dims(y, tuple(sorted(axes))) if keepdims else y
