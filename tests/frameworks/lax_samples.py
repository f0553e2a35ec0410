"""Samples of every lax primitive that has an entry: a function that comes to the primitive, and where it is asked."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tests.frameworks import installed

jax = installed("jax")
lax, jnp = jax.lax, jax.numpy
checkpoint_name = import_module("jax.ad_checkpoint").checkpoint_name

Sample = tuple[Callable[..., Any], tuple[Any, ...]]

X = np.array([0.3, -1.25, 2.0, 0.75])
Y = np.array([1.5, 0.5, -0.75, 2.25])
POSITIVE = np.array([0.4, 1.3, 2.0, 3.5])
UNIT = np.array([0.1, -0.4, 0.8, 0.25])
ABOVE_ONE = np.array([1.2, 1.75, 3.0, 2.5])
M = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
SQUARE = np.array([[2.0, 0.3, -0.5], [0.1, 1.5, 0.4], [-0.2, 0.6, 1.25]])
SPD = SQUARE @ SQUARE.T
IMAGE = np.linspace(-1.0, 1.5, 18).reshape(1, 2, 3, 3) ** 3
KERNEL = np.array([0.5, -1.0, 0.25, 2.0, 1.5, -0.5, 0.75, 1.0]).reshape(1, 2, 2, 2)
SHUFFLED = np.array([[3.0, -1.0, 2.5, 0.5], [0.25, 4.0, -2.0, 1.0]])
PLACES = np.array([2, 0, 1])


def at(function: Callable[..., Any], *args: Any) -> Sample:
    return function, args


def masked(rule: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jnp.where(rule(x > 0, x < 1), x * x, 3 * x)


@jax.custom_vjp
def with_backward(x: Any) -> Any:
    return x * x


with_backward.defvjp(lambda x: (x * x, x), lambda x, g: (2 * x * g,))


@jax.custom_jvp
def with_forward(x: Any) -> Any:
    return jnp.sin(x)


with_forward.defjvp(lambda primals, tangents: (jnp.sin(*primals), jnp.cos(*primals) * tangents[0]))


def conv(**options: Any) -> Callable[[Any, Any], Any]:
    return lambda x, k: lax.conv_general_dilated(x, k, **{"window_strides": (1, 1), "padding": "VALID", **options})


def windowed(rule: Any, first: float, **options: Any) -> Callable[[Any], Any]:
    given = {"window_dimensions": (1, 1, 2, 2), "window_strides": (1, 1, 1, 1), "padding": "VALID", **options}
    return lambda x: lax.reduce_window(x, first, rule, **given)


def scattered(rule: Any, mode: Any = None) -> Callable[[Any, Any], Any]:
    numbers = lax.ScatterDimensionNumbers((), (0,), (0,))
    return lambda x, u: rule(x, np.array([[2], [0]]), u, numbers, mode=mode)


def looped(x: Any) -> Any:
    return lax.scan(lambda c, e: (jnp.sin(c * e), c + e), x[0], x)


def backwards(x: Any) -> Any:
    return lax.scan(lambda c, e: (c * e + 1.0, None), x[1], x, reverse=True)[0]


def halved(x: Any) -> Any:
    """A loop whose number of steps depends on the value, under a rule of its own: JAX has none for it."""
    return lax.while_loop(lambda v: v.sum() > 1.0, lambda v: v / 2, x)


halving = jax.custom_jvp(halved)
halving.defjvp(lambda primals, tangents: (halved(*primals), tangents[0] / 8))

SAMPLES: dict[str, list[Sample]] = {
    "abs": [at(lambda x: lax.abs(x), X)],
    "acos": [at(lax.acos, UNIT)],
    "acosh": [at(lax.acosh, ABOVE_ONE)],
    "add": [at(lax.add, X, Y), at(lambda x: x + 2.0, X)],
    "add_any": [at(jax.grad(lambda x: jnp.sum(x * x + x)), X)],
    "and": [at(masked(lax.bitwise_and), X)],
    "asin": [at(lax.asin, UNIT)],
    "asinh": [at(lax.asinh, X)],
    "atan": [at(lax.atan, X)],
    "atan2": [at(lax.atan2, X, Y)],
    "atanh": [at(lax.atanh, UNIT)],
    "bessel_i0e": [at(lax.bessel_i0e, X)],
    "bessel_i1e": [at(lax.bessel_i1e, X)],
    "broadcast_in_dim": [
        at(lambda x: lax.broadcast_in_dim(x, (2, 3), (1,)), X[:3]),
        at(lambda x: lax.broadcast_in_dim(x, (4, 2), (0,)), X),
        at(lambda x: lax.broadcast(x[0], (2, 2)), X),
        at(lambda x: x[:, None] * x, X),
    ],
    "cbrt": [at(lax.cbrt, X)],
    "ceil": [at(lambda x: x * lax.ceil(x), Y)],
    "remat2": [at(jax.checkpoint(lambda x: jnp.sin(x) * x), X)],
    "cholesky": [at(lambda a: lax.linalg.cholesky(a @ a.T), SQUARE)],
    "clamp": [at(lambda x: lax.clamp(-1.0, x, 1.0), X), at(lambda lo, x: lax.clamp(lo, x, 1.0), -(Y**2), X)],
    "concatenate": [at(lambda x, y: lax.concatenate([x, y, x], 0), X, Y)],
    "cond": [
        at(lambda x: lax.cond(x[0] > 0, jnp.sin, jnp.cos, x), X),
        at(lambda x: lax.cond(x[0] > 1, jnp.sin, jnp.cos, x), X),
        at(lambda x: lax.switch(2, [jnp.sin, jnp.cos, jnp.tanh], x), X),
    ],
    "conv_general_dilated": [
        at(conv(), IMAGE, KERNEL),
        at(conv(padding=((1, 0), (0, 2)), window_strides=(2, 1)), IMAGE, KERNEL),
        at(conv(lhs_dilation=(2, 1), rhs_dilation=(1, 2), padding=((0, 0), (1, 0))), IMAGE, KERNEL),
        at(conv(feature_group_count=2), IMAGE, KERNEL.reshape(2, 1, 2, 2)),
        at(
            conv(dimension_numbers=("NHWC", "HWIO", "NHWC")),
            IMAGE.transpose(0, 2, 3, 1),
            KERNEL.transpose(2, 3, 1, 0),
        ),
        at(lambda x, k: jnp.convolve(x, k), X, Y[:2]),
    ],
    "convert_element_type": [
        at(lambda x: (x > 0).astype(x.dtype) * x, X),
        at(lambda x: x.astype(jnp.float32) * 2, X),
    ],
    "copy": [at(lambda x: jnp.array(x, copy=True) * x, X)],
    "cos": [at(lax.cos, X)],
    "cosh": [at(lax.cosh, X)],
    "cumlogsumexp": [at(lax.cumlogsumexp, X), at(lambda m: lax.cumlogsumexp(m, axis=1, reverse=True), M)],
    "cummax": [at(lax.cummax, X), at(lambda m: lax.cummax(m, axis=1, reverse=True), M)],
    "cummin": [at(lax.cummin, X)],
    "cumprod": [at(lax.cumprod, X), at(lambda m: lax.cumprod(m, axis=1, reverse=True), M)],
    "cumsum": [at(lax.cumsum, X), at(lambda m: lax.cumsum(m, axis=0, reverse=True), M)],
    "custom_jvp_call": [at(with_forward, X), at(jax.vmap(with_forward), X), at(jax.jit(with_forward), X)],
    "custom_linear_solve": [
        at(
            lambda a, b: lax.custom_linear_solve(
                lambda v: a @ v, b, lambda _, r: jnp.linalg.solve(a, r), lambda _, r: jnp.linalg.solve(a.T, r)
            ),
            SQUARE,
            X[:3],
        ),
        at(lambda b: lax.custom_linear_solve(lambda v: 3 * v, b, lambda _, r: r / 3, lambda _, r: r / 3), X[:3]),
    ],
    "custom_vjp_call": [at(with_backward, X), at(jax.vmap(with_backward), X), at(jax.jit(with_backward), X)],
    "device_put": [at(lambda x: jax.device_put(x) * 2, X)],
    "digamma": [at(lax.digamma, POSITIVE)],
    "div": [
        at(lax.div, X, Y),
        at(jnp.mean, M),
        at(lambda m: jnp.mean(m, 1, keepdims=True), M),
        at(jax.nn.softmax, M),
        at(lambda x: jnp.sum(x) / 4, X),
    ],
    "dot_general": [
        at(jnp.matmul, M, SQUARE),
        at(lambda a, b: lax.dot_general(a, b, (((0,), (1,)), ((), ()))), M.T, SQUARE[:2].T @ M),
        at(lambda a, b: jnp.einsum("bij,bjk->bik", a, b), np.stack([M, 2 * M]), np.stack([SQUARE, SPD])),
        at(lambda a, b: jnp.einsum("ibj,kbj->bik", a, b), np.stack([M, 2 * M]), np.stack([M, -M])),
        at(jnp.dot, X, Y),
        at(lambda a, b: jnp.tensordot(a, b, ((0, 1), (0, 1))), M, M * 2),
    ],
    "dynamic_slice": [
        at(lambda x: lax.dynamic_slice(x, (1,), (2,)), X),
        at(lambda m: lax.dynamic_slice(m, (1, 2), (1, 2)), M),
    ],
    "dynamic_update_slice": [at(lambda x, y: lax.dynamic_update_slice(x, y[:2], (3,)), X, Y)],
    "eigh": [
        at(lambda a: lax.linalg.eigh(a + a.T)[1], SQUARE),
        at(lambda a: lax.linalg.eigh(a + a.T)[0] ** 2, SQUARE),
    ],
    "eq": [at(lambda x: jnp.where(x == 5.0, 3 * x, x * x), X)],
    "erf": [at(lax.erf, X)],
    "erf_inv": [at(lax.erf_inv, UNIT)],
    "erfc": [at(lax.erfc, X)],
    "exp": [at(lax.exp, X)],
    "exp2": [at(lax.exp2, X)],
    "expm1": [at(lax.expm1, X)],
    "floor": [at(lambda x: x * lax.floor(x), Y)],
    "gather": [
        at(lambda x: x[jnp.array([2, 0, 2])], X),
        at(lambda m: m[:, jnp.array([2, 0])], M),
        at(lambda m: m[jnp.array([[1, 0], [0, 0]])], M),
        at(lambda m: m[jnp.array([1, 0]), jnp.array([2, 2])], M),
        at(lambda m: jnp.take_along_axis(m, jnp.array([[2, 0, 0], [1, 1, 2]]), 1), M),
        at(lambda x: jnp.take(x, jnp.array([1, 7]), mode="fill", fill_value=0.5), X),
        at(lambda x: jnp.take(x, jnp.array([1, 7]), mode="clip"), X),
        at(jax.vmap(lambda r, k: r[k]), M, np.array([2, 0])),
        at(lambda m: jax.vmap(lambda k: lax.dynamic_slice(m, (0, k), (2, 2)))(jnp.array([0, 1, 3])), M),
    ],
    "ge": [at(lambda x: jnp.where(x >= 0.5, x, x * x), X)],
    "gt": [at(lambda x: jnp.where(x > 0.5, x, x * x), X)],
    "igamma": [at(lambda x: lax.igamma(jnp.full_like(x, 1.5), x), POSITIVE)],
    "igammac": [at(lambda x: lax.igammac(jnp.full_like(x, 1.5), x), POSITIVE)],
    "integer_pow": [
        at(lambda x: x**3, X),
        at(lambda x: x**-2, X),
        at(lambda x: lax.integer_pow(x, 2), X),
        at(lambda x: lax.integer_pow(x, -1), X),
    ],
    "is_finite": [at(lambda x: jnp.where(jnp.isfinite(x), x * x, 0.0), X)],
    "jit": [
        at(jax.jit(lambda x: jnp.sin(x) * x), X),
        at(jax.nn.softplus, X),
        at(jax.nn.log_softmax, M),
        at(jnp.var, M),
        at(lambda m: jnp.std(m, axis=1, ddof=1), M),
        at(jnp.linalg.solve, SQUARE, X[:3]),
        at(jnp.linalg.inv, SQUARE),
        at(jax.nn.silu, X),
        at(jnp.logaddexp, X, Y),
        at(jnp.linalg.det, SQUARE),
        at(jnp.sinc, X),
    ],
    "le": [at(lambda x: jnp.where(x <= 0.5, x, x * x), X)],
    "lgamma": [at(lax.lgamma, POSITIVE)],
    "log": [at(lax.log, POSITIVE)],
    "log1p": [at(lax.log1p, POSITIVE)],
    "logistic": [at(lax.logistic, X)],
    "lt": [at(lambda x: jnp.where(x < 0.5, x, x * x), X)],
    "max": [at(lax.max, X, Y), at(lambda x: lax.max(x, 0.0), X)],
    "min": [at(lax.min, X, Y)],
    "mul": [at(lax.mul, X, Y)],
    "name": [at(lambda x: checkpoint_name(x * x, "squares"), X)],
    "ne": [at(lambda x: jnp.where(x != 5.0, x * x, x), X)],
    "neg": [at(lax.neg, X)],
    "not": [at(lambda x: jnp.where(~(x > 0), x, x * x), X)],
    "optimization_barrier": [at(lambda x: lax.optimization_barrier(x * x), X)],
    "or": [at(masked(lax.bitwise_or), X)],
    "pad": [
        at(lambda x: jnp.pad(x, 2), X),
        at(lambda x, v: lax.pad(x, v, [(1, 2, 1)]), X, np.array(0.5)),
        at(lambda m: lax.pad(m, jnp.asarray(0.0, m.dtype), [(-1, 1, 0), (1, -1, 1)]), M),
    ],
    "polygamma": [at(lambda x: lax.polygamma(jnp.full_like(x, 1.0), x), POSITIVE)],
    "pow": [at(lambda x: x**2.0, X), at(lax.pow, POSITIVE, Y)],
    "qr": [at(lambda a: jnp.linalg.qr(a)[0], SQUARE), at(lambda a: jnp.linalg.qr(a)[1], M.T)],
    "reduce": [at(lambda x: lax.reduce(x, 0.5, lax.add, (0,)), X)],
    "reduce_and": [at(lambda x: jnp.where(jnp.all(x > -5), x, 2 * x), X)],
    "reduce_max": [at(jnp.max, X), at(lambda m: jnp.max(m, axis=1), M)],
    "reduce_min": [at(jnp.min, X)],
    "reduce_or": [at(lambda x: jnp.where(jnp.any(x > 5), x, 2 * x), X)],
    "reduce_precision": [at(lambda x: lax.reduce_precision(x, 11, 52) * x, X)],
    "reduce_prod": [at(jnp.prod, X), at(lambda m: jnp.prod(m, axis=0), M)],
    "reduce_sum": [at(jnp.sum, X), at(lambda m: jnp.sum(m, axis=(1,)), M)],
    "reduce_window_max": [at(windowed(lax.max, -np.inf), IMAGE)],
    "reduce_window_min": [at(windowed(lax.min, np.inf), IMAGE)],
    "reduce_window_sum": [
        at(windowed(lax.add, 0.0), IMAGE),
        at(windowed(lax.add, 0.0, padding=((0, 0), (0, 0), (1, 0), (0, 1)), window_strides=(1, 1, 2, 1)), IMAGE),
        at(windowed(lax.add, 0.0, window_dilation=(1, 1, 2, 1), base_dilation=(1, 1, 1, 2)), IMAGE),
    ],
    "rem": [at(lax.rem, X, Y)],
    "reshape": [at(lambda m: m.reshape(3, 2), M), at(lambda m: m.reshape(-1, order="F"), M)],
    "rev": [at(lambda m: lax.rev(m, (1,)), M)],
    "round": [
        at(lambda x: x * lax.round(x), X),
        at(lambda x: x * lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN), X),
    ],
    "rsqrt": [at(lax.rsqrt, POSITIVE)],
    "scan": [
        at(lambda x: looped(x)[0], X),
        at(lambda x: looped(x)[1], X),
        at(backwards, X),
        at(lambda x: lax.fori_loop(0, 3, lambda k, v: v * x[k], 1.0), X),
    ],
    "scatter": [at(scattered(lax.scatter), X, Y[:2]), at(lambda m: m.at[:, 1].set(m[:, 0] * 2), M)],
    "scatter-add": [at(scattered(lax.scatter_add), X, Y[:2]), at(lambda x: x.at[jnp.array([1, 1])].add(x[:2] ** 2), X)],
    "scatter-sub": [at(lambda x: x.at[jnp.array([1, 1])].subtract(x[:2] ** 2), X)],
    "scatter-max": [at(scattered(lax.scatter_max), X, Y[:2])],
    "scatter-min": [at(scattered(lax.scatter_min), X, Y[:2])],
    "scatter-mul": [at(lambda x: x.at[jnp.array([1, 2])].multiply(x[:2], unique_indices=True), X)],
    "select_n": [
        at(lambda x, y: lax.select(x > y, x * x, y * x), X, Y),
        at(lambda x: lax.select_n(np.array([0, 2, 1, 0], np.int32), x, 2 * x, x * x), X),
    ],
    "sign": [at(lambda x: lax.sign(x) * x, X)],
    "sin": [at(lax.sin, X)],
    "sinh": [at(lax.sinh, X)],
    "slice": [at(lambda x: x[1:3], X), at(lambda m: m[:, ::2], M), at(lambda m: m[1], M)],
    "sort": [
        at(jnp.sort, SHUFFLED),
        at(lambda m: jnp.sort(m, axis=0), SHUFFLED),
        at(lambda x, y: lax.sort((x, y), num_keys=1)[1], X, Y),
        at(lambda x: x[jnp.argsort(x)], X),
    ],
    "split": [at(lambda m: jnp.split(m, [1], axis=1)[1], M)],
    "sqrt": [at(lax.sqrt, POSITIVE)],
    "square": [at(lax.square, X)],
    "squeeze": [at(lambda m: lax.squeeze(m[:, :1] * 2, (1,)), M), at(lambda x: x[-1] * x[1], X)],
    "stack": [at(lambda m: jnp.stack([m, 2 * m], 1), M)],
    "stop_gradient": [at(lambda x: lax.stop_gradient(x) * x, X)],
    "sub": [at(lax.sub, X, Y)],
    "svd": [
        at(lambda m: jnp.linalg.svd(m, compute_uv=False), M),
        at(lambda m: jnp.linalg.svd(m, full_matrices=False)[2] ** 2, M),
    ],
    "tan": [at(lax.tan, X)],
    "tanh": [at(lax.tanh, X)],
    "tile": [at(lambda m: jnp.tile(m, (2, 1)), M)],
    "top_k": [at(lambda x: lax.top_k(x, 2)[0], X)],
    "transpose": [at(lambda m: m.T, M)],
    "triangular_solve": [
        at(lambda a, b: lax.linalg.triangular_solve(a, b, left_side=True, lower=True), SQUARE, M.T),
        at(lambda a, b: lax.linalg.triangular_solve(a, b, lower=False, transpose_a=True), SQUARE, M),
        at(lambda a, b: lax.linalg.triangular_solve(a, b, left_side=True, unit_diagonal=True), SQUARE, M.T),
    ],
    "tridiagonal_solve": [
        at(lambda a, d, c, b: lax.linalg.tridiagonal_solve(a, d, c, b), UNIT[:3], ABOVE_ONE[:3], UNIT[1:], M.T)
    ],
    "unstack": [at(lambda m: jnp.unstack(m, axis=1)[2], M)],
    "while": [at(lambda x: halving(x * x), X)],
    "xor": [at(masked(lax.bitwise_xor), X)],
}
"""By primitive; the tests ask in float64 and, of the first sample, in float32."""
