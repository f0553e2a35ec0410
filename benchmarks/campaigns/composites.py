"""Operations that everybody computes by way of others: programs, so that intermediate results are rounded, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def softmax(m: Any, x: Any, axis: int = -1) -> Any:
    powers = m.exp(x)
    return powers / m.sum(powers, axis=axis, keepdims=True)


def log_softmax(m: Any, x: Any, axis: int = -1) -> Any:
    return x - m.logsumexp(x, axis=axis, keepdims=True)


def cross_entropy(m: Any, x: Any, target: Any, reduction: str = "mean") -> Any:
    rows = np.arange(x.shape[0])
    losses = m.logsumexp(x, axis=-1) - x[rows, np.asarray(target)]
    return m.mean(losses) if reduction == "mean" else m.sum(losses)


def var(m: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    centred = x - m.mean(x, axis=axis, keepdims=True)
    count = x.size if axis is None else x.shape[axis]
    return m.sum(centred * centred, axis=axis, keepdims=keepdims) / (count - ddof)


def std(m: Any, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return m.sqrt(var(m, x, axis, ddof, keepdims))


def standardize(m: Any, x: Any, axis: int = -1, eps: float = 1e-5) -> Any:
    centred = x - m.mean(x, axis=axis, keepdims=True)
    return centred / m.sqrt(m.mean(centred * centred, axis=axis, keepdims=True) + eps)


def layer_norm(m: Any, x: Any, normalized_shape: Any = None, weight: Any = None, bias: Any = None) -> Any:
    found = standardize(m, x)
    found = found if weight is None else found * weight
    return found if bias is None else found + bias


def rms_scale(m: Any, x: Any, axis: int = -1, eps: float = 1e-5) -> Any:
    return x / m.sqrt(m.mean(x * x, axis=axis, keepdims=True) + eps)


def mse_loss(m: Any, x: Any, target: Any) -> Any:
    return m.mean((x - target) ** 2)


def binary_cross_entropy(m: Any, x: Any, target: Any) -> Any:
    return -m.mean(target * m.log(x) + (1.0 - target) * m.log(1.0 - x))


def scaled_dot_product_attention(m: Any, query: Any, key: Any, value: Any) -> Any:
    return softmax(m, query @ key.T / float(query.shape[-1]) ** 0.5) @ value


def linear(m: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    found = x @ weight.T
    return found if bias is None else found + bias


COMPOSITES: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        softmax,
        log_softmax,
        cross_entropy,
        var,
        std,
        standardize,
        layer_norm,
        rms_scale,
        mse_loss,
        binary_cross_entropy,
        scaled_dot_product_attention,
        linear,
    )
}
