"""What SciPy's functions and Python's math say of tensors is said in a refusal to explain as well."""

from __future__ import annotations

import pytest

import symdiff
from symdiff.errors import FunctionError
from tests.engine.test_foreign import WORDS, Held, X


@pytest.mark.parametrize("name", ["norm.cdf", "triangular", "math.exp"])
def test_an_explanation_says_the_same(name: str) -> None:
    f, words = WORDS[name]
    with pytest.raises(FunctionError, match=words):
        symdiff.check_gradients(Held(f), X)


@pytest.mark.parametrize("name", ["norm.cdf", "triangular", "math.exp", "frozen"])
def test_what_ours_stands_in_for_is_explained(name: str) -> None:
    f, _ = WORDS[name]
    explanation = symdiff.explain(f, X)
    assert explanation.report.verdict == "agree"
    assert "unsupported" not in explanation.to_text()
