"""Layers written by hand in JAX: JAX's own gradients, in both precisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import symdiff
from tests.frameworks import installed

jax = installed("jax")
jnp = jax.numpy


def perceptron(params: Any, x: Any) -> Any:
    for layer in params[:-1]:
        x = jnp.tanh(x @ layer["W"] + layer["b"])
    return jnp.mean((x @ params[-1]["W"] + params[-1]["b"]) ** 2)


def cross_entropy(W: Any, x: Any, t: Any) -> Any:
    logp = jax.nn.log_softmax(x @ W)
    return -jnp.mean(jnp.sum(jax.nn.one_hot(t, 3) * logp, axis=-1))


def attention(x: Any, Q: Any, K: Any, V: Any) -> Any:
    q, k, v = x @ Q, x @ K, x @ V
    scores = q @ k.T / jnp.sqrt(q.shape[-1])
    mask = jnp.tril(jnp.ones((x.shape[0], x.shape[0]), bool))
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e9))
    return jnp.sum((weights @ v) ** 2)


def layer_norm(x: Any, gain: Any, bias: Any) -> Any:
    mean = x.mean(-1, keepdims=True)
    spread = jnp.var(x, axis=-1, keepdims=True)
    return jnp.sum(((x - mean) / jnp.sqrt(spread + 1e-5) * gain + bias) ** 3)


def recurrent(params: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = jnp.tanh(params["U"] @ h + params["W"] @ x)
        return h, h @ h

    _, ys = jax.lax.scan(step, jnp.zeros(2, xs.dtype), xs)
    return ys.mean()


def per_example(W: Any, x: Any, t: Any) -> Any:
    def loss(x: Any, t: Any) -> Any:
        return (jax.nn.sigmoid(W @ x) - t) ** 2

    return jnp.mean(jax.vmap(loss)(x, t))


def convolved(x: Any, kernel: Any) -> Any:
    y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return jnp.sum(jax.lax.reduce_window(jax.nn.relu(y), -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"))


def embedded(table: Any, places: Any) -> Any:
    return jnp.sum(jnp.take(table, places, axis=0) ** 2)


@jax.jit
def block(params: Any, x: Any) -> Any:
    y = jax.nn.standardize(x, axis=-1, epsilon=1e-5) * params["gain"]
    weights = jax.nn.softmax(jnp.einsum("ic,jc->ij", y @ params["Q"], y @ params["K"]), axis=-1)
    x = x + weights @ (y @ params["V"])
    return jnp.mean((x + jax.nn.gelu(x @ params["A"]) @ params["B"]) ** 2)


RANDOM = np.random.default_rng(3)


def normal(*shape: int) -> Any:
    return RANDOM.normal(size=shape)


LAYERS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "perceptron": (
        perceptron,
        ([{"W": normal(3, 4), "b": normal(4)}, {"W": normal(4, 2), "b": normal(2)}], normal(2, 3)),
    ),
    "cross entropy": (cross_entropy, (normal(4, 3), normal(2, 4), np.array([2, 0]))),
    "attention": (attention, (normal(3, 4), normal(4, 2), normal(4, 2), normal(4, 2))),
    "layer norm": (layer_norm, (normal(2, 4), normal(4), normal(4))),
    "recurrent": (recurrent, ({"U": normal(2, 2), "W": normal(2, 3)}, normal(5, 3))),
    "per example": (per_example, (normal(3), normal(4, 3), np.array([0.0, 1.0, 1.0, 0.0]))),
    "convolution": (convolved, (normal(1, 4, 4, 2), normal(3, 3, 2, 2))),
    "embedding": (embedded, (normal(4, 2), np.array([[0, 3], [3, 1]]))),
    "transformer block": (
        block,
        (
            {"gain": normal(4), "Q": normal(4, 2), "K": normal(4, 2), "V": normal(4, 4), "A": normal(4, 5),
             "B": normal(5, 4)},
            normal(3, 4),
        ),
    ),
}  # fmt: skip


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", request.param == "float64")
    yield request.param
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("wrapped", [lambda f: f, jax.jit], ids=["as it is", "under jit"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_own_gradient_is_right(name: str, wrapped: Any, dtype: str) -> None:
    function, args = LAYERS[name]

    def given(value: Any) -> Any:
        return jnp.asarray(value, dtype if value.dtype.kind == "f" else None)

    report = symdiff.check_gradients(wrapped(function), *jax.tree_util.tree_map(given, args))
    assert report.verdict in ("agree", "imprecise"), report.failure()
    assert report.inputs
    assert all(each.automatic.dtype == dtype for each in report.inputs.values())
