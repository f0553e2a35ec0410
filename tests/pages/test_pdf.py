"""PDF straight: TeX runs in a folder of its own, starts nothing, ends in time, and says in one line what is missing."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

import symdiff
from symdiff.deadline import Deadline, TimeLimit
from symdiff.errors import InputError
from symdiff.pages import pdf as pdf_pages
from symdiff.pages.pdf import compiled
from tests.pages.test_lines import PAGES

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
BODY = r"\documentclass{article}%s\begin{document}%s\end{document}"


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path, monkeypatch):
    """Folders are made in a place of the test's, which is empty when it ends."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert os.listdir(place) == []


@needs_tex
def test_a_page_is_saved_whole_and_the_same_again(tmp_path: Path) -> None:
    text, at = PAGES["opening"]
    symdiff.explain(text, at=at).save(tmp_path / "a.pdf")
    symdiff.explain(text, at=at).save(tmp_path / "b.pdf")
    found = (tmp_path / "a.pdf").read_bytes()
    assert found.startswith(b"%PDF-")
    assert found.rstrip().endswith(b"%%EOF")
    assert found == (tmp_path / "b.pdf").read_bytes()


def test_where_there_is_no_tex_one_line_says_what_installs_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"^pdflatex is not installed.*(apt-get install|brew install|winget)") as told:
        symdiff.explain("x * x", x=1.0).save(tmp_path / "a.pdf")
    assert "\n" not in str(told.value)
    assert not (tmp_path / "a.pdf").exists()


@needs_tex
def test_a_missing_package_is_named() -> None:
    with pytest.raises(InputError, match=r"does not find nosuchpackage\.sty.*install"):
        compiled(BODY % (r"\usepackage{nosuchpackage}", "x"))


@needs_tex
def test_what_tex_complains_of_is_told_in_one_line() -> None:
    with pytest.raises(InputError, match="Undefined control sequence") as told:
        compiled(BODY % ("", r"\nosuchcommand"))
    assert "\n" not in str(told.value)


@needs_tex
def test_tex_starts_no_program_and_writes_nowhere_else(tmp_path: Path) -> None:
    run = rf"\immediate\write18{{touch {tmp_path}/run}}x"
    assert compiled(BODY % ("", run)).startswith(b"%PDF-")
    assert not (tmp_path / "run").exists()
    outside = rf"\newwrite\file\immediate\openout\file={tmp_path}/out.txt \immediate\write\file{{x}}x"
    with pytest.raises(InputError):
        compiled(BODY % ("", outside))
    assert not (tmp_path / "out.txt").exists()


@needs_tex
def test_what_does_not_end_is_ended(monkeypatch) -> None:
    monkeypatch.setattr(pdf_pages, "SECONDS", 0.5)
    endless = BODY % ("", r"\loop\iftrue\repeat")
    with pytest.raises(InputError, match="did not end within"):
        compiled(endless)
    with pytest.raises(TimeLimit), Deadline(0.2).at_work():
        compiled(endless)
