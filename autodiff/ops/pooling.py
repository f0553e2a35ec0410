"""Pooling: the largest element, or the mean, of every window."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autodiff.axes import shape_of
from autodiff.kernels import floating
from autodiff.op import function, op
from autodiff.ops.convolution import IMAGE, LINE, Margins, Sizes, each, positions, taps, unpadded
from autodiff.samples import Kink, at

TIED_LINE = np.array([[[1.0, 1.0, 2.0, 0.5, -1.0, 3.0]]])
TIES = Kink("tied in a window", ours="shared evenly", torch="one element", sample=at(TIED_LINE, kernel=(2,), stride=(2,),
            padding=((0, 0),), dilation=(1,)))  # fmt: skip
WINDOWS = [
    at(LINE, kernel=(2,), stride=(2,), padding=((0, 0),), dilation=(1,)),
    at(IMAGE, kernel=(2, 3), stride=(1, 2), padding=((1, 1), (0, 0)), dilation=(2, 1)),
    at(IMAGE, kernel=(2, 2), stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)),
]


def framed(x: Any, padding: Margins, value: float) -> Any:
    """``x`` with ``value`` around its last axes."""
    if not any(a or b for a, b in padding):
        return x
    return np.pad(x, ((0, 0),) * (x.ndim - len(padding)) + padding, constant_values=value)


def largest(full: Any, kernel: Sizes, count: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """The largest element of every window of an array with its margin."""
    y = None
    for _, met in taps(kernel, count, stride, dilation):
        part = full[(..., *met)]
        y = part.copy() if y is None else np.maximum(y, part, out=y)
    return y


def hits(x: Any, kernel: Sizes, stride: Sizes, padding: Margins, dilation: Sizes) -> Any:
    """``(padded shape, count, [(slices, which windows have their largest element there)], how many have it)``."""
    count = positions(x.shape[-len(kernel) :], kernel, stride, padding, dilation)
    full = framed(x, padding, -np.inf)
    y = largest(full, kernel, count, stride, dilation)
    found = []
    number = np.zeros(y.shape, x.dtype)
    for _, met in taps(kernel, count, stride, dilation):
        part = full[(..., *met)]
        hit = (part == y) | (np.isnan(part) & np.isnan(y))
        number += hit
        found.append((met, hit))
    return full.shape, found, number


@op(
    vjp=[lambda g, y, x, kernel, stride, padding, dilation: pooled_back(g, x, kernel, stride, padding, dilation)],
    selects=True,
    numpy=(),
    language=False,
    torch_name="MaxPoolBackward0",
    samples=[*WINDOWS, at(TIED_LINE, kernel=(2,), stride=(2,), padding=((0, 0),), dilation=(1,))],
    kinks=[TIES],
)
def max_pool(x, /, kernel, stride, padding, dilation):
    """The largest element of every window over the last axes; the margin never is."""
    x = floating(x)
    count = positions(x.shape[-len(kernel) :], kernel, stride, padding, dilation)
    return largest(framed(x, padding, -np.inf), kernel, count, stride, dilation)


@op(
    vjp=[lambda g, y, h, x, kernel, stride, padding, dilation: pooled_share(g, x, kernel, stride, padding, dilation), None],
    numpy=(),
    language=False,
    samples=[at(LINE[..., :3], LINE, kernel=(2,), stride=(2,), padding=((0, 0),), dilation=(1,))],
)
def pooled_back(h, x, /, kernel, stride, padding, dilation):
    """Each window's ``h`` at its largest element in ``x``; tied elements share it evenly."""
    shape, found, number = hits(x, kernel, stride, padding, dilation)
    out = np.zeros(shape, np.result_type(h, x))
    share = h / number
    for met, hit in found:
        out[(..., *met)] += hit * share
    return unpadded(out, x.shape[-len(kernel) :], padding)


@op(
    vjp=[lambda g, y, h, x, kernel, stride, padding, dilation: pooled_back(g, x, kernel, stride, padding, dilation), None],
    numpy=(),
    language=False,
    samples=[at(LINE[::-1].copy(), LINE, kernel=(2,), stride=(2,), padding=((0, 0),), dilation=(1,))],
)
def pooled_share(h, x, /, kernel, stride, padding, dilation):
    """For each window ``h`` at its largest element in ``x``, the mean of ``h`` where several are tied."""
    _, found, number = hits(x, kernel, stride, padding, dilation)
    full = framed(h, padding, 0.0)
    out = np.zeros(number.shape, np.result_type(h, x))
    for met, hit in found:
        out += hit * full[(..., *met)]
    return out / number


@op(
    vjp=[lambda g, y, x, kernel, stride, padding: averaged_back(g, x.shape[-len(kernel) :], kernel, stride, padding)],
    linear=True,
    numpy=(),
    language=False,
    torch_name="AvgPoolBackward0",
    samples=[
        at(LINE, kernel=(2,), stride=(2,), padding=((0, 0),)),
        at(IMAGE, kernel=(2, 3), stride=(1, 2), padding=((1, 1), (0, 0))),
    ],
)
def avg_pool(x, /, kernel, stride, padding):
    """The mean of every window over the last axes; the margin counts as zeros."""
    count = positions(x.shape[-len(kernel) :], kernel, stride, padding, (1,) * len(kernel))
    full = framed(floating(x), padding, 0.0)
    out = np.zeros((*full.shape[: -len(kernel)], *count), full.dtype)
    for _, met in taps(kernel, count, stride, (1,) * len(kernel)):
        out += full[(..., *met)]
    out /= prod(kernel)
    return out


@op(
    vjp=[lambda g, y, h, inside, kernel, stride, padding: avg_pool(g, kernel, stride, padding)],
    linear=True,
    numpy=(),
    language=False,
    samples=[at(LINE[..., :3], inside=(7,), kernel=(2,), stride=(2,), padding=((0, 0),))],
)
def averaged_back(h, /, inside, kernel, stride, padding):
    """The transpose of the mean: each window's ``h``, spread evenly over its elements."""
    full = (*h.shape[: -len(kernel)], *(a + m + b for (a, b), m in zip(padding, inside, strict=True)))
    out = np.zeros(full, h.dtype)
    share = h / prod(kernel)
    for _, met in taps(kernel, h.shape[-len(kernel) :], stride, (1,) * len(kernel)):
        out[(..., *met)] += share
    return unpadded(out, inside, padding)


def checked(name: str, n: int, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> tuple[Any, ...]:
    """``(kernel, stride, padding, dilation)`` for each of the last ``n`` axes of ``x``, once all is seen to fit."""
    shape = shape_of(x)
    if len(shape) not in (n + 1, n + 2):
        raise ValueError(f"{name}: x has shape {shape}; it must be (batch, channels, ...) with {n} axes after those")
    kernel = each(name, "kernel_size", kernel_size, n, 1)
    steps = kernel if stride is None else each(name, "stride", stride, n, 1)
    pads, spread = each(name, "padding", padding, n, 0), each(name, "dilation", dilation, n, 1)
    if any(2 * p > k for p, k in zip(pads, kernel, strict=True)):
        raise ValueError(f"{name}: padding={padding} must be at most half of kernel_size={kernel_size}")
    margins = tuple((p, p) for p in pads)
    if min(positions(shape[-n:], kernel, steps, margins, spread)) < 1:
        raise ValueError(f"{name}: a window {kernel} with dilation {spread} does not fit into {shape[-n:]} padded by {pads}")
    return kernel, steps, margins, spread


@function(samples=[at(LINE, 2), at(LINE, 3, 1, 1), at(LINE[0], 2, stride=1, dilation=2), at(TIED_LINE, 2)], kinks=[TIES])
def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of every window of ``x`` (batch, channels, length)."""
    return max_pool(x, *checked("max_pool1d", 1, x, kernel_size, stride, padding, dilation))


@function(samples=[at(IMAGE, 2), at(IMAGE, (2, 3), 1, 1), at(IMAGE[0], 2, stride=1, dilation=2)], kinks=[TIES])
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of every window of ``x`` (batch, channels, height, width)."""
    return max_pool(x, *checked("max_pool2d", 2, x, kernel_size, stride, padding, dilation))


@function(samples=[at(LINE, 2), at(LINE, 3, 1, 1), at(LINE[0], 2, stride=1)])
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of every window of ``x`` (batch, channels, length); the padding counts as zeros."""
    return avg_pool(x, *checked("avg_pool1d", 1, x, kernel_size, stride, padding, 1)[:3])


@function(samples=[at(IMAGE, 2), at(IMAGE, (2, 3), 1, 1), at(IMAGE[0], 2, stride=1)])
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of every window of ``x`` (batch, channels, height, width); the padding counts as zeros."""
    return avg_pool(x, *checked("avg_pool2d", 2, x, kernel_size, stride, padding, 1)[:3])
