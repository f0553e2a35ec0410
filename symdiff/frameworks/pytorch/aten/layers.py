"""Layers: normalisation, convolution, pooling, softmax, dropout that is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.ops.convolution import convolution_input, convolved
from autodiff.ops.padding import pad_constant
from autodiff.ops.pooling import avg_pool, max_pool
from symdiff.frameworks.missing import Missing


def layer_norm(x: Any, shape: Sequence[int], weight: Any, bias: Any, eps: float) -> Any:
    """The mean and the reciprocal spread are results as well: constants, to PyTorch's gradient."""
    return [ad.layer_norm(x, tuple(shape), weight, bias, eps), np.zeros(()), np.zeros(())]


def rms_norm(x: Any, shape: Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """Over the root mean square, which is a result as well."""
    added = float(np.finfo(x.dtype).eps) if eps is None else eps
    square = ad.mean(ad.square(x), axis=tuple(range(-len(shape), 0)), keepdims=True)
    return [ad.rms_norm(x, tuple(shape), weight, eps), 1.0 / ad.sqrt(square + added)]


def group_norm(x: Any, weight: Any, bias: Any, n: int, c: int, hw: int, group: int, eps: float) -> Any:
    """Groups of channels standardised together."""
    grouped = ad.reshape(x, shape=(n, group, -1))
    y = ad.reshape(ad.standardize(grouped, axis=-1, eps=eps), shape=x.shape)
    per_channel = (c,) + (1,) * (x.ndim - 2)
    y = y if weight is None else y * ad.reshape(weight, shape=per_channel)
    y = y if bias is None else y + ad.reshape(bias, shape=per_channel)
    return [y, ad.mean(grouped, axis=-1), 1.0 / ad.sqrt(ad.var(grouped, axis=-1) + eps)]


def batch_norm(
    x: Any, weight: Any, bias: Any, mean: Any, variance: Any, training: bool, momentum: float, eps: float
) -> Any:
    """By the batch's own mean and variance while training, else by the running ones."""
    return [ad.batch_norm(x, mean, variance, weight, bias, training, eps), np.zeros(()), np.zeros(())]


def convolution(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, transposed: bool, out: Any, groups: int
) -> Any:
    """In any number of dimensions, and its transpose."""
    n = len(stride)
    if any(p < 0 for p in padding) and not transposed:  # a frame less
        x = x[(..., *(slice(max(-p, 0), m - max(-p, 0)) for p, m in zip(padding, x.shape[-n:], strict=True)))]
        padding = [max(p, 0) for p in padding]
    if transposed:
        return transposed_convolution(x, weight, bias, stride, padding, dilation, out, groups)
    return convolved(f"conv{n}d", n, x, weight, bias, tuple(stride), tuple(padding), tuple(dilation), groups)


def transposed_convolution(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, out: Any, groups: int
) -> Any:
    """What a convolution sends back to its input, without the padding."""
    n = len(stride)
    single = x.ndim == n + 1
    x = ad.expand_dims(x, axis=0) if single else x
    kernel = weight.shape[2:]
    inside = tuple(
        (m - 1) * s + d * (k - 1) + 1 for m, s, d, k in zip(x.shape[2:], stride, dilation, kernel, strict=True)
    )
    y = convolution_input(x, weight, inside, tuple(stride), tuple(dilation), groups)
    y = pad_constant(y, pad_width=((0, 0), (0, 0), *((0, o) for o in out)))
    ends = (slice(p, m + o - p) for p, m, o in zip(padding, inside, out, strict=True))
    y = y[(slice(None), slice(None), *ends)]
    if bias is not None:
        y = y + ad.reshape(bias, shape=(-1,) + (1,) * n)
    return y[0] if single else y


def windowed(n: int, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> tuple[tuple[int, ...], ...]:
    """Kernel, stride, padding and dilation for each of ``n`` axes."""

    def each(value: Any) -> tuple[int, ...]:
        given = (value,) if isinstance(value, int) else tuple(value)
        return given * n if len(given) == 1 else given

    return each(kernel), each(stride or kernel), each(padding), each(dilation)


def overhang(
    shape: Sequence[int], kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> tuple[int, ...]:
    """How much more is padded behind, so that the last window of ``ceil_mode`` fits."""
    more = []
    for m, k, s, p, d in zip(shape, kernel, stride, padding, dilation, strict=True):
        reach = d * (k - 1) + 1
        count = -(-(m + 2 * p - reach) // s) + 1
        if (count - 1) * s >= m + p:  # a window begins inside, or in the padding before
            count -= 1
        more.append(max((count - 1) * s + reach - (m + 2 * p), 0))
    return tuple(more)


def framed(x: Any, n: int, padding: Sequence[int], more: Sequence[int], value: float) -> Any:
    """``x`` with the padding of a pool around its last ``n`` axes."""
    if not any(padding) and not any(more):
        return x
    widths = ((0, 0),) * (x.ndim - n) + tuple((p, p + m) for p, m in zip(padding, more, strict=True))
    return pad_constant(x, pad_width=widths, value=value)


def max_pooling(n: int) -> Callable[..., Any]:
    """The largest of every window, with its place, which has no derivative."""

    def entry(
        x: Any, kernel: Any, stride: Any = (), padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
    ) -> Any:
        kernel, stride, padding, dilation = windowed(n, kernel, stride, padding, dilation)
        more = overhang(x.shape[-n:], kernel, stride, padding, dilation) if ceil_mode else (0,) * n
        wide = framed(x, n, padding, more, -np.inf)
        return [max_pool(wide, kernel, stride, dilation, tuple(range(-2 * n, -n)))]

    return entry


def mean_pooling(n: int) -> Callable[..., Any]:
    """The mean of every window; the padding counts as zeros, or does not count."""

    def entry(
        x: Any, kernel: Any, stride: Any = (), padding: Any = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> Any:  # fmt: skip
        kernel, stride, padding, ones = windowed(n, kernel, stride, padding)
        more = overhang(x.shape[-n:], kernel, stride, padding, ones) if ceil_mode else (0,) * n
        y = avg_pool(framed(x, n, padding, more, 0.0), kernel, stride, ones, tuple(range(-2 * n, -n)))
        area = float(np.prod(kernel))
        if divisor_override is not None:
            return y * (area / divisor_override)
        counted = np.ones(x.shape[-n:])
        counted = framed(counted, n, padding, (0,) * n, 1.0 if count_include_pad else 0.0)
        counted = framed(counted, n, (0,) * n, more, 0.0)
        share = avg_pool(counted[None, None], kernel, stride, ones, tuple(range(-2 * n, -n)))[0, 0]
        return y if (share == 1.0).all() else y / share.astype(y.dtype)

    return entry


def adaptive(rule: Callable[..., Any], n: int) -> Callable[..., Any]:
    """Windows that cover an axis in so many parts, which may overlap and differ in length."""

    def entry(x: Any, size: Any) -> Any:
        size = (size,) if isinstance(size, int) else size
        for k, count in enumerate(size):
            axis = x.ndim - n + k
            m = x.shape[axis]
            ends = [(i * m // count, -(-(i + 1) * m // count)) for i in range(count)]
            before = (slice(None),) * axis
            x = ad.stack([rule(x[(*before, slice(*each))], axis=axis) for each in ends], axis=axis)
        return x

    return entry


def softmax(x: Any, dim: int, half_to_float: bool = False) -> Any:
    """Along one axis."""
    return ad.softmax(x, axis=dim if x.ndim else None)


def log_softmax(x: Any, dim: int, half_to_float: bool = False) -> Any:
    """Its logarithm."""
    return ad.log_softmax(x, axis=dim if x.ndim else None)


def glu(x: Any, dim: int = -1) -> Any:
    """One half times the sigmoid of the other."""
    a, b = ad.split(x, 2, axis=dim)
    return a * ad.sigmoid(b)


def dropout(x: Any, p: float, train: bool | None = None) -> Any:
    """Only the one that is off."""
    if train and p:
        raise Missing(f"p={p}, train={train}")
    return [x]


def upsampled(n: int, exact: bool = False) -> Callable[..., Any]:
    """The nearest element, for every place of a finer grid."""

    def entry(x: Any, size: Sequence[int], *scales: Any) -> Any:
        for k, count in enumerate(size):
            axis, given = x.ndim - n + k, scales[k] if k < len(scales) else None
            m = x.shape[axis]
            step = np.float32(1 / given) if given else np.float32(m / count)
            places = np.floor((np.arange(count) + (0.5 if exact else 0.0)) * step).astype(int)
            x = ad.take(x, np.minimum(places, m - 1), axis=axis)
        return x

    return entry


ENTRIES: dict[str, Callable[..., Any]] = {
    "_adaptive_avg_pool2d": adaptive(ad.mean, 2),
    "_adaptive_avg_pool3d": adaptive(ad.mean, 3),
    "_batch_norm_no_update": lambda x, w, b, m, v, momentum, eps: batch_norm(x, w, b, m, v, False, momentum, eps),
    "_batch_norm_with_update": lambda x, w, b, m, v, momentum, eps: batch_norm(x, w, b, m, v, True, momentum, eps),
    "_batch_norm_with_update_functional": (
        lambda x, w, b, m, v, momentum, eps: batch_norm(x, w, b, m, v, True, momentum, eps)
    ),
    "_fused_rms_norm": rms_norm,
    "_log_softmax": log_softmax,
    "_native_batch_norm_legit": batch_norm,
    "_native_batch_norm_legit.no_stats": (
        lambda x, w, b, training, momentum, eps: batch_norm(x, w, b, None, None, training, momentum, eps)
    ),
    "_native_batch_norm_legit_functional": batch_norm,
    "_native_batch_norm_legit_no_training": (
        lambda x, w, b, m, v, momentum, eps: batch_norm(x, w, b, m, v, False, momentum, eps)
    ),
    "_softmax": softmax,
    "_upsample_nearest_exact1d": upsampled(1, True),
    "_upsample_nearest_exact2d": upsampled(2, True),
    "_upsample_nearest_exact3d": upsampled(3, True),
    "adaptive_avg_pool1d": adaptive(ad.mean, 1),
    "adaptive_max_pool1d": lambda x, size: [adaptive(ad.max, 1)(x, size)],
    "adaptive_max_pool2d": lambda x, size: [adaptive(ad.max, 2)(x, size)],
    "adaptive_max_pool3d": lambda x, size: [adaptive(ad.max, 3)(x, size)],
    "avg_pool1d": mean_pooling(1),
    "avg_pool2d": mean_pooling(2),
    "avg_pool3d": mean_pooling(3),
    "convolution": convolution,
    "glu": glu,
    "max_pool2d_with_indices": max_pooling(2),
    "max_pool3d_with_indices": max_pooling(3),
    "native_batch_norm": batch_norm,
    "native_dropout": dropout,
    "native_group_norm": group_norm,
    "native_layer_norm": layer_norm,
    "upsample_nearest1d": upsampled(1),
    "upsample_nearest2d": upsampled(2),
    "upsample_nearest3d": upsampled(3),
}
