"""The logistic loss however it is written out: its gradient is a textbook's, (p - t) X / m."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.closed_forms.closed_form import ClosedForms
from tests.symbolic.closed_values import closed, confirmed

RNG = np.random.default_rng(4)
INPUTS: dict[str, Any] = {
    "w": RNG.normal(size=3),
    "b": 0.25,
    "X": RNG.normal(size=(5, 3)),
    "t": np.array([1.0, 0.0, 0.0, 1.0, 1.0]),
}
TEXTBOOK = {"w": "Sum((p[i] - t[i])*X[i, k], (i, 1, m))/m", "b": "Sum(p[i] - t[i], (i, 1, m))/m"}


def written_out(w: Any, b: Any, X: Any, t: Any) -> Any:
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def by_sigmoid(w: Any, b: Any, X: Any, t: Any) -> Any:
    p = ad.sigmoid(X @ w + b)
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def in_steps(w: Any, b: Any, X: Any, t: Any) -> Any:
    z = X @ w + b
    e = np.exp(-z)
    p = 1 / (e + 1)
    gain = t * np.log(p)
    loss = (1 - t) * np.log(1 - p)
    return -np.mean(gain + loss)


def of_the_odds(w: Any, b: Any, X: Any, t: Any) -> Any:
    p = np.exp(X @ w + b) / (1 + np.exp(X @ w + b))
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def closed_by(program: Callable[..., Any]) -> ClosedForms:
    return confirmed(closed(program, ("w", "b"), **INPUTS), expanded=False)


@pytest.mark.parametrize("program", [written_out, by_sigmoid, in_steps])
def test_the_gradient_is_that_of_a_textbook(program: Callable[..., Any]) -> None:
    forms = closed_by(program)
    assert {name: str(general.expression) for name, general in forms.general.items()} == TEXTBOOK
    for general in forms.general.values():
        assert [each.name for each in general.definitions if each.name != "z"] == ["p"]


def test_another_loss_of_the_same_value_is_as_short() -> None:
    def squares(w: Any, b: Any, X: Any, t: Any) -> Any:
        p = 1 / (1 + np.exp(-(X @ w + b)))
        return np.mean((p - t) ** 2)

    expression = str(closed_by(squares).general["w"].expression)
    assert expression == "2*Sum((1 - p[i])*(p[i] - t[i])*X[i, k]*p[i], (i, 1, m))/m"


def test_pieces_are_simplified_each() -> None:
    def chosen(w: Any, b: Any, X: Any, t: Any) -> Any:
        p = 1 / (1 + np.exp(-(X @ w + b)))
        return -np.mean(np.where(t > 0.5, np.log(p), np.log(1 - p)))

    expression = str(closed_by(chosen).general["b"].expression)
    assert expression == "Sum(Piecewise((p[i], t[i] <= 1/2), (p[i] - 1, True)), (i, 1, m))/m"


def test_odds_of_two_exponentials_are_confirmed() -> None:
    closed_by(of_the_odds)


@pytest.mark.parametrize("factor", [2.0, -1.0])
def test_what_is_no_logistic_value_keeps_its_exponential(factor: float) -> None:
    def program(w: Any, b: Any, X: Any, t: Any) -> Any:
        q = 1 / (factor + np.exp(-(X @ w + b)))
        return np.mean(t * np.log(q * q))

    closed_by(program)
