"""High precision: doubled until what is computed stands still, and no further than is said."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import autodiff as ad
from symdiff import check_gradients
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.precision import PRECISIONS, mp, settled


def bits_taken(stands: bool, most: int = PRECISIONS[-1]) -> list[int]:
    taken: list[int] = []

    def compute() -> int:
        taken.append(mp.prec)
        return len(taken)

    assert settled(compute, lambda before, now: stands, most) == len(taken)
    return taken


def test_what_never_stands_still_is_left_at_the_last_precision() -> None:
    assert bits_taken(False) == list(PRECISIONS) == [125, 250, 500, 1000, 2000]
    assert bits_taken(False, 1000) == [125, 250, 500, 1000]


def test_what_stands_still_is_computed_twice() -> None:
    before = mp.prec
    assert bits_taken(True) == [125, 250]
    assert mp.prec == before


def test_a_sum_that_cancels_takes_the_bits_that_it_needs() -> None:
    assert settled(lambda: float((mp.mpf(10) ** 60 + mp.pi) - mp.mpf(10) ** 60), float.__eq__) == 3.141592653589793


Z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("formula", "factor", "more"),
    [(sp.erfc(-Z), 1.0, 0), (sp.erfc(-Z) / 4, 0.25, 0), (Z + sp.erfc(-Z) / 2, 0.5, 1), (3 - sp.erfc(Z), 1.0, 0)],
)
def test_a_complement_is_no_difference_from_2(formula: sp.Expr, factor: float, more: int) -> None:
    """sympy writes ``erfc(-z)`` as ``2 - erfc(z)``, which is 0 at every precision where z is far to the left."""
    assert formula.has(sp.erfc(Z))
    with mp.workprec(125):
        found = formula_value(Exact(), formula, {Z: Exact().load(np.array([-30.0, 1.0]))})
        for value, z in zip(found, (-30, 1), strict=True):
            want = factor * mp.erfc(-z) + more * z + (formula == 3 - sp.erfc(Z))
            assert abs(value - want) <= abs(want) * mp.mpf(2) ** -120


def test_far_out_in_the_tail_of_the_normal_distribution() -> None:
    report = check_gradients(lambda x: ad.sum(ad.log_ndtr(x)), np.array([-1953.0, -2.3e7, 1787.0]))
    assert report.verdict == "agree"
    np.testing.assert_allclose(report.inputs["x"].symbolic, [1953.0 + 1 / 1953.0, 2.3e7 + 1 / 2.3e7, 0.0], rtol=1e-9)


def test_the_root_of_a_norm_is_no_rounded_exponent() -> None:
    """Of 1e441, a third that is off by 1.9e-17 would cost two digits."""
    report = check_gradients(lambda x: ad.norm(x, 3), np.array([-1.3e107, -3.9e147, 5.7e77]))
    assert report.verdict == "agree"
    assert report.inputs["x"].symbolic[1] == -1.0
