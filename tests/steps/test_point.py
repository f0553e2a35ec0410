"""Formulas at a point: written for one index, and as the nearest floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff.at_point import Point
from symdiff.evaluation.truth import numbers
from symdiff.second_order import second_order
from tests.symbolic.cases import CASES, ROW, Case
from tests.symbolic.closed_values import closed

AT_A_JOINT = {"Huber loss"}
# a few elements of each pair of these are compared in test_second_order
LONG = {"two-layer perceptron", "attention"}
SMALL = [case for case in CASES if case.name not in AT_A_JOINT | LONG]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_first_derivatives_are_those_of_the_derivation(case: Case) -> None:
    forms = closed(case.program, **case.inputs)
    truth = numbers(forms.derivation, 2.0**-53).gradients
    point = Point(forms)
    for name, general in forms.general.items():
        places = list(np.ndindex(*truth[name].shape))
        for at in places[:: max(1, len(places) // 6)]:
            place = (i + 1 for i, n in zip(at, truth[name].shape, strict=True) if n != 1)
            letters = dict(zip(general.indices, place, strict=True))
            value = point.value(general.expression, letters, general.definitions)
            assert value == pytest.approx(truth[name][at], rel=1e-15, abs=1e-300)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_the_second_derivatives_are_the_engines(case: Case) -> None:
    found = second_order(closed(case.program, **case.inputs))
    values = [np.asarray(value, dtype=float) for value in case.inputs.values()]
    names = list(case.inputs)
    for (first, second), entries in found.values.items():
        slope = ad.jacobian(case.program, argnums=names.index(first))
        want = np.asarray(ad.jacobian(slope, argnums=names.index(second))(*values))
        np.testing.assert_allclose(entries, want, rtol=1e-12, atol=1e-13)
        assert found.elements[first, second].shape == want.shape


def hessian(program: Any, **inputs: Any) -> list[list[str]]:
    found = second_order(closed(program, **inputs)).elements["x", "x"]
    return [[str(entry) for entry in row] for row in found]


def test_elements_of_a_hessian_are_written_with_their_numbers() -> None:
    assert hessian(lambda x: ad.mean(x * x), x=ROW[:2]) == [["1", "0"], ["0", "1"]]
    across = "-p[1]*p[2]"
    assert hessian(lambda x: ad.logsumexp(x), x=ROW[:2]) == [["(1 - p[1])*p[1]", across], [across, "(1 - p[2])*p[2]"]]
    assert hessian(lambda x: ad.max(x * x), x=ROW[:3]) == [["0", "0", "0"], ["0", "0", "0"], ["0", "0", "2"]]


def test_short_sums_are_written_out_and_long_ones_stay() -> None:
    def program(x: Any) -> Any:
        return ad.sum(x) ** 3

    assert hessian(program, x=ROW[:2])[0][0] == "6*x[1] + 6*x[2]"
    assert hessian(program, x=np.ones(8))[0][0].startswith("6*x[1] + ")
    assert "Sum(x[i], (i, 1, 12))" in str(written(program, np.ones(12)))


def written(program: Any, x: Any) -> sp.Expr:
    forms = closed(program, x=x)
    general = second_order(forms).general["x", "x"]
    return Point(forms).written(general.expression, dict.fromkeys(general.indices, 1), general.definitions)


def test_large_inputs_have_no_entries() -> None:
    found = second_order(closed(lambda x: ad.sum(x**3), x=np.ones(9)))
    assert not found.elements
    assert not found.values
    assert found.general


def test_a_value_that_cancels_is_exact() -> None:
    forms = closed(lambda x: ad.var(x), x=np.array([1e8, 1e8 + 1.0]))
    general = forms.general["x"]
    (k,) = general.indices
    assert Point(forms).value(general.expression, {k: 1}, general.definitions) == -0.5


def test_what_is_not_finite_is_so() -> None:
    forms = closed(lambda x: ad.sum(ad.log(x)), x=np.array([1.0, -1.0, 0.0]))
    general = forms.general["x"]
    values = [Point(forms).value(general.expression, {general.indices[0]: i}, general.definitions) for i in (1, 2, 3)]
    assert values[:2] == [1.0, -1.0]
    assert math.isinf(values[2])
