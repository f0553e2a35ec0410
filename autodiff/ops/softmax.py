"""Normalised exponentials and the logarithm of their sum, all computed from the distance to the largest element."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, reduced_shape
from ..declare.meanings import Composite
from ..declare.op import op
from ..declare.samples import CUBE, MATRIX, ROW, at
from ..kernels import floating
from .reductions import restored, sum

LARGE = np.array([1000.0, 999.0, -1000.0])
EVEN = np.array([0.5, 0.5, 0.5])


def checked(name: str, x: Any, axis: Axis) -> Any:
    """``x`` as floating numbers; ValueError where there is no element along ``axis``."""
    axes_of(axis, x.shape, name)
    if not count(x.shape, axis):
        raise ValueError(f"{name} of no elements: x has shape {x.shape}, axis is {axis}")
    return floating(x)


@dataclass(slots=True)
class Lines:
    """The lines of an array along some axes as the rows of a matrix, each with its largest element taken off."""

    distances: Any  # how far each element lies below the largest; the kernels overwrite it
    top: Any  # the largest of each line
    place: Any  # and where it is
    rows: Any  # the number of each line
    finite: bool  # whether the largest of every line is
    order: tuple[int, ...]
    turned: tuple[int, ...]
    others: Any = None  # the sum of the exponentials of each line but for the largest, which is 1, once it is known

    def restored(self, rows: Any) -> Any:
        """A matrix of such rows as an array of the original shape."""
        if rows.shape != self.turned:
            rows = rows.reshape(self.turned)
        if self.order == tuple(range(len(self.order))):
            return rows
        return rows.transpose([self.order.index(k) for k in range(len(self.order))])


def lines_of(x: Any, axis: Axis, name: str) -> Lines:
    """The lines of ``x`` along ``axis``; where the largest is not finite, 0 is taken off: nothing becomes inf - inf."""
    if x.ndim == 2 and axis in (1, -1):
        order: tuple[int, ...] = (0, 1)
        turned = rows = x
    else:
        axes = axes_of(axis, x.shape, name)
        order = (*(k for k in range(x.ndim) if k not in axes), *axes)
        turned = x.transpose(order)
        rows = turned.reshape(-1, count(x.shape, axes))
    # finding the place of the largest is three times as fast as finding the largest along short rows
    place = rows.argmax(1)
    numbers = np.arange(len(rows))
    top = rows[numbers, place]
    # A finite sum of squares says so of all at once; vdot lets it overflow without a word.
    finite = isfinite(np.vdot(top, top)) or bool(np.logical_and.reduce(np.isfinite(top)))
    safe = top if finite else np.where(np.isfinite(top), top, x.dtype.type(0))
    return Lines(rows - safe[:, None], top, place, numbers, finite, order, turned.shape)


def log_of_sum(lines: Lines, otherwise: float) -> Any:
    """The logarithm of the sum of exponentials of each line, less the largest; the distances become exponentials.

    ``otherwise`` stands for lines whose largest element is not finite.
    """
    e = np.exp(lines.distances, out=lines.distances)
    # the largest contributes exactly 1: log1p of the others keeps their digits
    e[lines.rows, lines.place] = 0.0
    lines.others = np.add.reduce(e, 1)
    e[lines.rows, lines.place] = 1.0
    rest = np.log1p(lines.others)
    return rest if lines.finite else np.where(np.isfinite(lines.top), rest, lines.top.dtype.type(otherwise))


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
    return normalised(x, axis, np.nan)


@op(
    meaning=Composite("e = exp(x); e / sum(e, axis=axis, keepdims=True)"),
    vjp=[lambda g, y, x, axis: softmax_rule(g, y, x, axis)],
    numpy=(),
    language=False,
    samples=[at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2))],
)
def softmax_shares(x, /, axis=-1):
    """The softmax, and 0 in lines of -inf alone, where nothing has a share, as recursions in log-space need it."""
    return normalised(x, axis, 0.0)


def normalised(x: Any, axis: Axis, otherwise: float) -> Any:
    """The softmax; ``otherwise`` stands in lines of -inf alone."""
    lines = lines_of(checked("softmax", x, axis), axis, "softmax")
    e = np.exp(lines.distances, out=lines.distances)
    total = np.add.reduce(e, 1, None, None, True)
    if total.all():
        e /= total
    else:
        e[total[:, 0] == 0] = otherwise
        e /= np.where(total, total, 1)
    return lines.restored(e)


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
    lines = lines_of(checked("log_softmax", x, axis), axis, "log_softmax")
    distances = lines.distances.copy()
    distances -= log_of_sum(lines, np.nan)[:, None]
    return lines.restored(distances)


@op(
    meaning=Composite("log(sum(exp(x), axis=axis, keepdims=keepdims))"),
    vjp=[lambda g, y, x, axis, keepdims: restored(g, x.shape, axis, keepdims) * softmax_shares(x, axis)],
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2), keepdims=True), at(MATRIX, axis=-1), at(LARGE),
        at(EVEN), at(np.array([0.0, -40.0])),
    ],
    method=True,
)  # fmt: skip
def logsumexp(x, /, axis=None, keepdims=False):
    """The logarithm of the sum of exponentials over ``axis``: a smooth maximum."""
    lines = lines_of(checked("logsumexp", x, axis), axis, "logsumexp")
    return (lines.top + log_of_sum(lines, 0.0)).reshape(
        reduced_shape(x.shape, axes_of(axis, x.shape, "logsumexp"), keepdims)
    )
