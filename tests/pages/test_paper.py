"""The pages as LaTeX: nothing stands out of the margin."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import symdiff
from tests.pages.test_browser import MORE
from tests.pages.test_lines import PAGES

NAMES = ["opening", "max with ties", "where", "logistic", "cross-entropy", "perceptron"]
ALLOWED = 2.0
"""Nobody sees so many points."""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_nothing_stands_out_of_the_margin(name: str, tmp_path: Path) -> None:
    expression, values = PAGES.get(name) or MORE[name]
    (tmp_path / "page.tex").write_text(symdiff.explain(expression, at=values).to_latex(), encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert [size for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(size) > ALLOWED] == []
