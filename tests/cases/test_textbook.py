"""Worked gradients from textbooks and courses: the engine, the closed form and the printed answer agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

import symdiff
from symdiff.language.functions import functions
from symdiff.tracing.trace import trace_text
from tests.cases.corpus import textbook

FIRST = [case for case in textbook() if case["kind"] in ("grad", "jacobian")]
SECOND = [case for case in textbook() if case["kind"] == "second"]


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_every_case_is_run() -> None:
    assert len(textbook()) == 55
    assert len(FIRST) + len(SECOND) == 55
    assert len(SECOND) == 1


def test_no_case_waits_for_an_operation() -> None:
    assert {"inv", "det", "trace", "outer", "diag", "eye", "clip", "hypot", "erf"} <= set(functions())


def engine_gradient(case: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The gradient, or the Jacobian row by row, by walking the recorded graph back."""
    traced = trace_text(case["expr"], case["inputs"], [case["wrt"]])
    x, result = traced.tensors[case["wrt"]], traced.result
    rows = []
    for place in np.ndindex(result.shape):
        x.grad = None
        seed = np.zeros(result.shape)
        seed[place] = 1.0
        result.backward(seed, retain_graph=True)
        rows.append(x.grad.numpy())
    return np.stack(rows).reshape(result.shape + x.shape)


def assert_close(got: np.ndarray[Any, Any], wanted: object) -> None:
    wanted = np.asarray(wanted, dtype=float)
    assert got.shape == wanted.shape
    # relative to the largest element: one that cancels to nothing has no scale of its own
    assert np.max(np.abs(got - wanted)) <= 1e-12 * max(np.max(np.abs(wanted)), 1e-300)


@pytest.mark.parametrize("case", FIRST, ids=_id)
def test_the_engine(case: dict[str, Any]) -> None:
    assert_close(engine_gradient(case), case["answer_value"])
    value = trace_text(case["expr"], case["inputs"]).result.data
    np.testing.assert_allclose(value, np.asarray(case["value"]).reshape(value.shape), rtol=1e-12)


@pytest.mark.parametrize("case", FIRST, ids=_id)
def test_the_explanation(case: dict[str, Any]) -> None:
    explanation = symdiff.explain(case["expr"], at=case["inputs"], wrt=[case["wrt"]])
    assert_close(explanation.gradients[case["wrt"]], case["answer_value"])
    assert_close(explanation.symbolic[case["wrt"]], case["answer_value"])
    assert explanation.report.verdict == "agree"


@pytest.mark.parametrize("case", SECOND, ids=_id)
def test_second_derivatives(case: dict[str, Any]) -> None:
    explanation = symdiff.explain(case["expr"], at=case["inputs"], wrt=[case["wrt"]], order=2)
    assert explanation.report.verdict == "agree"
    assert explanation.second_order is not None
    pair = (case["wrt"], case["wrt"])
    assert_close(explanation.second_order.values[pair], case["answer_value"])
    general = explanation.hessians[pair]
    assert isinstance(general, sp.Expr)
    point = {symbol: case["inputs"][str(symbol)] for symbol in general.free_symbols}
    assert float(general.subs(point)) == pytest.approx(case["answer_value"], rel=1e-12)
