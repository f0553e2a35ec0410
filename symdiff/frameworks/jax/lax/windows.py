"""Convolutions, and reductions of windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.ops.convolution import convolved
from autodiff.ops.pooling import avg_pool, max_pool
from symdiff.frameworks.jax.lax.moving import pad
from symdiff.frameworks.missing import Missing


def conv_general_dilated(
    x: Any, kernel: Any, window_strides: Sequence[int], padding: Sequence[tuple[int, int]], lhs_dilation: Sequence[int],
    rhs_dilation: Sequence[int], dimension_numbers: Any, feature_group_count: int, batch_group_count: int,
    **params: Any,
) -> Any:  # fmt: skip
    """A convolution in any layout: the frame and the holes of the input are written out first."""
    if batch_group_count != 1:
        raise Missing(f"batch_group_count={batch_group_count}")
    d, n = dimension_numbers, len(window_strides)
    if n < 1:
        raise Missing("without a window")
    x, kernel = laid_out(x, d.lhs_spec), laid_out(kernel, d.rhs_spec)
    if any(low or high for low, high in padding) or any(each != 1 for each in lhs_dilation):
        frame = [(low, high, hole - 1) for (low, high), hole in zip(padding, lhs_dilation, strict=True)]
        x = pad(x, x.dtype.type(0), [(0, 0, 0), (0, 0, 0), *frame])
    y = convolved(
        f"conv{n}d", n, x, kernel, None, tuple(window_strides), (0,) * n, tuple(rhs_dilation), feature_group_count
    )
    return laid_out(y, [list(d.out_spec).index(k) for k in range(y.ndim)])


def laid_out(x: Any, order: Sequence[int]) -> Any:
    """The axes in this order."""
    order = tuple(int(k) for k in order)
    return x if order == tuple(range(x.ndim)) else ad.transpose(x, order)


def window_of(
    x: Any, window_dimensions: Sequence[int], padding: Sequence[tuple[int, int]], base_dilation: Sequence[int],
    outside: float,
) -> Any:  # fmt: skip
    """What the windows go over: the frame and the holes written out."""
    frame = [(low, high, hole - 1) for (low, high), hole in zip(padding, base_dilation, strict=True)]
    return pad(x, x.dtype.type(outside), frame) if any(any(each) for each in frame) else x


def of_windows(rule: Callable[..., Any], outside: float) -> Callable[..., Any]:
    """A reduction of every window; axes whose windows are single elements stay apart."""

    def entry(
        x: Any, window_dimensions: Sequence[int], window_strides: Sequence[int], padding: Sequence[tuple[int, int]],
        base_dilation: Sequence[int], window_dilation: Sequence[int],
    ) -> Any:  # fmt: skip
        x = window_of(x, window_dimensions, padding, base_dilation, outside)
        lead = next((k for k, n in enumerate(window_dimensions) if n > 1 or window_strides[k] > 1), x.ndim)
        kernel, stride = tuple(window_dimensions[lead:]), tuple(window_strides[lead:])
        if not kernel:
            return x
        axes = tuple(range(-2 * len(kernel), -len(kernel)))
        return rule(x, kernel, stride, tuple(window_dilation[lead:]), axes)

    entry.__doc__ = rule.__doc__
    return entry


def summed(x: Any, kernel: Any, stride: Any, dilation: Any, axes: Any) -> Any:
    """The sum of every window."""
    return avg_pool(x, kernel, stride, dilation, axes) * x.dtype.type(np.prod(kernel))


def largest(x: Any, kernel: Any, stride: Any, dilation: Any, axes: Any) -> Any:
    """The largest of every window."""
    return max_pool(x, kernel, stride, dilation, axes)


def smallest(x: Any, kernel: Any, stride: Any, dilation: Any, axes: Any) -> Any:
    """The smallest of every window."""
    return -max_pool(-x, kernel, stride, dilation, axes)


WINDOWS = {"add": of_windows(summed, 0.0), "max": of_windows(largest, -np.inf), "min": of_windows(smallest, np.inf)}


def reduce_window(*operands: Any, jaxpr: Any, consts: Any = (), **params: Any) -> Any:
    """A reduction of windows by a function: those of one primitive."""
    names = [eqn.primitive.name for eqn in jaxpr.eqns]
    if len(operands) != 2 or len(names) != 1 or names[0] not in WINDOWS:
        raise Missing(f"by {' and '.join(names) or 'a function'}")
    return WINDOWS[names[0]](operands[0], **params)


ENTRIES: dict[str, Callable[..., Any]] = {
    "conv_general_dilated": conv_general_dilated,
    "reduce_window": reduce_window,
    "reduce_window_max": WINDOWS["max"],
    "reduce_window_min": WINDOWS["min"],
    "reduce_window_sum": WINDOWS["add"],
}
