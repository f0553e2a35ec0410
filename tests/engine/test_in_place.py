"""Programs that assign in place, as people write them: their gradients are the slopes of NumPy's own runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad

X = np.array([0.5, -1.5, 2.0, 0.7])
A = np.array([[4.0, 1.0, 0.0, 0.0], [1.0, 4.0, 1.0, 0.0], [0.0, 1.0, 4.0, 1.0], [0.0, 0.0, 1.0, 4.0]])


def adam(x: Any) -> Any:
    m, v, w = np.zeros_like(x), np.zeros_like(x), x * 1.0
    for _ in range(3):
        g = 2 * w
        m *= 0.9
        m += 0.1 * g
        v *= 0.99
        v += 0.01 * g**2
        w -= 0.1 * m / (np.sqrt(v) + 0.1)
    return np.sum(w**2)


def gauss_seidel(x: Any) -> Any:
    y = np.zeros_like(x)
    for _ in range(3):
        for i in range(4):
            y[i] = (x[i] - A[i] @ y + A[i, i] * y[i]) / A[i, i]
    return y @ y


def heat(x: Any) -> Any:
    u = x * 1.0
    for _ in range(3):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def elimination(x: Any) -> Any:
    m = np.outer(x, x) + np.eye(4) * 3
    for k in range(4):
        for i in range(k + 1, 4):
            m[i, k] /= m[k, k]
            m[i, k + 1 :] -= m[i, k] * m[k, k + 1 :]
    return np.sum(np.log(np.abs(np.diag(m))))


def exchanges(x: Any) -> Any:
    y = x * 1.0
    y[0], y[2] = y[2], y[0]
    y[[1, 3]] = y[[3, 1]]
    return np.sum(y * np.arange(4.0))


def rows(x: Any) -> Any:
    m = np.zeros_like(x, shape=(3, 4))
    m[0] = x
    for i in range(1, 3):
        m[i] = np.sin(m[i - 1]) * x
        m[i] /= 1 + m[i] @ m[i]
    return np.sum(m)


def normalised(x: Any) -> Any:
    y = np.exp(x)
    y -= y.mean()
    y /= y.std()
    return np.sum(y**3)


def _doubled(a: Any) -> Any:
    a *= 2.0
    return a


def in_a_helper(x: Any) -> Any:
    y = x + 1.0
    z = _doubled(y)
    return np.sum(y * z)


def running(x: Any) -> Any:
    y = x.copy()
    for i in range(1, 4):
        y[i] += y[i - 1]
    return np.sum(y**2)


def accumulated(x: Any) -> Any:
    total = np.zeros_like(x)
    for k in range(3):
        total += x**k
    return total @ total


def symmetrised(x: Any) -> Any:
    m = np.outer(x, np.arange(4.0))
    m[np.diag_indices(4)] += 1.0
    m += m.T
    return np.linalg.det(m + 5 * np.eye(4))


def masked(x: Any) -> Any:
    y = x * 2
    positive = y > 0
    y[positive] = np.log(y[positive])
    y[~positive] *= 0.1
    y[y > 1.0] = 1.0
    return np.sum(y * x)


def used_again(x: Any) -> Any:
    buffer, total = np.zeros_like(x), 0.0
    for k in range(3):
        buffer[:] = x * k
        total = total + np.sum(buffer * buffer)
    return total


def history(x: Any) -> Any:
    y, states = x * 1.0, []
    for _ in range(3):
        y[0] = y[0] * x[1]
        states.append(y.copy())
    return np.sum(np.stack(states) ** 2)


PROGRAMS = [
    adam, gauss_seidel, heat, elimination, exchanges, rows, normalised, in_a_helper, running, accumulated, symmetrised,
    masked, used_again, history,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_its_gradient_is_the_slope_of_numpys_run(f: Callable[[Any], Any]) -> None:
    slopes = [(f(X + h) - f(X - h)) / 2e-6 for h in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(ad.grad(f)(X), slopes, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("f", [heat, normalised, symmetrised], ids=lambda f: f.__name__)
def test_second_derivatives(f: Callable[[Any], Any]) -> None:
    slopes = [(ad.grad(f)(X + h) - ad.grad(f)(X - h)) / 2e-6 for h in 1e-6 * np.eye(4)]
    np.testing.assert_allclose(ad.hessian(f)(X), slopes, rtol=1e-5, atol=1e-5)
