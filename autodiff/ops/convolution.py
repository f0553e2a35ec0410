"""Convolution as networks have it (PyTorch's): sums of products of a kernel with every window of an array.

The convolution and its two transposes are three operations, each bilinear in two of input, kernel and output; the rules
of each call the others, so that they differentiate to any order.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Structure
from ..declare.op import function, op
from ..declare.samples import at
from .moving import expand_dims, reshape, squeeze
from .padding import pad_constant
from .windows import Margins, Sizes, each, inside_sizes, met, outside_sizes, positions, taps, view


def _generic(start: int, *shape: int) -> Any:
    """Numbers between -1 and 1 without a pattern; numpy.random would take longer to import than all of these to use."""
    return np.sin(np.arange(start, start + prod(shape)) ** 2.0).reshape(shape)


LINE, LINE_KERNEL = _generic(1, 2, 2, 7), _generic(50, 4, 2, 3)
IMAGE, IMAGE_KERNEL = _generic(100, 2, 2, 4, 5), _generic(200, 4, 2, 2, 3)
BIAS = np.array([0.1, -0.2, 0.3, 0.4])


def columns(x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    """The windows as the columns of matrices: (batch, groups, channels of a group * kernel, positions)."""
    seen = view(x, kernel, stride, dilation)
    outside = seen.shape[2 + len(kernel) :]
    return seen.reshape(x.shape[0], groups, x.shape[1] // groups * prod(kernel), prod(outside))


def value(size: Any) -> int:
    """A size as the number that it is here."""
    return int(getattr(size, "value", size))


def terms(
    m: Any, sizes: tuple[Any, ...], outside: Any, kernel: Any, stride: Sizes, dilation: Sizes, groups: int
) -> tuple[Any, ...]:
    """``(box, where x, w and y are read)`` in ``y[b, o, p] += x[b, c, p * stride + k * dilation] * w[o, c, k]``.

    ``sizes``: of the batch, of the outputs and of a group's channels.
    """
    n = len(stride)
    batch, outputs, channels = sizes
    b, o, c, *rest = m.variables(3 + 2 * n + (groups > 1))
    p, k = rest[:n], rest[n : 2 * n]
    box = [batch, outputs, channels, *outside, *kernel]
    out, into = o, c
    if groups > 1:
        part = value(outputs) // groups
        out, into = rest[-1] * part + o, rest[-1] * value(channels) + c
        box = [batch, part, *box[2:], groups]
    return box, [b, into, *met(p, k, stride, dilation)], [out, c, *k], [b, out, *p]


def convolution_meaning(m: Any, x: Any, w: Any, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    """The terms, added up for each element of the output."""
    channels = m.same(x.sizes[1], w.sizes[1]) if groups == 1 else w.sizes[1]
    outside = outside_sizes(x.sizes[2:], w.shape[2:], stride, dilation)
    box, at_x, at_w, at_y = terms(m, (x.sizes[0], w.sizes[0], channels), outside, w.sizes[2:], stride, dilation, groups)
    return m.relation([x.sizes[0], w.sizes[0], *outside], m.term(at_y, [(x, at_x), (w, at_w)], "s0*s1", box))


def input_meaning(m: Any, h: Any, w: Any, inside: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    """The same terms, added up for each element of the input."""
    outputs = m.same(h.sizes[1], w.sizes[0])
    lengths = inside_sizes(h.sizes[2:], inside, w.shape[2:], stride, dilation)
    box, at_x, at_w, at_y = terms(
        m, (h.sizes[0], outputs, w.sizes[1]), h.sizes[2:], w.sizes[2:], stride, dilation, groups
    )
    return m.relation([h.sizes[0], w.sizes[1] * groups, *lengths], m.term(at_x, [(h, at_y), (w, at_w)], "s0*s1", box))


def kernel_meaning(m: Any, h: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Any:
    """The same terms, added up for each element of the kernel."""
    batch = m.same(h.sizes[0], x.sizes[0])
    channels = x.sizes[1] if groups == 1 else x.shape[1] // groups
    box, at_x, at_w, at_y = terms(m, (batch, h.sizes[1], channels), h.sizes[2:], kernel, stride, dilation, groups)
    return m.relation([h.sizes[1], channels, *kernel], m.term(at_w, [(h, at_y), (x, at_x)], "s0*s1", box))


@op(
    meaning=Structure(convolution_meaning),
    vjp=[
        lambda g, y, x, w, stride, dilation, groups: convolution_input(g, w, x.shape[2:], stride, dilation, groups),
        lambda g, y, x, w, stride, dilation, groups: convolution_kernel(g, x, w.shape[2:], stride, dilation, groups),
    ],
    numpy=(),
    language=False,
    samples=[
        at(LINE, LINE_KERNEL, stride=(1,), dilation=(1,), groups=1),
        at(LINE, LINE_KERNEL, stride=(2,), dilation=(1,), groups=1),
        at(IMAGE, IMAGE_KERNEL[:, :1], stride=(1, 2), dilation=(2, 1), groups=2),
    ],
)  # fmt: skip
def convolution(x, w, /, stride, dilation, groups):
    """The products of each window of ``x`` (batch, channels, ...) with each kernel of ``w``, summed."""
    outside = positions(x.shape[2:], w.shape[2:], stride, dilation)
    cols = columns(x, w.shape[2:], stride, dilation, groups)
    y = np.matmul(matrices(w, groups), cols)
    return y.reshape(x.shape[0], w.shape[0], *outside)


@op(
    meaning=Structure(input_meaning),
    vjp=[
        lambda g, y, h, w, inside, stride, dilation, groups: convolution(g, w, stride, dilation, groups),
        lambda g, y, h, w, inside, stride, dilation, groups: convolution_kernel(
            h, g, w.shape[2:], stride, dilation, groups
        ),
    ],
    numpy=(),
    language=False,
    samples=[
        at(_generic(300, 2, 4, 5), LINE_KERNEL, inside=(7,), stride=(1,), dilation=(1,), groups=1),
        at(_generic(350, 2, 4, 3), LINE_KERNEL, inside=(8,), stride=(2,), dilation=(1,), groups=1),
        at(IMAGE[:1].reshape(1, 4, 5, 2)[:, :, :2], IMAGE_KERNEL[:, :1], inside=(4, 5), stride=(1, 2), dilation=(2, 1),
           groups=2),
    ],
)  # fmt: skip
def convolution_input(h, w, /, inside, stride, dilation, groups):
    """The transpose of the convolution in its input, whose axes are ``inside`` long."""
    batch, outside, kernel = h.shape[0], h.shape[2:], w.shape[2:]
    rows = h.reshape(batch, groups, h.shape[1] // groups, prod(outside))
    cols = np.matmul(matrices(w, groups).transpose(0, 2, 1), rows)
    cols = cols.reshape(batch, groups * w.shape[1], *kernel, *outside)
    out = np.zeros((batch, groups * w.shape[1], *inside), cols.dtype)
    for place, index in taps(kernel, outside, stride, dilation):
        out[index] += cols[(slice(None), slice(None), *place)]
    return out


@op(
    meaning=Structure(kernel_meaning),
    vjp=[
        lambda g, y, h, x, kernel, stride, dilation, groups: convolution(x, g, stride, dilation, groups),
        lambda g, y, h, x, kernel, stride, dilation, groups: convolution_input(
            h, g, x.shape[2:], stride, dilation, groups
        ),
    ],
    numpy=(),
    language=False,
    samples=[
        at(_generic(400, 2, 4, 5), LINE, kernel=(3,), stride=(1,), dilation=(1,), groups=1),
        at(_generic(450, 2, 4, 3), LINE, kernel=(3,), stride=(2,), dilation=(1,), groups=1),
        at(_generic(500, 2, 4, 2, 2), IMAGE, kernel=(2, 3), stride=(1, 2), dilation=(2, 1), groups=2),
    ],
)  # fmt: skip
def convolution_kernel(h, x, /, kernel, stride, dilation, groups):
    """The transpose of the convolution in its kernel: the products of ``h`` with the windows of ``x``, summed."""
    cols = columns(x, kernel, stride, dilation, groups)
    rows = h.reshape(h.shape[0], groups, h.shape[1] // groups, cols.shape[-1])
    products = np.matmul(rows, cols.transpose(0, 1, 3, 2))
    return np.add.reduce(products, 0).reshape(h.shape[1], x.shape[1] // groups, *kernel)


def matrices(w: Any, groups: int) -> Any:
    """The kernels of each group as the rows of a matrix."""
    return w.reshape(groups, w.shape[0] // groups, prod(w.shape[1:]))


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


def framed(x: Any, pads: Margins, value: float) -> Any:
    """``x`` with a margin of ``value`` around its last axes."""
    if not any(a or b for a, b in pads):
        return x
    return pad_constant(x, pad_width=((0, 0),) * (len(shape_of(x)) - len(pads)) + pads, value=value)


def convolved(
    name: str, n: int, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    """Check every argument in words, then convolve over the last ``n`` axes."""
    shape, kernel = shape_of(x), shape_of(weight)
    if len(kernel) != n + 2 or len(shape) not in (n + 1, n + 2):
        raise ValueError(
            f"{name}: x has shape {shape} and the weight {kernel}; they must have {n + 2} axes (x perhaps {n + 1})"
        )
    steps, spread = each(name, "stride", stride, n, 1), each(name, "dilation", dilation, n, 1)
    pads = margin(name, padding, kernel[2:], steps, spread)
    groups = each(name, "groups", groups, 1, 1)[0]
    if shape[-n - 1] != kernel[1] * groups or kernel[0] % groups:
        raise ValueError(
            f"{name}: x has {shape[-n - 1]} channels, groups={groups} and a weight of shape {kernel} need "
            f"{kernel[1] * groups} (and outputs that divide by {groups})"
        )
    inside = tuple(a + m + b for (a, b), m in zip(pads, shape[-n:], strict=True))
    if min(positions(inside, kernel[2:], steps, spread)) < 1:
        raise ValueError(
            f"{name}: a kernel {kernel[2:]} with dilation {spread} does not fit into {shape[-n:]} padded by {pads}"
        )
    if bias is not None and shape_of(bias) != (kernel[0],):
        raise ValueError(f"{name}: the bias has shape {shape_of(bias)}; it must be ({kernel[0]},)")
    single = len(shape) == n + 1
    x = framed(expand_dims(x, 0) if single else x, pads, 0.0)
    y = convolution(x, weight, steps, spread, groups)
    if bias is not None:
        y = y + reshape(bias, (-1,) + (1,) * n)
    return squeeze(y, 0) if single else y


@function(
    samples=[
        at(LINE, LINE_KERNEL), at(LINE, LINE_KERNEL, BIAS), at(LINE, LINE_KERNEL, None, 2, 1),
        at(LINE[0], LINE_KERNEL, padding="same"), at(LINE, LINE_KERNEL, dilation=2, padding=(2,)),
        at(LINE, LINE_KERNEL[:, :1], BIAS, groups=2),
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
