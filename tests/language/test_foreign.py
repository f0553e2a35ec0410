"""What SciPy's functions and Python's math say of tensors is said in a refusal to explain as well."""

from __future__ import annotations

import pytest

import symdiff
from symdiff.errors import FunctionError
from tests.engine.test_foreign import WORDS, X


@pytest.mark.parametrize("name", ["norm.cdf", "triangular", "math.exp"])
def test_an_explanation_says_the_same(name: str) -> None:
    f, words = WORDS[name]
    with pytest.raises(FunctionError, match=words):
        symdiff.check_gradients(f, X)
