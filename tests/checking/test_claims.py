"""Claims: what is said of a formula that somebody takes for the gradient."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff import InputError, check_gradients

RNG = np.random.default_rng(0)
X, W, Y = RNG.normal(size=(5, 3)), RNG.normal(size=3), RNG.normal(size=5)
SQUARES = ("mean(x * x)", {"x": np.arange(4.0)})
LEAST = ("r = X @ W - y; mean(r**2)", {"X": X, "W": W, "y": Y})
LOGSUM = ("log(sum(exp(x)))", {"x": RNG.normal(size=4)})
FORM = ("x @ A @ x", {"x": RNG.normal(size=3), "A": RNG.normal(size=(3, 3))})
VARIANCE = ("mean((x - mean(x))**2)", {"x": RNG.normal(size=4)})

RIGHT = [
    (SQUARES, "x = 2*x[k]/n", "right, for every size and at every point"),
    (SQUARES, "x = 2*x_k/n", "right, for every size and at every point"),
    (SQUARES, "x_i = 2*x_i/n", "right, for every size and at every point"),
    (SQUARES, "x[j] = x[j]*2/n", "right, for every size and at every point"),
    (SQUARES, "x = 2*x/n", "right, for every size and at every point"),
    (SQUARES, "x = x_k/2", "right for n = 4, as here; for every size yours is n/4 times what it should be"),
    (SQUARES, "x = 2*x/x.size", "at 3 other points and for other sizes"),
    (LEAST, "W = 2*X.T @ (X @ W - y)/m", "at 3 other points and for other sizes"),
    (LEAST, "W = 2*X.T @ (X @ W - y)/5", "right for m = 5, n = 3, as here, and wrong for other sizes"),
    (LEAST, "W = 2*sum(X[i,k]*r[i], i)/m", "at 3 other points and for other sizes"),
    (LEAST, "e = X @ W - y; W = 2*X.T @ e/m", "at 3 other points"),
    (LEAST, "y = 2*(y[k] - sum(X[k,j]*W[j], j))/m", "right, for every size and at every point"),
    (VARIANCE, "x = 2*(x[k] - sum(x[i], i)/n)/n", "right, for every size and at every point"),
    (LOGSUM, "x = exp(x[k])/sum(exp(x[i]), i)", "right, for every size and at every point"),
    (LOGSUM, "x = exp(x[k])/sum(exp(x))", "at 3 other points"),
    (FORM, "A = x[i]*x[j]", "right, for every size and at every point"),
    (FORM, "A_{i,j} = x_i*x_j", "right, for every size and at every point"),
    (FORM, "x = (A + A.T) @ x", "at 3 other points"),
]

WRONG = [
    (SQUARES, "x = 2*x[k]", "yours is n times too large (n = 4): a factor 1/n is missing"),
    (SQUARES, "x = x[k]", "yours is twice as large as it should be"),
    (SQUARES, "x = x[k]/n", "yours is half of what it should be"),
    (SQUARES, "x = -2*x/n", "yours has the wrong sign"),
    (SQUARES, "x = 2*x/(n-1)", "yours has n - 1 where n belongs (n = 4)"),
    (SQUARES, "x = 2*x/n**2", "yours is n times too small (n = 4): there is a factor 1/n too many"),
    (SQUARES, "x = 3*x/n", "yours is 3/2 times what it should be"),
    (LEAST, "W = X.T @ (X @ W - y)", "yours is m/2 times too large (m = 5): a factor 2/m is missing"),
    (VARIANCE, "x = 2*x[k]/n", "wrong: the gradient by x lacks the term −(2/n²) ∑_{i=1..n} xᵢ"),
    (FORM, "x = A @ x", "wrong: the gradient by x lacks the term"),
    (("sum(tanh(x))", {"x": W}), "x = 1 - x_k**2", "wrong: the gradient by x is computed with x where tanh(x) belongs"),
]


@pytest.mark.parametrize(("asked", "claim", "words"), RIGHT, ids=[each[1] for each in RIGHT])
def test_what_is_right(asked: Any, claim: str, words: str) -> None:
    report = check_gradients(asked[0], at=asked[1], claim=claim)
    assert report.ok
    assert report.reasons[0].startswith(f"{claim}: right")
    assert words in report.reasons[0]


@pytest.mark.parametrize(("asked", "claim", "words"), WRONG, ids=[each[1] for each in WRONG])
def test_what_is_missing(asked: Any, claim: str, words: str) -> None:
    report = check_gradients(asked[0], at=asked[1], claim=claim)
    assert str(report.verdict) == "disagree"
    assert report.reasons[0].startswith(f"{claim}: {words}")
    assert "derived by" in report.failure()
    assert f"claim={claim!r}" in report.failure()


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("2*x", "it is no NAME = FORMULA"),
        ("y = 2*x", "y is no input to differentiate by; those are x"),
        ("x = 2*x[i]*x[j]", "sum over others"),
        ("x = 2*x[k+1]/n", "an index of x runs from 2 to 5"),
        ("x = x[k,k]", "x has 1 axes, and is given 2 indices"),
        ("x = x[0:2]", "its value has shape (2,), and x has shape (4,)"),
        ("x = open('f')", "column"),
        ("x = __import__", "column"),
        ("", "it is no NAME = FORMULA"),
        ("x = ", "the expression is empty"),
        ("x = sum(n, i)", "the sum over i has no end"),
    ],
)
def test_what_cannot_be_read(claim: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_gradients(SQUARES[0], at=SQUARES[1], claim=claim)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_claim_or_a_gradient() -> None:
    with pytest.raises(InputError, match="either gradient= or claim="):
        check_gradients(SQUARES[0], at=SQUARES[1], claim="x = x", gradient=np.ones(4))


def test_a_claim_about_a_function_and_one_of_its_inputs() -> None:
    report = check_gradients(lambda X, W: np.sum(X @ W), X, W, claim="W = sum(X, axis=0)")
    assert list(report.inputs) == ["W"]
    assert report.ok


def test_explanations_say_what_is_claimed_in_every_format() -> None:
    found = symdiff.explain(*SQUARES[:1], at=SQUARES[1], claim=["x = 2*x[k]", "x = 2*x[k]/n"])
    assert [report.ok for report in found.claims] == [False, True]
    words = "x = 2*x[k]: yours is n times too large (n = 4): a factor 1/n is missing"
    for text in (found.to_text(), found.to_html(), found.to_markdown().replace("\\", "")):
        assert words in text
    assert "缺少因子" in found.to_text("zh")
    claims = json.loads(found.to_json())["claims"]
    assert claims[0] == {"verdict": "disagree", "said": words}
    assert found.report.ok


def test_what_is_claimed_is_escaped() -> None:
    found = symdiff.explain("mean(x)", x=[1.0, 2.0], claim="x = where(x < 3, 1, 2)/n")
    assert "x = where(x &lt; 3, 1, 2)/n" in found.to_html()
