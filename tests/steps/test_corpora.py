"""Worked examples of textbooks and physics: every rule is shown, and the second derivatives of both ways agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.pages.document import document
from symdiff.pages.text import text
from symdiff.printing.plain import plain
from symdiff.second_order import second_order
from symdiff.viewing.detail import detailed
from tests.cases.corpus import feynman, textbook

SCALARS = [case for case in textbook() if case["kind"] == "grad"]
SECOND = [case for case in textbook() if case["kind"] == "second"]
AMPLIFIED = {"test_12"}
"""Where the engine's own second derivatives lose more than a few digits: the terms of its adjoints cancel."""


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", SECOND, ids=_id)
def test_second_derivatives_of_textbooks(case: dict[str, Any]) -> None:
    explanation = symdiff.explain(case["expr"], at=case["inputs"])
    assert explanation.forms is not None
    values = second_order(explanation.forms).values[case["wrt"], case["wrt"]]
    np.testing.assert_allclose(values, case["answer_value"], rtol=1e-12)


@pytest.mark.parametrize("case", SCALARS, ids=_id)
def test_textbooks_by_every_rule(case: dict[str, Any]) -> None:
    explanation = symdiff.explain(case["expr"], at=case["inputs"], wrt=[case["wrt"]])
    view = detailed(replace(explanation.explained, detail="rules", order=2))
    (rules,) = view.by_rules
    assert plain(rules.groups[-1].lines[-1].parts[-1]) == plain(view.gradients[0].general[-1])
    assert all(each.error_ulps is None or each.error_ulps <= 16 for each in view.hessians)
    assert "chain rule" in text(document(view)) or len(rules.groups) == 1


@pytest.mark.parametrize("equation", feynman(), ids=_id)
def test_second_derivatives_of_physics(equation: dict[str, Any]) -> None:
    point = equation["points"][0]
    explanation = symdiff.explain(equation["expr"], at=point.get("at") or point.get("values") or point["inputs"])
    view = detailed(replace(explanation.explained, detail="steps", order=2))
    count = len(view.inputs)
    assert len(view.hessians) == count * (count + 1) // 2
    if equation["id"] not in AMPLIFIED:
        assert all(each.error_ulps is None or each.error_ulps <= 64 for each in view.hessians)
