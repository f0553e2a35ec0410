"""The fixture `check_gradients`, its marker and its pages, in runs of pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[1]

TESTS = """
import numpy as np
import pytest

def loss(x):
    return np.sum(x * x)

def test_right(check_gradients):
    report = check_gradients(loss, np.array([1.0, 2.0]), gradient=lambda x: 2 * x)
    assert report.verdict == "agree"

def test_wrong(check_gradients):
    check_gradients(loss, np.array([1.0, 2.0]), gradient=lambda x: x * np.array([2.0, 3.0]))

def test_ours(check_gradients):
    check_gradients("sum(tanh(x))", at={"x": [0.5, -2.0]})

def test_without():
    pass

def by_result(x):
    return 1 - np.tanh(x) ** 2

@pytest.mark.gradients(strict=True, points=1)
def test_strict(check_gradients):
    check_gradients("tanh(x)", x=19.0, gradient=by_result)

def test_not_strict(check_gradients):
    check_gradients("tanh(x)", x=19.0, gradient=by_result)
"""


def is_installed() -> bool:
    return any(each.value == "symdiff.pytest_plugin" for each in entry_points(group="pytest11"))


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """A run of pytest on the tests above, in a process of its own, which has the environment's plugins."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(test_gradients=TESTS)
    # installed, the plugin is found by its entry point; here it is named, which comes to the same
    named = () if is_installed() else ("-p", "symdiff.pytest_plugin")
    return lambda *options: pytester.runpytest_subprocess(*named, "-p", "no:cacheprovider", *options)


def test_a_wrong_gradient_fails_in_words(run) -> None:
    result = run("-q", "-k", "right or wrong or ours")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "gradients disagree: loss(x)",
            "*worst element: x?1?: got 6.0, wanted 4.0",
            "*rounding explains*",
            "*wrong: 1 of 2 elements of x",
            "*derived by x: *2x*",
            "*symdiff.check_gradients(loss, np.array(?1.0, 2.0?), gradient=*",
        ]
    )
    assert "test_gradients.py:11: in" not in result.stdout.str()


def test_the_marker_selects_tests_and_has_their_options(run) -> None:
    result = run("-q", "-m", "gradients", "--strict-markers")
    result.assert_outcomes(passed=3, failed=2, deselected=1)
    result.stdout.fnmatch_lines(["gradients are right but imprecise: tanh(x)"])
    listed = run("--markers")
    listed.stdout.fnmatch_lines(["@pytest.mark.gradients(*"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_pages_of_failed_checks(run, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    if workers:
        pytest.importorskip("xdist")
    result = run("-q", "--gradient-report=pages", *workers)
    result.assert_outcomes(passed=4, failed=2)
    pages = sorted((pytester.path / "pages").iterdir())
    assert [page.name for page in pages] == ["test-gradients-test-strict.html", "test-gradients-test-wrong.html"]
    result.stdout.fnmatch_lines([f"its page: {pages[1]}"])
    result.stdout.fnmatch_lines(["*pages of failed gradient checks*", *(str(page) for page in pages)])
    text = pages[1].read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "got 6.0, wanted 4.0" in text


def test_a_page_that_cannot_be_written_hides_no_failure(run, pytester: pytest.Pytester) -> None:
    (pytester.path / "pages").write_text("a file")
    result = run("-q", "--gradient-report=pages", "-k", "wrong")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["gradients disagree: loss(x)", "its page could not be written to *"])


def test_nothing_is_imported_for_those_who_do_not_ask() -> None:
    script = (
        "import sys, pytest; before = set(sys.modules); import symdiff.pytest_plugin; "
        "assert not {'numpy', 'sympy', 'autodiff', 'symdiff.check'} & (set(sys.modules) - before)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
