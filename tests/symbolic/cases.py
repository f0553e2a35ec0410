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
    Case(
        "mean of squares",
        lambda x: ad.mean(x * x),
        {"x": ROW},
        {
            "x": "2*x[k]/n",
        },
    ),
    Case(
        "max",
        lambda x: ad.max(x * x),
        {"x": ROW},
        {
            "x": "2*KroneckerDelta(k, p)*x[k]",
        },
    ),
    Case(
        "max along rows",
        lambda X: ad.sum(ad.max(X, axis=1) ** 2),
        {"X": TALL},
        {
            "X": "2*KroneckerDelta(l, p[k])*X[k, l]",
        },
    ),
    Case(
        "mean squared error",
        lambda W, b, X, y: ad.mean((X @ W + b - y) ** 2),
        {"W": WEIGHTS, "b": 0.5, "X": TALL, "y": ROW},
        {
            "W": "2*Sum((b - y[i] + z[i])*X[i, k], (i, 1, m))/m",
            "b": "2*Sum(d[i], (i, 1, m))/m",
            "X": "2*(b - y[k] + Sum(W[i]*X[k, i], (i, 1, n)))*W[l]/m",
            "y": "-2*(b - y[k] + Sum(W[i]*X[k, i], (i, 1, n)))/m",
        },
        {
            "z[i]": "Sum(W[j]*X[i, j], (j, 1, n))",
            "d[i]": "b - y[i] + Sum(W[j]*X[i, j], (j, 1, n))",
        },
    ),
    Case(
        "logistic loss",
        lambda w, X, y: ad.mean(ad.softplus(X @ w) - y * (X @ w)),
        {"w": WEIGHTS, "X": TALL, "y": LABELS},
        {
            "w": "Sum((-y[i] + 1/(1 + exp(-z[i])))*X[i, k], (i, 1, m))/m",
            "X": "(-y[k] + 1/(1 + exp(-z[k])))*w[l]/m",
            "y": "-Sum(X[k, i]*w[i], (i, 1, n))/m",
        },
        {
            "z[i]": "Sum(X[i, j]*w[j], (j, 1, n))",
        },
    ),
    Case(
        "softmax",
        lambda x: ad.softmax(x),
        {"x": ROW},
        {
            "x": "(KroneckerDelta(i, k) - y[k])*y[i]",
        },
        {
            "y[i]": "exp(x[i])/Sum(exp(x[j]), (j, 1, n))",
        },
    ),
    Case(
        "log softmax",
        lambda x: ad.log_softmax(x),
        {"x": ROW},
        {
            "x": "-exp(x[k])/Sum(exp(x[j]), (j, 1, n)) + KroneckerDelta(i, k)",
        },
    ),
    Case(
        "softmax cross-entropy",
        lambda x, y: -ad.sum(y * ad.log_softmax(x)),
        {"x": ROW, "y": POSITIVE},
        {
            "x": "p[k]*Sum(y[i], (i, 1, n)) - y[k]",
            "y": "log(Sum(exp(x[i]), (i, 1, n))) - x[k]",
        },
        {
            "p[i]": "exp(x[i])/Sum(exp(x[j]), (j, 1, n))",
        },
    ),
    Case(
        "sum of squared softmax",
        lambda x: ad.sum(ad.softmax(x) ** 2),
        {"x": ROW},
        {
            "x": "2*(p[k] - Sum(p[i]**2, (i, 1, n)))*p[k]",
        },
        {
            "p[i]": "exp(x[i])/Sum(exp(x[j]), (j, 1, n))",
        },
    ),
    Case(
        "logsumexp",
        lambda x: ad.logsumexp(x),
        {"x": ROW},
        {
            "x": "exp(x[k])/Sum(exp(x[i]), (i, 1, n))",
        },
    ),
    Case(
        "Euclidean norm",
        lambda x: ad.norm(x),
        {"x": ROW},
        {
            "x": "x[k]/sqrt(Sum(x[i]**2, (i, 1, n)))",
        },
    ),
    Case(
        "cosine similarity",
        lambda x, y: ad.dot(x, y) / (ad.norm(x) * ad.norm(y)),
        {"x": ROW, "y": OTHER},
        {
            "x": "(y[k] - z*x[k]/s)/sqrt(s*v_1)",
            "y": "(x[k] - z*y[k]/v_1)/sqrt(s*v_1)",
        },
        {
            "z": "Sum(x[i]*y[i], (i, 1, n))",
            "s": "Sum(x[i]**2, (i, 1, n))",
            "v_1": "Sum(y[i]**2, (i, 1, n))",
        },
    ),
    Case(
        "variance",
        lambda x: ad.var(x),
        {"x": ROW},
        {
            "x": "2*(x[k] - Sum(x[i], (i, 1, n))/n)/n",
        },
    ),
    Case(
        "standard deviation",
        lambda x: ad.std(x),
        {"x": ROW},
        {
            "x": "(-mu + x[k])/(n*y)",
        },
        {
            "mu": "Sum(x[i], (i, 1, n))/n",
            "y": "sqrt(Sum((-mu + x[i])**2, (i, 1, n))/n)",
        },
    ),
    Case(
        "layer normalisation",
        layer_norm,
        {"x": ROW},
        {
            "x": "3*(h[k]**2 - h[k]*Sum(h[i]**3, (i, 1, n))/n - Sum(h[i]**2, (i, 1, n))/n)/r",
        },
        {
            "mu": "Sum(x[i], (i, 1, n))/n",
            "d[i]": "-mu + x[i]",
            "r": "sqrt(1/1024 + Sum(d[i]**2, (i, 1, n))/n)",
            "h[i]": "d[i]/r",
        },
    ),
    Case(
        "batch normalisation",
        batch_norm,
        {"X": TALL},
        {
            "X": "3*(q[k, l]**2 - q[k, l]*Sum(q[i, l]**3, (i, 1, m))/m - Sum(q[i, l]**2, (i, 1, m))/m)/r[l]",
        },
        {
            "D[i, j]": "X[i, j] - Sum(X[k, j], (k, 1, m))/m",
            "r[i]": "sqrt(1/1024 + Sum(D[j, i]**2, (j, 1, m))/m)",
            "q[i, j]": "D[i, j]/r[j]",
        },
    ),
    Case(
        "RMS normalisation",
        lambda x: ad.sum((x / ad.sqrt(ad.mean(x * x) + 2.0**-10)) ** 3),
        {"x": ROW},
        {
            "x": "3*(x[k] - Sum(x[i]**3, (i, 1, n))/(n*r**2))*x[k]/r**3",
        },
        {
            "r": "sqrt(1/1024 + Sum(x[i]**2, (i, 1, n))/n)",
        },
    ),
    Case(
        "two-layer perceptron",
        perceptron,
        {"W": TALL, "b": ROW, "V": TALL.T, "c": WEIGHTS, "x": WEIGHTS},
        {
            "W": (
                "2*(1 - h[k]**2)*(-Sum(V[i, k]*p[i], (i, 1, g))*Sum(p[i]**2, (i, 1, g)) + Sum(V[i, k]*p[i]**2, (i, 1,"
                " g)))*x[l]"
            ),
            "b": (
                "2*(1 - h[k]**2)*(-Sum(V[i, k]*p[i], (i, 1, g))*Sum(p[i]**2, (i, 1, g)) + Sum(V[i, k]*p[i]**2, (i, 1,"
                " g)))"
            ),
            "V": "2*(p[k] - Sum(p[i]**2, (i, 1, g)))*h[l]*p[k]",
            "c": "2*(p[k] - Sum(p[i]**2, (i, 1, g)))*p[k]",
            "x": "Sum((1 - h[i]**2)*W[i, k]*h_bar[i], (i, 1, m))",
        },
        {
            "h[i]": "tanh(b[i] + Sum(W[i, j]*x[j], (j, 1, n)))",
            "e[i]": "exp(c[i] + Sum(V[i, j]*h[j], (j, 1, m)))",
            "p[i]": "e[i]/Sum(e[j], (j, 1, g))",
            "h_bar[i]": "2*(-Sum(V[j, i]*p[j], (j, 1, g))*Sum(p[j]**2, (j, 1, g)) + Sum(V[j, i]*p[j]**2, (j, 1, g)))",
        },
    ),
    Case(
        "attention",
        attention,
        {"Q": TALL[:2, :2], "K": TALL[:, 1:], "V": TALL[:, :2]},
        {
            "Q": (
                "Sum((Sum(V[i, j]*v_1[k, j], (j, 1, b)) - Sum(P[k, j]*V[j, q]*v_1[k, q], (j, 1, c), (q, 1, b)))*K[i, "
                "l]*P[k, i], (i, 1, c))"
            ),
            "K": (
                "Sum((Sum(V[k, j]*v_1[i, j], (j, 1, b)) - Sum(P[i, j]*V[j, q]*v_1[i, q], (j, 1, c), (q, 1, b)))*P[i, "
                "k]*Q[i, l], (i, 1, m))"
            ),
            "V": "2*Sum(P[i, j]*P[i, k]*V[j, l], (i, 1, m), (j, 1, c))",
        },
        {
            "z[i, j]": "Sum(K[j, k]*Q[i, k], (k, 1, n))",
            "P[i, j]": "exp(z[i, j]/2)/Sum(exp(z[i, k]/2), (k, 1, c))",
            "v_1[i, j]": "Sum(P[i, k]*V[k, j], (k, 1, c))",
        },
    ),
    Case(
        "KL divergence",
        lambda p, q: ad.sum(p * ad.log(p / q)),
        {"p": POSITIVE, "q": POSITIVE[::-1]},
        {
            "p": "log(p[k]/q[k]) + 1",
            "q": "-p[k]/q[k]",
        },
    ),
    Case(
        "quadratic form",
        lambda x, A: x @ A @ x,
        {"x": WEIGHTS, "A": SQUARE},
        {
            "x": "Sum((A[i, k] + A[k, i])*x[i], (i, 1, n))",
            "A": "x[k]*x[l]",
        },
    ),
    Case(
        "trace of a product",
        lambda A, B: ad.sum(A * B),
        {"A": TALL, "B": TALL + 1},
        {
            "A": "B[k, l]",
            "B": "A[k, l]",
        },
    ),
    Case(
        "product",
        lambda x: ad.prod(x),
        {"x": ROW},
        {
            "x": "Product(Piecewise((x[i], Ne(i, k)), (1, True)), (i, 1, n))",
        },
    ),
    Case(
        "slice",
        lambda x: ad.sum(ad.exp(x)[1:3]) * x[0] + x[-1] ** 3,
        {"x": ROW},
        {
            "x": (
                "s*KroneckerDelta(1, k) + Piecewise((exp(x[k])*x[1], (k >= 2) & (k <= 3)), (0, True)) + "
                "3*KroneckerDelta(k, n)*x[n]**2"
            ),
        },
        {
            "s": "Sum(exp(x[i]), (i, 2, 3))",
        },
    ),
    Case(
        "strided slice",
        lambda x: ad.sum(x[::2] ** 2 * x[1::2]),
        {"x": ROW},
        {
            "x": (
                "Piecewise((2*x[k + 1]*x[k], Eq(Mod(k + 1, 2), 0) & (k <= 2*m - 1)), (0, True)) + Piecewise((x[k - "
                "1]**2, (k >= 2) & Eq(Mod(k, 2), 0) & (k <= 2*m)), (0, True))"
            ),
        },
    ),
    Case(
        "reversed and joined",
        lambda x: ad.sum(ad.concatenate((x, x[::-1] ** 2)) ** 2),
        {"x": ROW},
        {
            "x": "4*x[k]**3 + 2*x[k]",
        },
    ),
    Case(
        "reshape and transpose",
        lambda x: ad.sum(ad.sum(ad.reshape(x, (2, 2)).T, axis=0) ** 2),
        {"x": ROW},
        {
            "x": "2*Sum(x[i], (i, 2*ceiling(k/2) - 1, 2*ceiling(k/2)))",
        },
    ),
    Case(
        "used three times",
        lambda x: ad.sum(x * ad.sin(x)) * x[0] * ad.sum(x),
        {"x": ROW},
        {
            "x": (
                "s*KroneckerDelta(1, k)*Sum(x[i], (i, 1, n)) + s*x[1] + sin(x[k])*x[1]*Sum(x[i], (i, 1, n)) + "
                "cos(x[k])*x[1]*x[k]*Sum(x[i], (i, 1, n))"
            ),
        },
        {
            "s": "Sum(sin(x[i])*x[i], (i, 1, n))",
        },
    ),
    Case(
        "where",
        lambda x: ad.sum(ad.where(x > 0.625, ad.log(x * x), x**3)),
        {"x": ROW},
        {
            "x": "Piecewise((3*x[k]**2, x[k] <= 5/8), (2/x[k], True))",
        },
    ),
    Case(
        "relu",
        lambda x: ad.sum(ad.relu(x - 0.625) * x),
        {"x": ROW},
        {
            "x": "Piecewise(((16*x[k] - 5)/8, x[k] > 5/8), (0, True))",
        },
    ),
    Case(
        "axis and back",
        lambda X: ad.sum((X - ad.mean(X, axis=0, keepdims=True)) ** 2 * X),
        {"X": TALL},
        {
            "X": "2*X[k, l]*d[k, l] + d[k, l]**2 - 2*Sum(X[i, l]*d[i, l], (i, 1, m))/m",
        },
        {
            "d[i, j]": "X[i, j] - Sum(X[k, j], (k, 1, m))/m",
        },
    ),
    Case(
        "picked rows",
        lambda X: ad.sum(X[np.array([2, 0, 2])] ** 2),
        {"X": TALL},
        {
            "X": "2*Sum(KroneckerDelta(k, t[i])*X[t[i], l], (i, 1, c))",
        },
    ),
    Case(
        "picked elements",
        lambda X: ad.sum(X[np.array([2, 0]), np.array([1, 2])] ** 3),
        {"X": TALL},
        {
            "X": "3*Sum(KroneckerDelta(k, tau[i])*KroneckerDelta(l, t[i])*X[tau[i], t[i]]**2, (i, 1, 2))",
        },
    ),
    Case(
        "outer product",
        lambda x, y: ad.sum(ad.outer(x, y) ** 2),
        {"x": ROW, "y": WEIGHTS},
        {
            "x": "2*x[k]*Sum(y[i]**2, (i, 1, m))",
            "y": "2*y[k]*Sum(x[i]**2, (i, 1, n))",
        },
    ),
    Case(
        "a number",
        lambda x, y: x**2 * y + 3 * x,
        {"x": 1.5, "y": -0.5},
        {
            "x": "2*x*y + 3",
            "y": "x**2",
        },
    ),
    Case(
        "not used",
        lambda x, y: ad.sum(x**3),
        {"x": ROW, "y": OTHER},
        {
            "x": "3*x[k]**2",
            "y": "0",
        },
    ),
    Case(
        "stacked",
        lambda x, y: ad.sum(ad.stack((x, y)) ** 2),
        {"x": ROW, "y": OTHER},
        {
            "x": "2*x[k]",
            "y": "2*y[k]",
        },
    ),
    Case(
        "inverse",
        lambda A, B: ad.sum(ad.inv(A) * B),
        {"A": SQUARE, "B": SQUARE.T},
        {
            "A": "-Sum(A_inv[i, k]*A_inv[l, j]*B[i, j], (i, 1, n), (j, 1, n))",
            "B": "A_inv[k, l]",
        },
    ),
    Case(
        "determinant",
        lambda A: ad.det(A),
        {"A": SQUARE},
        {
            "A": "det_A*A_inv[l, k]",
        },
    ),
    Case(
        "log of a determinant",
        lambda A: ad.log(ad.det(A)),
        {"A": SQUARE},
        {
            "A": "A_inv[l, k]",
        },
    ),
    Case(
        "linear system",
        lambda A, b: ad.sum(ad.solve(A, b) ** 2),
        {"A": SQUARE, "b": WEIGHTS},
        {
            "A": "-2*X[l]*Sum(A_inv[i, k]*X[i], (i, 1, n))",
            "b": "2*Sum(A_inv[i, j]*A_inv[i, k]*b[j], (i, 1, n), (j, 1, n))",
        },
        {
            "X[i]": "Sum(A_inv[i, j]*b[j], (j, 1, n))",
        },
    ),
    Case(
        "convolution",
        lambda x, w: ad.sum(ad.conv1d(x, w) ** 2),
        {"x": TALL.reshape(1, 2, 6), "w": SQUARE[:2, :2].reshape(1, 2, 2)},
        {
            "x": (
                "2*Sum(w[1, i, j]*w[1, k, q]*x[1, i, j + l - q], (i, 1, m), (j, 1, c), (q, Max(1, l - n + 2), Min(c, "
                "l)))"
            ),
            "w": "2*Sum(v_1[i]*x[1, k, i + l - 1], (i, 1, n - 1))",
        },
        {
            "v_1[i]": "Sum(w[1, j, k]*x[1, j, i + k - 1], (j, 1, m), (k, 1, c))",
        },
    ),
    Case(
        "max pooling",
        lambda x: ad.sum(ad.max_pool1d(x, 2) ** 2),
        {"x": TALL.T.reshape(3, 1, 4)},
        {
            "x": (
                "2*Sum(Piecewise((KroneckerDelta(2*i + p[k, i], l + 2)*v_1[k, i], (l <= 2*i) & (l >= 2*i - 1)), (0, "
                "True)), (i, 1, 2))"
            ),
        },
        {
            "v_1[i, j]": "x[i, 1, 2*j + p[i, j] - 2]",
        },
    ),
    Case(
        "cross-entropy of a class",
        lambda x: ad.cross_entropy(x, np.array([2, 0, 1, 1])),
        {"x": TALL},
        {
            "x": "(-KroneckerDelta(l, t[k]) + p[k, l])/4",
        },
        {
            "p[i, j]": "exp(x[i, j])/Sum(exp(x[i, k]), (k, 1, n))",
        },
    ),
    Case(
        "weighted sum of a sorted row",
        lambda x, w: ad.sum(ad.sort(x) * w),
        {"x": ROW, "w": OTHER},
        {
            "x": "Sum(KroneckerDelta(k, p[i])*w[i], (i, 1, n))",
            "w": "x[p[k]]",
        },
    ),
    Case(
        "median",
        lambda x: ad.median(x) ** 2,
        {"x": ROW},
        {
            "x": "v_1*(KroneckerDelta(k, p) + KroneckerDelta(k, q))",
        },
        {
            "v_1": "(x[p] + x[q])/2",
        },
    ),
    Case(
        "clipped",
        lambda x: ad.sum(ad.clip(x, -1.0, 1.0) ** 2),
        {"x": ROW},
        {
            "x": "Piecewise((2*x[k], (x[k] >= -1) & (x[k] <= 1)), (0, True))",
        },
    ),
    Case(
        "largest of two",
        lambda x, y: ad.sum(ad.maximum(x, y) * x),
        {"x": ROW, "y": OTHER},
        {
            "x": "Piecewise((2*x[k], x[k] > y[k]), (y[k], True))",
            "y": "Piecewise((x[k], x[k] <= y[k]), (0, True))",
        },
    ),
    Case(
        "matrix of squares",
        lambda x: x * x,
        {"x": ROW},
        {
            "x": "2*KroneckerDelta(i, k)*x[k]",
        },
    ),
    Case(
        "rows by a matrix",
        lambda A, B: A @ B,
        {"A": TALL, "B": SQUARE},
        {
            "A": "KroneckerDelta(i, k)*B[l, j]",
            "B": "KroneckerDelta(j, l)*A[i, k]",
        },
    ),
    Case(
        "padded and rolled",
        lambda x: ad.sum(ad.pad(x, 1)[:-1] * ad.roll(x, 1).sum()),
        {"x": ROW},
        {
            "x": "x[n] + Sum(x[i], (i, 1, n)) + Sum(x[i], (i, 1, n - 1))",
        },
    ),
    Case(
        "Huber loss",
        lambda x, y: ad.huber_loss(x, y),
        {"x": ROW, "y": OTHER},
        {
            "x": (
                "Piecewise((-1, y[k] >= x[k] + 1), (1, (x[k] >= y[k] + 1) & (x[k] > y[k] - 1)), (x[k] - y[k], (x[k] >"
                " y[k] - 1) & (y[k] > x[k] - 1)), (0, True))/n"
            ),
            "y": (
                "Piecewise((1, y[k] >= x[k] + 1), (-1, (x[k] >= y[k] + 1) & (x[k] > y[k] - 1)), (-x[k] + y[k], (x[k] "
                "> y[k] - 1) & (y[k] > x[k] - 1)), (0, True))/n"
            ),
        },
    ),
    Case(
        "power of two inputs",
        lambda x, y: ad.sum(x**y),
        {"x": POSITIVE, "y": OTHER},
        {
            "x": "x[k]**(y[k] - 1)*y[k]",
            "y": "log(x[k])*x[k]**y[k]",
        },
    ),
    Case(
        "trace of a matrix product",
        lambda A, B: ad.trace(A.T @ B),
        {"A": TALL, "B": TALL + 1},
        {
            "A": "B[k, l]",
            "B": "A[k, l]",
        },
    ),
    Case(
        "cumulative sum",
        lambda x: ad.cumsum(x),
        {"x": ROW},
        {
            "x": "Piecewise((1, i >= k), (0, True))",
        },
    ),
    Case(
        "sum of cumulative sums",
        lambda x: ad.sum(ad.cumsum(x)),
        {"x": ROW},
        {
            "x": "-k + n + 1",
        },
    ),
    Case(
        "weighted cumulative sum",
        lambda x, w: ad.sum(ad.cumsum(x) * w),
        {"x": ROW, "w": OTHER},
        {
            "x": "Sum(w[i], (i, k, n))",
            "w": "Sum(x[i], (i, 1, k))",
        },
    ),
    Case(
        "squared cumulative sums of rows",
        lambda X: ad.sum(ad.cumsum(X, axis=1) ** 2),
        {"X": TALL},
        {
            "X": "2*Sum(X[k, j], (j, 1, i), (i, l, n))",
        },
    ),
    Case(
        "cumulative product",
        lambda x: ad.cumprod(x),
        {"x": ROW},
        {
            "x": "Piecewise((Product(Piecewise((x[j], Ne(j, k)), (1, True)), (j, 1, i)), i >= k), (0, True))",
        },
    ),
    Case(
        "weighted cumulative product",
        lambda x, w: ad.sum(ad.cumprod(x) * w),
        {"x": ROW, "w": OTHER},
        {
            "x": "Sum(w[i]*Product(Piecewise((x[j], Ne(j, k)), (1, True)), (j, 1, i)), (i, k, n))",
            "w": "Product(x[i], (i, 1, k))",
        },
    ),
    Case(
        "log of the size of a determinant",
        lambda A: ad.slogdet(A)[1],
        {"A": SQUARE},
        {
            "A": "A_inv[l, k]",
        },
    ),
    Case(
        "inverses of a stack",
        lambda A: ad.sum(ad.inv(A)),
        {"A": np.stack([SQUARE[:2, :2], SQUARE[1:, 1:]])},
        {
            "A": "-Sum(A_inv[k, i, l], (i, 1, n))*Sum(A_inv[k, q, i], (i, 1, n))",
        },
    ),
    Case(
        "trace of a cube",
        lambda A: ad.trace(ad.matrix_power(A, 3)),
        {"A": SQUARE},
        {
            "A": "3*Sum(A[i, k]*A[l, i], (i, 1, n))",
        },
    ),
]
