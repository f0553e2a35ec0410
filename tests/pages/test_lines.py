"""Every displayed line is true: each part between its signs of equality, evaluated by the page's own names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import symdiff
from autodiff.declare.operation import TABLE
from symdiff.agreement.verdict import Verdict
from symdiff.explanation import Explanation
from symdiff.pages.blocks import Row
from symdiff.printing.shorthand import partial, symbol
from symdiff.printing.tree import Number, Symbol
from tests.cases.corpus import feynman, textbook
from tests.pages.reader import Reader

CROSS_ENTROPY = "-mean(sum(T*log_softmax(Z, axis=1), axis=1))"
LOGISTIC = "z = X @ w + b; p = sigmoid(z); -mean(t*log(p) + (1-t)*log(1-p))"
ATTENTION = "S = Q @ K.T / sqrt(2); A = softmax(S, axis=1); Z = A @ V; sum(Z*Z)"
LAYER = "mu = mean(x); d = x - mu; h = d / sqrt(mean(d*d) + 1e-5); sum(h**3)"
X3 = [[1, 2], [3, 4], [-1, 0.5]]

PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "opening": ("y = x * x; mean(y)", {"x": [0, 1, 2, 3]}),
    "opening, without a name": ("mean(x * x)", {"x": [0, 1, 2, 3]}),
    "max": ("y = x * x; max(y)", {"x": [0, 1, 2, 3]}),
    "max with ties": ("max(x * x)", {"x": [3, 0, -3]}),
    "x A x": ("x @ A @ x", {"x": [1, 2], "A": [[1, 2], [3, 4]]}),
    "abs": ("sum(abs(x))", {"x": [-1, 0, 2]}),
    "maximum": ("sum(maximum(x, 0))", {"x": [-1, 0, 2]}),
    "relu of a product": ("sum(relu(x * w) ** 2 + abs(x))", {"x": [-1, 0, 2], "w": [1, 3, 0.5]}),
    "where": ("sum(where(x > 0, log(x), 0))", {"x": [1, 0, 2]}),
    "log": ("sum(log(x))", {"x": [1, 0, 2]}),
    "prod": ("prod(x)", {"x": [2, 0, 3]}),
    "cumprod": ("sum(cumprod(x))", {"x": [2, 0, 3]}),
    "logistic": (LOGISTIC, {"X": X3, "w": [0.1, -0.2], "b": 0.3, "t": [1, 0, 1]}),
    "cross-entropy": (CROSS_ENTROPY, {"Z": [[1, 2, 0.5], [3, 1, -1]], "T": [[1, 0, 0], [0, 1, 0]]}),
    "attention": (ATTENTION, {"Q": X3[:2], "K": [[0.1, 0.2], [0.3, 0.4]], "V": [[1, -1], [2, 0.5]]}),
    "layer norm": (LAYER, {"x": [0.5, -1.25, 2.0, 0.75]}),
    "log det": ("log(det(A))", {"A": [[2, 0.5], [0.25, 3]]}),
    "inverse": ("sum(inv(A))", {"A": [[2, 0.5], [0.25, 3]]}),
    "softmax": ("softmax(x)", {"x": [0, 1, 2]}),
    "names": ("sum(e * v_1 + s)", {"e": [1, 2], "v_1": [3, 4], "s": 2.0}),
    "a small number": ("sum(sqrt(x + 1e-8) * 6.674e-11)", {"x": [0, 2]}),
    "normal density": ("exp(-x**2/2)/sqrt(2*pi)", {"x": 1.5}),
    "median": ("median(x)", {"x": [3, 1, 2, 5]}),
    "sort": ("sum(sort(x) * w)", {"x": [3, 1, 2], "w": [1, 2, 3]}),
    "slices": ("sum(x[1:] * x[:-1]) + x[0]**3", {"x": [0.5, -1.25, 2.0]}),
    "constant matrix": ("sum(x @ ones((2, 2)) + eye(2) @ x)", {"x": [1, 2]}),
    "max of rows": ("sum(max(X, axis=1) * w)", {"X": X3, "w": [1, 2, 3]}),
    "variance": ("var(x)", {"x": [1, 2, 4]}),
    "norm": ("sqrt(sum(x * x))", {"x": [3, 4]}),
    "chain through kinks": ("sum(relu(x) - relu(-x))", {"x": [0.0, 1]}),
    "leaky by where": ("sum(where(x > 0, x, 0.1*x))", {"x": [0.0, 1, -1]}),
    "hypot at nothing": ("sum(hypot(x, y))", {"x": [0.0, 3], "y": [0.0, 4]}),
    "ties in rows": ("sum(max(X, axis=1))", {"X": [[1.0, 1], [2, 2]]}),
    "max of min": ("max(min(X, axis=0))", {"X": X3}),
    "cholesky": ("sum(cholesky(A))", {"A": [[2.0, 1], [1, 3]]}),
    "positions": ("sum(argmax(x)*x)", {"x": [0.0, 1.5]}),
    "one and many": ("sum(concatenate((x, y))**2)", {"x": [1.0, 2], "y": [3.0]}),
    "entropy at nothing": ("sum(log(x) * x)", {"x": [0.0, 1]}),
    "bad names": ("d = x*2; e = d + 1; i = e*e; n = i - 1; sum(n*n)", {"x": [1.0, 2]}),
    "twice": ("a = x*x; b = a + x; sum(a*b)", {"x": [1.0, 2]}),
    "one for all": ("sum(X - mean(X, axis=1, keepdims=True))", {"X": X3}),
    "powers": ("sum(x**y)", {"x": [1.0, 2], "y": [2.0, 0.5]}),
}
TEXTBOOK = {case["id"]: case for case in textbook() if case["kind"] in ("grad", "jacobian")}
FEYNMAN = {each["id"]: each for each in feynman()[::3]}  # each takes half a second
KINKS = {
    f"{entry.name} at {kink.at}": (entry, kink)
    for entry in {id(each): each for each in TABLE.values()}.values()
    for kink in getattr(entry, "kinks", ())
    if "kernel" not in kink.sample.params or entry.name == "max_pool"
}


def check(explanation: Explanation) -> None:
    """Every line of a page holds, there are lines, and one name is one value."""
    reader = Reader(explanation)
    assert list(reader.lines()) or explanation.report.verdict == Verdict.UNSUPPORTED
    assert reader.falsehoods() == []
    assert reader.clashes() == []


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_that_people_look_at(name: str) -> None:
    expression, values = PAGES[name]
    check(symdiff.explain(expression, at=values))


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_cases(name: str) -> None:
    case = TEXTBOOK[name]
    check(symdiff.explain(case["expr"], at=case["inputs"], wrt=[case["wrt"]]))


@pytest.mark.parametrize("name", FEYNMAN)
def test_physics(name: str) -> None:
    each = FEYNMAN[name]
    check(symdiff.explain(each["expr"], at=each["points"][0]["at"]))


@pytest.mark.parametrize("name", KINKS)
def test_kinks(name: str) -> None:
    entry, kink = KINKS[name]
    first, *others = kink.sample.operands
    check(symdiff.explain(lambda x: ad.sum(entry(x, *others, **kink.sample.params)), np.asarray(first, dtype=float)))


def test_given_arrays_keep_their_names() -> None:
    features, t = np.array(X3, dtype=float), np.array([1.0, 0, 1])

    def loss(w: Any) -> Any:
        p = ad.sigmoid(features @ w)
        return -ad.mean(t * ad.log(p) + (1 - t) * ad.log(1 - p))

    explanation = symdiff.explain(loss, np.array([0.1, -0.2]))
    check(explanation)
    page = explanation.to_text()
    assert "features = [[1, 2], [3, 4], [−1, 0.5]]" in page
    assert "t = [1, 0, 1]" in page
    assert "v_" not in page


def test_the_result_is_named_last_or_called_l() -> None:
    assert "∂loss/∂x" in symdiff.explain(lambda x: _loss(x), np.array([1.0, 2.0])).to_text()
    assert "∂L/∂x" in symdiff.explain("x @ x", x=[1, 2]).to_text()
    assert "∂y/∂x" in symdiff.explain("sum(x * x)", x=[1, 2]).to_text()


def _loss(x: Any) -> Any:
    loss = ad.sum(x * x)
    return loss  # noqa: RET504 - the name is what is looked at


@pytest.mark.parametrize(
    ("expression", "shown", "never"),
    [
        ("exp(-x**2/2)/sqrt(2*pi)", "√(2/π)", "3141592653589793"),
        ("6.674e-11*x", "6.674 × 10⁻¹¹", "3337/"),
        ("x + 1e-8*x**2", "10⁻⁸", "100000000"),
        ("0.3*x**2", "0.6x", "3/5"),
        ("1e-300*x", "10⁻³⁰⁰", "000000000"),
        ("x/3", "1/3", "0.333"),
    ],
)
def test_constants_are_written_as_they_were_meant(expression: str, shown: str, never: str) -> None:
    page = symdiff.explain(expression, x=1.5).to_text().split("For every size")[1].split(".grad")[0]
    assert shown in page
    assert never not in page


def test_ones_and_the_identity_are_no_tables() -> None:
    page = symdiff.explain("sum(ones(4)*x) + x @ eye(4) @ x", x=[1, 2, 3, 4]).to_text()
    assert "[1, 1, 1, 1]" not in page
    assert "[1, 0, 0, 0]" not in page


def test_numbers_are_put_in_and_rounded_ones_say_so() -> None:
    page = symdiff.explain("y = tanh(x); sum(y * y)", x=[1, -2]).to_text()
    assert "y₂ = tanh(x₂) = tanh(−2) ≈ −0.96403" in page
    assert "· (−0.96403)" in page


def test_kinks_are_named_beside_their_line_and_jumps_are_no_choice() -> None:
    page = symdiff.explain("sum(maximum(x, 0))", x=[-1, 0, 2]).to_text()
    assert "1 · 0.5 = 0.5   by convention: a kink" in page
    page = symdiff.explain("sum(where(x > 0, log(x), 0))", x=[1, 0, 2]).to_text()
    assert "valid choice" not in page
    assert "0 · 1/x₂" not in page
    assert "nothing comes back" in page


def test_what_is_finite_is_not_called_not_finite() -> None:
    page = symdiff.explain("sum(log(x))", x=[1, 0, 2]).to_text().replace("\n! ", " ").replace("\n", " ")
    assert "x₁ (x[0]): the engine gives 1, the formula 1; but the result itself is not a finite number" in page
    assert "x₁ (x[0]): the engine gives 1, the derivation 1; a derivative that is not finite" not in page


def test_rounded_lines_stay_in_ascii_where_programs_read_them() -> None:
    assert "~= 0.76159" in symdiff.explain("y = tanh(x); sum(y)", x=[1, 2]).to_json()


def test_steps_have_one_number_both_ways_and_their_rule() -> None:
    page = symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]).to_text()
    forward, backward = page.split("Backward\n", 1)
    assert forward.index("Step 1: y = x * x") < forward.index("Step 2: mean(y)")
    assert backward.index("Step 2: mean(y)") < backward.index("Step 1: y = x * x")
    assert "Mean: it gives each of the elements that it averages the same share" in backward
    assert "∂y₁/∂x₁ = x₁ + x₁ = 2x₁" in backward
    assert "Why a single number is needed" in page
    assert "Why a single number is needed" not in symdiff.explain("sum(x)", x=[0, 1]).to_text()


def test_the_reader_sees_what_is_false() -> None:
    reader = Reader(symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]))
    by = partial(Symbol("y"), symbol("x", 2))
    right = Row((by, Number("0.5")))
    assert reader.judge(right) == []
    for part in (Number("0.51"), symbol("x", 2), symbol("z", 2), partial(symbol("y", 1), symbol("x", 1))):
        assert reader.judge(Row((by, part)))
