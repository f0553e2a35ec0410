"""Programs out of public bug reports: the engine's gradient is the right one, and the verdict says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import symdiff
from tests.cases.corpus import number_or_array, reports

KNOWN = {
    "R17": "symdiff explains no array without elements; the engine's gradient of it is right",
}
"""Reports that are not answered rightly, each with the reason."""


def _cases() -> list[Any]:
    known = {name: pytest.mark.xfail(reason=why, strict=True) for name, why in KNOWN.items()}
    return [pytest.param(case, id=case["id"], marks=known.get(case["id"], ())) for case in reports()]


def function_of(case: dict[str, Any]) -> Any:
    """The program of a report: a function of Python, or a text."""
    if case["kind"] == "text":
        return case["code"]
    names = {"np": np, "ad": ad}
    exec(case["code"], names)  # noqa: S102 - the file beside this one, which is ours
    return names["f"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # half of them are about nan and infinities
@pytest.mark.parametrize("case", _cases())
def test_a_report(case: dict[str, Any]) -> None:
    values = {name: number_or_array(value) for name, value in case["inputs"].items()}
    report = symdiff.check_gradients(function_of(case), at=values, wrt=case["wrt"])
    if case["right"] is None:
        assert report.verdict == "undefined"
        return
    assert report.ok, str(report)
    for name in case["wrt"]:
        got = np.asarray(report.inputs[name].automatic)
        np.testing.assert_allclose(got, number_or_array(case["right"][name]), rtol=1e-6, atol=1e-9)


def test_what_is_right_of_an_array_without_elements() -> None:
    case = next(case for case in reports() if case["id"] == "R17")
    empty = np.zeros((2, 0))
    value, gradient = ad.value_and_grad(function_of(case))(empty)
    assert value == 0.0
    np.testing.assert_array_equal(gradient, empty)


def test_every_report_is_run() -> None:
    assert len(reports()) == 98
    assert {case["id"] for case in reports()} >= set(KNOWN)
