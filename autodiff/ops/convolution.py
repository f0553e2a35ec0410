"""Convolution as networks have it (PyTorch's): sums of products of a kernel with every window of an array.

The convolution and its two transposes are three operations bilinear in two of (input, kernel, output); the rules of each
call the others, so that they differentiate to any order.
"""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autodiff.axes import shape_of
from autodiff.op import function, op
from autodiff.ops.moving import expand_dims, reshape, squeeze
from autodiff.samples import at

Sizes = tuple[int, ...]
Margins = tuple[tuple[int, int], ...]

_RANDOM = np.random.default_rng(5)
LINE, LINE_KERNEL = _RANDOM.uniform(-1, 1, (2, 2, 7)), _RANDOM.uniform(-1, 1, (4, 2, 3))
IMAGE, IMAGE_KERNEL = _RANDOM.uniform(-1, 1, (2, 2, 4, 5)), _RANDOM.uniform(-1, 1, (4, 2, 2, 3))
BIAS = np.array([0.1, -0.2, 0.3, 0.4])


def windows(x: Any, kernel: Sizes, stride: Sizes, padding: Margins, dilation: Sizes) -> Any:
    """Every window of ``x``, as a view of shape (batch, channels, *kernel, *positions)."""
    n = len(kernel)
    if any(a or b for a, b in padding):
        x = padded(x, padding)
    spans = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    outside = tuple((m - span) // s + 1 for m, span, s in zip(x.shape[-n:], spans, stride, strict=True))
    steps = x.strides[-n:]
    strides = (
        *x.strides[:-n],
        *(step * d for step, d in zip(steps, dilation, strict=True)),
        *(step * s for step, s in zip(steps, stride, strict=True)),
    )
    return as_strided(x, (*x.shape[:-n], *kernel, *outside), strides, writeable=False)


def padded(x: Any, padding: Margins) -> Any:
    """``x`` with zeros around its last axes."""
    n = len(padding)
    shape = (*x.shape[:-n], *(a + m + b for (a, b), m in zip(padding, x.shape[-n:], strict=True)))
    out = np.zeros(shape, x.dtype)
    out[(..., *(slice(a, a + m) for (a, _), m in zip(padding, x.shape[-n:], strict=True)))] = x
    return out


def columns(x: Any, w: Any, stride: Sizes, padding: Margins, dilation: Sizes, groups: int) -> Any:
    """The windows as the columns of matrices: (batch, groups, channels of a group * kernel, positions)."""
    view = windows(x, w.shape[2:], stride, padding, dilation)
    positions = prod(view.shape[w.ndim :])
    return view.reshape(x.shape[0], groups, w.shape[1] * prod(w.shape[2:]), positions)


@op(
    vjp=[
        lambda g, y, x, w, stride, padding, dilation, groups: (
            convolution_input(g, w, x.shape[2:], stride, padding, dilation, groups)
        ),
        lambda g, y, x, w, stride, padding, dilation, groups: (
            convolution_kernel(g, x, w.shape[2:], stride, padding, dilation, groups)
        ),
    ],
    numpy=(),
    language=False,
    samples=[
        at(LINE, LINE_KERNEL, stride=(2,), padding=((1, 0),), dilation=(1,), groups=1),
        at(IMAGE, IMAGE_KERNEL[:, :1], stride=(1, 2), padding=((0, 0), (1, 2)), dilation=(2, 1), groups=2),
    ],
)
def convolution(x, w, /, stride, padding, dilation, groups):
    """The products of each window of ``x`` (batch, channels, ...) with each kernel of ``w``, summed."""
    cols = columns(x, w, stride, padding, dilation, groups)
    y = np.matmul(w.reshape(groups, w.shape[0] // groups, -1), cols)
    return y.reshape(x.shape[0], w.shape[0], *positions(x.shape[2:], w.shape[2:], stride, padding, dilation))


def positions(inside: Sizes, kernel: Sizes, stride: Sizes, padding: Margins, dilation: Sizes) -> Sizes:
    """How many windows there are along each axis."""
    return tuple(
        (m + a + b - d * (k - 1) - 1) // s + 1
        for m, k, s, (a, b), d in zip(inside, kernel, stride, padding, dilation, strict=True)
    )


def taps(kernel: Sizes, count: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """For each place in the kernel, the slices of the padded array that it meets."""
    for place in np.ndindex(*kernel):
        yield place, tuple(
            slice(d * k, d * k + s * (n - 1) + 1, s) for d, k, s, n in zip(dilation, place, stride, count, strict=True)
        )


def unpadded(x: Any, inside: Sizes, padding: Margins) -> Any:
    """``x`` without the margin around its last axes."""
    return x[(..., *(slice(a, a + m) for (a, _), m in zip(padding, inside, strict=True)))]


@op(
    vjp=[
        lambda g, y, h, w, inside, stride, padding, dilation, groups: convolution(g, w, stride, padding, dilation, groups),
        lambda g, y, h, w, inside, stride, padding, dilation, groups: (
            convolution_kernel(h, g, w.shape[2:], stride, padding, dilation, groups)
        ),
    ],
    numpy=(),
    language=False,
    samples=[
        at(_RANDOM.uniform(-1, 1, (2, 4, 3)), LINE_KERNEL, inside=(7,), stride=(2,), padding=((1, 0),), dilation=(1,), groups=1),
        at(_RANDOM.uniform(-1, 1, (1, 4, 2, 3)), IMAGE_KERNEL[:, :1], inside=(4, 5), stride=(1, 2), padding=((0, 0), (1, 2)),
           dilation=(2, 1), groups=2),
    ],
)  # fmt: skip
def convolution_input(h, w, /, inside, stride, padding, dilation, groups):
    """The transpose of the convolution in its input, whose axes are ``inside`` long: every window gets its share of ``h``."""
    batch, outside, kernel = h.shape[0], h.shape[2:], w.shape[2:]
    matrices = w.reshape(groups, w.shape[0] // groups, -1)
    cols = np.matmul(matrices.transpose(0, 2, 1), h.reshape(batch, groups, h.shape[1] // groups, -1))
    cols = cols.reshape(batch, groups * w.shape[1], *kernel, *outside)
    full = (batch, groups * w.shape[1], *(a + m + b for (a, b), m in zip(padding, inside, strict=True)))
    out = np.zeros(full, cols.dtype)
    for place, met in taps(kernel, outside, stride, dilation):
        out[(..., *met)] += cols[(slice(None), slice(None), *place)]
    return unpadded(out, inside, padding)


@op(
    vjp=[
        lambda g, y, h, x, kernel, stride, padding, dilation, groups: convolution(x, g, stride, padding, dilation, groups),
        lambda g, y, h, x, kernel, stride, padding, dilation, groups: (
            convolution_input(h, g, x.shape[2:], stride, padding, dilation, groups)
        ),
    ],
    numpy=(),
    language=False,
    samples=[
        at(_RANDOM.uniform(-1, 1, (2, 4, 3)), LINE, kernel=(3,), stride=(2,), padding=((1, 0),), dilation=(1,), groups=1),
        at(_RANDOM.uniform(-1, 1, (2, 4, 2, 3)), IMAGE, kernel=(2, 3), stride=(1, 2), padding=((0, 0), (1, 2)), dilation=(2, 1),
           groups=2),
    ],
)  # fmt: skip
def convolution_kernel(h, x, /, kernel, stride, padding, dilation, groups):
    """The transpose of the convolution in its kernel: the products of ``h`` with the windows of ``x``, summed."""
    batch, channels = h.shape[0], x.shape[1] // groups
    shape = (h.shape[1], channels, *kernel)
    outside = h.shape[2:]
    view = windows(x, kernel, stride, padding, dilation)
    cols = view.reshape(batch, groups, channels * prod(kernel), prod(outside))
    products = np.matmul(h.reshape(batch, groups, h.shape[1] // groups, -1), cols.transpose(0, 1, 3, 2))
    return np.add.reduce(products, 0).reshape(shape)


def each(name: str, what: str, value: Any, n: int, least: int) -> Sizes:
    """A whole number, or one for each axis, as a tuple."""
    given = tuple(value) if np.iterable(value) else (value,) * n
    try:
        sizes = tuple(operator.index(k) for k in given)
    except TypeError:
        raise TypeError(f"{name}: {what}={value!r} must be whole numbers") from None
    if len(sizes) != n or any(k < least for k in sizes):
        raise ValueError(f"{name}: {what}={value!r} must be a number from {least} on, or {n} of them")
    return sizes


def margin(name: str, padding: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Margins:
    """Padding as a pair for each axis; "same" keeps the lengths, "valid" adds nothing."""
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        if set(stride) != {1}:
            raise ValueError(f'{name}: padding="same" needs stride 1, not {stride}')
        totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((t // 2, t - t // 2) for t in totals)
    return tuple((p, p) for p in each(name, "padding", padding, len(kernel), 0))


def convolved(name: str, n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """Check every argument in words, then convolve over the last ``n`` axes."""
    shape, kernel = shape_of(x), shape_of(weight)
    if len(kernel) != n + 2 or len(shape) not in (n + 1, n + 2):
        raise ValueError(f"{name}: x has shape {shape} and the weight {kernel}; they must have {n + 2} axes (x perhaps {n + 1})")
    steps, spread = each(name, "stride", stride, n, 1), each(name, "dilation", dilation, n, 1)
    pads = margin(name, padding, kernel[2:], steps, spread)
    groups = each(name, "groups", groups, 1, 1)[0]
    if shape[-n - 1] != kernel[1] * groups or kernel[0] % groups:
        raise ValueError(
            f"{name}: x has {shape[-n - 1]} channels, groups={groups} and a weight of shape {kernel} need "
            f"{kernel[1] * groups} (and outputs that divide by {groups})"
        )
    if min(positions(shape[-n:], kernel[2:], steps, pads, spread)) < 1:
        raise ValueError(f"{name}: a kernel {kernel[2:]} with dilation {spread} does not fit into {shape[-n:]} padded by {pads}")
    if bias is not None and shape_of(bias) != (kernel[0],):
        raise ValueError(f"{name}: the bias has shape {shape_of(bias)}; it must be ({kernel[0]},)")
    single = len(shape) == n + 1
    y = convolution(expand_dims(x, 0) if single else x, weight, steps, pads, spread, groups)
    if bias is not None:
        y = y + reshape(bias, (-1,) + (1,) * n)
    return squeeze(y, 0) if single else y


@function(
    samples=[
        at(LINE, LINE_KERNEL), at(LINE, LINE_KERNEL, BIAS), at(LINE, LINE_KERNEL, None, 2, 1), at(LINE[0], LINE_KERNEL, padding="same"),
        at(LINE, LINE_KERNEL, dilation=2, padding=(2,)), at(LINE, LINE_KERNEL[:, :1], BIAS, groups=2),
    ],
)  # fmt: skip
def conv1d(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    """Convolve ``x`` (batch, channels, length) with ``weight`` (outputs, channels / groups, width)."""
    return convolved("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


@function(
    samples=[
        at(IMAGE, IMAGE_KERNEL), at(IMAGE, IMAGE_KERNEL, BIAS), at(IMAGE, IMAGE_KERNEL, None, (2, 1), (1, 0)),
        at(IMAGE[0], IMAGE_KERNEL, padding="same"), at(IMAGE, IMAGE_KERNEL, dilation=(2, 1)),
        at(IMAGE, IMAGE_KERNEL[:, :1], BIAS, stride=2, padding=1, groups=2),
    ],
)  # fmt: skip
def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    """Convolve ``x`` (batch, channels, height, width) with ``weight`` (outputs, channels / groups, height, width)."""
    return convolved("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)
