"""What the page says of other sizes is what an explanation at these sizes finds."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff
from symdiff.printing.plain import plain


@pytest.mark.parametrize("text", ["y = x * x; mean(y)", "mean(3 * x)", "sum(x ** 2) / 2 - mean(x)"])
def test_the_formula_at_other_sizes(text: str) -> None:
    found = symdiff.explain(text, x=[0.0, 1, 2, 3]).view.every_size
    assert [plain(n) for n, _ in found.rows] == ["4", "10", "1000"]
    for n, formula in found.rows:
        size = int(plain(n))
        x = np.full(size, 0.75)
        want = symdiff.explain(text, x=x).gradients["x"][size // 2]
        written = plain(formula).replace("xₖ", "*0.75").replace("−", "-").replace("·", "*").lstrip("*")
        assert eval(written) == pytest.approx(want, rel=1e-9)  # noqa: S307 - a formula of ours


def test_the_step_that_brings_it_in_is_named() -> None:
    page = symdiff.explain("y = x * x; mean(y)", x=[0.0, 1, 2, 3]).to_text()
    assert "It comes into the formula with\nstep 2, mean(y)" in page
    assert "For every n" not in symdiff.explain("sum(x * x)", x=[0.0, 1]).to_text()
