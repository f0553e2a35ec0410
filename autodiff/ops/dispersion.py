"""Variance, standard deviation and norms; and the average with weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, shape_of
from ..declare.meanings import Composite
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, OTHER_MATRIX, ROW, Kink, at
from ..kernels import floating
from .moving import broadcast_to, reshape
from .quotients import or_one
from .reductions import mean, restored, sum

DEVIATIONS = [
    at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1, ddof=1, keepdims=True), at(CUBE, axis=(0, 2)),
    at(ROW, ddof=1), at(ROW + 1e6),
]  # fmt: skip


def freedom(x: Any, axis: Axis, ddof: float, name: str) -> float:
    """The number of elements less ``ddof``; ValueError where that leaves none."""
    axes_of(axis, x.shape, name)
    size = count(x.shape, axis)
    if size - ddof <= 0:
        what = f"{name} of no elements" if not size else f"{name}: {size} elements less ddof={ddof} leave none"
        raise ValueError(f"{what}: x has shape {x.shape}, axis is {axis}")
    return size - ddof


def squared_deviation(x: Any, axis: Axis, keepdims: bool) -> Any:
    """The sum of the squared distances from the mean, in two passes so that no digits cancel."""
    x = floating(x)
    d = np.asarray(x - np.add.reduce(x, axis, None, None, True) / count(x.shape, axis))
    np.multiply(d, d, d)
    return np.add.reduce(d, axis, None, None, keepdims)


def deviation(x: Any, axis: Axis) -> Any:
    """The distance of each element from the mean."""
    return x - mean(x, axis=axis, keepdims=True)


@op(
    meaning=Composite(
        "m = mean(x, axis=axis, keepdims=True); sum((x - m)**2, axis=axis, keepdims=keepdims) / (count(x, axis) - ddof)"
    ),
    vjp=[
        lambda g, y, x, axis, ddof, keepdims: (
            restored(g * (2 / (count(x.shape, axis) - ddof)), x.shape, axis, keepdims) * deviation(x, axis)
        )
    ],
    latex=r"\operatorname{Var}",
    torch_name="VarBackward0",
    numpy=(),
    language=False,
    samples=DEVIATIONS,
)
def variance(x, /, axis=None, ddof=0, keepdims=False):
    """The mean squared distance from the mean; the sum is divided by the number of elements less ``ddof``."""
    size = freedom(x, axis, ddof, "var")
    return squared_deviation(x, axis, keepdims) / size


def standard_deviation_rule(g: Any, y: Any, x: Any, axis: Axis, ddof: float, keepdims: bool) -> Any:
    """``(x - mean) / (y (n - ddof))``; of equal values, whose deviations are all 0, it is 0."""
    weight = g / (or_one(y) * (count(x.shape, axis) - ddof))
    return restored(weight, x.shape, axis, keepdims) * deviation(x, axis)


@op(
    meaning=Composite(
        "m = mean(x, axis=axis, keepdims=True); "
        "sqrt(sum((x - m)**2, axis=axis, keepdims=keepdims) / (count(x, axis) - ddof))"
    ),
    vjp=[standard_deviation_rule],
    torch_name="StdBackward0",
    numpy=(),
    language=False,
    samples=DEVIATIONS,
    kinks=[Kink("equal values", ours="0", torch="0", sample=at(np.array([0.5, 0.5, 0.5])))],
)
def standard_deviation(x, /, axis=None, ddof=0, keepdims=False):
    """The square root of the variance."""
    size = freedom(x, axis, ddof, "std")
    return np.sqrt(squared_deviation(x, axis, keepdims) / size)


def degrees(ddof: float, correction: float | None, name: str) -> float:
    """What is taken off the number of elements, under either of its names."""
    if correction is None:
        return ddof
    if ddof:
        raise ValueError(f"{name}: ddof={ddof} and correction={correction} mean the same; give one of them")
    return correction


@function(samples=[*DEVIATIONS, at(ROW, correction=1)], method=True)
def var(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """The variance over ``axis``; ``ddof`` (or ``correction``) is taken off the number of elements divided by."""
    return variance(x, axis=axis, ddof=degrees(ddof, correction, "var"), keepdims=keepdims)


@function(samples=[*DEVIATIONS, at(ROW, correction=1)], method=True)
def std(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False, *, correction: float | None = None) -> Any:
    """The standard deviation over ``axis``; ``ddof`` (or ``correction``) as for ``var``."""
    return standard_deviation(x, axis=axis, ddof=degrees(ddof, correction, "std"), keepdims=keepdims)


@function(samples=[at(ROW), at(MATRIX, axis=0, weights=np.array([1.0, 2.0, 3.0])), at(MATRIX, weights=OTHER_MATRIX**2)])
def average(x: Any, axis: Axis = None, weights: Any = None, keepdims: bool = False) -> Any:
    """The mean over ``axis``, elements counted with their weights; ``weights`` have x's shape, or the axis's length."""
    if weights is None:
        return mean(x, axis=axis, keepdims=keepdims)
    shape, given = shape_of(x), shape_of(weights)
    if given != shape:
        axes = axes_of(axis, shape, "average")
        if given != tuple(shape[k] for k in axes):
            raise ValueError(f"average: weights of shape {given} fit neither x of shape {shape} nor its axis {axis}")
        order = sorted(range(len(axes)), key=lambda k: axes[k])
        if order != list(range(len(axes))):
            raise ValueError(f"average: axis={axis} must rise where the weights are not of x's shape")
        weights = reshape(weights, tuple(n if k in axes else 1 for k, n in enumerate(shape)))
        weights = broadcast_to(weights, shape)
    return sum(x * weights, axis=axis, keepdims=keepdims) / sum(weights, axis=axis, keepdims=keepdims)
