"""Derivative rules as people write them in JAX, each with one mistake; what a report must say stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.frameworks import installed

jax = installed("jax")
jnp = jax.numpy


@dataclass(frozen=True)
class Mistake:
    """A function of these arrays, whose function ``culprit`` has a mistake in the line that holds ``line``.

    ``says`` are the words by which the failure names the mistake.
    """

    what: str
    culprit: str
    line: str
    says: str
    function: Callable[..., Any]
    arrays: tuple[Any, ...]


X = np.array([0.5, -1.25, 2.0, 0.75], np.float32)
POSITIVE = np.array([0.5, 1.25, 2.0, 0.75], np.float32)
M = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], np.float32)
W = np.array([[1.0, 0.5], [-0.4, 0.2], [-1.5, 0.7]], np.float32)
B = np.array([0.25, -0.5, 1.0], np.float32)


@jax.custom_vjp
def square(x: Any) -> Any:
    return x * x


def square_back(x: Any, g: Any) -> Any:
    return (4 * g * x,)


square.defvjp(lambda x: (x * x, x), square_back)


@jax.custom_vjp
def subtract(a: Any, b: Any) -> Any:
    return a - b


def subtract_back(shape: Any, g: Any) -> Any:
    return g, g


subtract.defvjp(lambda a, b: (a - b, None), subtract_back)


@jax.custom_vjp
def mean_square(x: Any) -> Any:
    return jnp.mean(x * x)


def mean_square_back(x: Any, g: Any) -> Any:
    return (g * 2 * x,)


mean_square.defvjp(lambda x: (jnp.mean(x * x), x), mean_square_back)


@jax.custom_vjp
def sine(x: Any) -> Any:
    return jnp.sin(x)


def sine_back(x: Any, g: Any) -> Any:
    return (jnp.cos(x),)


sine.defvjp(lambda x: (jnp.sin(x), x), sine_back)


@jax.custom_vjp
def product(a: Any, b: Any) -> Any:
    return a @ b


def product_back(kept: Any, g: Any) -> Any:
    a, b = kept
    return g @ b.T, a.T @ (2 * g)


product.defvjp(lambda a, b: (a @ b, (a, b)), product_back)


@jax.custom_vjp
def shifted(x: Any, bias: Any) -> Any:
    return x + bias


def shifted_back(kept: Any, g: Any) -> Any:
    return g, jnp.mean(g, axis=0)


shifted.defvjp(lambda x, bias: (x + bias, None), shifted_back)


@jax.custom_vjp
def weighted(x: Any, w: Any) -> Any:
    return x * w


def weighted_back(kept: Any, g: Any) -> Any:
    x, w = kept
    return g * x, g * w


weighted.defvjp(lambda x, w: (x * w, (x, w)), weighted_back)


@jax.custom_vjp
def variance(x: Any) -> Any:
    return jnp.mean((x - jnp.mean(x)) ** 2)


def variance_back(x: Any, g: Any) -> Any:
    return (g * 2 * (x - jnp.mean(x)) / (x.size - 1),)


variance.defvjp(lambda x: (jnp.mean((x - jnp.mean(x)) ** 2), x), variance_back)


@jax.custom_jvp
def reciprocal(x: Any) -> Any:
    return 1 / x


@reciprocal.defjvp
def reciprocal_tangent(primals: Any, tangents: Any) -> Any:
    (x,), (t,) = primals, tangents
    return 1 / x, t / (x * x)


@jax.custom_jvp
def softplus(x: Any) -> Any:
    return jnp.log(1 + jnp.exp(x))


@softplus.defjvp
def softplus_tangent(primals: Any, tangents: Any) -> Any:
    (x,), (t,) = primals, tangents
    return softplus(x), t / (1 + jnp.exp(x))


@jax.custom_vjp
def root(x: Any) -> Any:
    return jnp.sqrt(x)


def root_back(y: Any, g: Any) -> Any:
    return (g / y,)


root.defvjp(lambda x: (jnp.sqrt(x), jnp.sqrt(x)), root_back)


@jax.custom_jvp
def sum_of_squares(x: Any, y: Any) -> Any:
    return jnp.sum(x * x) + jnp.sum(y * y)


@sum_of_squares.defjvp
def sum_of_squares_tangent(primals: Any, tangents: Any) -> Any:
    (x, y), (t, s) = primals, tangents
    return sum_of_squares(x, y), 2 * jnp.sum(x * t) - 2 * jnp.sum(y * s)


MISTAKES = [
    Mistake("a factor of two", "square", "4 * g * x", "twice as large as it should be",
            lambda x: jnp.sum(jnp.sin(square(x))), (X,)),
    Mistake("a sign", "subtract", "return g, g", "by b has the wrong sign",
            lambda a, b: jnp.sum(subtract(a, b) ** 2 * a), (X, POSITIVE)),
    Mistake("a missing 1/n", "mean_square", "g * 2 * x", "a factor 1/n is missing",
            lambda x: jnp.exp(mean_square(x)), (X,)),
    Mistake("the cotangent forgotten", "sine", "jnp.cos(x),", "cotangent: not used",
            lambda x: jnp.sum(sine(x) * x), (X,)),
    Mistake("a factor in one of two operands", "product", "a.T @ (2 * g)", "by b is twice",
            lambda a, b: jnp.sum(jnp.tanh(product(a, b))), (M, W)),
    Mistake("a mean for a sum", "shifted", "jnp.mean(g, axis=0)", "by bias is half of what it should be",
            lambda x, b: jnp.sum(shifted(x, b) ** 2), (M, B)),
    Mistake("two operands mixed up", "weighted", "g * x, g * w", "they are swapped",
            lambda x, w: jnp.sum(jnp.cos(weighted(x, w))), (X, POSITIVE)),
    Mistake("n - 1 for n", "variance", "x.size - 1", "n - 1 where n belongs",
            lambda x: variance(x) ** 2, (X,)),
    Mistake("a sign in a tangent", "reciprocal", "1 / x, t / (x * x)", "has the wrong sign",
            lambda x: jnp.sum(reciprocal(x)), (POSITIVE,)),
    Mistake("the sigmoid of the other side", "softplus", "t / (1 + jnp.exp(x))", "lacks the derivative of exp(x)",
            lambda x: jnp.sum(softplus(x) * x), (X,)),
    Mistake("a half forgotten", "root", "g / y", "twice as large as it should be",
            jax.jit(lambda x: jnp.sum(jnp.log(root(x)))), (POSITIVE,)),
    Mistake("a sign in one of two tangents", "sum_of_squares", "- 2 * jnp.sum(y * s)", "by y has the wrong sign",
            lambda x, y: jnp.sqrt(sum_of_squares(x, y)), (X, POSITIVE)),
]  # fmt: skip
