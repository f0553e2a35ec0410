"""The opening example, exactly: x = 0, 1, 2, 3, its squares, their mean and their maximum."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff import Explanation, explain

X = [0.0, 1.0, 2.0, 3.0]


def read(explanation: Explanation) -> str:
    """The document as one line of text."""
    return " ".join(explanation.to_text().split())


@pytest.fixture(scope="module")
def mean() -> Explanation:
    return explain("y = x * x; mean(y)", x=X)


@pytest.fixture(scope="module")
def largest() -> Explanation:
    return explain("y = x * x; max(y)", x=X)


@pytest.fixture(scope="module")
def squares() -> Explanation:
    return explain("x * x", x=X)


def test_the_engine_refuses_an_array_result_in_these_words() -> None:
    x = ad.arange(4.0, requires_grad=True)
    with pytest.raises(RuntimeError) as caught:
        (x * x).backward()
    assert str(caught.value) == "grad can be implicitly created only for scalar outputs"


def test_mean(mean: Explanation) -> None:
    assert mean.value == 3.5
    assert mean.gradients["x"].tolist() == mean.symbolic["x"].tolist() == [0.0, 0.5, 1.0, 1.5]
    x = sp.symbols("x_1:5", real=True)
    assert mean.partials["x"].tolist() == [x[k] / 2 for k in range(4)]
    k, n = sp.Symbol("k", integer=True, positive=True), sp.Symbol("n", integer=True, positive=True)
    assert mean.general["x"] == 2 * sp.Indexed(sp.IndexedBase("x", real=True), k) / n
    assert mean.report.verdict == "agree"
    assert mean.report.inputs["x"].error_ulps.tolist() == [0.0] * 4


def test_the_page_on_the_mean_reads_line_by_line(mean: Explanation) -> None:
    page = read(mean)
    assert "y = (y₁ + y₂ + y₃ + y₄)/4 = (x₁² + x₂² + x₃² + x₄²)/4 = 3.5" in page
    for k, (sub, number) in enumerate(zip("₁₂₃₄", ("0", "0.5", "1", "1.5"), strict=True)):
        assert f"y{sub} = x{sub} · x{sub} = {k} · {k} = {k * k}" in page
        assert f"∂y/∂x{sub} = ∂y/∂y{sub} · ∂y{sub}/∂x{sub} = 1/4 · 2x{sub} = 1/4 · 2 · {k} = {number}" in page
    assert "∂y/∂xₖ = 2xₖ/n" in page
    assert "x.grad = tensor([0.0000, 0.5000, 1.0000, 1.5000])" in page


def test_an_unnamed_array_before_the_mean_is_called_y_as_well() -> None:
    assert "∂y/∂x₂ = ∂y/∂y₂ · ∂y₂/∂x₂ = 1/4 · 2x₂ = 1/4 · 2 · 1 = 0.5" in read(explain("mean(x * x)", x=X))


def test_max(largest: Explanation) -> None:
    assert largest.value == 9.0
    assert largest.gradients["x"].tolist() == [0.0, 0.0, 0.0, 6.0]
    page = read(largest)
    assert "y = max(y₁, y₂, y₃, y₄) = y₄ = 9 found at position 4, and kept for the way back" in page
    for k, sub in enumerate("₁₂₃"):
        assert f"∂y/∂x{sub} = ∂y/∂y{sub} · ∂y{sub}/∂x{sub} = 0 · 2x{sub} = 0 · 2 · {k} = 0" in page
    assert "∂y/∂x₄ = ∂y/∂y₄ · ∂y₄/∂x₄ = 1 · 2x₄ = 1 · 2 · 3 = 6" in page
    assert "x.grad = tensor([0., 0., 0., 6.])" in page


def test_the_page_on_the_maximum_tells_what_both_in_one_session_give(largest: Explanation) -> None:
    page = read(largest).replace("| ", "")
    assert "retain_graph=True" in page
    assert "1.5 + 6 = 7.5" in page
    assert "starts from a fresh x" in page
    assert "7.5" not in read(explain("max(x)", x=X))


def test_a_tied_maximum_is_a_kink_and_says_what_each_side_gives() -> None:
    tied = explain("y = x * x; max(y)", x=[3.0, 1.0, -3.0])
    assert tied.report.verdict == "kink"
    page = read(tied).replace("^ ", "")
    assert "At x₁ (x[0]) the two sides of max give different derivatives: 0 from the left and 6 from the right" in page
    assert "At x₃ (x[2]) the two sides of max give different derivatives: −6 from the left and 0 from the right" in page
    assert "This engine returns 3." in page
    assert "autodiff shared evenly" in page
    assert "PyTorch" in page
    assert "y = max(y₁, y₂, y₃) = y₁ = y₃ = 9" in page


def test_the_squares_have_a_jacobian(squares: Explanation) -> None:
    np.testing.assert_array_equal(squares.gradients["x"], np.diag([0.0, 2.0, 4.0, 6.0]))
    page = read(squares)
    for k, sub in enumerate("₁₂₃₄"):
        assert f"y{sub} = x{sub} · x{sub} = {k} · {k} = {k * k}" in page
    assert "RuntimeError: grad can be implicitly created only for scalar outputs" in page
    assert "The result is not one number but 4" in page
    assert "[[2x₁, 0, 0, 0], [0, 2x₂, 0, 0], [0, 0, 2x₃, 0], [0, 0, 0, 2x₄]]" in page
    assert "[[0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 4, 0], [0, 0, 0, 6]]" in page
