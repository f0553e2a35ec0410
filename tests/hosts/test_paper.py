"""On paper nothing is broader than its line, by TeX's own measure, and the opening example is told in two sheets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import symdiff
from symdiff.pages.latex import breakable
from tests.picture.gallery import CASES

MOST = 2.0
"""So many points may stand out."""

SLOPES = "sum(abs(x) + relu(x) + maximum(x, 0) + clip(x, 0, 1))"
LAYER = (
    "gamma * (X - mean(X, axis=1, keepdims=True)) / sqrt(var(X, axis=1, keepdims=True) + 0.00001) + bias_of_the_layer"
)
ROWS = [[1.0, 2.0, -1.0], [0.5, 0.25, 2.0]]
BROAD: dict[str, tuple[str, dict[str, Any], int]] = {
    "a sum of many cases": (SLOPES, {"x": [0.0, 1.0, -1.0]}, 1),
    "cases in a chain": (*CASES["slices"], 1),
    "a product of long names": (*CASES["long names"], 1),
    "a fraction as broad as two lines": ("sum(cholesky(A))", {"A": [[2.0, 0.5], [0.5, 3.0]]}, 2),
    "a long title": (LAYER, {"X": ROWS, "gamma": 2.0, "bias_of_the_layer": 0.5}, 1),
}


def overfull(source: str, program: str, folder: Path) -> list[str]:
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0
    log = (folder / "page.log").read_text(errors="replace")
    assert "Missing character" not in log
    return [found[0] for found in re.findall(r"(Overfull \\[hv]box \(([\d.]+)pt.*)", log) if float(found[1]) > MOST]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", BROAD)
def test_nothing_stands_out_of_its_line(name: str, language: str, tmp_path: Path, require_tool) -> None:
    expression, at, order = BROAD[name]
    program = require_tool("xelatex" if language == "zh" else "pdflatex")
    source = symdiff.explain(expression, at=at, order=order).to_latex(language)
    assert overfull(source, program, tmp_path) == []


def test_what_stands_out_is_seen(tmp_path: Path, require_tool) -> None:
    source = r"\documentclass{article}\begin{document}\hbox to \hsize{\hskip 2\hsize}\end{document}"
    assert len(overfull(source, require_tool("pdflatex"), tmp_path)) == 1


def test_code_is_broken_behind_signs_and_never_within_a_number() -> None:
    assert breakable("mean(x, axis=1)") == r"mean(\allowbreak{}x, axis=\allowbreak{}1)"
    assert breakable("1.7707060600302227") == "1.7707060600302227"
    assert breakable("mean(x)") == "mean(x)"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_opening_example_is_derived_on_two_sheets(
    browser: Any, language: str, require_tool, tmp_path: Path
) -> None:
    """The comparison of both ways begins the third: with it is what to try."""
    page = browser.new_page()
    page.set_content(symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3]).to_html(language))
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    page.close()
    told = subprocess.run([require_tool("pdftotext"), "page.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    sheets = told.stdout.decode().split("\f")[:-1]
    assert len(sheets) <= 3
    assert {"en": "For every", "zh": "对任意"}[language] in sheets[1]
