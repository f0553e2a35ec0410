"""NumPy's less common functions: both ways agree on what they are composed of."""

from __future__ import annotations

from typing import Any

import pytest

import symdiff
from tests.engine.test_numpy_rest import FUNCTIONS, GAPS, MISSING, X, weighted

AGREE = (
    "gradient with spacings", "gradient by the places", "gradient with better edges over places", "cross with axes",
    "einsum of lists with dots", "sums of stretches along an axis", "largest of stretches", "add.at", "multiply.at",
    "angle", "vectorize",
)  # fmt: skip


@pytest.mark.parametrize("f", [FUNCTIONS[name] for name in AGREE], ids=AGREE)
def test_both_ways_agree(f: Any) -> None:
    report = symdiff.check_gradients(lambda x: weighted(f(x)), X)
    assert report.verdict == "agree", str(report)


@pytest.mark.parametrize("name", ["nanmean", "nanmax along an axis", "nanstd, axes kept", "nanmedian", "nan_to_num"])
def test_both_ways_agree_of_missing_data(name: str) -> None:
    report = symdiff.check_gradients(lambda x: weighted(MISSING[name](x)), GAPS)
    assert report.verdict == "agree", str(report)
