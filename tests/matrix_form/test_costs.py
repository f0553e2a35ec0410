"""The numbers of taste and of effort: with another number its example reads otherwise."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.explained.shared_forms import forget
from symdiff.matrix_form import assembling, contraction, costs, matrix_forms, nodes, reading, statements, writing

RANDOM = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.standard_normal(shape)


HEADS = {"Q": normal(4, 3), "K": normal(5, 3), "V": normal(5, 2), "G": normal(4, 2)}
EXAMPLES: dict[str, tuple[str, dict[str, Any], str]] = {
    "attention": ("S = Q @ K.T/sqrt(3); A = softmax(S, axis=1); Z = A @ V; sum(G*Z)", HEADS, "Q"),
    "a norm": ("norm(X @ w - y)", {"X": normal(5, 3), "w": normal(3), "y": normal(5)}, "w"),
    "elements": ("x[0]**2 + 2*x[1]**2", {"x": normal(2)}, "x"),
    "a constant": ("sum([1, 2, 3]*x*x)", {"x": normal(3)}, "x"),
    "a trace": ("trace(A @ B @ A.T @ C)", {"A": normal(2, 3), "B": normal(3, 3), "C": normal(2, 2)}, "A"),
    "a root": ("sqrt(1234567)*sum(x*x)", {"x": normal(3)}, "x"),
    "softmax": ("-mean(sum(T*log_softmax(X @ W, axis=1), axis=1))",
                {"X": normal(5, 4), "W": normal(4, 3), "T": np.eye(3)[[0, 1, 2, 0, 1]]}, "W"),
    "skip-gram": ("dot(U[0], v) - log(sum(exp(U @ v)))", {"U": normal(4, 3), "v": normal(3)}, "v"),
    "a chain": ("sum((A @ B @ C @ D @ E)*F)", {n: normal(2, 2) for n in "ABCDEF"}, "C"),
    "shared": ("z = (X @ W1)*c; sum(tanh(z @ W2)*t)",
               {"X": normal(5, 3), "W1": normal(3, 4), "c": normal(4), "W2": normal(4, 2), "t": normal(5, 2)}, "c"),
    "a recurrence": ("g = tanh(W @ h); sum(tanh(W @ g)*t)", {"W": normal(3, 3), "h": normal(3), "t": normal(3)}, "h"),
}  # fmt: skip

TUNED: list[tuple[str, list[ModuleType], int, str]] = [
    ("EFFORT", [nodes], 200, "attention"),
    ("MOST_TERMS", [reading], 1, "a trace"),
    ("MOST_NODES", [statements], 5, "a norm"),
    ("MOST_DEFINITIONS", [statements, assembling], 1, "attention"),
    ("MOST_CONSTANTS", [assembling], 2, "a constant"),
    ("MOST_ELEMENTS", [matrix_forms], 1, "elements"),
    ("WORTH", [statements], 40, "a norm"),
    ("LONG", [statements], 1000, "attention"),
    ("ADJOINT", [statements], 80, "attention"),
    ("LINE", [statements], 1000, "softmax"),
    ("APPLIED", [statements], 100, "softmax"),
    ("MATRIX_PRODUCT", [contraction], 0, "a recurrence"),
    ("LARGEST", [writing], 10**8, "a root"),
]


def form_of(example: str) -> str | None:
    text, at, name = EXAMPLES[example]
    forget()
    return symdiff.explain(text, at=at, wrt=[name]).matrix[name]


@pytest.mark.parametrize(("number", "modules", "other", "example"), TUNED, ids=[t[0] for t in TUNED])
def test_with_another_number_its_example_reads_otherwise(
    number: str, modules: list[ModuleType], other: int, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = form_of(example)
    assert before is not None
    for module in modules:
        assert getattr(module, number) == getattr(costs, number), "the number is taken from costs.py"
        monkeypatch.setattr(module, number, other)
    assert form_of(example) != before


def test_orders_of_contraction_agree_in_value(monkeypatch: pytest.MonkeyPatch) -> None:
    before = form_of("a chain")
    monkeypatch.setattr(contraction, "ALL_ORDERS", 0)
    assert form_of("a chain") == before


def test_what_was_written_before_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = form_of("attention")
    monkeypatch.setattr(writing, "SEEN", 500)
    assert form_of("attention") != before


def test_every_number_has_an_example() -> None:
    numbers = {name for name in vars(costs) if name.isupper()}
    assert {number for number, *_ in TUNED} | {"ALL_ORDERS", "SEEN"} == numbers
