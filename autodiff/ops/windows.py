"""Windows that slide over the last axes of an array: what convolution and pooling look through."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import CUBE, MATRIX, ROW, at

Sizes = tuple[int, ...]
Margins = tuple[tuple[int, int], ...]


def spans(kernel: Sizes, dilation: Sizes) -> Sizes:
    """How long a window is along each axis, holes included."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def positions(inside: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many windows there are along each axis."""
    return tuple((m - n) // s + 1 for m, n, s in zip(inside, spans(kernel, dilation), stride, strict=True))


def view(x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """Every window of the last axes of ``x``, as a view of shape (..., *kernel, *positions)."""
    n = len(kernel)
    outside = positions(x.shape[-n:], kernel, stride, dilation)
    inner = (step * d for step, d in zip(x.strides[-n:], dilation, strict=True))
    outer = (step * s for step, s in zip(x.strides[-n:], stride, strict=True))
    return as_strided(x, (*x.shape[:-n], *kernel, *outside), (*x.strides[:-n], *inner, *outer), writeable=False)


def taps(kernel: Sizes, outside: Sizes, stride: Sizes, dilation: Sizes) -> Iterator[tuple[Sizes, tuple[Any, ...]]]:
    """For each place in the kernel, the index of the elements that it meets."""
    for place in np.ndindex(*kernel):
        starts = tuple(d * k for d, k in zip(dilation, place, strict=True))
        slices = (slice(a, a + s * (n - 1) + 1, s) for a, s, n in zip(starts, stride, outside, strict=True))
        yield place, (..., *slices)


def outside_sizes(sizes: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> list[Any]:
    """How many windows there are, in symbols: for every length of the array where the stride is 1."""
    return [
        size - (span - 1) if s == 1 else (size.value - span) // s + 1
        for size, span, s in zip(sizes, spans(kernel, dilation), stride, strict=True)
    ]


def inside_sizes(outside: Any, inside: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> list[Any]:
    """How long the array is that the windows are of, in symbols."""
    return [
        size + (span - 1) if s == 1 else length
        for size, length, span, s in zip(outside, inside, spans(kernel, dilation), stride, strict=True)
    ]


def met(places: Any, inner: Any, stride: Sizes, dilation: Sizes) -> list[Any]:
    """Where the windows at ``places`` read at the places ``inner`` of the kernel, as index maps."""
    return [p * s + k * d for p, k, s, d in zip(places, inner, stride, dilation, strict=True)]


def windows_meaning(m: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """``y[..., k, p] = x[..., p * stride + k * dilation]``."""
    n = len(kernel)
    lead = x.ndim - n
    sizes = [*x.sizes[:lead], *kernel, *outside_sizes(x.sizes[lead:], kernel, stride, dilation)]
    box = m.variables(len(sizes))
    at = [*box[:lead], *met(box[lead + n :], box[lead : lead + n], stride, dilation)]
    return m.relation(sizes, m.term(box, [(x, at)], "s0", sizes))


def fold_meaning(m: Any, h: Any, inside: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """``y[..., p * stride + k * dilation] += h[..., k, p]``."""
    n = len(kernel)
    lead = h.ndim - 2 * n
    box = m.variables(h.ndim)
    out = [*box[:lead], *met(box[lead + n :], box[lead : lead + n], stride, dilation)]
    sizes = [*h.sizes[:lead], *inside_sizes(h.sizes[lead + n :], inside, kernel, stride, dilation)]
    return m.relation(sizes, m.term(out, [(h, box)], "s0", h.sizes))


@op(
    meaning=Structure(windows_meaning),
    vjp=[lambda g, y, x, kernel, stride, dilation: fold(g, x.shape[-len(kernel) :], kernel, stride, dilation)],
    linear=True,
    numpy=(),
    language=False,
    samples=[
        at(ROW, kernel=(2,), stride=(1,), dilation=(1,)), at(MATRIX, kernel=(2, 2), stride=(1, 2), dilation=(1, 1)),
        at(CUBE, kernel=(2,), stride=(1,), dilation=(2,)),
    ],
)  # fmt: skip
def windows(x, /, kernel, stride, dilation):
    """Every window of the last axes of ``x``: (..., *kernel, *positions)."""
    return view(x, kernel, stride, dilation)


@op(
    meaning=Structure(fold_meaning),
    vjp=[lambda g, y, h, inside, kernel, stride, dilation: windows(g, kernel, stride, dilation)],
    linear=True,
    numpy=(),
    language=False,
    samples=[at(CUBE, inside=(6,), kernel=(3,), stride=(1,), dilation=(1,))],
)
def fold(h, /, inside, kernel, stride, dilation):
    """The transpose of ``windows``: what every window holds, added up at the places it was read from."""
    n = len(kernel)
    lead = h.shape[: h.ndim - 2 * n]
    out = np.zeros((*lead, *inside), h.dtype)
    flat = h.reshape(prod(lead), *kernel, *h.shape[h.ndim - n :])
    total = out.reshape(prod(lead), *inside)
    for place, index in taps(kernel, h.shape[h.ndim - n :], stride, dilation):
        total[index] += flat[(slice(None), *place)]
    return out


def each(name: str, what: str, value: Any, n: int, least: int) -> Sizes:
    """A whole number, or one for each axis, as a tuple."""
    given = tuple(value) if np.iterable(value) else (value,) * n
    try:
        sizes = tuple(operator.index(k) for k in given)
    except TypeError:
        raise TypeError(f"{name}: {what}={value!r} must be whole numbers") from None
    if len(sizes) != n or min(sizes, default=least) < least:
        raise ValueError(f"{name}: {what}={value!r} must be a number from {least} on, or {n} of them")
    return sizes
