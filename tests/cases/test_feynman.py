"""Physics formulas, whose variables are called gamma, beta, I, S, N: gradients to a few ulps times the conditioning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.tracing.trace import trace_text
from tests.cases.corpus import feynman

ULPS = 16.0
EPSILON = float(np.finfo(float).eps)


def _id(equation: dict[str, Any]) -> str:
    return str(equation["id"])


def test_all_are_there() -> None:
    assert len(feynman()) == 46
    assert all(len(equation["points"]) == 3 for equation in feynman())


def conditioning(equation: dict[str, Any], point: dict[str, Any], name: str) -> float:
    """How much the partial changes, relative to itself, when every input changes by one part: by moving each."""
    step = 1e-6

    def partial(at: dict[str, float]) -> float:
        traced = trace_text(equation["expr"], at, [name])
        traced.result.backward()
        return float(traced.tensors[name].grad.item())

    here = partial(point["at"])
    moved = (abs(partial({**point["at"], other: value * (1 + step)}) - here) for other, value in point["at"].items())
    return 1.0 + sum(moved) / step / max(abs(here), 1e-300)


@pytest.mark.parametrize("equation", feynman(), ids=_id)
def test_the_engine(equation: dict[str, Any]) -> None:
    for point in equation["points"]:
        traced = trace_text(equation["expr"], point["at"])
        assert traced.result.item() == pytest.approx(float(point["value"]), rel=1e-13)
        traced.result.backward()
        for name, wanted in point["grad"].items():
            error = abs(traced.tensors[name].grad.item() - float(wanted))
            # a partial that cancels has no scale of its own: that of the terms summed for it is value / input
            scale = max(abs(float(wanted)), abs(float(point["value"]) / point["at"][name]))
            assert error <= ULPS * EPSILON * conditioning(equation, point, name) * scale


@pytest.mark.parametrize("equation", feynman(), ids=_id)
def test_the_explanation(equation: dict[str, Any]) -> None:
    for point in equation["points"]:
        explanation = symdiff.explain(equation["expr"], at=point["at"])
        assert explanation.report.verdict == "agree"
        for name, wanted in point["grad"].items():
            # the closed form's value is rounded once
            assert float(explanation.symbolic[name]) == pytest.approx(float(wanted), rel=2 * EPSILON)
            assert float(explanation.gradients[name]) == pytest.approx(float(wanted), rel=1e-12)
