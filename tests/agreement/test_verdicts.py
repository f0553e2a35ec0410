"""Every verdict of the contract, reached; and what a report says of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, op
from symdiff import check_gradients, explain
from symdiff.agreement.verdict import Verdict, worst_verdict

SQUARES = np.array([1.0, -2.0, 0.5])


def verdicts(text: str, **values: Any) -> list[str]:
    report = explain(text, at=values).report
    return [verdict for each in report.inputs.values() for verdict in np.ravel(each.verdicts).tolist()]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("mean(x * x)", {"x": [0.0, 1.0, 2.0, 3.0]}),
        ("sum(softmax(x)**2)", {"x": [1.0, -2.0, 0.5]}),
        ("logsumexp(x)", {"x": [1000.0, 1001.0]}),
        ("softmax(x)", {"x": [1000.0, 0.0, 1.0]}),
        ("sigmoid(x)", {"x": 37.43}),
        ("tanh(x)", {"x": 19.0}),
        ("prod(x)", {"x": [0.0, 0.0, 2.0]}),
        ("sinc(x)", {"x": 0.0}),
        ("abs(x) * x", {"x": 0.0}),
        ("abs(x)**1.5", {"x": 0.0}),
        ("x**y", {"x": 0.0, "y": 2.0}),
        ("huber_loss(x, y)", {"x": 1.0, "y": 0.0}),
        ("max(x) - max(x)", {"x": [1.0, 1.0]}),
        ("sum(abs(x) * abs(x))", {"x": [0.0, 0.0]}),
        ("max(x)", {"x": [0.3, 0.1 + 0.2]}),
        ("exp(-x)", {"x": 800.0}),
        ("where(x > 1, log(x), 0)", {"x": 0.5}),
        ("sum(eigvalsh(x))", {"x": np.diag([1.0, 1.0, 2.0])}),
        ("relu(x) * y", {"x": 1e-200, "y": 1e200}),
    ],
)
def test_agree(text: str, values: dict[str, Any]) -> None:
    assert set(verdicts(text, **values)) == {"agree"}


@pytest.mark.parametrize(
    ("text", "values", "gradient"),
    [
        ("abs(x)", {"x": 0.0}, 0.0),
        ("relu(x)", {"x": 0.0}, 0.0),
        ("maximum(x, 1)", {"x": 1.0}, 0.5),
        ("max(x * x)", {"x": [3.0, 1.0, -3.0]}, [3.0, 0.0, -3.0]),
        ("norm(x)", {"x": [0.0, 0.0]}, [0.0, 0.0]),
        ("std(x)", {"x": [1.0, 1.0]}, [0.0, 0.0]),
        ("median(x)", {"x": [1.0, 1.0, 2.0]}, [0.5, 0.5, 0.0]),
        ("clip(x, 0, 1)", {"x": 1.0}, 1.0),
        ("sum(relu(x))", {"x": np.zeros(100)}, np.zeros(100)),
        ("max(x * y)", {"x": [0.1, 0.3], "y": [3.0, 1.0]}, None),
        ("eigvalsh(x)[0]", {"x": np.diag([1.0, 1.0, 2.0])}, None),
    ],
)
def test_kink(text: str, values: dict[str, Any], gradient: Any) -> None:
    explanation = explain(text, at=values)
    assert explanation.report.verdict == "kink"
    assert explanation.report.ok
    if gradient is not None:
        np.testing.assert_array_equal(explanation.gradients["x"], gradient)
        np.testing.assert_array_equal(explanation.symbolic["x"], gradient)


def test_a_kink_has_its_one_sided_values() -> None:
    each = explain("max(x * x)", x=[3.0, 1.0, -3.0]).report.inputs["x"]
    assert each.verdicts.tolist() == ["kink", "agree", "kink"]
    assert each.left[[0, 2]].tolist() == [0.0, -6.0]
    assert each.right[[0, 2]].tolist() == [6.0, 0.0]


def test_two_products_that_rounding_holds_together_are_a_tie() -> None:
    # 0.1*3 and 0.3*1 are not the same number, but within their rounding they are
    each = explain("max(x * y)", x=[0.1, 0.3], y=[3.0, 1.0]).report.inputs["x"]
    assert set(each.verdicts.tolist()) == {"kink"}


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [
        ([1.0, 0.0], "kink"),
        ([0.0, 1.0], "kink"),
        ([0.25, 0.75], "kink"),
        ([1.0, 1.0], "disagree"),
        ([0.0, 0.0], "disagree"),
        ([1.5, -0.5], "disagree"),
        ([0.5, 0.25], "disagree"),
    ],
)
def test_at_a_kink_the_gradient_as_a_whole_is_a_mixture_of_the_branches(gradient: list[float], verdict: str) -> None:
    report = check_gradients("max(x)", at={"x": [2.0, 2.0]}, gradient=gradient)
    assert report.verdict == verdict
    assert report.ok == (verdict == "kink")
    if verdict == "disagree":
        assert "mixture" in report.failure()


def test_a_mixture_of_many_branches_is_found() -> None:
    # 2**100 branches meet: the one that is missing is looked for along the residual
    zeros = np.zeros(100)
    inside, outside = np.linspace(0.0, 1.0, 100), np.linspace(0.0, 1.01, 100)
    assert check_gradients("sum(relu(x))", at={"x": zeros}, gradient=inside).verdict == "kink"
    assert check_gradients("sum(relu(x))", at={"x": zeros}, gradient=outside).verdict == "disagree"


@pytest.mark.parametrize(
    ("text", "value", "gradient"), [("floor(x) * x", 1.0, 1.0), ("x % 2", 4.0, 1.0), ("sign(x)", 0.0, 0.0)]
)
def test_a_jump_is_named(text: str, value: float, gradient: float) -> None:
    explanation = explain(text, x=value)
    assert explanation.report.verdict == "kink"
    assert explanation.gradients["x"] == gradient
    assert any("jumps" in reason for reason in explanation.report.reasons)


@pytest.mark.parametrize(
    ("text", "value", "verdict", "gradient"),
    [
        ("sqrt(x**2)", 0.0, "kink", 0.0),
        ("log(1 + sqrt(square(x)))", 0.0, "kink", 0.0),
        ("sqrt(x**2 + 1) + sqrt((x - x)**2)", 1.0, "agree", 0.5**0.5),
        ("sum(sqrt(sum((expand_dims(x, 1) - x)**2 * 2, axis=-1)))", [1.0, 1.0], "kink", 0.0),
        ("sqrt(x**4)", 0.0, "agree", 0.0),
    ],
)
def test_roots_of_squares_at_0(text: str, value: Any, verdict: str, gradient: float) -> None:
    explanation = explain(text, x=value)
    assert explanation.report.verdict == verdict
    np.testing.assert_allclose(explanation.gradients["x"], gradient, rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("log(x)", 0.0, "log"),
        ("exp(x)", 1000.0, "exp"),
        ("sqrt(x)", 0.0, "+inf from the right"),
        ("arcsin(x)", 1.0, "+inf from the left"),
        ("sqrt(x)**2", 0.0, "sqrt"),
        ("sqrt(x*x)", 0.0, "kink"),
        ("x**3", 1e110, "overflows"),
        ("sum(exp(x) / sum(exp(x)))", [1000.0, 0.0], "exp gives inf"),
        ("log(x)", -1.0, "log"),
        ("abs(x / x)", 0.0, "divide"),
        ("max(x**0.5)", [1.0, -1.5, 0.5], "power"),
        ("median(x**0.5)", [1.0, -1.5, 0.5], "power"),
        ("logsumexp(log(x))", [1.0, -1.0], "log"),
    ],
)
def test_undefined(text: str, value: Any, word: str) -> None:
    report = explain(text, x=value).report
    assert report.verdict == "undefined"
    assert not report.ok
    assert word in " ".join(report.reasons)


def test_what_where_discards_does_not_count() -> None:
    explanation = explain("where(x > 0.5, log(x), 0)", x=[0.0, 1.0])
    assert np.ravel(explanation.report.inputs["x"].verdicts).tolist() == ["agree"] * 4
    assert explanation.gradients["x"].tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_disagree_where_a_chain_of_kinks_gives_what_is_no_derivative() -> None:
    report = explain("relu(x) - relu(-x)", x=0.0).report
    assert report.verdict == "disagree"
    assert report.worst is not None
    assert (report.worst.got, report.worst.want) == (0.0, 1.0)
    assert "chain rule through kinks" in report.failure()


@pytest.fixture
def damaged() -> Any:
    """Our own tanh with a wrong derivative, and a sine with a wrong value, for one test."""
    with pytest.MonkeyPatch.context() as patch:
        before = dict(TABLE)

        @op(meaning="sin(x)", vjp=[lambda g, y, x: g * 1.0000001], samples=[])
        def crooked(x: Any, /) -> Any:
            return np.sin(x)

        @op(meaning="sin(x)", vjp=[lambda g, y, x: g * ad.cos(x)], samples=[])
        def shifted(x: Any, /) -> Any:
            return np.sin(x) + 1e-9

        yield crooked, shifted
        patch.undo()
        TABLE.clear()
        TABLE.update(before)


def test_disagree_where_a_rule_is_wrong(damaged: Any) -> None:
    report = check_gradients(lambda x: damaged[0](x), 1e-5)
    assert report.verdict == "disagree"
    with pytest.raises(AssertionError, match=r"got 1\.0000001") as caught:
        report.raise_on_disagreement()
    assert "ulp" in str(caught.value)


def test_disagree_where_a_value_is_wrong_though_the_derivative_is_right(damaged: Any) -> None:
    report = check_gradients(lambda x: damaged[1](x), 0.5)
    assert report.verdict == report.value_verdict == "disagree"
    assert "the value of shifted differs" in report.failure()


def test_unsupported_by_name() -> None:
    before = dict(TABLE)
    try:

        @op(vjp=[lambda g, y, x: g * 3], samples=[])
        def mystery(x: Any, /) -> Any:
            return 3 * x

        explanation = explain(lambda x: mystery(x * x).sum(), SQUARES)
        report = explanation.report
        assert report.verdict == "unsupported"
        assert report.unsupported == ("mystery",)
        assert "mystery" in report.failure()
        assert np.isnan(explanation.symbolic["x"]).all()
        np.testing.assert_array_equal(explanation.gradients["x"], 6 * SQUARES)
        for printed in (explanation.to_text(), explanation.to_html(), explanation.to_json()):
            assert "mystery" in printed
    finally:
        TABLE.clear()
        TABLE.update(before)


def test_a_bound_explains_what_rounding_did_and_no_more() -> None:
    # 1 is lost beside 1e16, and the bound knows it
    assert explain("(x + 1e16 - 1e16) * x", x=1.0).report.verdict == "agree"
    x = np.array([0.1, 0.2, 0.7])
    exact = 3 * x * x
    wrong = exact * (1 + 1e-14)
    assert check_gradients("sum(x**3)", at={"x": x}, gradient=exact).verdict == "agree"
    assert check_gradients("sum(x**3)", at={"x": x}, gradient=wrong).verdict == "disagree"


def test_a_gradient_that_cancels_has_the_scale_of_its_terms() -> None:
    report = check_gradients("sum(x * x) - 2*sum(x)", at={"x": [1.0]}, gradient=[2.0**-53])
    each = report.inputs["x"]
    assert each.verdicts.tolist() == ["agree"]
    assert each.error_ulps[0] <= 1 < each.plain_ulps[0]


def test_float32_is_judged_by_its_own_ulps() -> None:
    x = np.array([0.1, 0.2, 0.7], dtype=np.float32)
    explanation = explain("sum(exp(x) * x)", x=x)
    assert explanation.gradients["x"].dtype == np.float32
    assert explanation.report.verdict == "agree"
    wrong = explanation.gradients["x"] * np.float32(1.0001)
    assert check_gradients("sum(exp(x) * x)", at={"x": x}, gradient=wrong).verdict == "disagree"


def test_what_is_infinite_elsewhere_does_not_disturb_a_kink() -> None:
    each = explain("maximum(x, 1) + 1/y", x=1.0, y=0.0).report.inputs
    assert each["y"].verdicts.item() == "undefined"
    report = explain("logsumexp(-1.5/y + sigmoid(2))", y=[0.5, 0.0, 1.0]).report
    assert report.inputs["y"].verdicts.tolist()[0] in ("agree", "kink")


def test_the_remark_on_a_session_needs_an_input_that_reaches_the_maximum() -> None:
    assert "7.5" not in explain("max(y * y)", x=[1.0, 2.0], y=[0.5, 3.0]).to_text()
    assert "retain_graph" in explain("max(y * y)", x=[1.0, 2.0], y=[0.5, 3.0]).to_text()


def test_the_worst_verdict_stands_for_all() -> None:
    assert [worst_verdict(list(Verdict)[k:]) for k in range(len(Verdict))] == list(Verdict)
    assert worst_verdict([]) == "agree"


def test_large_arrays_have_verdicts_too() -> None:
    x = np.linspace(-1.0, 1.0, 100_001)
    report = explain("sum(relu(x) * x)", x=x).report
    assert report.verdict == "agree"
    report = explain("sum(relu(x))", x=x).report
    assert np.flatnonzero(report.inputs["x"].verdicts == "kink").tolist() == [50_000]
    assert report.ok


DATA = np.array([[1.0, np.nan], [2.0, 3.0]])
MISSING = {
    "nansum": lambda w: np.nansum((DATA - w) ** 2),
    "nanmean": lambda w: np.nanmean((DATA - w) ** 2),
    "where isnan": lambda w: np.sum(np.where(np.isnan(DATA * w), 0.0, DATA * w)),
    "where isfinite": lambda w: np.sum(np.where(np.isfinite(DATA * w), DATA * w, w)),
    "where isinf": lambda w: np.sum(np.where(np.isinf(w), 0.0, w * w)),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_data_that_is_left_out_leaves_the_gradient_defined(name):
    assert check_gradients(MISSING[name], np.array([0.5, 1.0])).verdict == "agree"


def test_logarithms_of_nothing_have_the_limits_for_derivatives():
    def forward(x):
        return np.logaddexp(np.logaddexp(x[0], x[1]), x[2])

    at = np.array([-np.inf, -np.inf, 2.0])
    assert check_gradients(forward, at).verdict == "agree"
    assert check_gradients(forward, at, gradient=np.array([0.5, 0.0, 1.0])).verdict == "disagree"
    assert check_gradients(lambda x: np.tanh(x).sum(), np.array([-np.inf, np.inf, 2.0])).verdict == "agree"


def test_what_the_rounding_of_constants_does_to_a_value_is_explained():
    text = "sum(-y*log(clip(p, 1e-15, 1 - 1e-15)) - (1 - y)*log(1 - clip(p, 1e-15, 1 - 1e-15)))"
    at = {"y": [1.0, 0.0, 1.0], "p": [0.9, 0.2, 1.0]}
    assert check_gradients(text, at=at, wrt=["p"]).verdict == "agree"
