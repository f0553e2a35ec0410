"""Normalisation of layers: subtract the mean and divide by the deviation, over some of the axes."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..axes import Axis, axes_of, count, shape_of
from ..declare.meanings import Composite
from ..declare.op import function, op
from ..declare.samples import CUBE, MATRIX, ROW, at
from ..kernels import floating
from .dispersion import variance
from .moving import reshape
from .powers import sqrt
from .reductions import mean

SCALE, SHIFT = np.array([1.5, 0.5, -0.7, 2.0]), np.array([0.1, -0.2, 0.3, 0.4])


def filled(name: str, x: Any, axis: Axis) -> Any:
    """``x`` as floating numbers; ValueError where there are none over ``axis``."""
    axes_of(axis, x.shape, name)
    if not count(x.shape, axis):
        raise ValueError(f"{name} of no elements: x has shape {x.shape}, axis is {axis}")
    return floating(x)


def standardize_rule(g: Any, y: Any, x: Any, axis: Axis, eps: float) -> Any:
    """What of the cotangent neither shifts nor stretches the elements, over their deviation."""
    rest = g - mean(g, axis=axis, keepdims=True) - y * mean(g * y, axis=axis, keepdims=True)
    return rest / sqrt(variance(x, axis=axis, keepdims=True) + eps)


@op(
    meaning=Composite(
        "m = mean(x, axis=axis, keepdims=True); d = x - m; d / sqrt(mean(d**2, axis=axis, keepdims=True) + eps)"
    ),
    vjp=[standardize_rule],
    numpy=(),
    language=False,
    torch_name="NativeLayerNormBackward0",
    samples=[
        at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2)), at(CUBE, axis=(-1, -2), eps=0.1),
        at(ROW, axis=None),
    ],
)  # fmt: skip
def standardize(x, /, axis=-1, eps=1e-5):
    """``x`` less its mean over ``axis``, over the root of its variance plus ``eps``."""
    x = filled("normalisation", x, axis)
    size = count(x.shape, axis)
    d = np.asarray(x - np.add.reduce(x, axis, None, None, True) / size)
    scale = np.sqrt(np.add.reduce(d * d, axis, None, None, True) / size + eps)
    d /= scale
    return d


def rms_rule(g: Any, y: Any, x: Any, axis: Axis, eps: float) -> Any:
    """What of the cotangent does not stretch the elements, over their root mean square."""
    rest = g - y * mean(g * y, axis=axis, keepdims=True)
    return rest / sqrt(mean(x * x, axis=axis, keepdims=True) + eps)


@op(
    meaning=Composite("x / sqrt(mean(x**2, axis=axis, keepdims=True) + eps)"),
    vjp=[rms_rule],
    numpy=(),
    language=False,
    torch_name="RmsNormBackward0",
    samples=[at(ROW), at(MATRIX), at(MATRIX, axis=0), at(CUBE, axis=(0, 2), eps=0.1)],
)
def rms_scale(x, /, axis=-1, eps=1e-5):
    """``x`` over its root mean square along ``axis``."""
    x = filled("rms_norm", x, axis)
    return x / np.sqrt(np.add.reduce(x * x, axis, None, None, True) / count(x.shape, axis) + eps)


def last_axes(name: str, shape: tuple[int, ...], normalized_shape: Any) -> tuple[int, ...]:
    """The axes that ``normalized_shape`` names: the last ones, whose lengths it must be."""
    if normalized_shape is None:
        normalized_shape = shape[-1:]
    given = normalized_shape if np.iterable(normalized_shape) else (normalized_shape,)
    lengths = tuple(operator.index(n) for n in given)
    if not lengths or shape[-len(lengths) :] != lengths:
        raise ValueError(f"{name}: x has shape {shape}, which does not end in normalized_shape={lengths}")
    return tuple(range(-len(lengths), 0))


def affine(y: Any, weight: Any, bias: Any) -> Any:
    """``y * weight + bias``, where they are given."""
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias


@function(samples=[at(MATRIX), at(MATRIX, 4, SCALE, SHIFT), at(CUBE, (3, 4)), at(MATRIX, (4,), None, SHIFT, eps=0.1)])
def layer_norm(x: Any, normalized_shape: Any = None, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """``x`` standardised over its last axes, then stretched by ``weight`` and moved by ``bias``."""
    axes = last_axes("layer_norm", shape_of(x), normalized_shape)
    return affine(standardize(x, axis=axes, eps=eps), weight, bias)


@function(samples=[at(MATRIX), at(MATRIX, 4, SCALE), at(CUBE, (3, 4), eps=0.1)])
def rms_norm(x: Any, normalized_shape: Any = None, weight: Any = None, eps: float | None = None) -> Any:
    """``x`` over its root mean square along its last axes, then stretched by ``weight``."""
    axes = last_axes("rms_norm", shape_of(x), normalized_shape)
    if eps is None:
        eps = float(np.finfo(getattr(x, "dtype", np.float64)).eps)  # PyTorch's default
    return affine(rms_scale(x, axis=axes, eps=eps), weight, None)


@function(
    samples=[
        at(MATRIX), at(MATRIX, weight=SCALE, bias=SHIFT), at(CUBE, weight=SCALE[:3], bias=SHIFT[:3], eps=0.1),
        at(MATRIX, SHIFT, SCALE**2, SCALE, SHIFT),
    ],
)  # fmt: skip
def batch_norm(
    x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    training: bool = False, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """``x`` (batch, channels, ...) standardised for each channel, then stretched by ``weight`` and moved by ``bias``.

    With the batch's own mean and variance when ``training`` or when no running ones are given; those are never changed.
    """
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"batch_norm: x has shape {shape}; it must be (batch, channels, ...)")
    per_channel = (-1,) + (1,) * (len(shape) - 2)

    def shaped(p: Any) -> Any:
        return p if p is None or len(shape) == 2 else reshape(p, per_channel)

    if training or running_mean is None or running_var is None:
        y = standardize(x, axis=(0, *range(2, len(shape))), eps=eps)
    else:
        y = (x - shaped(running_mean)) / sqrt(shaped(running_var) + eps)
    return affine(y, shaped(weight), shaped(bias))
