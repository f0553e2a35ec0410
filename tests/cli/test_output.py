"""Files appear whole or not at all, and a folder that cannot be written to is told of before anything is computed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from symdiff.errors import InputError
from symdiff.output import format_of, whole_file
from tests.cli.conftest import Recorder, Result

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", "html"),
        ("a.HTM", "html"),
        ("a.tex", "latex"),
        ("a.md", "markdown"),
        ("a.json", "json"),
        ("a.txt", "text"),
    ],
)
def test_the_suffix_decides(symdiff: Run, explanation: Recorder, tmp_path: Path, name: str, form: str) -> None:
    result = symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / name))
    assert result == Result(0, f"{tmp_path / name}: agree\n", "")
    assert (tmp_path / name).read_text(encoding="utf-8") == f"as {form} ∂\n"
    assert os.listdir(tmp_path) == [name]


def test_format_decides_where_the_suffix_says_nothing() -> None:
    assert format_of(Path("page"), "html").name == "html"
    assert format_of(None, None).name == "text"
    assert format_of(Path("a.tex"), "latex").name == "latex"


def test_a_report_that_is_not_ok_is_written_all_the_same(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    explanation.ok = False
    assert symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.html")).status == 1
    assert (tmp_path / "a.html").exists()


@pytest.mark.parametrize("error", [InputError("wrong"), KeyboardInterrupt(), MemoryError()])
def test_nothing_is_left_when_it_fails(
    symdiff: Run, explanation: Recorder, tmp_path: Path, error: BaseException
) -> None:
    (tmp_path / "a.html").write_text("what was there before")
    explanation.error = error
    assert symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.html")).status in (2, 130)
    assert symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "b.html")).status in (2, 130)
    assert os.listdir(tmp_path) == ["a.html"]
    assert (tmp_path / "a.html").read_text() == "what was there before"


def test_a_folder_that_cannot_be_written_to(
    symdiff: Run, explanation: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("symdiff.output.os.open", refuse)  # whoever runs the tests may be allowed to write everywhere
    result = symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.html"))
    assert result.status == 2
    assert "cannot be written to (permission denied)" in result.err
    assert explanation.calls == []


def test_a_folder_in_the_place_of_the_file(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    (tmp_path / "a.html").mkdir()
    assert "is a folder" in symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.html")).err


def test_the_demo_s_folder_may_not_be_a_file(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = symdiff("demo", "-o", str(tmp_path / "file"))
    assert result.status == 2
    assert "cannot be made (file exists)" in result.err


def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "a.txt") as file:
            file.write(b"text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640
