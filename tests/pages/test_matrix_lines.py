"""Matrix forms on pages: every row is true over whole arrays, in every format, and no name means two things."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.printing.plain import plain
from tests.matrix_form.test_forms import HEADS, KNOWN, SHAPES
from tests.pages.reader import Reader
from tests.pages.whole_arrays import WholeArrays, matrix_rows

# of one row the product A @ x has one element and the result another: a page calls both y
ONE_ROW = [(1, 1), (1, 3)]
PROGRAMS = {
    f"{text} {[np.shape(v) for v in at.values()]}": (text, at)
    for text, at, *_ in [*KNOWN, *SHAPES]
    if np.shape(at.get("A")) not in ONE_ROW
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_row_is_true_and_no_name_means_two_things(program: str) -> None:
    text, at = PROGRAMS[program]
    reader = Reader(symdiff.explain(text, at=at))
    assert reader.falsehoods() == []
    lefts = [plain(row.parts[0]) for row in matrix_rows(reader.view)]
    assert len(lefts) == len(set(lefts))


ATTENTION = "S = Q @ K.T/sqrt(2); A = softmax(S, axis=1); Z = A @ V; sum(G*Z)"


def rows(text: str, at: dict[str, Any]) -> list[str]:
    return [" = ".join(map(plain, row.parts)) for row in matrix_rows(symdiff.explain(text, at=at).view)]


def test_as_people_write_them() -> None:
    found = rows(ATTENTION, HEADS)
    assert "∂y/∂S = A ∘ (∂y/∂A − rowsum(A ∘ ∂y/∂A))" in found
    assert "∂y/∂K = (1/√2)(∂y/∂S)ᵀQ" in found
    assert "∂L/∂S = S⁻ᵀ" in rows("log(det(S))", {"S": [[2, 0.5], [0.25, 3]]})
    assert "∂L/∂w = 2Xᵀ(Xw − y)" in rows("sum((X @ w - y)**2)", {"X": [[1, 2], [3, 4]], "w": [1, 0], "y": [0, 1]})
    assert rows("y = x * x; mean(y)", {"x": [0, 1, 2, 3]}) == []


def test_products_of_elements_stand_in_brackets_within_products_of_matrices() -> None:
    at = {"X": [[1, 2], [3, 4]], "W": [[0.1, 0.2], [0, 1]], "V": [[1, 2], [0, 1]]}
    assert "∂y/∂W = 2Xᵀ((1 − h ∘ h) ∘ hVVᵀ)" in rows("h = tanh(X @ W); sum((h @ V)**2)", at)


def test_a_false_row_is_seen() -> None:
    view = symdiff.explain("sum((X @ w - y)**2)", X=[[1, 2], [3, 4]], w=[1, 0], y=[0, 1]).view
    arrays = {"X": np.array([[1.0, 2], [3, 4]]), "w": np.array([1.0, 0]), "y": np.array([0.0, 2])}
    partials = {each.name: np.array([element.symbolic for element in each.elements]) for each in view.gradients}
    partials["X"] = partials["X"].reshape(2, 2)
    assert len(WholeArrays(arrays, partials, {}).falsehoods(view)) == 3


def test_in_every_format() -> None:
    explanation = symdiff.explain("X @ W @ c + log(det(X))", X=[[2, 0.5], [0.25, 3]], W=[[1, 2], [3, 4]], c=[1, 2])
    explanation = symdiff.explain("sum(outer(c, c)*inv(X)) + sum(tanh(X))", X=[[2, 0.5], [0.25, 3]], c=[1, 2])
    for text, marks in (
        (explanation.to_html(), ("<mo>∘</mo>", '<mi mathvariant="normal">T</mi>')),
        (explanation.to_latex(), (r"\circ", r"^{-\mathsf{T}}")),
        (explanation.to_markdown(), (r"\circ", r"^{-\mathsf{T}}")),
        (explanation.to_text(), ("∘", "⁻ᵀ")),
    ):
        for mark in marks:
            assert mark in text
    inputs = json.loads(explanation.to_json())["inputs"]
    assert inputs["X"]["matrix"] == explanation.matrix["X"]
    assert inputs["c"]["matrix"] is not None


def test_what_a_form_rests_on_is_said() -> None:
    at = {"X": [[1, 2], [3, 4]], "W": [[0.1, 0.2], [0, 1]], "T": [[1, 0], [0, 1]]}
    text = symdiff.explain("-sum(T*log_softmax(X @ W, axis=1))", at=at, wrt=["W"]).to_text()
    assert "where each line of T adds up to 1" in text
