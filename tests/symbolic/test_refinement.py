"""What extended precision leaves open in large programs: found by the error bound, counted, evaluated with mpmath."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.evaluation.evaluate import forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.precision import mp
from symdiff.evaluation.refinement import Refinement, TooMuch
from symdiff.evaluation.truth import EXACT_WORK, numbers
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function
from tests.symbolic.cases import CASES, Case
from tests.symbolic.closed_values import adjoint_values

MANY = 2 * EXACT_WORK
UNIT = 2.0**-53


def _derivation(function: Any, **inputs: Any) -> Derivation:
    return derive(symbolic_program(trace_function(function, (), inputs).graph))


def _cancelling(x: Any) -> Any:
    """Its gradient is 2*x, as the difference of two numbers near 2e8 where x is small."""
    return ad.sum((x + 1e8) ** 2 - 2e8 * x)


def test_elements_that_cancel_are_asked_for_and_refined() -> None:
    x = np.full(MANY, 1e9)
    x[::3000] = np.linspace(1e-3, 2e-3, len(x[::3000]))
    found = numbers(_derivation(_cancelling, x=x), UNIT)
    assert not found.small
    assert found.asked == found.refined == len(x[::3000])
    np.testing.assert_array_equal(found.gradients["x"][::3000], 2 * x[::3000])


def test_what_the_work_does_not_allow_is_counted_as_open() -> None:
    found = numbers(_derivation(_cancelling, x=np.linspace(1e-3, 2e-3, MANY)), UNIT)
    assert found.asked == MANY
    assert 0 < found.refined < found.asked


def test_nothing_is_asked_for_where_nothing_cancels() -> None:
    found = numbers(_derivation(lambda x: ad.mean(x * x), x=np.linspace(0.5, 1.5, MANY)), UNIT)
    assert (found.asked, found.refined) == (0, 0)


def test_an_element_that_depends_on_everything_is_left_open() -> None:
    derivation = _derivation(lambda x: ad.sum(ad.softmax(x) ** 2), x=np.linspace(-1.0, 1.0, MANY))
    refinement = Refinement(derivation, forward(derivation.program, Floats()), 1000)
    with pytest.raises(TooMuch):
        refinement.adjoint("x", (), (0,))


NO_ELEMENTS = {"inv", "det", "solve", "cholesky", "cumsum", "cumprod", "prod", "slogdet"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_chosen_elements_are_those_of_the_whole(case: Case) -> None:
    derivation = _derivation(case.program, **case.inputs)
    result = derivation.program.elements[derivation.program.result].shape
    refinement = Refinement(derivation, forward(derivation.program, Floats()), 200_000)
    for name in derivation.program.wrt:
        with mp.workprec(160):
            want = adjoint_values(derivation, name)
        for place in list(np.ndindex(*want.shape))[:: max(1, want.size // 5)]:
            try:
                got = refinement.adjoint(name, place[: len(result)], place[len(result) :])
            except TooMuch:
                assert _without_elements(derivation)
                return
            assert got == pytest.approx(float(want[place]), rel=1e-14, abs=1e-30)


def _without_elements(derivation: Derivation) -> bool:
    """Whether something in a program is defined by an equation, runs along an axis, or is a product of many."""
    return bool({element.operation for element in derivation.program.elements} & NO_ELEMENTS)
