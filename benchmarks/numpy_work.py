"""The engine's work as NumPy's users write it: in NumPy's own functions, not in fused losses and methods.

The same text runs in ours, in HIPS autograd and in JAX, each with its own namespace; PyTorch has its idiom.  A piece
has a gradient written by hand; of a loop the time of the function itself stands in its place, as ``forward``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from engine_work import RNG, Piece, perceptron_by_hand, piece

Written = Callable[[Any], Callable[..., Any]]


def in_numpy(
    written: Written, inputs: list[np.ndarray], hand: Any = None, torch: Any = None, jax: bool = True
) -> Piece:
    """A piece from a function of the namespace it is written in; without ``hand`` it is compared with its own value."""
    engines: dict[str, Any] = {"autodiff": lambda ad: written(np), "autograd": written}
    if jax:
        engines["jax"] = written
    if torch is not None:
        engines["torch"] = torch
    if hand is not None:
        return piece(hand, inputs, **engines)
    made = piece(written(np), inputs, **engines)
    made["forward"] = made.pop("hand")
    return made


def elementwise() -> Piece:
    def written(xp: Any) -> Callable[..., Any]:
        return lambda x: xp.sum(xp.tanh(x * xp.sin(x)) * xp.exp(-x * x))

    def hand(x: np.ndarray) -> Any:
        s = np.sin(x)
        t = np.tanh(x * s)
        e = np.exp(-x * x)
        return np.sum(t * e), e * ((1 - t * t) * (s + x * np.cos(x)) - 2 * x * t)

    return in_numpy(written, [RNG.normal(size=1_000_000)], hand, written)


def perceptron() -> Piece:
    x, labels, rows = RNG.normal(size=(64, 128)), RNG.integers(0, 10, 64), np.arange(64)
    layers = [RNG.normal(size=(128, 256)) / 11, np.zeros(256), RNG.normal(size=(256, 10)) / 16, np.zeros(10)]

    def written(xp: Any) -> Callable[..., Any]:
        def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            z = xp.dot(xp.tanh(xp.dot(x, w1) + b1), w2) + b2
            z = z - xp.max(z, axis=1, keepdims=True)
            log_p = z - xp.log(xp.sum(xp.exp(z), axis=1, keepdims=True))
            return -xp.mean(log_p[rows, labels])

        return loss

    def torch(xp: Any) -> Callable[..., Any]:
        data, target, at = xp.tensor(x), xp.tensor(labels), xp.tensor(rows)

        def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            z = xp.tanh(data @ w1 + b1) @ w2 + b2
            z = z - z.amax(dim=1, keepdim=True)
            return -xp.mean((z - xp.log(xp.sum(xp.exp(z), dim=1, keepdim=True)))[at, target])

        return loss

    return in_numpy(written, layers, perceptron_by_hand(x, labels), torch)


def lstm() -> Piece:
    steps, units = 50, 32
    xs = RNG.normal(size=(steps, units))
    w = RNG.normal(size=(2 * units, 4 * units)) / 8

    def written(xp: Any) -> Callable[..., Any]:
        def sigmoid(x: Any) -> Any:
            return 0.5 * (xp.tanh(x / 2) + 1)

        def run(w: Any) -> Any:
            h = c = xp.zeros(units)
            for x in xs:
                i, f, o, g = xp.split(xp.dot(xp.concatenate([h, x]), w), 4)
                c = sigmoid(f) * c + sigmoid(i) * xp.tanh(g)
                h = sigmoid(o) * xp.tanh(c)
            return xp.sum(h**2)

        return run

    def torch(xp: Any) -> Callable[..., Any]:
        data = xp.tensor(xs)

        def run(w: Any) -> Any:
            h = c = xp.zeros(units, dtype=xp.float64)
            for x in data:
                i, f, o, g = xp.chunk(xp.cat([h, x]) @ w, 4)
                c = xp.sigmoid(f) * c + xp.sigmoid(i) * xp.tanh(g)
                h = xp.sigmoid(o) * xp.tanh(c)
            return xp.sum(h**2)

        return run

    return in_numpy(written, [w], None, torch)


def gaussian_process() -> Piece:
    x = np.sort(RNG.uniform(0.0, 10.0, 200))
    y = np.sin(x) + 0.1 * RNG.normal(size=200)
    squares = (x[:, None] - x) ** 2

    def written(xp: Any) -> Callable[..., Any]:
        def loss(theta: Any) -> Any:
            length, amplitude, noise = xp.exp(theta)
            k = amplitude**2 * xp.exp(-0.5 * squares / length**2) + noise**2 * xp.eye(200)
            factor = xp.linalg.cholesky(k)
            a = xp.linalg.solve(factor.T, xp.linalg.solve(factor, y))
            return 0.5 * xp.dot(y, a) + xp.sum(xp.log(xp.diag(factor)))

        return loss

    def torch(xp: Any) -> Callable[..., Any]:
        targets, distances = xp.tensor(y), xp.tensor(squares)

        def loss(theta: Any) -> Any:
            length, amplitude, noise = xp.exp(theta)
            k = amplitude**2 * xp.exp(-0.5 * distances / length**2) + noise**2 * xp.eye(200, dtype=xp.float64)
            factor = xp.linalg.cholesky(k)
            a = xp.linalg.solve(factor.T, xp.linalg.solve(factor, targets))
            return 0.5 * xp.dot(targets, a) + xp.sum(xp.log(xp.diag(factor)))

        return loss

    def hand(theta: Any) -> Any:
        length, amplitude, noise = np.exp(theta)
        smooth = amplitude**2 * np.exp(-0.5 * squares / length**2)
        factor = np.linalg.cholesky(smooth + noise**2 * np.eye(200))
        inverse = np.linalg.solve(factor.T, np.linalg.solve(factor, np.eye(200)))
        a = inverse @ y
        g = 0.5 * (inverse - np.outer(a, a))
        value = 0.5 * y @ a + np.sum(np.log(np.diag(factor)))
        part = g * smooth
        by = [np.sum(part * squares) / length**2, 2.0 * np.sum(part), 2.0 * noise**2 * np.trace(g)]
        return value, np.array(by)

    return in_numpy(written, [np.array([0.0, 0.0, -2.0])], hand, torch)


def logistic() -> Piece:
    x = RNG.normal(size=(10_000, 50))
    labels = (x @ RNG.normal(size=50) > 0).astype(float)

    def written(xp: Any) -> Callable[..., Any]:
        def loss(w: Any) -> Any:
            z = xp.dot(x, w)
            return xp.mean(xp.logaddexp(0.0, z) - labels * z) + 0.01 * xp.dot(w, w)

        return loss

    def torch(xp: Any) -> Callable[..., Any]:
        data, target, zero = xp.tensor(x), xp.tensor(labels), xp.zeros((), dtype=xp.float64)

        def loss(w: Any) -> Any:
            z = data @ w
            return xp.mean(xp.logaddexp(zero, z) - target * z) + 0.01 * xp.dot(w, w)

        return loss

    def hand(w: Any) -> Any:
        z = x @ w
        p = 1.0 / (1.0 + np.exp(-z))
        value = np.mean(np.logaddexp(0.0, z) - labels * z) + 0.01 * (w @ w)
        return value, (p - labels) @ x / len(x) + 0.02 * w

    return in_numpy(written, [RNG.normal(size=50) / 10], hand, torch)


def bodies() -> Piece:
    diagonal = np.eye(100)

    def written(xp: Any) -> Callable[..., Any]:
        def energy(x: Any) -> Any:
            d = x[:, None, :] - x[None, :, :]
            return -0.5 * xp.sum((1.0 - diagonal) / xp.sqrt(xp.sum(d**2, axis=-1) + 0.01))

        return energy

    def torch(xp: Any) -> Callable[..., Any]:
        others = xp.tensor(1.0 - diagonal)

        def energy(x: Any) -> Any:
            d = x[:, None, :] - x[None, :, :]
            return -0.5 * xp.sum(others / xp.sqrt(xp.sum(d**2, dim=-1) + 0.01))

        return energy

    def hand(x: Any) -> Any:
        d = x[:, None, :] - x[None, :, :]
        square = np.sum(d**2, axis=-1) + 0.01
        inverse = (1.0 - diagonal) / np.sqrt(square)
        return -0.5 * np.sum(inverse), np.einsum("ij,ijk->ik", inverse / square, d)

    return in_numpy(written, [RNG.normal(size=(100, 3))], hand, torch)


def pendulum() -> Piece:
    def written(xp: Any) -> Callable[..., Any]:
        def slope(q: Any, v: Any, friction: Any) -> Any:
            return v, -friction * v - 9.8 * xp.sin(q)

        def run(start: Any, friction: Any) -> Any:
            q, v, h = start, 0.0, 0.001
            for _ in range(1000):
                a, b = slope(q, v, friction)
                c, d = slope(q + h / 2 * a, v + h / 2 * b, friction)
                e, f = slope(q + h / 2 * c, v + h / 2 * d, friction)
                k, m = slope(q + h * e, v + h * f, friction)
                q, v = q + h / 6 * (a + 2 * c + 2 * e + k), v + h / 6 * (b + 2 * d + 2 * f + m)
            return q * q

        return run

    return in_numpy(written, [np.array(0.2), np.array(0.5)], None, written, jax=False)


def convolution() -> Piece:
    x, k = RNG.normal(size=(128, 128)), RNG.normal(size=(5, 5)) / 5

    def written(xp: Any) -> Callable[..., Any]:
        def loss(x: Any, k: Any) -> Any:
            y = 0.0
            for i in range(5):
                for j in range(5):
                    y = y + k[i, j] * x[i : i + 124, j : j + 124]
            return xp.sum(y**2)

        return loss

    return in_numpy(written, [x, k], None, written)


NUMPY_WORK: dict[str, Callable[[], Piece]] = {
    "NumPy: sum(tanh(x*sin(x))*exp(-x*x)), 10^6": elementwise,
    "NumPy: perceptron, log-softmax written out": perceptron,
    "NumPy: LSTM, T = 50, H = 32 (forward)": lstm,
    "NumPy: Gaussian process, n = 200": gaussian_process,
    "NumPy: logistic regression, 10^4 x 50": logistic,
    "NumPy: N-body, n = 100": bodies,
    "NumPy: RK4 pendulum, 1000 steps (forward)": pendulum,
    "NumPy: convolution by slices (forward)": convolution,
}

X = np.arange(1.0, 6.0)
OVERHEAD: dict[str, Callable[[Any, Any], Callable[[], Any]]] = {
    "sum(x)": lambda xp, x: lambda: xp.sum(x),
    "mean(x)": lambda xp, x: lambda: xp.mean(x),
    "dot(x, x)": lambda xp, x: lambda: xp.dot(x, x),
    "concatenate([x, x])": lambda xp, x: lambda: xp.concatenate([x, x]),
    "stack([x, x])": lambda xp, x: lambda: xp.stack([x, x]),
    "einsum('i,i->', x, x)": lambda xp, x: lambda: xp.einsum("i,i->", x, x),
}
"""Calls whose time by NumPy's name is compared with that by ours."""
