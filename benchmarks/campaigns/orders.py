"""Second order, jvp and Jacobians: programs that differentiate, whose own gradients are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.campaigns import formulas as fo
from benchmarks.campaigns.case import Case
from benchmarks.campaigns.inputs import generator_of

Array = np.ndarray[Any, Any]
Program = Callable[[Any, Any], Any]
NAME = "orders"

FUNCTIONS: dict[str, tuple[tuple[int, ...], Program]] = {
    "tanh cubed": ((3,), lambda m, x: m.sum(m.tanh(x) ** 3)),
    "sigmoid": ((3,), lambda m, x: m.sum(m.sigmoid(x) * x)),
    "softplus": ((3,), lambda m, x: m.sum(m.softplus(x) * m.softplus(-x))),
    "silu": ((3,), lambda m, x: m.sum(m.silu(x))),
    "gelu": ((3,), lambda m, x: m.sum(m.gelu_tanh(x))),
    "log_sigmoid": ((3,), lambda m, x: m.sum(m.log_sigmoid(x))),
    "gaussian": ((3,), lambda m, x: m.exp(-m.sum(x * x) / 2.0)),
    "softmax": ((4,), lambda m, x: m.sum(m.softmax(x) ** 2)),
    "logsumexp": ((4,), lambda m, x: m.logsumexp(x)),
    "cross_entropy": ((2, 3), lambda m, x: m.cross_entropy(x, np.array([0, 2]))),
    "log_softmax": ((3,), lambda m, x: m.log_softmax(x)[1]),
    "prod": ((4,), lambda m, x: m.prod(x)),
    "cumprod": ((3,), lambda m, x: m.sum(m.cumprod(x))),
    "norm": ((3,), lambda m, x: m.norm(x)),
    "norm 3": ((3,), lambda m, x: m.norm(x, 3)),
    "variance": ((4,), lambda m, x: m.var(x) ** 2),
    "standard deviation": ((4,), lambda m, x: m.std(x)),
    "layer norm": ((4,), lambda m, x: m.sum(m.layer_norm(x, 4) ** 3)),
    "powers": ((3,), lambda m, x: m.sum((1.0 + x * x) ** 1.5)),
    "logarithm": ((3,), lambda m, x: m.sum(m.log1p(x * x))),
    "quotient": ((3,), lambda m, x: x[0] / (1.0 + x[1] * x[2])),
    "arctan2": ((2,), lambda m, x: m.arctan2(x[0], x[1])),
    "hypot": ((2,), lambda m, x: m.hypot(x[0], x[1])),
    "sinc": ((2,), lambda m, x: m.sum(m.sinc(x))),
    "erf": ((2,), lambda m, x: m.sum(m.erf(x))),
    "det": ((2, 2), lambda m, a: m.det(a)),
    "log det": ((2, 2), lambda m, a: m.logabsdet(a)),
    "trace of inverse": ((2, 2), lambda m, a: m.trace(m.inv(a))),
    "eigenvalues": ((2, 2), lambda m, a: m.sum(m.eigvalsh(a) ** 3)),
    "regression": ((3,), lambda m, w: m.mean(m.softplus(fo.DATA @ w))),
    "perceptron": ((2, 2), lambda m, w: m.sum(m.tanh(m.tanh(w @ w)))),
    "relu network": ((2, 2), lambda m, w: m.sum(m.relu(w @ w) ** 2)),
    "identically 0": ((2,), lambda m, x: m.sum(m.sin(x) - m.sin(x))),
}
SCALES = {"normal": 1.0, "times 10": 10.0, "times 1e-4": 1e-4}


def cases() -> Iterator[Case]:
    for name, (shape, function) in FUNCTIONS.items():
        for kind, scale in SCALES.items():
            generator = generator_of(NAME, name, kind)
            x = generator.standard_normal(shape) * scale
            w = generator.choice([-1.0, 0.5, 2.0], shape)
            for way, program in _ways(function, w).items():
                if kind != "normal" and way not in ("gradient", "jvp"):
                    continue
                yield Case(NAME, f"{way} of {name}", kind, program, (x,), limit=6, damages=2)


def _ways(function: Program, w: Array) -> dict[str, Callable[..., Any]]:
    """What is differentiated again."""
    return {
        "gradient": lambda m, x: m.grad(lambda z: function(m, z))(x),
        "weighted gradient": lambda m, x: m.sum(m.grad(lambda z: function(m, z))(x) * w),
        "jvp": lambda m, x: m.jvp(lambda z: function(m, z), (x,), (w,))[1],
        "Jacobian": lambda m, x: m.sum(m.jacobian(lambda z: z * function(m, z))(x) ** 2),
    }
