"""The pytest plugin: a fixture that checks gradients, whose failure tells which element is wrong, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from symdiff.agreement.report import GradientReport

__all__ = ["check_gradients"]


@pytest.fixture
def check_gradients() -> Callable[..., GradientReport]:
    """A function that checks gradients as `symdiff.check_gradients` does, and fails the test where they are wrong.

    >>> def test_my_gradient(check_gradients):
    ...     check_gradients(loss, x, W, gradient=my_gradient)
    """

    def check(function: str | Callable[..., Any], *args: object, **options: Any) -> GradientReport:
        __tracebackhide__ = True
        # sympy is imported by the tests that use it, not by every run of pytest
        from symdiff.check import check_gradients as checked

        report = checked(function, *args, **options)
        if not report.ok:
            pytest.fail(report.failure(), pytrace=False)
        return report

    return check
