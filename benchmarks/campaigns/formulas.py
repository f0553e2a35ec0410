"""Gradients by hand in NumPy, spelt as in textbooks, notebooks and libraries: right, whatever digits they lose."""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

WEIGHTS = np.array([1.0, -2.0, 0.5, 3.0])
DATA = np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75], [-2.0, 1.0, 0.5], [0.25, 0.75, 1.25], [1.0, -1.0, 0.125]])
SYMMETRIC = np.array(
    [
        [0.6875, 0.375, 0.8125, 1.1875, 0.3125],
        [0.375, 0.3125, -0.6875, 0.75, 0.4375],
        [0.8125, -0.6875, -1.8125, -0.25, 0.0625],
        [1.1875, 0.75, -0.25, 0.875, -0.5],
        [0.3125, 0.4375, 0.0625, -0.5, -1.4375],
    ]
)
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 1.0])


def s(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def p(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def lse(x: Array) -> Any:
    top = x.max()
    return top + np.log(np.sum(np.exp(x - top)))


def silu_quotient(x: Array) -> Array:
    e = np.exp(-x)
    return (1 + e + x * e) / (1 + e) ** 2


def gelu_tanh(x: Array) -> Array:
    c = np.sqrt(2 / np.pi).astype(x.dtype)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


def normal_cdf(x: Array) -> Array:
    return np.array([0.5 * (1 + erf(v / 2**0.5)) for v in x], dtype=x.dtype)


def gelu_erf(x: Array) -> Array:
    return normal_cdf(x) + x * (np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)).astype(x.dtype)


def mish(x: Array) -> Array:
    t = np.tanh(np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0))
    return t + x * (1 - t**2) * s(x)


def softmax_jacobian(x: Array) -> Array:
    return np.diag(p(x)) - np.outer(p(x), p(x))


def cross_entropy(x: Array) -> Array:
    found = p(x)
    found[np.arange(3), [0, 2, 1]] -= 1
    return found / 3


def cross_entropy_by_logs(x: Array) -> Array:
    logs = x - np.log(np.sum(np.exp(x - x.max(1, keepdims=True)), axis=1, keepdims=True)) - x.max(1, keepdims=True)
    return (np.exp(logs) - np.eye(4, dtype=x.dtype)[[0, 2, 1]]) / 3


def cross_entropy_naive(x: Array) -> Array:
    powers = np.exp(x)
    return (powers / powers.sum(1, keepdims=True) - np.eye(4, dtype=x.dtype)[[0, 2, 1]]) / 3


def cosine(x: Array, y: Array) -> tuple[Array, Array]:
    a, b = np.linalg.norm(x), np.linalg.norm(y)
    c = x @ y / (a * b)
    return y / (a * b) - c * x / a**2, x / (a * b) - c * y / b**2


def _normalised(x: Array) -> tuple[Array, Array]:
    spread = np.sqrt(x.var(axis=-1, keepdims=True) + np.asarray(1e-5, dtype=x.dtype))
    return (x - x.mean(axis=-1, keepdims=True)) / spread, spread


def _layer_norm_back(g: Array, x: Array) -> Array:
    h, spread = _normalised(x)
    return (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)) / spread


def layer_norm(x: Array) -> Array:
    return _layer_norm_back(np.broadcast_to(WEIGHTS.astype(x.dtype), x.shape), x)


def layer_norm_cubed(x: Array) -> Array:
    return _layer_norm_back(3 * _normalised(x)[0] ** 2, x)


def layer_norm_by_parts(x: Array) -> Array:
    """Through the variance and the mean, one after the other, as older code does."""
    n = x.shape[-1]
    g = np.broadcast_to(WEIGHTS.astype(x.dtype), x.shape)
    centred = x - x.mean(-1, keepdims=True)
    scale = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + np.asarray(1e-5, dtype=x.dtype))
    of_variance = (g * centred).sum(-1, keepdims=True) * -0.5 * scale**3
    of_mean = -(g * scale).sum(-1, keepdims=True) + of_variance * -2 * centred.mean(-1, keepdims=True)
    return g * scale + of_variance * 2 * centred / n + of_mean / n


def layer_norm_without_mean(x: Array) -> Array:
    h, spread = _normalised(x)
    g = np.broadcast_to(WEIGHTS.astype(x.dtype), x.shape)
    return (g - h * (g * h).mean(-1, keepdims=True)) / spread


def rms_norm(x: Array) -> Array:
    g = WEIGHTS.astype(x.dtype)
    r = np.sqrt(np.mean(x * x) + np.asarray(1e-5, dtype=x.dtype))
    return g / r - x * np.mean(g * x) / r**3


def logistic(w: Array) -> Array:
    return (DATA.T @ (s(DATA @ w) - LABELS) / 5).astype(w.dtype)


def regression(w: Array) -> Array:
    return (2 * DATA.T @ (DATA @ w - LABELS) / 5).astype(w.dtype)


def perceptron_program(m: Any, x: Any, v: Any, w: Any) -> Any:
    return m.sum(m.tanh(m.relu(x @ v) @ w))


def perceptron(x: Array, v: Array, w: Array) -> tuple[Array, Array, Array]:
    before = x @ v
    hidden = np.maximum(before, 0)
    out = np.tanh(hidden @ w)
    g = 1 - out**2
    back = (g @ w.T) * (before > 0)
    return back @ v.T, x.T @ back, hidden.T @ g


def deep_tanh(w: Array) -> Array:
    data = DATA.astype(w.dtype)
    first = np.tanh(data @ w)
    g = 1 - np.tanh(first @ w.T) ** 2
    return data.T @ ((g @ w) * (1 - first**2)) + g.T @ first


def attention_program(m: Any, q: Any, k: Any, v: Any) -> Any:
    return m.sum((m.softmax(q @ k.T / float(q.shape[-1]) ** 0.5) @ v) ** 2)


def attention(q: Array, k: Array, v: Array) -> tuple[Array, Array, Array]:
    root = np.asarray(float(q.shape[-1]) ** 0.5, dtype=q.dtype)
    weights = p(q @ k.T / root)
    g = 2 * (weights @ v)
    back = g @ v.T
    scores = weights * (back - (back * weights).sum(-1, keepdims=True)) / root
    return scores @ k, scores.T @ q, weights.T @ g


def kernel(x: Array, y: Array) -> tuple[Array, Array]:
    value = np.exp(-np.sum((x - y) ** 2) / 2)
    return -(x - y) * value, (x - y) * value


def focal(x: Array) -> Array:
    t = s(x)
    return -((1 - t) ** 3) + 2 * t * (1 - t) ** 2 * np.log(t)


BY_RESULTS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda x: s(x) * (1 - s(x)),
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "softplus": lambda x: 1 - np.exp(-np.logaddexp(0, x)),
    "log_sigmoid": lambda x: 1 - np.exp(-np.logaddexp(0, -x)),
    "silu": lambda x: s(x) + x * s(x) * (1 - s(x)),
    "elu": lambda x: np.where(x > 0, 1, np.expm1(np.minimum(x, 0)) + 1),
    "gelu_tanh": gelu_tanh,
    "gelu_erf": gelu_erf,
    "expm1": lambda x: np.expm1(x) + 1,
    "arctanh": lambda x: 1 / (1 - x * x),
    "arcsin": lambda x: 1 / np.sqrt(1 - x * x),
    "arccos": lambda x: -1 / np.sqrt(1 - x * x),
    "arccosh": lambda x: 1 / np.sqrt(x * x - 1),
}
"""Derivatives of operations as they are mostly written, right and not always accurate."""
