"""The programs whose general partials are known from textbooks, with those partials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autodiff as ad

ROW = np.array([0.5, -1.25, 2.0, 0.75])
OTHER = np.array([1.5, 0.25, -0.5, 1.0])
POSITIVE = np.array([0.2, 0.5, 0.125, 0.3])
TALL = np.array([[1.0, -0.5, 0.25], [0.5, 2.0, -1.0], [0.75, 0.125, 1.5], [-1.5, 1.0, 0.5]])
SQUARE = np.array([[2.0, 0.5, -0.25], [0.75, 3.0, 0.5], [-0.5, 0.25, 1.5]])
WEIGHTS = np.array([0.5, -1.0, 2.0])
LABELS = np.array([1.0, 0.0, 1.0, 0.0])


@dataclass(frozen=True)
class Case:
    """A program, values of its inputs, and for some inputs the general partial and the definitions it uses."""

    name: str
    program: Callable[..., Any]
    inputs: Mapping[str, Any]
    general: Mapping[str, str]
    definitions: Mapping[str, str] = field(default_factory=dict)
    expanded: bool = True


def layer_norm(x: Any) -> Any:
    mu = ad.mean(x)
    d = x - mu
    h = d / ad.sqrt(ad.mean(d * d) + 2.0**-10)
    return ad.sum(h**3)


def perceptron(W: Any, b: Any, V: Any, c: Any, x: Any) -> Any:
    h = ad.tanh(W @ x + b)
    p = ad.softmax(V @ h + c)
    return ad.sum(p**2)


def attention(Q: Any, K: Any, V: Any) -> Any:
    P = ad.softmax(Q @ K.T / np.sqrt(4.0))
    return ad.sum((P @ V) ** 2)


def batch_norm(X: Any) -> Any:
    D = X - ad.mean(X, axis=0, keepdims=True)
    return ad.sum((D / ad.sqrt(ad.mean(D * D, axis=0, keepdims=True) + 2.0**-10)) ** 3)


CASES = [
    Case("mean of squares", lambda x: ad.mean(x * x), {"x": ROW}, {}),
    Case("max", lambda x: ad.max(x * x), {"x": ROW}, {}),
    Case("max along rows", lambda X: ad.sum(ad.max(X, axis=1) ** 2), {"X": TALL}, {}),
    Case("mean squared error", lambda W, b, X, y: ad.mean((X @ W + b - y) ** 2), {"W": WEIGHTS, "b": 0.5, "X": TALL, "y": ROW}, {}),
    Case("logistic loss", lambda w, X, y: ad.mean(ad.softplus(X @ w) - y * (X @ w)), {"w": WEIGHTS, "X": TALL, "y": LABELS}, {}),
    Case("softmax", lambda x: ad.softmax(x), {"x": ROW}, {}),
    Case("log softmax", lambda x: ad.log_softmax(x), {"x": ROW}, {}),
    Case("softmax cross-entropy", lambda x, y: -ad.sum(y * ad.log_softmax(x)), {"x": ROW, "y": POSITIVE}, {}),
    Case("sum of squared softmax", lambda x: ad.sum(ad.softmax(x) ** 2), {"x": ROW}, {}),
    Case("logsumexp", lambda x: ad.logsumexp(x), {"x": ROW}, {}),
    Case("Euclidean norm", lambda x: ad.norm(x), {"x": ROW}, {}),
    Case("cosine similarity", lambda x, y: ad.dot(x, y) / (ad.norm(x) * ad.norm(y)), {"x": ROW, "y": OTHER}, {}),
    Case("variance", lambda x: ad.var(x), {"x": ROW}, {}),
    Case("standard deviation", lambda x: ad.std(x), {"x": ROW}, {}),
    Case("layer normalisation", layer_norm, {"x": ROW}, {}, expanded=False),
    Case("batch normalisation", batch_norm, {"X": TALL}, {}, expanded=False),
    Case("RMS normalisation", lambda x: ad.sum((x / ad.sqrt(ad.mean(x * x) + 2.0**-10)) ** 3), {"x": ROW}, {}),
    Case("two-layer perceptron", perceptron, {"W": TALL, "b": ROW, "V": TALL.T, "c": WEIGHTS, "x": WEIGHTS}, {}, expanded=False),
    Case("attention", attention, {"Q": TALL[:2, :2], "K": TALL[:, 1:], "V": TALL[:, :2]}, {}, expanded=False),
    Case("KL divergence", lambda p, q: ad.sum(p * ad.log(p / q)), {"p": POSITIVE, "q": POSITIVE[::-1]}, {}),
    Case("quadratic form", lambda x, A: x @ A @ x, {"x": WEIGHTS, "A": SQUARE}, {}),
    Case("trace of a product", lambda A, B: ad.sum(A * B), {"A": TALL, "B": TALL + 1}, {}),
    Case("product", lambda x: ad.prod(x), {"x": ROW}, {}),
    Case("slice", lambda x: ad.sum(ad.exp(x)[1:3]) * x[0] + x[-1] ** 3, {"x": ROW}, {}),
    Case("strided slice", lambda x: ad.sum(x[::2] ** 2 * x[1::2]), {"x": ROW}, {}),
    Case("reversed and joined", lambda x: ad.sum(ad.concatenate((x, x[::-1] ** 2)) ** 2), {"x": ROW}, {}),
    Case("reshape and transpose", lambda x: ad.sum(ad.sum(ad.reshape(x, (2, 2)).T, axis=0) ** 2), {"x": ROW}, {}),
    Case("used three times", lambda x: ad.sum(x * ad.sin(x)) * x[0] * ad.sum(x), {"x": ROW}, {}),
    Case("where", lambda x: ad.sum(ad.where(x > 0.625, ad.log(x * x), x**3)), {"x": ROW}, {}),
    Case("relu", lambda x: ad.sum(ad.relu(x - 0.625) * x), {"x": ROW}, {}),
    Case("axis and back", lambda X: ad.sum((X - ad.mean(X, axis=0, keepdims=True)) ** 2 * X), {"X": TALL}, {}),
    Case("picked rows", lambda X: ad.sum(X[np.array([2, 0, 2])] ** 2), {"X": TALL}, {}),
    Case("picked elements", lambda X: ad.sum(X[np.array([2, 0]), np.array([1, 2])] ** 3), {"X": TALL}, {}),
    Case("outer product", lambda x, y: ad.sum(ad.outer(x, y) ** 2), {"x": ROW, "y": WEIGHTS}, {}),
    Case("a number", lambda x, y: x**2 * y + 3 * x, {"x": 1.5, "y": -0.5}, {}),
    Case("not used", lambda x, y: ad.sum(x**3), {"x": ROW, "y": OTHER}, {}),
    Case("stacked", lambda x, y: ad.sum(ad.stack((x, y)) ** 2), {"x": ROW, "y": OTHER}, {}),
    Case("power of two inputs", lambda x, y: ad.sum(x**y), {"x": POSITIVE, "y": OTHER}, {}),
]
