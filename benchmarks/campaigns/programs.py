"""Random programs: trees of operations over one or two inputs, with parts used twice, reductions and broadcasts.

A program is data (nested tuples), so that its text is its name and its name its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.campaigns.case import Case
from benchmarks.campaigns.inputs import generator_of

Array = np.ndarray[Any, Any]
Tree = tuple[Any, ...]
NAME = "programs"
COUNT = 400

ONE = [
    "tanh",
    "sigmoid",
    "softplus",
    "exp",
    "sin",
    "cos",
    "square",
    "abs",
    "sqrt1",
    "log1",
    "silu",
    "gelu_tanh",
    "relu",
    "arctan",
    "expm1",
    "log1p2",
    "reciprocal1",
    "erf",
    "arcsinh",
    "sech",
    "cumsum",
    "softmax",
    "log_softmax",
    "standardize",
    "centred",
    "sort",
    "flip",
    "roll",
    "cbrt",
    "leaky_relu",
    "elu",
    "log_sigmoid",
    "sinc",
]
TWO = ["add", "subtract", "multiply", "quotient", "maximum", "minimum", "hypot", "logaddexp", "arctan2", "power"]
END = ["sum", "mean", "logsumexp", "norm", "var", "prod", "max", "dot"]

SPECIAL: dict[str, Callable[[Any, Any], Any]] = {
    "sqrt1": lambda m, a: m.sqrt(1.0 + a * a),
    "log1": lambda m, a: m.log(1.0 + a * a),
    "log1p2": lambda m, a: m.log1p(a * a),
    "reciprocal1": lambda m, a: 1.0 / (1.0 + a * a),
    "centred": lambda m, a: a - m.mean(a),
    "roll": lambda m, a: m.roll(a, 1),
}
PAIRS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda m, a, b: a + b,
    "subtract": lambda m, a, b: a - b,
    "multiply": lambda m, a, b: a * b,
    "quotient": lambda m, a, b: a / (2.0 + m.sin(b)),
    "power": lambda m, a, b: m.power(1.0 + a * a, m.tanh(b)),
    "arctan2": lambda m, a, b: m.arctan2(a, 1.0 + b * b),
    "hypot": lambda m, a, b: m.hypot(a, 1.0 + b * b),
}
ENDS: dict[str, Callable[[Any, Any], Any]] = {
    "var": lambda m, a: m.var(a),
    "dot": lambda m, a: m.dot(a, a),
    "norm": lambda m, a: m.norm(1.0 + a),
    "prod": lambda m, a: m.prod(1.0 + 0.5 * m.tanh(a)),
}


def tree(generator: np.random.Generator, depth: int, parts: list[Tree]) -> Tree:
    """A random tree; with some probability a part that stands elsewhere already."""
    if depth == 0 or generator.random() < 0.1:
        return (
            ("x",) if generator.random() < 0.65 else ("y",) if generator.random() < 0.7 else ("c", _number(generator))
        )
    if parts and generator.random() < 0.2:
        return parts[int(generator.integers(len(parts)))]
    if generator.random() < 0.55:
        found: Tree = (str(generator.choice(ONE)), tree(generator, depth - 1, parts))
    else:
        found = (str(generator.choice(TWO)), tree(generator, depth - 1, parts), tree(generator, depth - 1, parts))
    parts.append(found)
    return found


def _number(generator: np.random.Generator) -> float:
    return float(generator.choice([-2.0, -0.5, 0.25, 1.5, 3.0, 0.1, 10.0]))


def run(m: Any, node: Tree, x: Any, y: Any, done: dict[Tree, Any]) -> Any:
    """A tree's value; a part that stands twice is computed once."""
    if node not in done:
        done[node] = _applied(m, node, x, y, done)
    return done[node]


def _applied(m: Any, node: Tree, x: Any, y: Any, done: dict[Tree, Any]) -> Any:
    name, *rest = node
    if name in ("x", "y"):
        return x if name == "x" else y
    if name == "c":
        return 0.0 * x + rest[0] if not done else rest[0] + 0.0 * x
    operands = [run(m, each, x, y, done) for each in rest]
    if len(operands) == 2:
        return PAIRS[name](m, *operands) if name in PAIRS else getattr(m, name)(*operands)
    return SPECIAL[name](m, *operands) if name in SPECIAL else getattr(m, name)(*operands)


def text(node: Tree) -> str:
    name, *rest = node
    return (
        name
        if not rest
        else f"{name}({', '.join(text(each) if isinstance(each, tuple) else str(each) for each in rest)})"
    )


def cases() -> Iterator[Case]:
    for number in range(COUNT):
        generator = generator_of(NAME, number)
        found = tree(generator, int(generator.integers(1, 5)), [])
        end = str(generator.choice([*END, "itself"]))
        uses_y = '"y"' in repr(found).replace("'", '"')
        uses_x = '"x"' in repr(found).replace("'", '"') or '"c"' in repr(found).replace("'", '"')
        if not (uses_x or uses_y):
            continue
        size = int(generator.choice([1, 2, 3, 5]))
        scale = float(generator.choice([1.0, 1.0, 1.0, 10.0, 1e-3, 1e3]))
        x = generator.standard_normal(size) * scale
        y = generator.standard_normal(size) * scale
        inputs = (x, y) if uses_x and uses_y else (x,) if uses_x else (y,)
        yield Case(
            NAME,
            f"{number} {end} of {text(found)}",
            f"n = {size}, {scale:g}",
            _program(found, end, uses_x, uses_y),
            inputs,
            damages=2,
        )


def _program(found: Tree, end: str, uses_x: bool, uses_y: bool) -> Callable[..., Any]:
    def program(m: Any, *inputs: Any) -> Any:
        x, y = inputs if len(inputs) == 2 else (inputs[0], inputs[0])
        value = run(m, found, x, y, {})
        if end == "itself":
            return value
        return ENDS[end](m, value) if end in ENDS else getattr(m, end)(value)

    return program
