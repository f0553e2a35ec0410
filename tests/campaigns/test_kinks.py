"""The campaign of kinks: the gradients around are the right ones, the hull is a hull, and a wrong judge is seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.campaigns import judge, kinks
from benchmarks.campaigns.case import Case

CASES = {case.name: case for case in kinks.cases()}


@pytest.mark.parametrize(
    ("name", "gradients"),
    [
        ("relu", [[0, 1], [1, 1]]),
        ("relu less relu of minus", [[1, 1]]),
        ("relu squared", [[0, 2]]),
        ("max", [[0, 1, 0], [1, 0, 0]]),
        ("maximum of the same", [[1, 1]]),
        ("product of leaky_relu", [[0, 0, -0.06, 0], [0, 0, -0.0006, 0]]),
        ("relu beside a logarithm", [[0, 1 / 3 + 1], [2, 1 / 3 + 1]]),
    ],
)
def test_gradients_around(name: str, gradients: list[list[float]]) -> None:
    found = kinks.around(CASES[name])
    assert sorted(np.round(found, 12).tolist()) == pytest.approx(np.array(sorted(gradients)))


def test_a_hull() -> None:
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert kinks.distance(np.array([0.25, 0.25]), corners) == pytest.approx(0.0, abs=1e-9)
    assert kinks.distance(np.array([1.0, 0.0]), corners) == pytest.approx(0.0, abs=1e-9)
    assert kinks.distance(np.array([1.0, 1.0]), corners) == pytest.approx(np.sqrt(0.5), rel=1e-6)


def saying(verdict: str, case: Case, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The faults where every check has this verdict."""

    def check(function: Any, x: Any, gradient: Any = None) -> Any:
        each = SimpleNamespace(automatic=np.array([0.0, 1.0]), verdicts=np.full(2, verdict), error_ulps=np.ones(2))
        return SimpleNamespace(verdict=verdict, reasons=(), value=np.array(1.0), inputs={"x": each})

    monkeypatch.setattr(judge, "check_gradients", check)
    return {each.judged: each.fault for each in kinks.outcomes(case)}


def test_what_is_outside_must_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = saying("kink", CASES["relu"], monkeypatch)
    assert {name for name, fault in found.items() if fault == "wrong accepted"} == {
        "outside 1",
        "outside 2",
        "outside 3",
    }
    assert found["ours"] == found["around 1"] == found["their mean"] == ""


def test_what_is_inside_must_be_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    found = saying("disagree", CASES["relu"], monkeypatch)
    assert {name for name, fault in found.items() if fault} == {"ours", "around 1", "around 2", "their mean"}


def test_a_smooth_function_has_no_kink(monkeypatch: pytest.MonkeyPatch) -> None:
    assert saying("kink", CASES["relu less relu of minus"], monkeypatch)["around 1"] == "false kink"
