"""Every number of taste with the example that it was tuned on: with another number that reads otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.closed_forms import compose, folding
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.readable import costs, naming, settle, shorten
from tests.symbolic.cases import CASES
from tests.symbolic.closed_values import closed

BY_NAME = {case.name: case for case in CASES}


def twice_each(turns: int) -> Callable[[Any], Any]:
    """Functions that are each used twice, so that writing one out doubles what stands inside of it."""

    def program(x: Any) -> Any:
        for _ in range(turns):
            x = ad.tanh(x * x + ad.sin(x))
        return ad.sum(x)

    return program


def steps_of(turns: int) -> ClosedForms:
    def program(x: Any) -> Any:
        for _ in range(turns):
            x = ad.sin(x) * 0.5 + x
        return x

    return closed(program, x=0.3)


def forms_of(example: str) -> ClosedForms:
    if example == "each used twice":
        return closed(twice_each(12), x=np.array([0.5, -0.25]))
    if example == "a loop":
        return steps_of(15)
    case = BY_NAME[example]
    return closed(case.program, **case.inputs)


def read(forms: ClosedForms) -> Any:
    """What a reader sees: formulas, definitions, and which steps are shown."""
    formulas = {
        name: (str(general.expression), [(str(d.symbol), str(d.formula)) for d in general.definitions], general.beyond)
        for name, general in forms.general.items()
    }
    steps = [step.elements if isinstance(step, Fold) else step.element for step in forms.shown_forward]
    return formulas, steps


TUNED: list[tuple[str, list[ModuleType], int, str]] = [
    ("SHORT", [shorten], 8, "logsumexp"),
    ("SHORT", [shorten], 25, "mean squared error"),
    ("NAME", [shorten], 0, "softmax"),
    ("NAME", [shorten], 12, "logistic loss"),
    ("WELCOME", [shorten], 4, "softmax"),
    ("TRIVIAL", [shorten], 0, "standard deviation"),
    ("TRIVIAL", [shorten], 12, "mean squared error"),
    ("LONG", [naming], 10, "two-layer perceptron"),
    ("LONG", [naming], 100, "two-layer perceptron"),
    ("LONGEST", [shorten], 30, "attention"),
    ("INLINED", [compose], 15, "layer normalisation"),
    ("COUNTED", [settle], 10, "layer normalisation"),
    ("LONG_PROGRAM", [compose, naming], 11, "attention"),
    ("NAMES", [naming], 2, "attention"),
    ("NAMES", [naming], 100, "each used twice"),
    ("EFFORT", [compose, shorten], 500, "attention"),
    ("FOLDED", [folding], 100, "a loop"),
    ("FIRST", [folding], 1, "a loop"),
    ("LAST", [folding], 30, "a loop"),
]


@pytest.mark.parametrize(("number", "modules", "other", "example"), TUNED)
def test_with_another_number_its_example_reads_otherwise(
    number: str, modules: list[ModuleType], other: int, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(forms_of(example))
    for module in modules:
        assert getattr(module, number) == getattr(costs, number), "the number is taken from costs.py"
        monkeypatch.setattr(module, number, other)
    assert read(forms_of(example)) != before


def test_every_number_has_an_example_and_stands_nowhere_else() -> None:
    numbers = {name for name in vars(costs) if name.isupper()}
    assert {number for number, *_ in TUNED} == numbers
    for module in (compose, folding, naming, settle, shorten):
        assert module.__file__ is not None
        text = Path(module.__file__).read_text(encoding="utf-8")
        assert not [name for name in numbers if f"\n{name} = " in text]
