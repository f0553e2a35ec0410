"""Products without one factor: forms that hold where a factor is 0, and those that say that they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.calculus.chain_rule import derive
from symdiff.closed_forms.closed_form import ClosedForms, closed_forms
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.trace import trace
from tests.symbolic.closed_values import confirmed

ZERO = {"x": [2.0, 0.0, 3.0], "w": [1.0, -0.5, 2.0], "X": [[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]], "a": [1.0, 2.0, 3.0]}
WHOLE = [
    "prod(x)",
    "sum(cumprod(x))",
    "sum(w*cumprod(x))",
    "sum(prod(X, axis=1))",
    "sum(w*prod(X, axis=0))",
    "log(prod(x) + 1)",
    "y = prod(x); y*y",
    "prod(sin(x))",
    "prod(x) * x[0]",
    "prod(x)/sum(x)",
    "prod(x + 1) + prod(x)",
    "z = x*x + x; y = prod(z); y*y",
    "sum(x**a)",
    "sum(x[1]**a)",
]
"""Programs whose derivative is defined at 0, and has a formula there."""


def forms_of(expression: str, values: dict[str, Any] = ZERO) -> ClosedForms:
    used = {name: values[name] for name in values if f"{name}" in expression.replace("axis", "").replace("max", "")}
    used = {name: value for name, value in used.items() if name in _names(expression)}
    wrt = ("X",) if "X" in used else ("x",)
    return closed_forms(derive(symbolic_program(trace(expression, (), used, wrt).graph)))


def _names(expression: str) -> set[str]:
    import ast

    return {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("expression", WHOLE)
def test_a_product_without_a_factor_holds_where_the_factor_is_0(expression: str) -> None:
    forms = forms_of(expression)
    assert not any(general.divides for general in forms.general.values()) or "/sum" in expression or "log" in expression
    confirmed(forms, expanded=False)


def test_it_is_written_as_all_factors_but_one() -> None:
    told = symdiff.explain("prod(x)", x=ZERO["x"])
    assert "∏_{i=1..n, i ≠ k} xᵢ" in told.to_text()
    assert r"\prod_{i \neq k}^{n} x_i" in told.to_latex()
    assert "prod(x_i, i=1..n, i != k)" in told.to_json()
    assert "0/0" not in told.to_text()


def test_what_still_divides_says_so() -> None:
    forms = forms_of("prod(x*x + x)")
    assert forms.general["x"].divides
    told = symdiff.explain("prod(x*x + x)", x=ZERO["x"])
    assert "Where something below a line is 0" in told.to_text()
    assert np.array_equal(told.gradients["x"], [0.0, 72.0, 0.0])


@pytest.mark.parametrize("expression", ["mean(x*x)", "sum(x**3)", "sum(softmax(x)**2)", "sum(w/(x + 5))"])
def test_a_program_of_no_product_says_nothing_of_lines(expression: str) -> None:
    assert not any(general.divides for general in forms_of(expression).general.values())


def test_a_factor_outside_of_the_product_is_no_factor() -> None:
    """x[3] is not among the first two: its line stays."""
    forms = confirmed(forms_of("prod(x[:2])/x[2]"), expanded=False)
    assert "/x[3]" in str(forms.general["x"].expression)


def test_second_derivatives_of_a_product_hold_at_0() -> None:
    found = symdiff.explain("prod(x)", x=[2.0, 1.0, 3.0], order=2).to_json()
    assert "second" in found
