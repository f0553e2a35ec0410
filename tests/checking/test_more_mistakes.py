"""Mistakes of further kinds: constants, axes, picks, normalisers, what is turned round, and what must not be named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symdiff import check_gradients

RNG = np.random.default_rng(77)
ROWS, SQUARE, BIAS = RNG.normal(size=(5, 3)), RNG.normal(size=(4, 4)), RNG.normal(size=4)
VECTOR, WEIGHTS = RNG.normal(size=6), np.abs(RNG.normal(size=6)) + 0.1
KERNEL = RNG.normal(size=3)
OUTSIDE = np.array([-1.0, 0.2, 0.9, -0.3])


def batch_norm(x: Any) -> Any:
    mu = np.mean(x, axis=0)
    s = np.sqrt(np.mean((x - mu) ** 2, axis=0) + 1e-5)
    return (x - mu) / s


def norm_backward(eps: float = 1e-5, mean: float = 1.0, scale: float = 1.0) -> Callable[..., Any]:
    def backward(g: Any, x: Any) -> Any:
        mu = x.mean(axis=0)
        s = np.sqrt(((x - mu) ** 2).mean(axis=0) + eps)
        h = (x - mu) / s
        return (g - mean * g.mean(axis=0) - scale * h * (g * h).mean(axis=0)) / s

    return backward


def correlation(x: Any, w: Any) -> Any:
    return np.sum(np.stack([np.sum(x[k : k + 3] * w) for k in range(4)]) ** 2)


def unflipped(x: Any, w: Any) -> Any:
    y = 2 * np.array([np.sum(x[k : k + 3] * w) for k in range(4)])
    return np.convolve(y, w[::-1]), np.array([np.sum(y * x[k : k + 4]) for k in range(3)])


def weighted(x: Any, w: Any) -> Any:
    return np.sum(w * x) / np.sum(w)


def by_count(x: Any, w: Any) -> Any:
    return w / w.size, (x - weighted(x, w)) / np.sum(w)


def log_softmax(z: Any) -> Any:
    return z - np.log(np.sum(np.exp(z)))


MISTAKES = {
    "eps forgotten": (batch_norm, (0.01 * ROWS,), norm_backward(eps=0.0), "of the function without 1e-05"),
    "half of the way through s": (batch_norm, (ROWS,), norm_backward(scale=0.5), "to s is half of what it should be"),
    "no way through mu": (batch_norm, (ROWS,), norm_backward(mean=0.0), "comes back through it to mu"),
    "A taken for symmetric": (
        lambda x, A: x @ A @ x,
        (BIAS, SQUARE),
        lambda x, A: (2 * A @ x, np.outer(x, x)),
        "is 2 times what comes back through",
    ),
    "the other axis of a square": (
        lambda X, b: np.sum((X + b) ** 2),
        (SQUARE, BIAS),
        lambda X, b: (2 * (X + b), (2 * (X + b)).sum(axis=1)),
        "through X + b to b is summed over the wrong axis",
    ),
    "clip lets everything back": (
        lambda x: np.sum(np.clip(x, -0.5, 0.5) ** 2),
        (OUTSIDE,),
        lambda x: 2 * np.clip(x, -0.5, 0.5),
        "also where that should stop it: a mask is missing",
    ),
    "max for everybody": (
        lambda x: np.max(x),
        (VECTOR,),
        lambda x: np.ones_like(x),
        "every element gets what comes back through max(x)",
    ),
    "kernel not flipped": (correlation, (VECTOR, KERNEL), unflipped, "with w in reversed order"),
    "counted, not summed": (weighted, (VECTOR, WEIGHTS), by_count, "is computed with n where sum(w) belongs"),
}


def diagnosed(function: Any, args: tuple[Any, ...], backward: Any) -> list[str]:
    report = check_gradients(function, *args, gradient=backward)
    assert not report.ok
    return [cause.in_words("en") for cause in report.causes if cause.key.startswith("diagnosis")]


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_named(name: str) -> None:
    *asked, words = MISTAKES[name]
    (said,) = diagnosed(*asked)
    assert words in said


def test_what_overflows_explains_nothing() -> None:
    # a sum of exponentials read as 0 would divide by it, and everything is near an infinity
    said = diagnosed(log_softmax, (BIAS,), lambda g, z: g - np.exp(z) / np.exp(z).sum())
    assert not said


def test_every_wrong_input_is_told_of() -> None:
    said = diagnosed(lambda X, b: np.sum((X + b) ** 2), (SQUARE, BIAS), lambda X, b: (X + b, (X + b).sum(axis=0)))
    assert said == ["the gradient by X, b is half of what it should be"]
