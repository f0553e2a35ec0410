"""Gradients of networks' building blocks as people write them by hand, in several spellings, right and damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.campaigns import formulas as fo
from benchmarks.campaigns.case import DAMAGED, Case, Given
from benchmarks.campaigns.inputs import generator_of

Array = np.ndarray[Any, Any]
Formula = Callable[..., Any]
NAME = "networks"

SCALES = {
    "normal": 1.0,
    "times 5": 5.0,
    "times 20": 20.0,
    "times 100": 100.0,
    "times 1e-3": 1e-3,
    "float32": 3.0,
    "one": 1.5,
    "shifted": 1.0,
}
ROUNDS = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A program, the shapes of its inputs, and right formulas for its gradient by name."""

    function: Callable[..., Any]
    formulas: dict[str, Formula]
    shapes: tuple[tuple[int, ...], ...] = ((4,),)
    wrong: dict[str, Formula] | None = None
    smallest: int = 1


BLOCKS: dict[str, Block] = {
    "sigmoid": Block(
        lambda m, x: m.sum(m.sigmoid(x)),
        {
            "s(1-s)": lambda x: fo.s(x) * (1 - fo.s(x)),
            "s-s²": lambda x: fo.s(x) - fo.s(x) ** 2,
            "s(x)s(-x)": lambda x: fo.s(x) * fo.s(-x),
            "exp(-x)/(1+exp(-x))²": lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
            "1/(4cosh²)": lambda x: 0.25 / np.cosh(x / 2) ** 2,
        },
        wrong={
            "s(1+s)": lambda x: fo.s(x) * (1 + fo.s(x)),
            "1-s": lambda x: 1 - fo.s(x),
            "s(1-s)/2": lambda x: fo.s(x) * (1 - fo.s(x)) / 2,
        },
    ),
    "tanh": Block(
        lambda m, x: m.sum(m.tanh(x)),
        {
            "1-t²": lambda x: 1 - np.tanh(x) ** 2,
            "(1-t)(1+t)": lambda x: (1 - np.tanh(x)) * (1 + np.tanh(x)),
            "1/cosh²": lambda x: 1 / np.cosh(x) ** 2,
        },
        wrong={
            "1-t": lambda x: 1 - np.tanh(x),
            "(1-t²)/2": lambda x: (1 - np.tanh(x) ** 2) / 2,
            "1+t²": lambda x: 1 + np.tanh(x) ** 2,
        },
    ),
    "silu": Block(
        lambda m, x: m.sum(m.silu(x)),
        {
            "s+xs(1-s)": lambda x: fo.s(x) + x * fo.s(x) * (1 - fo.s(x)),
            "s(1+x(1-s))": lambda x: fo.s(x) * (1 + x * (1 - fo.s(x))),
            "y+s(1-y)": lambda x: x * fo.s(x) + fo.s(x) * (1 - x * fo.s(x)),
            "s(1+x-y)": lambda x: fo.s(x) * (1 + x - x * fo.s(x)),
        },
        wrong={"s+s(1-s)": lambda x: fo.s(x) + fo.s(x) * (1 - fo.s(x)), "s": lambda x: fo.s(x)},
    ),
    "silu as written": Block(
        lambda m, x: m.sum(x / (1.0 + m.exp(-x))),
        {"s+xs(1-s)": lambda x: fo.s(x) + x * fo.s(x) * (1 - fo.s(x)), "quotient": fo.silu_quotient},
    ),
    "softplus": Block(
        lambda m, x: m.sum(m.softplus(x)),
        {
            "s": fo.s,
            "1-1/(1+exp x)": lambda x: 1 - 1 / (1 + np.exp(x)),
            "exp/(1+exp)": lambda x: np.exp(x) / (1 + np.exp(x)),
        },
        wrong={"s(1-s)": lambda x: fo.s(x) * (1 - fo.s(x)), "s(-x)": lambda x: fo.s(-x)},
    ),
    "log_sigmoid": Block(
        lambda m, x: m.sum(m.log_sigmoid(x)),
        {"1-s": lambda x: 1 - fo.s(x), "s(-x)": lambda x: fo.s(-x)},
        wrong={"s": fo.s},
    ),
    "gelu_tanh": Block(lambda m, x: m.sum(m.gelu_tanh(x)), {"product rule": fo.gelu_tanh}),
    "gelu_erf": Block(lambda m, x: m.sum(m.gelu_erf(x)), {"Φ+xφ": fo.gelu_erf}, wrong={"Φ": fo.normal_cdf}),
    "mish": Block(lambda m, x: m.sum(x * m.tanh(m.softplus(x))), {"product rule": fo.mish}),
    "softsign": Block(lambda m, x: m.sum(x / (1.0 + m.abs(x))), {"1/(1+|x|)²": lambda x: 1 / (1 + np.abs(x)) ** 2}),
    "elu": Block(lambda m, x: m.sum(m.elu(x)), {"y+1": lambda x: np.where(x > 0, 1, np.expm1(np.minimum(x, 0)) + 1)}),
    "logsumexp": Block(
        lambda m, x: m.logsumexp(x),
        {"p": fo.p, "naive p": lambda x: np.exp(x) / np.sum(np.exp(x)), "exp(x-y)": lambda x: np.exp(x - fo.lse(x))},
        wrong={"p/2": lambda x: fo.p(x) / 2, "exp": np.exp},
    ),
    "softmax": Block(
        lambda m, x: m.softmax(x), {"diag(p)-ppᵀ": fo.softmax_jacobian}, wrong={"diag(p)": lambda x: np.diag(fo.p(x))}
    ),
    "softmax squared": Block(
        lambda m, x: m.sum(m.softmax(x) ** 2),
        {
            "2p(p-Σp²)": lambda x: 2 * fo.p(x) * (fo.p(x) - np.sum(fo.p(x) ** 2)),
            "Jᵀ2p": lambda x: fo.softmax_jacobian(x).T @ (2 * fo.p(x)),
        },
        wrong={"2p²": lambda x: 2 * fo.p(x) ** 2},
    ),
    "log_softmax": Block(lambda m, x: m.log_softmax(x), {"I-p": lambda x: np.eye(x.size, dtype=x.dtype) - fo.p(x)}),
    "cross_entropy": Block(
        lambda m, x: m.cross_entropy(x, np.array([0, 2, 1])),
        {"(p-y)/n": fo.cross_entropy, "(exp(log p)-y)/n": fo.cross_entropy_by_logs, "naive": fo.cross_entropy_naive},
        ((3, 4),),
        {"p/n": lambda x: fo.p(x) / 3, "p-y": lambda x: 3 * fo.cross_entropy(x)},
    ),
    "cross-entropy as written": Block(
        lambda m, x: -m.sum(m.log(m.exp(x) / m.sum(m.exp(x))) * np.array([1.0, 0.0, 0.0, 0.0])),
        {"p-y": lambda x: fo.p(x) - np.array([1.0, 0, 0, 0], dtype=x.dtype)},
        wrong={"y-p": lambda x: np.array([1.0, 0, 0, 0]) - fo.p(x)},
    ),
    "binary cross-entropy": Block(
        lambda m, x: m.mean(m.softplus(x) - x * np.array([1.0, 0.0, 1.0, 0.25])),
        {"(s-t)/n": lambda x: (fo.s(x) - np.array([1, 0, 1, 0.25], dtype=x.dtype)) / 4},
        wrong={"s/n": lambda x: fo.s(x) / 4},
    ),
    "mean of squares": Block(
        lambda m, x, y: m.mean((x - y) ** 2),
        {"2(x-y)/n": lambda x, y: (2 * (x - y) / x.size, 2 * (y - x) / x.size)},
        ((4,), (4,)),
    ),
    "variance": Block(lambda m, x: m.var(x), {"2(x-μ)/n": lambda x: 2 * (x - x.mean()) / x.size}, smallest=2),
    "standard deviation": Block(
        lambda m, x: m.std(x), {"(x-μ)/nσ": lambda x: (x - x.mean()) / (x.size * x.std())}, smallest=2
    ),
    "norm": Block(lambda m, x: m.norm(x), {"x/|x|": lambda x: x / np.linalg.norm(x)}, wrong={"x": lambda x: x}),
    "cosine similarity": Block(
        lambda m, x, y: m.sum(x * y) / (m.norm(x) * m.norm(y)), {"by hand": fo.cosine}, ((4,), (4,)), smallest=2
    ),
    "layer norm": Block(
        lambda m, x: m.sum(m.layer_norm(x, 4) * fo.WEIGHTS),
        {"three terms": fo.layer_norm, "by parts": fo.layer_norm_by_parts},
        ((2, 4),),
        {"without the mean": fo.layer_norm_without_mean},
        2,
    ),
    "layer norm cubed": Block(
        lambda m, x: m.sum(m.layer_norm(x, 4) ** 3), {"three terms": fo.layer_norm_cubed}, ((2, 4),), smallest=2
    ),
    "rms norm": Block(lambda m, x: m.sum(m.rms_scale(x) * fo.WEIGHTS), {"by hand": fo.rms_norm}, ((4,),), smallest=2),
    "batch norm": Block(
        lambda m, x: m.sum(m.standardize(x, axis=0) ** 3),
        {"three terms": lambda x: fo.layer_norm_cubed(x.T).T},
        ((4, 2),),
        smallest=2,
    ),
    "logistic regression": Block(
        lambda m, w: m.mean(m.softplus(fo.DATA @ w) - (fo.DATA @ w) * fo.LABELS),
        {"Xᵀ(s-y)/n": fo.logistic},
        ((3,),),
        {"X(s-y)": lambda w: 5 * fo.logistic(w)},
        3,
    ),
    "linear regression": Block(
        lambda m, w: m.mean((fo.DATA @ w - fo.LABELS) ** 2),
        {"2Xᵀ(Xw-y)/n": fo.regression},
        ((3,),),
        {"without 2": lambda w: fo.regression(w) / 2},
        3,
    ),
    "perceptron": Block(
        fo.perceptron_program, {"backward by hand": fo.perceptron}, ((2, 3), (3, 4), (4, 2)), smallest=2
    ),
    "deep tanh": Block(
        lambda m, w: m.sum(m.tanh(m.tanh(fo.DATA @ w) @ w.T)), {"backward by hand": fo.deep_tanh}, ((3, 3),), smallest=3
    ),
    "attention": Block(fo.attention_program, {"backward by hand": fo.attention}, ((2, 3), (4, 3), (4, 2)), smallest=2),
    "gaussian kernel": Block(lambda m, x, y: m.exp(-m.sum((x - y) ** 2) / 2.0), {"by hand": fo.kernel}, ((3,), (3,))),
    "focal loss": Block(lambda m, x: -m.sum((1.0 - m.sigmoid(x)) ** 2 * m.log_sigmoid(x)), {"by hand": fo.focal}),
    "negative log of softmax as written": Block(
        lambda m, x: m.log(m.sum(m.exp(x))) - x[0], {"p-y": lambda x: fo.p(x) - np.eye(1, x.size, dtype=x.dtype)[0]}
    ),
    "det": Block(
        lambda m, a: m.det(a),
        {"det inv(A)ᵀ": lambda a: np.linalg.det(a) * np.linalg.inv(a).T},
        ((3, 3),),
        {"inv": np.linalg.inv},
        3,
    ),
    "log det": Block(
        lambda m, a: m.logabsdet(a), {"inv(A)ᵀ": lambda a: np.linalg.inv(a).T}, ((3, 3),), {"inv": np.linalg.inv}, 3
    ),
    "trace of inverse": Block(
        lambda m, a: m.trace(m.inv(a)),
        {"-(A⁻²)ᵀ": lambda a: -np.linalg.matrix_power(np.linalg.inv(a), 2).T},
        ((3, 3),),
        smallest=3,
    ),
}


def cases() -> Iterator[Case]:
    for name, block in BLOCKS.items():
        for kind, scale in SCALES.items():
            for turn in range(ROUNDS):
                generator = generator_of(NAME, name, kind, turn)
                if kind == "one" and block.smallest > 1:
                    continue
                inputs = tuple(_drawn(shape, kind, scale, generator) for shape in block.shapes)
                given = [Given(spelling, formula) for spelling, formula in block.formulas.items()]
                given += [
                    Given(f"wrong: {spelling}", formula, DAMAGED) for spelling, formula in (block.wrong or {}).items()
                ]
                yield Case(NAME, name, f"{kind} {turn + 1}", block.function, inputs, tuple(given), damages=3)


def _drawn(shape: tuple[int, ...], kind: str, scale: float, generator: np.random.Generator) -> Array:
    x = generator.standard_normal(shape) * scale
    if kind == "shifted":  # a common part that cancels in differences
        x = x + 1000.0
    return x.astype(np.float32) if kind == "float32" else x
