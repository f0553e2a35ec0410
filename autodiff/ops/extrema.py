"""Picks by size: max, min, their positions, median; ties share the cotangent evenly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, one_axis, reduced_shape, shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, Kink, at
from ..kernels import floating
from . import moving
from .reductions import restored

TIED = np.array([3.0, 1.0, 3.0, -3.0])
TIED_COLUMNS = np.array([[1.0, 2.0, 2.0], [1.0, -1.0, 0.0]])
SHARED = Kink(
    "tied", ours="shared evenly", torch="max(), amax shared; max(dim) one element", jax="shared", sample=at(TIED)
)
EXTREMA = [
    at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1, keepdims=True), at(CUBE, axis=(0, 2)), at(0.7),
    at(TIED), at(TIED_COLUMNS, axis=1), at(TIED_COLUMNS, axis=0, keepdims=True), at(MATRIX, keepdims=True),
]  # fmt: skip


def same(x: Any, value: Any) -> Any:
    """Where ``x`` is ``value``, a nan being the same as a nan."""
    hit = x == value
    return hit | (np.isnan(x) & np.isnan(value)) if x.dtype.kind == "f" and np.isnan(value).any() else hit


def kept(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """A reduction's plain result, shaped so that it broadcasts against ``x``."""
    return y if keepdims or axis is None or not x.shape else np.expand_dims(y, axis)


def shares_meaning(m: Any, x: Any, value: Any, axis: Axis, keepdims: bool) -> Any:
    """1 where the element is the picked one, over how many are."""
    plain = keepdims or axis is None or not x.shape
    picked = "value" if plain else "expand_dims(value, axis)"
    return m.program(f"h = where(x == {picked}, 1.0, 0.0); h / sum(h, axis=axis, keepdims=True)")


@op(meaning=Structure(shares_meaning), vjp=[None, None], numpy=(), language=False, samples=[at(TIED, 3.0)])
def shares(x, value, /, axis=None, keepdims=False):
    """1 where ``x`` is the reduced ``value``, divided by how many elements are; 0 elsewhere."""
    hit = same(x, kept(value, x, axis, keepdims))
    number = np.add.reduce(hit, axis, None, None, True)
    return np.divide(hit, number, dtype=x.dtype if x.dtype.kind == "f" else None)


def extreme_rule(g: Any, y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """The cotangent goes to the element picked; elements that are tied share it evenly."""
    return restored(g, x.shape, axis, keepdims) * shares(x, y, axis, keepdims)


def checked(name: str, x: Any, axis: Axis) -> None:
    """Raise where there is nothing to pick from."""
    axes_of(axis, x.shape, name)
    if not count(x.shape, axis):
        raise ValueError(f"{name} of no elements: x has shape {x.shape}, axis is {axis}")


@op(
    meaning=Structure(lambda m, x, axis, keepdims: m.pick(x, axis, keepdims, "max")),
    vjp=[extreme_rule],
    selects=True,
    samples=EXTREMA,
    kinks=[SHARED],
    aliases=("amax",),
    method=True,
)
def max(x, /, axis=None, keepdims=False):
    """The largest element of ``x`` over ``axis``; nan where one is nan, ValueError where there are none."""
    try:
        return np.maximum.reduce(x, axis, None, None, keepdims)
    except ValueError:  # numpy's error for an axis is one as well
        checked("max", x, axis)
        raise


@op(
    meaning=Structure(lambda m, x, axis, keepdims: m.pick(x, axis, keepdims, "min")),
    vjp=[extreme_rule],
    selects=True,
    samples=EXTREMA,
    kinks=[SHARED],
    aliases=("amin",),
    method=True,
)
def min(x, /, axis=None, keepdims=False):
    """The smallest element of ``x`` over ``axis``; nan where one is nan, ValueError where there are none."""
    try:
        return np.minimum.reduce(x, axis, None, None, keepdims)
    except ValueError:  # numpy's error for an axis is one as well
        checked("min", x, axis)
        raise


POSITIONS = [at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1, keepdims=True)]
JUMP = Kink("tied", ours="0", torch="0", jax="0", jump=True, sample=at(TIED))


def position_meaning(m: Any, kind: str, x: Any, axis: int | None, keepdims: bool) -> Any:
    """Which place of the axis has the extreme element."""
    return m.decided(kind, m.without(x, axis, keepdims), axis=axis, keepdims=keepdims)


@op(
    meaning=Structure(lambda m, x, axis, keepdims: position_meaning(m, "argmax", x, axis, keepdims)),
    vjp=[None],
    samples=POSITIONS,
    kinks=[JUMP],
    method=True,
)
def argmax(x, /, axis=None, keepdims=False):
    """The position of the largest element (the first of several) along ``axis``, or in the ravelled array."""
    if axis is not None:
        one_axis(axis, x.shape, "argmax")
    checked("argmax", x, axis)
    return np.argmax(x, axis, keepdims=keepdims)


@op(
    meaning=Structure(lambda m, x, axis, keepdims: position_meaning(m, "argmin", x, axis, keepdims)),
    vjp=[None],
    samples=POSITIONS,
    kinks=[JUMP],
    method=True,
)
def argmin(x, /, axis=None, keepdims=False):
    """The position of the smallest element (the first of several) along ``axis``, or in the ravelled array."""
    if axis is not None:
        one_axis(axis, x.shape, "argmin")
    checked("argmin", x, axis)
    return np.argmin(x, axis, keepdims=keepdims)


@function(samples=[at(ROW), at(MATRIX, axis=0), at(MATRIX, axis=1, keepdims=True)])
def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """From peak to peak: the largest element minus the smallest."""
    return max(x, axis=axis, keepdims=keepdims) - min(x, axis=axis, keepdims=keepdims)


def middle(x: Any) -> tuple[Any, Any]:
    """The two elements in the middle of each line along the last axis (of an odd number twice the same), axis kept."""
    n = x.shape[-1]
    low, high = (n - 1) // 2, n // 2
    ordered = np.partition(x, (low, high, n - 1), -1)
    last = ordered[..., -1:]
    if np.isnan(last).any():  # a nan comes last in the order, and makes the median nan
        ordered = np.where(np.isnan(last), last, ordered)
    return ordered[..., low : low + 1], ordered[..., high : high + 1]


def median_shares_meaning(m: Any, x: Any) -> Any:
    """Half of the shares of each of the two in the middle of the order."""
    low, high = (x.shape[-1] - 1) // 2, x.shape[-1] // 2
    share = "shares(x, s[..., {0}:{0} + 1], axis=-1, keepdims=True)"
    return m.program(f"s = sort(x); ({share.format(low)} + {share.format(high)}) / 2")


@op(meaning=Structure(median_shares_meaning), vjp=[None], numpy=(), language=False, samples=[at(ROW), at(TIED)])
def median_shares(x, /):
    """How much each element weighs in the median of its line: halves for the two in the middle, ties evenly."""
    low, high = middle(x)
    return (shares.forward(x, low, -1, True) + shares.forward(x, high, -1, True)) / 2


def median_meaning(m: Any, x: Any) -> Any:
    """The one or two places in the middle of the order, averaged."""
    n = x.shape[-1]
    return m.order(x, -1, ranks=sorted({(n - 1) // 2, n // 2}), average=True)


MIDDLE = Kink("tied", ours="shared evenly", torch="median() shared and lower middle; median(dim) one", sample=at(TIED))


@op(
    meaning=Structure(median_meaning),
    vjp=[lambda g, y, x: moving.expand_dims(g, -1) * median_shares(x)],
    selects=True,
    numpy=(),
    language=False,
    torch_name="MedianBackward0",
    samples=[at(ROW), at(np.append(ROW, 0.4)), at(MATRIX), at(TIED), at(np.append(TIED, 0.5))],
    kinks=[MIDDLE],
)
def median_of_lines(x, /):
    """The median of each line along the last axis."""
    low, high = middle(floating(x))
    with np.errstate(over="ignore", invalid="ignore"):
        between = low + high
        # the sum of two large numbers may overflow; halved first, tiny ones would vanish
        between = np.where(np.isfinite(between), between / 2, low / 2 + high / 2)
    return np.where(low == high, low, between)[..., 0]


@function(
    samples=[*EXTREMA, at(np.append(ROW, 0.4)), at(np.append(TIED, 0.5)), at(MATRIX.T, axis=0)],
    kinks=[MIDDLE],
)
def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The element in the middle by size over ``axis``; of an even number, the mean of the two in the middle."""
    shape = shape_of(x)
    axes = axes_of(axis, shape, "median")
    if not count(shape, axis):
        raise ValueError(f"median of no elements: x has shape {shape}, axis is {axis}")
    rest = tuple(k for k in range(len(shape)) if k not in axes)
    if rest + axes != tuple(range(len(shape))):
        x = moving.transpose(x, rest + axes)
    if len(axes) != 1:
        x = moving.reshape(x, (*(shape[k] for k in rest), count(shape, axes)))
    y = median_of_lines(x)
    return moving.reshape(y, reduced_shape(shape, axes, True)) if keepdims else y
