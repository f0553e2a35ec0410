"""The fixture `check_gradients`, in a run of pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TESTS = """
import numpy as np

def loss(x):
    return np.sum(x * x)

def test_right(check_gradients):
    report = check_gradients(loss, np.array([1.0, 2.0]), gradient=lambda x: 2 * x)
    assert report.verdict == "agree"

def test_wrong(check_gradients):
    check_gradients(loss, np.array([1.0, 2.0]), gradient=lambda x: x * np.array([2.0, 3.0]))

def test_ours(check_gradients):
    check_gradients("sum(tanh(x))", at={"x": [0.5, -2.0]})
"""


def test_a_wrong_gradient_fails_in_words(tmp_path: Path) -> None:
    (tmp_path / "test_gradients.py").write_text(TESTS)
    script = f"import sys, pytest; sys.path.insert(0, {str(ROOT)!r}); sys.exit(pytest.main(sys.argv[1:]))"
    # installed, the plugin is found by its entry point; here it is named, which comes to the same
    named = [] if _is_installed() else ["-p", "symdiff.pytest_plugin"]
    command = [sys.executable, "-c", script, *named, "-p", "no:cacheprovider", "-q", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "gradients disagree: loss(x)" in done.stdout
    assert "worst element: x[1]: got 6.0, wanted 4.0" in done.stdout
    assert "rounding explains" in done.stdout


def _is_installed() -> bool:
    from importlib.metadata import entry_points

    return any(each.value == "symdiff.pytest_plugin" for each in entry_points(group="pytest11"))
