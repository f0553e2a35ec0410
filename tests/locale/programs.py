"""Programs whose documents have every kind of section."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import autodiff as ad
import symdiff
from symdiff.explanation import Explanation

LAYER = "mu = mean(x); d = x - mu; h = d / sqrt(mean(d*d) + 0.00001); sum(h**3)"
PERCEPTRON = "h = maximum(X @ W + b, 0); z = h @ v; mean((z - t)**2)"


def _branching(x: Any) -> Any:
    return ad.sum(x) if x[0] > 0 else ad.sum(x * x)


def _chain(x: Any) -> Any:
    for _ in range(150):
        x = ad.sin(x)
    return ad.sum(x)


def _opaque(x: Any) -> Any:
    return ad.sum(_unknown(x) * x)


def _unknown_forward(x, /):  # type: ignore[no-untyped-def]
    return np.asarray(x) ** 2


_unknown = ad.op(meaning=None, vjp=[lambda g, y, x: g * 2.0 * x])(_unknown_forward)

PROGRAMS: dict[str, tuple[str | Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "mean": ("y = x * x; mean(y)", {"x": np.arange(4.0)}, {}),
    "max": ("y = x * x; max(y)", {"x": np.arange(4.0)}, {}),
    "squares": ("x * x", {"x": np.arange(4.0)}, {}),
    "tied": ("max(x)", {"x": [1.0, 1.0, 0.5]}, {}),
    "kinks": ("sum(abs(x)) + sum(maximum(x, 0))", {"x": [0.0, 1.0]}, {}),
    "jump": ("sum(floor(x) * x)", {"x": [1.0, 2.5]}, {}),
    "undefined": ("sum(sqrt(x) + log(x))", {"x": [0.0, 1.0]}, {}),
    "overflow": ("sum(exp(x))", {"x": [1000.0, 1.0]}, {}),
    "outside": ("sum(arccosh(x))", {"x": [1.0, 0.5]}, {}),
    "imprecise": ("s = 1 / (1 + exp(-x)); sum(log(1 - s))", {"x": [30.0, 2.0]}, {}),
    "where": ("sum(where(x > 0, log(x), x))", {"x": [-1.0, 0.0, 2.0]}, {}),
    "independent": ("sum(where(x == 1, x, 2*x))", {"x": [1.0, 2.0], "w": [1.0]}, {}),
    "layer": (LAYER, {"x": [0.5, -1.25, 2.0, 0.75]}, {"detail": "rules"}),
    "perceptron": (
        PERCEPTRON,
        {
            "X": [[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]],
            "W": [[0.5, -1.0], [1.5, 0.25]],
            "b": [0.1, -0.2],
            "v": [1.0, -0.5],
            "t": [1.0, 0.0, 2.0],
        },
        {},
    ),
    "second": ("sum(tanh(W @ x))", {"W": [[1.0, 2.0], [0.5, -1.0]], "x": [1.0, 0.5]}, {"order": 2}),
    "no second": ("sum(cholesky(A)) + sum(x * x)", {"A": [[2.0, 0.5], [0.5, 3.0]], "x": [1.0, 2.0]}, {"order": 2}),
    "long": (_chain, {"x": [0.5, 1.0]}, {}),
    "moves": ("sum(sort(x)[1:] * cumsum(x)[:-1]) + prod(x)", {"x": [3.0, 1.0, 2.0]}, {}),
    "empty words": ("sin(x) / x - -x**3", {"x": 0.5}, {"detail": "rules", "order": 2}),
    "many": ("mean(softmax(x)**2)", {"x": np.linspace(-1, 1, 100)}, {}),
    "inverse": ("sum(inv(A) @ b)", {"A": [[2.0, 1.0], [0.5, 3.0]], "b": [1.0, 2.0]}, {}),
    "branching": (_branching, {"x": [1.0, 2.0]}, {}),
    "unsupported": (_opaque, {"x": [1.0, 2.0]}, {}),
    "result": ("mean(x * x)", {"x": np.arange(4.0)}, {"detail": "result"}),
}


@cache
def explained(name: str) -> Explanation:
    """One of the programs, explained in English."""
    target, at, options = PROGRAMS[name]
    return symdiff.explain(target, at=at, **options)
