"""``np.gradient``: slopes by differences, along axes and over spacings that may themselves be tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compositions import answers, operation


@answers("gradient")
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """One array of slopes for each axis, or the one itself where there is one axis."""
    ndim = np.ndim(f)
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(k % ndim for k in axes)
    spacings = list(varargs) * len(axes) if len(varargs) == 1 and not np.ndim(varargs[0]) else list(varargs)
    if len(spacings or axes) != len(axes):
        raise TypeError(
            f"np.gradient: {len(varargs)} spacings for {len(axes)} axes; give none, one number, or one each"
        )
    if edge_order not in (1, 2):
        raise ValueError(f"np.gradient: edge_order={edge_order!r}; it is 1 or 2")
    slopes = [_along(f, k, h, edge_order) for k, h in zip(axes, spacings or [1.0] * len(axes), strict=True)]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


def _along(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    y = operation("moveaxis")(f, axis, -1)
    n = y.shape[-1]
    if n < edge_order + 1:
        raise ValueError(f"np.gradient: axis {axis} of shape {np.shape(f)} is too short; it needs {edge_order + 1}")
    if np.ndim(spacing) == 0:
        first, second, begin, end = spacing, spacing, (spacing, spacing), (spacing, spacing)
    else:
        if np.shape(spacing) != (n,):
            raise ValueError(
                f"np.gradient: the places have shape {np.shape(spacing)}; axis {axis} of shape {np.shape(f)} has {n}"
            )
        h = operation("diff")(spacing)
        first, second = h[:-1], h[1:]
        begin, end = (h[0], h[min(1, n - 2)]), (h[-1], h[max(-2, 1 - n)])
    inner = _inside(y, first, second) if n > 2 else y[..., :0]
    ends = _end_of_two if edge_order == 1 else _end_of_three
    last = y[..., ::-1]
    slopes = operation("concatenate")([ends(y, *begin), inner, -ends(last, *end)], axis=-1)
    return operation("moveaxis")(slopes, -1, axis)


def _inside(y: Any, first: Any, second: Any) -> Any:
    """The slope of the parabola through three neighbours."""
    before, here, after = y[..., :-2], y[..., 1:-1], y[..., 2:]
    if first is second:
        return (after - before) / (2.0 * first)
    left, right = (here - before) / first, (after - here) / second
    return (left * second + right * first) / (first + second)


def _end_of_two(y: Any, first: Any, second: Any) -> Any:
    return (y[..., 1:2] - y[..., :1]) / first


def _end_of_three(y: Any, first: Any, second: Any) -> Any:
    """The slope at the first of three neighbours of the parabola through them."""
    left, right = (y[..., 1:2] - y[..., :1]) / first, (y[..., 2:3] - y[..., 1:2]) / second
    return left + (left - right) * first / (first + second)
