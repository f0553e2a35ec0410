"""The answers of the exercises are what an explanation of the changed program finds; words are explained that occur."""

from __future__ import annotations

import re

import numpy as np
import pytest

import symdiff
from symdiff.pages.sections.words_used import SIGNS, WORDS
from symdiff.printing.tree import Fraction, Negative, Number, Rounded
from tests.pages.test_lines import PAGES


def asked(text: str, **at):
    return {each.kind: each for each in symdiff.explain(text, at=at).view.exercises}


def value(math) -> float:
    match math:
        case Rounded(body=body):
            return value(body)
        case Negative(body=body):
            return -value(body)
        case Fraction(over=over, under=under):
            return value(over) / value(under)
    assert isinstance(math, Number)
    return float(math.text)


@pytest.mark.parametrize("text", ["y = x * x; mean(y)", "mean(exp(x))", "sum(x ** 3) / 4", "mean(2*x + 1)"])
def test_n_is_ten(text: str) -> None:
    exercises = asked(text, x=[0.5, 1, 2, 3])
    told = exercises.get("size") or exercises["same"]
    values = dict(told.values)
    ten = symdiff.explain(text, x=[value(values["value"]), *range(9)]).gradients["x"][0]
    assert value(values["number"]) == pytest.approx(ten, rel=1e-4)


@pytest.mark.parametrize("text", ["mean(x * w)", "sum(sin(x)) * sum(w)", "mean((x - w)**2)"])
def test_what_falls_fastest(text: str) -> None:
    at = {"x": [0.5, -1.0, 2.0], "w": [1.0, -3.0, 0.25]}
    exercises = asked(text, **at)
    told = exercises.get("falls") or exercises["rises"]
    gradients = symdiff.explain(text, at=at).gradients
    least = min(float(each.min()) for each in gradients.values())
    values = dict(told.values)
    assert value(values["number"]) == pytest.approx(least, rel=1e-4)
    assert gradients[values["element"].name][int(values["element"].index[0].text) - 1] == least
    assert (told.kind == "falls") == (least < 0)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("y = x * x; mean(y)", "y = x * x; max(y)"),
        ("sum(tanh(x))", "max(tanh(x))"),
        ("max(exp(x) * x)", "mean(exp(x) * x)"),
        ("mean(x)", "max(x)"),
    ],
)
def test_another_reduction(text: str, other: str) -> None:
    x = [0.5, -1.0, 2.0]
    told = asked(text, x=x)["instead"]
    assert told.code == "x.grad = " + symdiff.explain(other, x=x).view.gradients[0].printed


def test_two_elements_at_once() -> None:
    text, x = "sum(exp(x) * x)", np.array([0.5, -1.0, 2.0])
    told = asked(f"{text} + 0*x[0]", x=x)["nudge"]
    values = dict(told.values)
    gradient = symdiff.explain(text, x=x).gradients["x"]
    moved = x + np.array([0.01, 0, 0.01])
    change = symdiff.explain(text, x=moved).value - symdiff.explain(text, x=x).value
    assert value(values["number"]) == pytest.approx(0.01 * (gradient[0] + gradient[2]), rel=1e-4)
    assert value(values["exact"]) == pytest.approx(change, rel=1e-4)
    assert told.answer == "answer"


def test_an_element_that_is_not_picked_counts_for_nothing() -> None:
    told = dict(asked("max(x * x)", x=[0.0, 1, 2, 3])["idle"].values)
    place = int(told["element"].index[0].text) - 1
    assert place in (0, 1, 2)
    moved = np.array([0.0, 1, 2, 3])
    moved[place] += 0.01
    assert symdiff.explain("max(x * x)", x=moved).value == 9.0


def test_of_an_array_rows_and_columns() -> None:
    exercises = asked("softmax(x)", x=[0.0, 1.0, 2.0])
    jacobian = symdiff.explain("softmax(x)", x=[0.0, 1.0, 2.0]).gradients["x"]
    numbers = {
        kind: [float(n) for n in re.findall(r"-?\d+\.\d*(?:e-?\d+)?", each.code)] for kind, each in exercises.items()
    }
    assert numbers["ones"] == pytest.approx(jacobian.sum(axis=0), abs=1e-4)
    assert numbers["row"] == pytest.approx(jacobian[-1], abs=1e-4)
    column = int(dict(exercises["column"].values)["element"].index[0].text) - 1
    assert numbers["column"] == pytest.approx(0.01 * jacobian[:, column], abs=1e-4)


@pytest.mark.parametrize("name", ["log", "where", "max with ties"])
def test_nothing_is_asked_where_the_gradient_is_not_what_it_should_be(name: str) -> None:
    text, at = PAGES[name]
    assert symdiff.explain(text, at=at).view.exercises == ()


def test_answers_are_folded_and_stay_so_in_print() -> None:
    page = symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]).to_html()
    assert page.count('<details class="closed">') == 4


def test_words_are_explained_that_occur_and_no_others() -> None:
    def glossary(text: str, **at) -> str:
        return symdiff.explain(text, at=at).to_text().split("Words used here")[1]

    plain, kink = glossary("y = x * x; mean(y)", x=[0, 1, 2, 3]), glossary("sum(abs(x))", x=[0, 1])
    assert "gradient:" in plain
    assert "ulp:" in plain
    assert "kink:" not in plain
    assert "argmax" not in plain
    assert "kink:" in kink
    assert "convention:" in kink
    assert "argmax(x):" in glossary("max(x * x)", x=[0, 1, 2, 3])
    assert "Jacobian:" in glossary("x * x", x=[0, 1, 2, 3])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_of_the_glossary_has_its_sentences(language: str) -> None:
    from symdiff.pages.locale import locale

    words = locale(language)
    for key in WORDS:
        assert words.word(f"words.{key}")
        assert words.word(f"words.{key}.means")
    for key, _ in SIGNS:
        assert words.word(f"signs.{key}")
