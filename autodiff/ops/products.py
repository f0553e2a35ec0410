"""Products of elements, and running sums and products; nothing is divided, so zeros are as good as any number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, one_axis
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, at
from .indexing import getitem
from .joining import along, concatenate
from .moving import flip, reshape
from .reductions import restored

ONE_ZERO = np.array([2.0, 0.0, -3.0, 0.5])
TWO_ZEROS = np.array([2.0, 0.0, -3.0, 0.0])
ZEROS = np.array([[2.0, 0.0, -3.0], [0.0, 0.0, 1.5], [1.0, 2.0, 3.0]])


def in_lines(x: Any, axis: Axis) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """``x`` with the axes that are reduced together as its last one, and how to undo it."""
    axes = axes_of(axis, x.shape, "prod")
    order = tuple(k for k in range(x.ndim) if k not in axes) + axes
    turned = x.transpose(order)
    lines = *turned.shape[: x.ndim - len(axes)], count(x.shape, axes)
    return turned.reshape(lines), turned.shape, tuple(np.argsort(order))


def others_in_lines(x: Any) -> Any:
    """For each element the product of the others in its line: of those before it and of those after it."""
    before, after = np.ones_like(x), np.ones_like(x)
    np.multiply.accumulate(x[..., :-1], -1, out=before[..., 1:])
    np.multiply.accumulate(x[..., :0:-1], -1, out=after[..., -2::-1])
    return before * after


@op(
    meaning=Structure(lambda m, x, axis, keepdims: m.reduce(x, axis, keepdims, product=True)),
    vjp=[lambda g, y, x, axis, keepdims: restored(g, x.shape, axis, keepdims) * prod_of_others(x, axis)],
    latex=r"\prod",
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1, keepdims=True), at(CUBE, axis=(0, 2)), at(0.7),
        at(ONE_ZERO), at(TWO_ZEROS), at(ZEROS, axis=0), at(ZEROS, axis=1), at(MATRIX, keepdims=True),
    ],
    method=True,
)  # fmt: skip
def prod(x, /, axis=None, keepdims=False):
    """The product of the elements of ``x`` over ``axis`` (all, one or several); of no elements 1."""
    try:
        return np.multiply.reduce(x, axis, None, None, keepdims)
    except (TypeError, ValueError):
        axes_of(axis, x.shape, "prod")
        raise


def others_meaning(m: Any, x: Any, axis: Axis) -> Any:
    """The product of those before each element and of those after it, in its line."""
    axes = axes_of(axis, x.shape, "prod")
    order = tuple(k for k in range(x.ndim) if k not in axes) + axes
    kept, shape = x.ndim - len(axes), tuple(x.shape[k] for k in order)
    return m.program(
        "l = reshape(transpose(x, order), lines);"
        " o = running(l, product=True, strict=True) * running(l, product=True, strict=True, onward=True);"
        " transpose(reshape(o, shape), back)",
        order=order, shape=shape, lines=(*shape[:kept], -1), back=tuple(int(k) for k in np.argsort(order)),
    )  # fmt: skip


@op(
    meaning=Structure(others_meaning),
    vjp=[lambda g, y, x, axis: prod_of_others_rule(g, x, axis)],
    numpy=(),
    language=False,
    samples=[at(ROW), at(MATRIX, axis=0), at(CUBE, axis=(0, 2)), at(ONE_ZERO), at(TWO_ZEROS), at(ZEROS, axis=1)],
)
def prod_of_others(x, /, axis=None):
    """For each element the product of the other elements over ``axis``."""
    lines, shape, back = in_lines(x, axis)
    return others_in_lines(lines).reshape(shape).transpose(back)


def prod_of_others_rule(g: Any, x: Any, axis: Axis) -> Any:
    """Through the products before and after each element, whose own rules divide nothing either."""
    axes = axes_of(axis, x.shape, "prod")
    order = tuple(k for k in range(len(x.shape)) if k not in axes) + axes
    turned = x.transpose(order)
    shape = (*turned.shape[: len(x.shape) - len(axes)], count(x.shape, axes))
    lines, h = reshape(turned, shape), reshape(g.transpose(order), shape)
    before = shifted(cumprod(lines, -1), 1.0)
    after = flip(shifted(cumprod(flip(lines, -1), -1), 1.0), -1)
    of_before = cumprod_back(unshifted(h * after), lines)
    of_after = flip(cumprod_back(unshifted(flip(h * before, -1)), flip(lines, -1)), -1)
    return reshape(of_before + of_after, turned.shape).transpose(tuple(int(k) for k in np.argsort(order)))


def edge(x: Any, value: float, axis: int = -1) -> Any:
    """A layer of ``value``, one element thick along ``axis`` (none where ``x`` has none)."""
    return np.full(tuple(min(1, n) if k == axis % len(x.shape) else n for k, n in enumerate(x.shape)), value, x.dtype)


def shifted(x: Any, first: float, axis: int = -1) -> Any:
    """``x`` moved one place on along ``axis``, with ``first`` in front."""
    place = axis % len(x.shape)
    return concatenate((edge(x, first, axis), getitem(x, along(len(x.shape), place, slice(None, -1)))), axis=axis)


def unshifted(x: Any, axis: int = -1) -> Any:
    """``x`` moved one place back along ``axis``, with 0 at the end."""
    place = axis % len(x.shape)
    return concatenate((getitem(x, along(len(x.shape), place, slice(1, None))), edge(x, 0.0, axis)), axis=axis)


@op(
    meaning=Structure(lambda m, b, a, axis: m.implicit("recurrence", b.sizes, axis=axis % b.ndim)),
    vjp=[
        lambda g, y, b, a, axis: flip(recurrence(flip(g, axis), flip(unshifted(a, axis), axis), axis), axis),
        lambda g, y, b, a, axis: (
            flip(recurrence(flip(g, axis), flip(unshifted(a, axis), axis), axis), axis) * shifted(y, 0.0, axis)
        ),
    ],
    numpy=(),
    language=False,
    samples=[at(ROW, ONE_ZERO), at(MATRIX, MATRIX[::-1].copy(), axis=0), at(CUBE, CUBE[::-1].copy(), axis=1)],
)
def recurrence(b, a, /, axis=-1):
    """``s[k] = b[k] + a[k] * s[k - 1]`` along ``axis``, from ``s[-1] = 0``."""
    out = np.array(np.moveaxis(b, axis, 0), order="C")
    factors = np.moveaxis(a, axis, 0)
    lines = out.reshape(out.shape[0], count(out.shape[1:]))
    if lines.shape[1] < 8:  # few long lines: Python's numbers are faster than one-element arrays
        for column in range(lines.shape[1]):
            lines[:, column] = _recurrence(lines[:, column].tolist(), factors.reshape(lines.shape)[:, column].tolist())
    else:
        for k in range(1, out.shape[0]):
            out[k] += factors[k] * out[k - 1]
    return np.moveaxis(out, 0, axis)


def _recurrence(b: list[float], a: list[float]) -> list[float]:
    s, out = 0.0, []
    for constant, factor in zip(b, a, strict=True):
        s = constant + factor * s
        out.append(s)
    return out


def cumprod_back(g: Any, x: Any, axis: int = -1) -> Any:
    """The cotangent of ``cumprod``: the product before each element times what follows from it.

    ``xbar[k] = p[k-1] * s[k]`` with ``s[k] = g[k] + x[k+1] * s[k+1]``: no division by an element that may be 0.
    """
    onward = flip(recurrence(flip(g, axis), flip(unshifted(x, axis), axis), axis), axis)
    return shifted(cumprod(x, axis), 1.0, axis) * onward


def cumprod_rule(g: Any, x: Any, axis: int | None) -> Any:
    """``cumprod_back`` along the axis, or along the ravelled array."""
    if axis is None:
        return reshape(cumprod_back(g, reshape(x, (-1,))), x.shape)
    return cumprod_back(g, x, axis)


def running_axis(name: str, x: Any, axis: int | None) -> None:
    """Raise unless ``axis`` is None or an axis of ``x``."""
    if axis is not None:
        one_axis(axis, x.shape, name)


RUNS = [at(ROW), at(MATRIX), at(MATRIX, axis=0), at(MATRIX, axis=-1), at(CUBE, axis=1), at(ONE_ZERO), at(0.7)]


def running_meaning(m: Any, x: Any, axis: int | None, product: bool) -> Any:
    """The elements up to each position; of the ravelled array, where no axis is named."""
    if axis is None and x.ndim != 1:
        return m.program("running(reshape(x, -1), product=product)", product=product)
    return m.running(x, 0 if axis is None else axis, product=product)


@op(
    meaning=Structure(lambda m, x, axis: running_meaning(m, x, axis, True)),
    vjp=[lambda g, y, x, axis: cumprod_rule(g, x, axis)],
    samples=[*RUNS, at(TWO_ZEROS), at(ZEROS, axis=1)],
    method=True,
)
def cumprod(x, /, axis=None):
    """The running product along ``axis``, or of the ravelled array."""
    running_axis("cumprod", x, axis)
    return np.multiply.accumulate(x.ravel() if axis is None else x, 0 if axis is None else axis)


def cumsum_rule(g: Any, shape: tuple[int, ...], axis: int | None) -> Any:
    """The running sum from the end."""
    return reshape(flip(cumsum(flip(g, axis), axis=axis), axis), shape)


@op(
    meaning=Structure(lambda m, x, axis: running_meaning(m, x, axis, False)),
    vjp=[lambda g, y, x, axis: cumsum_rule(g, x.shape, axis)],
    linear=True,
    samples=RUNS,
    method=True,
)
def cumsum(x, /, axis=None):
    """The running sum along ``axis``, or of the ravelled array."""
    running_axis("cumsum", x, axis)
    return np.add.accumulate(x.ravel() if axis is None else x, 0 if axis is None else axis)


@function(numpy=(), samples=[at(ROW), at(MATRIX), at(MATRIX, axis=0), at(ROW, n=2), at(ROW, n=0)])
def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along ``axis``, taken ``n`` times."""
    if n < 0:
        raise ValueError(f"diff: n={n} must not be negative")
    shape = x.shape if hasattr(x, "shape") else np.shape(x)
    if not shape:
        raise ValueError("diff: a number has no neighbours; x must have at least 1 axis")
    place = one_axis(axis, shape, "diff")
    later, earlier = along(len(shape), place, slice(1, None)), along(len(shape), place, slice(None, -1))
    for _ in range(n):
        x = getitem(x, later) - getitem(x, earlier)
    return x
