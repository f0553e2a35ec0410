"""Normalised exponentials and the logarithm of their sum, all computed from the distance to the largest element."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.axes import Axis, axes_of, count, reduced_shape
from autodiff.kernels import floating
from autodiff.meanings import Composite
from autodiff.op import op
from autodiff.ops.reductions import restored, sum
from autodiff.samples import CUBE, MATRIX, ROW, at

LARGE = np.array([1000.0, 999.0, -1000.0])
EVEN = np.array([0.5, 0.5, 0.5])


def checked(name: str, x: Any, axis: Axis) -> Any:
    """``x`` as floating numbers; ValueError where there is no element along ``axis``."""
    axes_of(axis, x.shape, name)
    if not count(x.shape, axis):
        raise ValueError(f"{name} of no elements: x has shape {x.shape}, axis is {axis}")
    return floating(x)


def largest(x: Any, axis: Axis) -> Any:
    """The largest element along ``axis``, axes kept; 0 where it is not finite, so that nothing becomes inf - inf."""
    top = np.maximum.reduce(x, axis, None, None, True)
    return top if np.isfinite(top).all() else np.where(np.isfinite(top), top, x.dtype.type(0))


def softmax_rule(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    """``y * (g - <g, y>)``."""
    h = g * y
    return h - y * sum(h, axis=axis, keepdims=True)


@op(
    meaning=Composite("e = exp(x); e / sum(e, axis=axis, keepdims=True)"),
    vjp=[softmax_rule],
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=1), at(MATRIX, axis=None), at(CUBE, axis=(0, 2)),
        at(LARGE), at(EVEN),
    ],
    method=True,
)  # fmt: skip
def softmax(x, /, axis=-1):
    """Exponentials of ``x``, divided by their sum along ``axis`` (one, several, or None: all)."""
    x = checked("softmax", x, axis)
    e = np.asarray(x - largest(x, axis))
    np.exp(e, e)
    e /= np.add.reduce(e, axis, None, None, True)
    return e


def log_of_sum(x: Any, axis: Axis) -> tuple[Any, Any]:
    """``(top, rest)`` with logsumexp(x) = top + rest, each with its axes kept."""
    top = largest(x, axis)
    distance = np.asarray(x - top)
    first = distance == 0.0
    e = np.asarray(np.exp(distance))
    # what the largest elements contribute is known exactly: log1p of the others keeps their digits
    e[first] = 0.0
    number = np.add.reduce(first, axis, x.dtype, None, True)
    others = np.add.reduce(e, axis, None, None, True)
    with np.errstate(divide="ignore"):
        rest = np.where(
            number > 0, np.log1p(others / np.maximum(number, 1)) + np.log(np.maximum(number, 1)), np.log(others)
        )
    return top, rest.astype(x.dtype, copy=False)


@op(
    meaning=Composite("x - logsumexp(x, axis=axis, keepdims=True)"),
    vjp=[lambda g, y, x, axis: g - softmax(x, axis) * sum(g, axis=axis, keepdims=True)],
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=1), at(MATRIX, axis=None), at(CUBE, axis=(0, 2)),
        at(LARGE), at(EVEN),
    ],
    method=True,
)  # fmt: skip
def log_softmax(x, /, axis=-1):
    """The logarithm of ``softmax(x, axis)``."""
    x = checked("log_softmax", x, axis)
    top, rest = log_of_sum(x, axis)
    return x - top - rest


@op(
    meaning=Composite("log(sum(exp(x), axis=axis, keepdims=keepdims))"),
    vjp=[lambda g, y, x, axis, keepdims: restored(g, x.shape, axis, keepdims) * softmax(x, axis)],
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2), keepdims=True), at(MATRIX, axis=-1), at(LARGE),
        at(EVEN), at(np.array([0.0, -40.0])),
    ],
    method=True,
)  # fmt: skip
def logsumexp(x, /, axis=None, keepdims=False):
    """The logarithm of the sum of exponentials over ``axis``: a smooth maximum."""
    x = checked("logsumexp", x, axis)
    top, rest = log_of_sum(x, axis)
    y = top + rest
    return y if keepdims else y.reshape(reduced_shape(x.shape, axes_of(axis, x.shape, "logsumexp"), False))
