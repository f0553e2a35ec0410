"""Every operation at nine kinds of input: sums of results with weights, and vector results as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.campaigns.case import Case, Given
from benchmarks.campaigns.formulas import BY_RESULTS
from benchmarks.campaigns.inputs import FLOAT32, KINDS, generator_of, matrix, vector
from benchmarks.campaigns.scalars import SCALARS

Array = np.ndarray[Any, Any]
NAME = "operations"
ROUNDS = 1
"""How many points of each kind are drawn for an operation."""
DAMAGES = 3


def cases() -> Iterator[Case]:
    yield from elementwise()
    yield from of_lines()
    yield from of_matrices()
    yield from of_several()


def weights(generator: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of one binary digit or two, so that they cost no rounding."""
    return generator.choice([-2.0, -1.0, 0.5, 1.0, 1.5, 3.0], shape)


def elementwise() -> Iterator[Case]:
    for name, scalar in SCALARS.items():
        for kind in KINDS:
            for turn in range(ROUNDS):
                generator = generator_of(NAME, name, kind, turn)
                inputs = tuple(vector(kind, domain, generator) for domain in scalar.inside)
                masks = {k: each for k, each in enumerate(inputs) if each.dtype == bool}
                numbers = tuple(each for each in inputs if each.dtype != bool)
                w = weights(generator, numbers[0].shape)
                asked = w if (turn + KINDS.index(kind)) % 4 != 3 else None
                function = _weighted(name, scalar.params, masks, asked, kind)
                yield Case(NAME, name, f"{kind} {turn + 1}", function, numbers, _written(name, asked), damages=DAMAGES)


def _weighted(
    name: str, params: dict[str, Any], masks: dict[int, Array], w: Array | None, kind: str
) -> Callable[..., Any]:
    """``sum(op(x) * w)``, or the results themselves."""
    w = w.astype(np.float32) if w is not None and kind == FLOAT32 else w

    def program(m: Any, *xs: Any) -> Any:
        operands = list(xs)
        for place, mask in masks.items():
            operands.insert(place, mask)
        found = getattr(m, name)(*operands, **params)
        return found if w is None else m.sum(found * w)

    return program


def _written(name: str, w: Array | None) -> tuple[Given, ...]:
    """The derivative as it is mostly written, times the weights; a diagonal where all results are asked for."""
    if name not in BY_RESULTS:
        return ()

    def gradient(x: Array) -> Array:
        slope = BY_RESULTS[name](x).astype(x.dtype)
        return np.diag(slope) if w is None else slope * w.astype(x.dtype)

    return (Given("as it is written", gradient),)


LINES: dict[str, tuple[str, Callable[..., Any]]] = {
    "sum": ("real", lambda m, x: m.sum(x * x)),
    "mean": ("real", lambda m, x: m.mean(x * x)),
    "prod": ("moderate", lambda m, x: m.prod(x)),
    "max": ("real", lambda m, x: m.max(x) * 1.5),
    "min": ("real", lambda m, x: m.min(x) * 1.5),
    "ptp": ("real", lambda m, x: m.ptp(x)),
    "median": ("real", lambda m, x: m.median(x)),
    "var": ("real", lambda m, x: m.var(x)),
    "std": ("real", lambda m, x: m.std(x)),
    "logsumexp": ("real", lambda m, x: m.logsumexp(x)),
    "norm": ("nonzero", lambda m, x: m.norm(x)),
    "norm 1": ("nonzero", lambda m, x: m.norm(x, 1)),
    "norm 3": ("nonzero", lambda m, x: m.norm(x, 3)),
    "norm 3.5": ("nonzero", lambda m, x: m.norm(x, 3.5)),
    "norm inf": ("nonzero", lambda m, x: m.norm(x, np.inf)),
    "softmax": ("real", lambda m, x: m.sum(m.softmax(x) ** 2)),
    "softmax itself": ("real", lambda m, x: m.softmax(x)),
    "log_softmax": ("real", lambda m, x: m.log_softmax(x)),
    "log_softmax of one": ("real", lambda m, x: m.log_softmax(x)[0] * 2.0),
    "cumsum": ("real", lambda m, x: m.cumsum(x) ** 2),
    "cumprod": ("moderate", lambda m, x: m.cumprod(x)),
    "sort": ("real", lambda m, x: m.sort(x) ** 2),
    "standardize": ("real", lambda m, x: m.standardize(x)),
    "layer_norm": ("real", lambda m, x: m.sum(m.layer_norm(x, x.shape[-1]) ** 3)),
    "rms_scale": ("real", lambda m, x: m.rms_scale(x)),
    "diff": ("real", lambda m, x: m.sum(m.diff(m.concatenate([x, x * 2.0])) ** 2)),
    "cross_entropy": ("real", lambda m, x: m.cross_entropy(m.reshape(x, (1, -1)), np.array([0]))),
    "getitem": ("real", lambda m, x: m.sum(x[::2] * x[:1])),
    "take": ("real", lambda m, x: m.sum(m.take(x, np.array([0, 0, -1])) ** 2)),
    "roll": ("real", lambda m, x: m.sum(m.roll(x, 1) * x)),
    "flip": ("real", lambda m, x: m.sum(m.flip(x) * x)),
    "repeat": ("real", lambda m, x: m.sum(m.repeat(x, 2) ** 2)),
    "tile": ("real", lambda m, x: m.sum(m.tile(x, 2) ** 2)),
    "stack": ("real", lambda m, x: m.sum(m.stack([x, x * x]) ** 2)),
    "expand_dims": ("real", lambda m, x: m.sum(m.expand_dims(x, 0) * m.expand_dims(x, 1))),
    "broadcast_to": ("real", lambda m, x: m.sum(m.broadcast_to(x, (2, x.shape[0])) ** 2)),
    "outer": ("real", lambda m, x: m.sum(m.outer(x, x))),
    "dot": ("real", lambda m, x: m.dot(x, x)),
    "diag": ("real", lambda m, x: m.sum(m.diag(x) ** 2)),
    "identically 0": ("moderate", lambda m, x: m.sum(m.tanh(x) / 3.0 - m.tanh(x) / 3.0)),
    "identically 1": ("nonzero moderate", lambda m, x: m.cosh(m.sum(x / x) / x.size)),
    "centred": ("real", lambda m, x: m.sum((x - m.mean(x)) * 3.0)),
    "distances": ("real", lambda m, x: m.sum((m.expand_dims(x, 0) - m.expand_dims(x, 1)) ** 2)),
}
"""Operations along a line, with what makes their derivative worth a look."""


VECTORS = ("softmax itself", "log_softmax", "cumsum", "cumprod", "sort", "standardize", "rms_scale")
"""Those with a vector result, whose Jacobian is looked at for 12 numbers instead of 50."""


def of_lines() -> Iterator[Case]:
    for name, (domain, function) in LINES.items():
        for kind in KINDS:
            for turn in range(ROUNDS):
                yield Case(
                    NAME,
                    name,
                    f"{kind} {turn + 1}",
                    function,
                    (_line(kind, domain, name, turn),),
                    limit=8,
                    damages=DAMAGES,
                )


def _line(kind: str, domain: str, name: str, turn: int) -> Array:
    generator = generator_of(NAME, name, kind, turn)
    count = 12 if kind == "many" and name in VECTORS else None
    return vector(kind, domain, generator, count)


MATRICES: dict[str, tuple[str, Callable[..., Any]]] = {
    "matmul": ("square", lambda m, a: m.sum((a @ a) * 0.5)),
    "einsum": ("square", lambda m, a: m.einsum("ij,jk,ki->", a, a, a)),
    "trace": ("square", lambda m, a: m.trace(a @ a)),
    "kron": ("square", lambda m, a: m.sum(m.kron(a, a[:1]))),
    "tril": ("square", lambda m, a: m.sum(m.tril(a) @ a)),
    "diagonal": ("square", lambda m, a: m.prod(m.diagonal(a))),
    "inv": ("square", lambda m, a: m.sum(m.inv(a))),
    "inv itself": ("square", lambda m, a: m.inv(a)),
    "solve": ("square", lambda m, a: m.sum(m.solve(a, a[0]) ** 2) + m.sum(m.solve(a, np.ones(a.shape[0])))),
    "quadratic form": ("square", lambda m, a: a[0] @ m.inv(a) @ a[0]),
    "det": ("square", lambda m, a: m.det(a)),
    "log det": ("square", lambda m, a: m.log(m.abs(m.det(a)))),
    "logabsdet": ("square", lambda m, a: m.logabsdet(a)),
    "det of a sum": ("square", lambda m, a: m.det(a + 0.5 * a.T)),
    "cholesky": ("positive", lambda m, a: m.sum(m.cholesky(a) ** 2 * 0.5)),
    "cholesky itself": ("positive", lambda m, a: m.cholesky(a)),
    "eigvalsh": ("symmetric", lambda m, a: m.sum(m.eigvalsh(a))),
    "largest eigenvalue": ("symmetric", lambda m, a: m.eigvalsh(a)[-1]),
    "eigvalsh cubed": ("symmetric", lambda m, a: m.sum(m.eigvalsh(a) ** 3)),
    "projections": ("symmetric", lambda m, a: m.sum(m.eigh(a)[1][:, 0] ** 2 * np.arange(1.0, a.shape[0] + 1))),
    "qr R": ("square", lambda m, a: m.sum(m.qr(a)[1])),
    "qr Q": ("square", lambda m, a: m.sum(m.qr(a)[0])),
    "qr of tall": ("tall", lambda m, a: m.sum(m.qr(a)[1] ** 2 * 0.5) + m.sum(m.qr(a)[0] ** 3)),
    "singular values": ("square", lambda m, a: m.sum(m.singular_values(a))),
    "spectral norm": ("tall", lambda m, a: m.norm(a, 2)),
    "nuclear norm": ("wide", lambda m, a: m.norm(a, "nuc")),
    "frobenius norm": ("square", lambda m, a: m.norm(a, "fro")),
    "norm of columns": ("square", lambda m, a: m.norm(a, 1)),
    "pinv tall": ("tall", lambda m, a: m.sum(m.pinv(a))),
    "pinv wide": ("wide", lambda m, a: m.sum(m.pinv(a) ** 2)),
    "matrix_power": ("square", lambda m, a: m.sum(m.matrix_power(a, 3))),
    "matrix_power -1": ("square", lambda m, a: m.trace(m.matrix_power(a, -1))),
    "softmax of rows": ("square", lambda m, a: m.sum(m.softmax(a, axis=1) * a)),
    "logsumexp of columns": ("square", lambda m, a: m.logsumexp(a, axis=0)),
    "layer_norm of rows": ("square", lambda m, a: m.sum(m.layer_norm(a, a.shape[-1]) * a)),
    "var of columns": ("square", lambda m, a: m.var(a, axis=0)),
    "norm of rows": ("square", lambda m, a: m.norm(a, axis=1)),
    "max of rows": ("square", lambda m, a: m.sum(m.max(a, axis=1) ** 2)),
    "cumsum of columns": ("square", lambda m, a: m.sum(m.cumsum(a, axis=0) ** 2)),
    "transpose": ("square", lambda m, a: m.sum(m.transpose(a) * a)),
    "reshape": ("square", lambda m, a: m.sum(m.reshape(a, (-1,)) ** 3)),
    "cross_entropy of rows": ("square", lambda m, a: m.cross_entropy(a, np.zeros(a.shape[0], dtype=int))),
}
EIGEN = ("eig", "singular", "norm", "projections", "svd")


def of_matrices() -> Iterator[Case]:
    for name, (shape, function) in MATRICES.items():
        for kind in KINDS:
            for turn in range(ROUNDS):
                a = matrix(kind, generator_of(NAME, name, kind, turn), shape)
                yield Case(
                    NAME, name, f"{kind} {turn + 1}", function, (a,), limit=9 if a.size < 26 else 5, damages=DAMAGES
                )


SEVERAL: dict[str, tuple[tuple[tuple[int, ...], ...], Callable[..., Any]]] = {
    "conv1d": (((1, 2, 6), (2, 2, 3)), lambda m, x, w: m.sum(m.conv1d(x, w) ** 2)),
    "conv2d": (((1, 1, 4, 4), (2, 1, 3, 3)), lambda m, x, w: m.sum(m.conv2d(x, w, padding=1))),
    "avg_pool1d": (((1, 1, 6),), lambda m, x: m.sum(m.avg_pool1d(x, 2) ** 2)),
    "max_pool2d": (((1, 1, 4, 4),), lambda m, x: m.sum(m.max_pool2d(x, 2) ** 2)),
    "attention": (((3, 2), (4, 2), (4, 2)), lambda m, q, k, v: m.sum(m.scaled_dot_product_attention(q, k, v) ** 2)),
    "linear": (((2, 3), (2, 3), (2,)), lambda m, x, w, b: m.sum(m.linear(x, w, b) ** 2)),
    "mse_loss": (((5,), (5,)), lambda m, x, y: m.mse_loss(x, y)),
    "broadcast": (((4, 3), (3,)), lambda m, x, y: m.sum((x + y) ** 2)),
    "quotient of sums": (((3,), (3,)), lambda m, x, y: m.sum(x) / (1.0 + m.sum(y * y))),
    "outer difference": (((3,), (4,)), lambda m, x, y: m.sum((m.expand_dims(x, 1) - y) ** 2)),
    "regression": (((4, 2), (2,), (4,)), lambda m, x, w, y: m.mean((x @ w - y) ** 2)),
}


def of_several() -> Iterator[Case]:
    """Operations of several arrays; huge and tiny numbers are scaled by one factor each."""
    for name, (shapes, function) in SEVERAL.items():
        for kind in KINDS:
            generator = generator_of(NAME, name, kind)
            inputs = tuple(
                vector(
                    kind if kind not in ("single", "many") else "usual", "moderate", generator, int(np.prod(shape))
                ).reshape(shape)
                for shape in shapes
            )
            yield Case(NAME, name, kind, function, inputs, limit=10, damages=DAMAGES)
