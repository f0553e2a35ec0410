"""The computations that are drawn in tests and for ``make shots``."""

from __future__ import annotations

from functools import cache
from typing import Any

import symdiff
from symdiff.explanation import Explanation
from symdiff.picture.bands import drawn
from symdiff.picture.graph import Graph, Picture
from symdiff.picture.shapes import Drawing
from tests.pages.test_browser import MORE
from tests.pages.test_lines import PAGES

TURNS = [f"h{k} = tanh(w * {f'h{k - 1}' if k else 'x'} + x)" for k in range(40)]
LOOP = "\n".join([*TURNS, "sum(h39 * h39)"])
WALK = [round(0.1 * ((7 * k) % 13) - 0.6, 1) for k in range(12)]

MATRIX = [[((3 * i + 5 * j) % 11 - 5) / 7 for j in range(20)] for i in range(30)]

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        name: PAGES[name]
        for name in (
            "opening", "max", "max with ties", "cross-entropy", "layer norm", "logistic", "attention", "log det",
            "where", "softmax", "x A x", "slices", "log", "chain through kinks",
        )
    },
    **MORE,
    "a scalar": ("exp(-x**2/2)/sqrt(2*pi)", {"x": 1.5}),
    "a loop of 40": (LOOP, {"x": [0.5, -1.0], "w": [0.9, 0.3]}),
    "a vector of 12": ("sum(sigmoid(x) ** 2)", {"x": WALK}),
    "a large matrix": ("sum(tanh(X @ X.T))", {"X": MATRIX}),
    "not finite": ("sum(log(x) + x)", {"x": [-1.0, 0.0, 1.0, 2.0, 3.0]}),
}  # fmt: skip
HESSIAN = ("sum(x * x * w)", {"x": [1.0, 2.0], "w": [0.5, -1.0]})
"""Explained with ``order=2``."""


@cache
def explained(name: str) -> Explanation:
    """One of the cases, explained."""
    expression, values = CASES[name]
    return symdiff.explain(expression, at=values)


def picture_of(name: str) -> Picture:
    """Its picture."""
    found = explained(name).view.picture
    assert found is not None
    return found


def graphs(name: str) -> list[Graph]:
    """The graphs of its picture."""
    return [part for part in picture_of(name).parts if isinstance(part, Graph)]


def drawings(name: str) -> list[Drawing]:
    """Its drawings."""
    return [each for each in drawn(picture_of(name)) if isinstance(each, Drawing)]
