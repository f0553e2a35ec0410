"""Checks that cost little: what is kept of large ones, and what lies beyond floats on the way."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from symdiff import check_gradients
from symdiff.agreement.rounding import ulp
from symdiff.agreement.verdict import Verdict, everywhere, found_in
from symdiff.calculus.chain_rule import derive
from symdiff.evaluation.refinement import dependence
from symdiff.evaluation.truth import REFINED_WORK
from symdiff.frameworks.trace import trace
from symdiff.meaning.program import symbolic_program

RNG = np.random.default_rng(4)


def test_one_verdict_everywhere_takes_no_memory_and_reads_as_any() -> None:
    verdicts = everywhere(Verdict.AGREE, (300, 400))
    assert not any(verdicts.strides)
    assert found_in(verdicts) == {"agree"}
    assert (verdicts == "agree").all()


def test_a_large_check_compares_every_element() -> None:
    x = RNG.normal(size=100_000)
    wrong = 2 * x / x.size
    wrong[77_777] *= 1 + 1e-10
    report = check_gradients(lambda x: ad.mean(x * x), x, gradient=wrong)
    assert report.inputs["x"].wrong == 1
    assert report.worst is not None
    assert report.worst.index == (77_777,)


@pytest.mark.parametrize(("text", "at"), [("log_ndtr(x)", -1e100), ("log_ndtr(x)", -1e150), ("gelu(x)", -1e300)])
def test_what_floats_round_to_nothing_on_the_way_is_settled_all_the_same(text: str, at: float) -> None:
    report = check_gradients(text, at={"x": at})
    assert report.verdict == "agree"


def test_units_in_the_last_place() -> None:
    sizes = 2.0 ** RNG.uniform(-1000, 1000, size=1000)
    assert np.array_equal(ulp(sizes, 2.0**-53), np.spacing(sizes))
    assert np.array_equal(ulp(sizes[:1] * 0, 2.0**-53), [5e-324])
    assert ulp(np.array([np.inf, np.nan]), 2.0**-53).tolist() == [np.spacing(1.7e308), 5e-324]


def attention(Q, K, V):
    E = ad.exp(Q @ K.T / 8.0)
    return ad.sum((E / ad.sum(E, axis=1, keepdims=True) @ V) ** 2)


def test_what_depends_on_everything_is_not_evaluated_again_one_by_one() -> None:
    matrices = [RNG.normal(size=(40, 40)) for _ in range(3)]
    large = derive(symbolic_program(trace(attention, matrices, {}, None).graph))
    local = derive(symbolic_program(trace(lambda x: ad.sum(x * x), matrices[:1], {}, None).graph))
    assert dependence(local)["x"] < 20
    assert min(dependence(large).values()) > REFINED_WORK
    assert check_gradients(attention, *matrices).verdict == "agree"
