"""The pytest plugin: a fixture that checks gradients, whose failure tells which element is wrong, by how much, and why.

``pytest -m gradients`` runs the tests that use it, ``pytest --gradient-report=FOLDER`` writes a page of every check
that fails. Nothing of symdiff is imported before a test asks for the fixture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from symdiff.agreement.report import GradientReport

__all__ = ["check_gradients"]

FIXTURE, MARKER, WRITTEN = "check_gradients", "gradients", "gradient report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--gradient-report``."""
    group = parser.getgroup("symdiff", "gradients checked against their derivation")
    group.addoption(
        "--gradient-report",
        metavar="FOLDER",
        default=None,
        help="write the page of every failed check of a gradient to this folder, and say where",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and the folder's path absolute before workers are told of it."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(points=4, strict=False, ...): a test that checks gradients; options of check_gradients for all its "
        f"checks. Tests that use the fixture {FIXTURE} have it by themselves: pytest -m {MARKER}",
    )
    folder = config.getoption("gradient_report", None)
    if folder:
        config.option.gradient_report = str(config.invocation_params.dir / folder)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests that use the fixture are marked."""
    if FIXTURE in getattr(item, "fixturenames", ()) and item.get_closest_marker(MARKER) is None:
        item.add_marker(MARKER)


@pytest.fixture
def check_gradients(request: pytest.FixtureRequest) -> Callable[..., GradientReport]:
    """A function that checks gradients as `symdiff.check_gradients` does, and fails the test where they are wrong.

    The marker ``gradients`` has options for all checks of a test: ``@pytest.mark.gradients(points=1, strict=True)``.

    >>> def test_my_gradient(check_gradients):
    ...     check_gradients(loss, x, W, gradient=my_gradient)
    """
    marker = request.node.get_closest_marker(MARKER)
    defaults = dict(marker.kwargs) if marker is not None else {}

    def check(function: str | Callable[..., Any], *args: object, **options: Any) -> GradientReport:
        __tracebackhide__ = True
        # sympy is imported by the tests that use it, not by every run of pytest
        from symdiff.check import check_gradients as checked

        report = checked(function, *args, **{**defaults, **options})
        if not report.ok:
            pytest.fail(f"{report.failure()}{_written(report, request)}", pytrace=False)
        return report

    return check


def _written(report: GradientReport, request: pytest.FixtureRequest) -> str:
    """Write the page of a failed check where they are asked for, and say where."""
    folder = request.config.getoption("gradient_report", None)
    if not folder:
        return ""
    properties = request.node.user_properties
    number = sum(name == WRITTEN for name, _ in properties)
    name = re.sub(r"[^A-Za-z0-9]+", "-", request.node.nodeid.replace(".py::", "-")).strip("-")[:150]
    path = Path(folder) / f"{name}{f'-{number + 1}' if number else ''}.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        report.save(path)
    except Exception as error:  # that a page cannot be written hides no failure
        return f"\n\nits page could not be written to {path}: {error}"
    properties.append((WRITTEN, str(path)))
    return f"\n\nits page: {path}"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the pages are, those of other processes, too."""
    if not config.getoption("gradient_report", None):
        return
    failed: Sequence[Any] = terminalreporter.stats.get("failed", [])
    pages = sorted(path for report in failed for name, path in report.user_properties if name == WRITTEN)
    if pages:
        terminalreporter.section("pages of failed gradient checks")
        for path in pages:
            terminalreporter.line(path)
