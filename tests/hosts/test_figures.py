"""The figures of the documents are those of the results that the repository keeps."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
figures = importlib.import_module("figures")
sys.path.remove(str(ROOT / "benchmarks"))
BLOCKS = {path.name: figures.BLOCK.findall(path.read_text(encoding="utf-8")) for path in figures.DOCUMENTS}


@pytest.mark.parametrize("path", figures.DOCUMENTS, ids=lambda path: path.name)
def test_figures_are_those_of_the_results(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert figures.filled(text) == text, "make figures writes them anew"


def test_every_figure_stands_somewhere() -> None:
    names = [name for found in BLOCKS.values() for _, name, _ in found]
    assert sorted(names) == sorted(figures.FIGURES)
    assert len(re.findall("^- ", figures.five(), re.MULTILINE)) == 5


def test_a_figure_that_was_typed_is_seen() -> None:
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    least = figures.ratio(figures.SMALL, "autodiff")
    assert figures.filled(text.replace(f" {least} times", " 1.1 times")) == text
    assert text.replace(f" {least} times", " 1.1 times") != text


def test_times_hold_nothing_that_was_not_measured() -> None:
    for name in ("engine", "accuracy", "derive", "startup"):
        found = figures.kept(name)
        assert found["with"]["date"] > "2026"
        assert found["with"]["packages"]["numpy"]
