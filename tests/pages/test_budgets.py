"""How long a page may be: on paper, in bytes, and in numbers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import symdiff
from tests.pages.test_browser import MORE
from tests.pages.test_lines import PAGES

BYTES = 250_000
PAPER = {"opening": ("No tolerance", 2), "perceptron of one output": ("Do both ways agree", 5)}
"""By page the last words of what counts, and the sheet on which they must stand; the perceptron should take four."""

ONE_OUTPUT = (
    "h = tanh(X @ W + b); mean((h @ v - t)**2)",
    {"X": MORE["perceptron"][1]["X"], "W": MORE["perceptron"][1]["W"][:, :2], "b": [0.1, -0.2], "v": [0.5, -1.0],
     "t": [0.0, 1.0, 0.0, 1.0, 1.0]},
)  # fmt: skip


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("name", PAPER)
def test_the_derivation_fits_its_sheets(name: str, tmp_path: Path) -> None:
    """What stands before the code to run and the glossary, which do not count."""
    words, most = PAPER[name]
    expression, values = PAGES.get(name) or ONE_OUTPUT
    (tmp_path / "page.tex").write_text(symdiff.explain(expression, at=values).to_latex(), encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0
    read = ["pdftotext", "page.pdf", "-"]
    text = subprocess.run(read, cwd=tmp_path, capture_output=True, timeout=60, check=True).stdout.decode()
    sheets = text.split("\f")
    (last,) = [number for number, sheet in enumerate(sheets, 1) if words in re.sub(r"\s+", " ", sheet)]
    assert last <= most


def test_the_opening_page_is_small() -> None:
    expression, values = PAGES["opening"]
    for language in ("en", "zh"):
        assert len(symdiff.explain(expression, at=values).to_html(language).encode()) <= BYTES


def test_of_a_thousand_elements_few_are_told() -> None:
    page = symdiff.explain("y = x * x; mean(y)", x=np.linspace(-3, 3, 1000)).to_text()
    assert len(re.findall(r"\d+\.\d+", page)) < 200
