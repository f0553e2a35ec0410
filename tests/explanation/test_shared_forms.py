"""The forms of a program serve it at every point: what a document says does not depend on what was explained before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symdiff import explain
from symdiff.explained import shared_forms
from symdiff.explanation import Explanation

Values = dict[str, Any]

CASES: dict[str, tuple[str, Values, Values, dict[str, Any]]] = {
    "scalars": ("exp(-(t/s)**2/2)/(sqrt(2*pi)*s)", {"s": 1.2, "t": 2.8}, {"s": 2.0, "t": -0.5}, {}),
    "a formula that divides by what is 0 here": (
        "sum(D*(g*(X - mean(X))/std(X)))",
        {"D": [1.0, 2.0, 4.0], "g": [1.0, 2.0, 3.0], "X": [0.5, 1.0, 3.0]},
        {"D": [1.0, 2.0, 4.0], "g": [1.0, 0.0, 3.0], "X": [0.5, 1.0, 3.0]},
        {},
    ),
    "a choice that turns": ("max(x * x)", {"x": [1.0, 3.0, 2.0]}, {"x": [-4.0, 3.0, 2.0]}, {}),
    "pieces": ("sum(where(x > 1, x*x, exp(x)))", {"x": [0.0, 2.0]}, {"x": [3.0, 0.5]}, {}),
    "second derivatives": ("x*exp(-x**2 - y**2)", {"x": 1.0, "y": 0.5}, {"x": 0.25, "y": 2.0}, {"order": 2}),
    "a constant of the program": ("sum((A @ x - 0.5)**2)", {"A": [[1.0, 2.0]], "x": [1.0, 3.0]},
                                  {"A": [[2.0, 1.0]], "x": [0.5, 3.0]}, {"wrt": ["x"]}),
}  # fmt: skip


def documents(explanation: Explanation) -> tuple[str, ...]:
    return explanation.to_json(), explanation.to_html(), explanation.to_latex("zh"), str(explanation.report)


@pytest.mark.parametrize("name", CASES)
def test_an_equal_program_before_changes_no_byte(name: str) -> None:
    text, first, second, options = CASES[name]
    shared_forms.forget()
    documents(explain(text, at=first, **options))
    kept = len(shared_forms._KEPT)
    shared = documents(explain(text, at=second, **options))
    assert len(shared_forms._KEPT) == kept == 1, "the forms were not shared"
    shared_forms.forget()
    assert documents(explain(text, at=second, **options)) == shared


def others() -> list[tuple[str, Values, dict[str, Any]]]:
    x = {"x": [1.0, 2.0]}
    return [
        ("sum(x * 2.0)", x, {}),
        ("sum(x * 3.0)", x, {}),
        ("sum(w * 2.0)", {"w": [1.0, 2.0]}, {}),
        ("sum(x * 2.0)", {"x": [1.0, 2.0, 3.0]}, {}),
        ("sum(x * 2.0)", x, {"order": 2}),
        ("sum(x * c)", {**x, "c": 2.0}, {}),
        ("sum(x * c)", {**x, "c": 2.0}, {"wrt": ["x"]}),
        ("sum(x[i])", {**x, "i": [0, 1]}, {}),
        ("sum(x[i])", {**x, "i": [1, 1]}, {}),
        ("sum(x * 2.0)", {"x": np.array([1.0, 2.0], dtype=np.float32)}, {}),
    ]


def test_programs_that_differ_in_anything_else_share_nothing() -> None:
    shared_forms.forget()
    found = [explain(text, at=at, **options).forms for text, at, options in others()]
    assert len({id(forms.formulas) for forms in found if forms is not None}) == len(others())


def test_large_values_are_not_kept() -> None:
    shared_forms.forget()
    assert explain("mean(x * x)", x=np.ones(shared_forms.ELEMENTS)).general
    assert not shared_forms._KEPT
