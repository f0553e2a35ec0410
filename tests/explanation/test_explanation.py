"""What an Explanation holds, for functions and texts, and the documents that it writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from symdiff import InputError, explain
from symdiff.explanation import Explanation

RNG = np.random.default_rng(3)


def logistic(w: Any, b: Any, X: Any, y: Any) -> Any:
    z = X @ w + b
    return np.mean(np.log(1 + np.exp(-y * z)))


def perceptron(W: Any, b: Any, V: Any, c: Any, X: Any, target: Any) -> Any:
    hidden = np.tanh(X @ W + b)
    scores = hidden @ V + c
    scores = scores - np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    return -np.mean(np.sum(target * np.log(p), axis=1))


def variance(x: Any) -> Any:
    mu = np.sum(x) / x.size
    d = x - mu
    return np.sum(d * d) / x.size


def differences(function: Callable[..., Any], args: list[Any], place: int) -> np.ndarray:
    """The gradient by central differences."""
    found = np.zeros(np.shape(args[place]))
    for index in np.ndindex(found.shape):
        values = []
        for sign in (1, -1):
            moved = [np.array(each, dtype=float) for each in args]
            moved[place][index] += sign * 1e-6
            values.append(float(function(*moved)))
        found[index] = (values[0] - values[1]) / 2e-6
    return found


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (logistic, [RNG.normal(size=3), 0.2, RNG.normal(size=(5, 3)), np.array([1.0, -1, 1, 1, -1])]),
        (
            perceptron,
            [
                RNG.normal(size=(3, 4)),
                RNG.normal(size=4),
                RNG.normal(size=(4, 3)),
                RNG.normal(size=3),
                RNG.normal(size=(5, 3)),
                np.eye(3)[[0, 2, 1, 1, 0]],
            ],
        ),
        (variance, [RNG.normal(size=6)]),
    ],
    ids=["logistic regression", "perceptron", "variance by hand"],
)
def test_python_functions(function: Callable[..., Any], args: list[Any]) -> None:
    explanation = explain(function, *args)
    assert explanation.report.verdict == "agree"
    assert explanation.value == pytest.approx(float(function(*args)))
    for place, name in enumerate(explanation.gradients):
        wanted = differences(function, args, place)
        np.testing.assert_allclose(explanation.gradients[name], wanted, rtol=1e-4, atol=1e-8)
        np.testing.assert_allclose(explanation.symbolic[name], explanation.gradients[name], rtol=1e-12, atol=1e-15)
        assert explanation.general[name] != 0
    page = explanation.to_text()
    assert explanation.expression in page


def test_the_authors_variables_name_the_steps() -> None:
    page = explain(variance, [1.0, 2.0, 4.0]).to_text()
    assert "μ = " in page
    assert "d₁ = x₁ − μ" in page


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("sum(x**3 * y)", {"x": [1.0, 2.0], "y": [3.0, -1.0]}),
        ("sum(exp(W @ x))", {"W": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], "x": [1.0, 2.0]}),
        ("norm(x) * prod(x)", {"x": [1.0, 2.0, 3.0]}),
        ("sum(softmax(x) * y)", {"x": [1.0, 2.0, 0.5], "y": [0.3, 0.2, 0.5]}),
        ("det(A)", {"A": [[1.0, 2.0], [3.0, 5.0]]}),
        ("sum(cumsum(x)**2)", {"x": [1.0, 2.0, 3.0]}),
        ("max(x) + where(x[0] > 0, x[1], x[2]) * 0.1", {"x": [1.0, 2.0, 3.0]}),
        ("x * x", {"x": [1.0, 2.0]}),
        ("mean(x * x_1)", {"x": [1.0, 2.0], "x_1": 3.0}),
    ],
)
def test_partials_are_expressions_in_the_inputs_elements(text: str, values: dict[str, Any]) -> None:
    explanation = explain(text, at=values)
    assert explanation.report.verdict == "agree"
    point = {}
    for index, array in explanation.explained.symbols.arrays.items():
        name = next((n for n, at in explanation.explained.evidence.program.inputs.items() if at == index), None)
        if name is not None:
            point |= dict(zip(array.reshape(-1), np.ravel(values[name]), strict=True))
    for name, partials in explanation.partials.items():
        assert partials is not None
        assert partials.shape == explanation.gradients[name].shape
        found = np.frompyfunc(lambda e: float(e.subs(point)), 1, 1)(partials)
        np.testing.assert_allclose(np.asarray(found, dtype=float), explanation.gradients[name], rtol=1e-13, atol=1e-15)


def test_above_64_elements_partials_are_none_and_the_general_formula_stands() -> None:
    explanation = explain("mean(x * x)", x=np.arange(65.0))
    assert explanation.partials["x"] is None
    assert str(explanation.general["x"]) == "2*x[k]/n"
    written = json.loads(explanation.to_json())
    assert written["inputs"]["x"]["partials"] is None
    assert written["inputs"]["x"]["general"] == "2*x_k/n"


def test_json_is_as_the_contract_shows_it() -> None:
    written = json.loads(explain("mean(x * x)", x=[0, 1, 2, 3]).to_json())
    assert written["expression"] == "mean(x * x)"
    assert (written["value"], written["verdict"]) == (3.5, "agree")
    assert {key: written["inputs"]["x"][key] for key in written["inputs"]["x"] if key != "where"} == {
        "shape": [4],
        "values": [0.0, 1.0, 2.0, 3.0],
        "general": "2*x_k/n",
        "matrix": "2*x/x.size",
        "partials": ["x_1/2", "x_2/2", "x_3/2", "x_4/2"],
        "symbolic": [0.0, 0.5, 1.0, 1.5],
        "automatic": [0.0, 0.5, 1.0, 1.5],
        "error_ulps": [0.0] * 4,
        "verdicts": ["agree"] * 4,
    }
    lines = [text for step in written["steps"] for text in step["lines"]]
    assert any(text.startswith("dy/dx_2 = dy/dy_2 * dy_2/dx_2 = 1/4 * ") for text in lines), lines


def test_json_of_a_matrix_and_of_what_is_not_finite() -> None:
    written = json.loads(explain("sum(W * W)", W=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).to_json())
    assert written["inputs"]["W"]["partials"][1][2] == "2*W_{2,3}"
    assert written["inputs"]["W"]["shape"] == [2, 3]
    written = json.loads(explain("log(x)", x=0.0).to_json())
    assert written["value"] == "-inf"
    assert written["inputs"]["x"]["automatic"] == "inf"
    assert written["inputs"]["x"]["error_ulps"] == "nan"


def test_json_of_an_array_result_has_the_shape_output_and_input() -> None:
    written = json.loads(explain("x * x", x=[1.0, 2.0]).to_json())["inputs"]["x"]
    assert written["partials"] == [["2*x_1", "0"], ["0", "2*x_2"]]
    assert written["automatic"] == written["symbolic"] == [[2.0, 0.0], [0.0, 4.0]]


def test_values_are_given_by_name_or_in_at_but_not_twice() -> None:
    assert explain("I * S", at={"I": 2.0}, S=3.0).gradients["I"] == 3.0
    with pytest.raises(InputError, match="x is given twice"):
        explain("x * x", at={"x": 1.0}, x=2.0)


def test_integers_become_floats() -> None:
    explanation = explain("x**3", x=3_000_000)
    assert explanation.value == 2.7e19
    assert explanation.gradients["x"] == 2.7e13


@pytest.mark.parametrize("suffix", ["html", "tex", "md", "json", "txt"])
def test_save_by_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mean.{suffix}"
    explanation = explain("mean(x * x)", x=[0, 1, 2, 3])
    explanation.save(path)
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    assert {"html": "<math", "tex": r"\frac", "md": "```math", "json": '"x_1/2"', "txt": "x₁/2"}[suffix] in text
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_save_refuses_a_suffix_that_it_does_not_know_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="suffix"):
        explain("x * x", x=1.0).save(tmp_path / "page.doc")
    assert not list(tmp_path.iterdir())


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    html = explain("x * x", x=1.0)._repr_html_()
    assert html.startswith("<iframe")
    assert "<script" not in html


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("y = x * x; max(y)", {"x": [3.0, 1.0, -3.0]}),
        ("relu(x) - relu(-x)", {"x": 0.0}),
        ("sqrt(x)", {"x": 0.0}),
        ("sum(layer_norm(x)**3)", {"x": [1.0, 2.0, 4.0, 8.0]}),
        ("x @ W", {"x": [1.0, 2.0], "W": [[1.0, 2.0, 0.0], [3.0, 4.0, 1.0]]}),
    ],
)
def test_every_kind_of_page_compiles(
    text: str, values: dict[str, Any], tmp_path: Path, require_tool: Callable[[str], str]
) -> None:
    latex = require_tool("pdflatex")
    explain(text, at=values).save(tmp_path / "page.tex")
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 10_000


def test_conditions_of_a_python_if_are_told() -> None:
    def f(x: Any) -> Any:
        if x > 1:
            return x * x
        return x

    explanation = explain(f, 2.0)
    assert explanation.gradients["x"] == 4.0
    assert "This holds while x > 1" in explanation.to_text()


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (3, 1), (1, 3), (2, 1, 2)])
def test_shapes_with_axes_of_length_one(shape: tuple[int, ...]) -> None:
    values = np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape)
    explanation = explain("sum(exp(x) * x)", x=values)
    assert explanation.report.verdict == "agree"
    np.testing.assert_allclose(explanation.symbolic["x"], np.exp(values) * (1 + values), rtol=1e-15)
    assert isinstance(explanation, Explanation)
    assert explanation.to_html()


def test_general_formulas_are_sympy_expressions() -> None:
    assert all(isinstance(each, sp.Expr) for each in explain("sum(W @ x)", W=np.eye(2), x=[1.0, 2.0]).general.values())


def test_second_derivatives_and_every_rule_on_request() -> None:
    explanation = explain("mean(x**3)", x=[0.0, 1.0, 2.0, 3.0], order=2, detail="rules")
    assert str(explanation.hessians["x", "x"]) == "6*KroneckerDelta(k, l)*x[k]/n"
    page = " ".join(explanation.to_text().split())
    assert "∂²y/∂xₖ∂xₗ = 6xₖδ_{k,l}/n" in page
    assert "power rule" in page
    assert json.loads(explanation.to_json())["second"] == [{"by": ["x", "x"], "general": "6*x_k*delta(k, l)/n"}]
    plain = " ".join(explain("mean(x**3)", x=[0.0, 1.0]).to_text().split())
    assert "∂²y" not in plain
    assert "power rule" not in plain


@pytest.mark.parametrize("options", [{"order": 3}, {"detail": "everything"}])
def test_an_order_or_a_detail_that_there_is_not(options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="choose"):
        explain("x * x", at={"x": 1.0}, **options)


def _guarded(x):
    return np.sum(x**3) if np.any(x > 0) and np.isfinite(x).all() else -np.sum(x)


def _looped(x):
    total = 0.0
    for v in x:
        if v > 0:
            total = total + v * v
    return total


BRANCHES = {
    "compared with 0": (lambda x: x * x if x > 0 else -x, 1.5, "x > 0"),
    "not taken": (lambda x: x * x if x > 0 else -x, -1.5, "x <= 0"),
    "a sum": (lambda x: x @ x if np.sum(x) > 1 else -np.sum(x), np.array([3.0, 4.0]), "the way that it takes here"),
    "a norm": (lambda x: x / np.linalg.norm(x) if np.linalg.norm(x) > 1 else x, np.array([3.0, 4.0]), ""),
    "Python's max": (lambda x: max(x) * x[0], np.array([1.0, 3.0]), ""),
    "in a loop": (_looped, np.array([1.0, -2.0, 3.0]), "the way that it takes here"),
    "guards": (_guarded, np.array([1.0, -2.0]), "the way that it takes here"),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_branches_of_python_are_explained(name):
    function, at, said = BRANCHES[name]
    explanation = explain(function, at)
    assert explanation.report.verdict == "agree"
    assert explanation.to_html()
    if said:
        assert said in " ".join(explanation.to_text().replace("≤", "<=").split())
