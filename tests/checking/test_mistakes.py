"""Twenty mistakes in backward passes by hand, as people make them: the text of the failure alone leads to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff import check_gradients

RNG = np.random.default_rng(11)
X, W, B = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2)
LABELS = np.eye(3)[[0, 2, 1, 1]]


@dataclass(frozen=True)
class Mistake:
    """A backward pass with a mistake, and the words that a failure must have."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    backward: Callable[..., Any]
    words: str


def layer(x: Any, W: Any, b: Any) -> Any:
    z = x @ W + b
    return np.tanh(z)


def layer_backward(
    slope: Callable[..., Any] = lambda z: 1 - np.tanh(z) ** 2,
    turn: Callable[..., Any] = lambda W: W.T,
    add: Callable[..., Any] = lambda dz: dz.sum(axis=0),
    left: Callable[..., Any] = lambda x: x.T,
) -> Callable[..., Any]:
    def backward(g: Any, x: Any, W: Any, b: Any) -> tuple[Any, ...]:
        dz = g * slope(x @ W + b)
        return dz @ turn(W), left(x) @ dz, add(dz)

    return backward


def layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
    mu = np.mean(x, axis=1, keepdims=True)
    v = np.mean((x - mu) ** 2, axis=1, keepdims=True)
    s = np.sqrt(v + 1e-5)
    return gamma * (x - mu) / s + beta


def norm_backward(through_mean: bool = True, through_scale: float = 1.0, divided: bool = True) -> Callable[..., Any]:
    def backward(g: Any, x: Any, gamma: Any, beta: Any) -> tuple[Any, ...]:
        mu = x.mean(axis=1, keepdims=True)
        s = np.sqrt(((x - mu) ** 2).mean(axis=1, keepdims=True) + 1e-5)
        normal, dn = (x - mu) / s, g * gamma
        first = dn.mean(axis=1, keepdims=True) if through_mean else 0.0
        second = through_scale * normal * (dn * normal).mean(axis=1, keepdims=True)
        dx = (dn - first - second) / (s if divided else 1.0)
        return dx, (g * normal).sum(axis=0), g.sum(axis=0)

    return backward


def cross_entropy(z: Any, t: Any) -> Any:
    return -np.mean(np.sum(t * ad.log_softmax(z, axis=1), axis=1))


def softmax(z: Any) -> Any:
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def entropy_backward(form: Callable[..., Any]) -> Callable[..., Any]:
    return lambda z, t: (form(softmax(z), t, len(z)), None)


def variance(x: Any) -> Any:
    return np.mean((x - np.mean(x)) ** 2)


def leaky(x: Any) -> Any:
    return np.sum(np.where(x > 0, x, 0.1 * x) ** 2)


def mean_square(x: Any) -> Any:
    return np.mean(x * x)


def bilinear(A: Any, B: Any) -> Any:
    return np.sum(np.sin(A @ B))


VECTOR = RNG.normal(size=6)
SQUARE = RNG.normal(size=(3, 3))
NORM = (X, RNG.normal(size=3), RNG.normal(size=3))


def one_sign(x: Any) -> Any:
    found = 2 * x / x.size
    found[3] *= -1
    return found


def greedy(x: Any) -> Any:
    x *= 2
    x /= x.size
    return x


MISTAKES = [
    Mistake("a forgotten 1/n", mean_square, (VECTOR,), lambda x: 2 * x, "n times too large (n = 6): a factor 1/n is"),
    Mistake("twice", mean_square, (VECTOR,), lambda x: 4 * x / x.size, "by x is twice as large as it should be"),
    Mistake("n - 1", variance, (VECTOR,), lambda x: 2 * (x - x.mean()) / (x.size - 1), "n - 1 where n belongs (n = 6)"),
    Mistake("no mean", variance, (VECTOR - VECTOR.mean(),), lambda x: 2 * x / x.size, "lacks the term −(2/n²) ∑"),
    Mistake("one sign", mean_square, (VECTOR,), one_sign, "x[3] has the wrong sign"),
    Mistake(
        "sum over the batch", layer, (X, W, B), layer_backward(add=lambda dz: dz), "by b lacks the sum over axis 0"
    ),
    Mistake(
        "mean over the batch",
        layer,
        (X, W, B),
        layer_backward(add=lambda dz: dz.mean(axis=0)),
        "by b is m times too small (m = 4)",
    ),
    Mistake(
        "derivative of tanh",
        layer,
        (X, W, B),
        layer_backward(slope=lambda z: 1.0),
        "lacks the derivative of tanh(z) by z",
    ),
    Mistake(
        "z for tanh(z)",
        layer,
        (X, W, B),
        layer_backward(slope=lambda z: 1 - z**2),
        "computed with z where tanh(z) belongs",
    ),
    Mistake(
        "transposed",
        layer,
        (X, RNG.normal(size=(3, 3)), B[:1]),
        layer_backward(turn=lambda W: W),
        "computed with W where its transpose belongs",
    ),
    Mistake("no path through mu", layer_norm, NORM, norm_backward(through_mean=False), "comes back through it to mu"),
    Mistake("no path through s", layer_norm, NORM, norm_backward(through_scale=0.0), "comes back through it to s"),
    Mistake(
        "sign of the path through s", layer_norm, NORM, norm_backward(through_scale=-1.0), "to s has the wrong sign"
    ),
    Mistake("no 1/s", layer_norm, NORM, norm_backward(divided=False), "by x lacks the factor 1/sₖ"),
    Mistake(
        "batch of cross-entropy",
        cross_entropy,
        (X, LABELS),
        entropy_backward(lambda p, t, m: p - t),
        "by z is m times too large (m = 4)",
    ),
    Mistake(
        "sign of cross-entropy",
        cross_entropy,
        (X, LABELS),
        entropy_backward(lambda p, t, m: (t - p) / m),
        "by z has the wrong sign",
    ),
    Mistake("labels", cross_entropy, (X, LABELS), entropy_backward(lambda p, t, m: p / m), "by z lacks the term −t"),
    Mistake(
        "slope below 0",
        leaky,
        (VECTOR,),
        lambda x: 2 * np.where(x > 0, x, 0.1 * x),
        "right except where x < 0: there it is 10 times",
    ),
    Mistake("changes its input", mean_square, (VECTOR,), greedy, "the gradient function changed x"),
    Mistake(
        "swapped",
        bilinear,
        (SQUARE, SQUARE + 1),
        lambda A, B: (A.T @ np.cos(A @ B), np.cos(A @ B) @ B.T),
        "they are swapped",
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each.name for each in MISTAKES])
def test_the_failure_leads_to_the_mistake(mistake: Mistake) -> None:
    report = check_gradients(mistake.function, *mistake.args, gradient=mistake.backward)
    assert not report.ok
    assert mistake.words in report.failure()


def test_there_are_twenty() -> None:
    assert len({each.name for each in MISTAKES}) == 20


def test_without_a_mistake_all_of_them_are_right() -> None:
    assert check_gradients(layer, X, W, B, gradient=layer_backward()).ok
    assert check_gradients(layer_norm, *NORM, gradient=norm_backward()).ok
    assert check_gradients(cross_entropy, X, LABELS, gradient=entropy_backward(lambda p, t, m: (p - t) / m)).ok
    assert check_gradients(
        bilinear, SQUARE, SQUARE + 1, gradient=lambda A, B: (np.cos(A @ B) @ B.T, A.T @ np.cos(A @ B))
    ).ok


def test_what_arrays_show_without_a_function_to_ask() -> None:
    for factor, words in ((2.0, "twice"), (-1.0, "wrong sign"), (1.0005, "1.0005 times")):
        report = check_gradients(lambda x: np.sum(np.sin(x)), VECTOR, gradient=factor * np.cos(VECTOR))
        assert words in report.failure()
    many = RNG.normal(size=10_000)
    wrong = 2 * many / 10_000
    wrong[1234] *= -1
    report = check_gradients(mean_square, many, gradient=wrong)
    assert report.worst is not None
    assert report.worst.index == (1234,)
    assert "x[1234] has the wrong sign; all others of the 10000 elements of x are right" in report.failure()


def test_noise_is_no_formula_and_nothing_is_said_of_it() -> None:
    report = check_gradients(mean_square, VECTOR, gradient=VECTOR**2 + np.arange(6.0))
    assert not [cause for cause in report.causes if cause.key.startswith("diagnosis")]
