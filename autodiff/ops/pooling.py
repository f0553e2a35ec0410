"""Pooling: the largest element, or the mean, of every window."""

from __future__ import annotations

from math import inf, prod
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Composite, Structure
from ..declare.op import function, op
from ..declare.samples import Kink, at
from ..kernels import floating
from .convolution import IMAGE, LINE, framed
from .windows import Sizes, each, positions, taps

TIED_LINE = np.array([[[1.0, 1.0, 2.0, 0.5, -1.0, 3.0]]])
PAIRS = {"kernel": (2,), "stride": (2,), "dilation": (1,), "axes": (-2,)}
PATCHES = {"kernel": (2, 3), "stride": (1, 2), "dilation": (2, 1), "axes": (-4, -3)}
DENSE = {"kernel": (2, 2), "stride": (1, 1), "dilation": (1, 1), "axes": (-4, -3)}
TIES = Kink("tied in a window", ours="shared evenly", torch="one element", sample=at(TIED_LINE, **PAIRS))


def largest(x: Any, kernel: Sizes, outside: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """The largest element of every window."""
    y = None
    for _, index in taps(kernel, outside, stride, dilation):
        y = x[index].copy() if y is None else np.maximum(y, x[index], out=y)
    return y


def hits(x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> tuple[list[Any], Any]:
    """For each place in the kernel its index and which windows are largest there; and at how many places they are."""
    outside = positions(x.shape[-len(kernel) :], kernel, stride, dilation)
    y = largest(x, kernel, outside, stride, dilation)
    spoilt = np.isnan(y)
    found = []
    number = np.zeros(y.shape, x.dtype)
    for _, index in taps(kernel, outside, stride, dilation):
        hit = x[index] == y
        if spoilt.any():
            hit |= np.isnan(x[index]) & spoilt
        number += hit
        found.append((index, hit))
    return found, number


@op(
    meaning=Composite("max(windows(x, kernel=kernel, stride=stride, dilation=dilation), axis=axes)"),
    vjp=[lambda g, y, x, kernel, stride, dilation, axes: pooled_back(g, x, kernel, stride, dilation)],
    selects=True,
    numpy=(),
    language=False,
    torch_name="MaxPoolBackward0",
    samples=[at(LINE, **PAIRS), at(IMAGE, **PATCHES), at(IMAGE, **DENSE), at(TIED_LINE, **PAIRS)],
    kinks=[TIES],
)
def max_pool(x, /, kernel, stride, dilation, axes):
    """The largest element of every window over the last axes; ``axes`` are those of the kernel among the windows'."""
    x = floating(x)
    return largest(x, kernel, positions(x.shape[-len(kernel) :], kernel, stride, dilation), stride, dilation)


def pooled_meaning(m: Any, text: str, h: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """A program in the windows of x as w, and s the share that each element has in the largest of its window."""
    n = len(kernel)
    cut = "windows({}, kernel=kernel, stride=stride, dilation=dilation)"
    return m.program(
        f"w = {cut.format('x')}; s = shares(w, max(w, axis=axes), axis=axes); {text.format(windows=cut.format('h'))}",
        axes=tuple(range(-2 * n, -n)), inside=x.shape[-n:],
    )  # fmt: skip


BACK = "fold(s * expand_dims(h, axes), inside=inside, kernel=kernel, stride=stride, dilation=dilation)"
SHARE = "sum(s * {windows}, axis=axes)"


@op(
    meaning=Structure(lambda m, h, x, **params: pooled_meaning(m, BACK, h, x, **params)),
    vjp=[lambda g, y, h, x, kernel, stride, dilation: pooled_share(g, x, kernel, stride, dilation), None],
    numpy=(),
    language=False,
    samples=[at(LINE[..., :3].copy(), LINE, kernel=(2,), stride=(2,), dilation=(1,))],
)
def pooled_back(h, x, /, kernel, stride, dilation):
    """Each window's ``h`` at its largest element in ``x``; tied elements share it evenly."""
    found, number = hits(x, kernel, stride, dilation)
    share = h / number
    out = np.zeros(x.shape, share.dtype)
    for index, hit in found:
        out[index] += hit * share
    return out


@op(
    meaning=Structure(lambda m, h, x, **params: pooled_meaning(m, SHARE, h, x, **params)),
    vjp=[lambda g, y, h, x, kernel, stride, dilation: pooled_back(g, x, kernel, stride, dilation), None],
    numpy=(),
    language=False,
    samples=[at(LINE[::-1].copy(), LINE, kernel=(2,), stride=(2,), dilation=(1,))],
)
def pooled_share(h, x, /, kernel, stride, dilation):
    """For each window ``h`` at its largest element in ``x``, the mean of ``h`` where several are tied."""
    found, number = hits(x, kernel, stride, dilation)
    out = np.zeros(number.shape, np.result_type(h, x))
    for index, hit in found:
        out += hit * h[index]
    return out / number


@op(
    meaning=Composite("mean(windows(x, kernel=kernel, stride=stride, dilation=dilation), axis=axes)"),
    vjp=[
        lambda g, y, x, kernel, stride, dilation, axes: averaged_back(
            g, x.shape[-len(kernel) :], kernel, stride, dilation
        )
    ],
    linear=True,
    numpy=(),
    language=False,
    torch_name="AvgPoolBackward0",
    samples=[at(LINE, **PAIRS), at(IMAGE, **PATCHES)],
)
def avg_pool(x, /, kernel, stride, dilation, axes):
    """The mean of every window over the last axes; ``axes`` are those of the kernel among the windows'."""
    x = floating(x)
    outside = positions(x.shape[-len(kernel) :], kernel, stride, dilation)
    out = np.zeros((*x.shape[: -len(kernel)], *outside), x.dtype)
    for _, index in taps(kernel, outside, stride, dilation):
        out += x[index]
    out /= prod(kernel)
    return out


def spread_meaning(m: Any, h: Any, inside: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """Every window filled with its ``h`` over the number of its elements, added up where the windows lie."""
    n = len(kernel)
    lead = h.ndim - n
    return m.program(
        "w = broadcast_to(expand_dims(h / number, axes), wide);"
        " fold(w, inside=inside, kernel=kernel, stride=stride, dilation=dilation)",
        number=prod(kernel), axes=tuple(range(-2 * n, -n)), wide=(*h.shape[:lead], *kernel, *h.shape[lead:]),
    )  # fmt: skip


@op(
    meaning=Structure(spread_meaning),
    vjp=[
        lambda g, y, h, inside, kernel, stride, dilation: avg_pool(
            g, kernel, stride, dilation, tuple(range(-2 * len(kernel), -len(kernel)))
        )
    ],
    linear=True,
    numpy=(),
    language=False,
    samples=[at(LINE[..., :3].copy(), inside=(7,), kernel=(2,), stride=(2,), dilation=(1,))],
)
def averaged_back(h, /, inside, kernel, stride, dilation):
    """The transpose of the mean: each window's ``h``, spread evenly over its elements."""
    out = np.zeros((*h.shape[: -len(kernel)], *inside), h.dtype)
    share = h / prod(kernel)
    for _, index in taps(kernel, h.shape[-len(kernel) :], stride, dilation):
        out[index] += share
    return out


def pooled(
    name: str, n: int, pool: Any, margin: float, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> Any:
    """Check every argument in words, then pool over the last ``n`` axes."""
    shape = shape_of(x)
    if len(shape) not in (n + 1, n + 2):
        raise ValueError(f"{name}: x has shape {shape}; it must be (batch, channels, ...) with {n} axes after those")
    kernel = each(name, "kernel_size", kernel_size, n, 1)
    steps = kernel if stride is None else each(name, "stride", stride, n, 1)
    pads, spread = each(name, "padding", padding, n, 0), each(name, "dilation", dilation, n, 1)
    if any(2 * p > k for p, k in zip(pads, kernel, strict=True)):
        raise ValueError(f"{name}: padding={padding} must be at most half of kernel_size={kernel_size}")
    if min(positions(tuple(m + 2 * p for m, p in zip(shape[-n:], pads, strict=True)), kernel, steps, spread)) < 1:
        raise ValueError(
            f"{name}: a window {kernel} with dilation {spread} does not fit into {shape[-n:]} padded by {pads}"
        )
    x = framed(x, tuple((p, p) for p in pads), margin)
    return pool(x, kernel=kernel, stride=steps, dilation=spread, axes=tuple(range(-2 * n, -n)))


@function(
    samples=[at(LINE, 2), at(LINE, 3, 1, 1), at(LINE[0], 2, stride=1, dilation=2), at(TIED_LINE, 2)], kinks=[TIES]
)
def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of every window of ``x`` (batch, channels, length)."""
    return pooled("max_pool1d", 1, max_pool, -inf, x, kernel_size, stride, padding, dilation)


@function(samples=[at(IMAGE, 2), at(IMAGE, (2, 3), 1, 1), at(IMAGE[0], 2, stride=1, dilation=2)], kinks=[TIES])
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Any:
    """The largest element of every window of ``x`` (batch, channels, height, width)."""
    return pooled("max_pool2d", 2, max_pool, -inf, x, kernel_size, stride, padding, dilation)


@function(samples=[at(LINE, 2), at(LINE, 3, 1, 1), at(LINE[0], 2, stride=1)])
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of every window of ``x`` (batch, channels, length); the padding counts as zeros."""
    return pooled("avg_pool1d", 1, avg_pool, 0.0, x, kernel_size, stride, padding, 1)


@function(samples=[at(IMAGE, 2), at(IMAGE, (2, 3), 1, 1), at(IMAGE[0], 2, stride=1)])
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of every window of ``x`` (batch, channels, height, width); the padding counts as zeros."""
    return pooled("avg_pool2d", 2, avg_pool, 0.0, x, kernel_size, stride, padding, 1)
