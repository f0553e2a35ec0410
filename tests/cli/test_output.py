"""Files appear whole or not at all, and a folder that cannot be written to is told of before anything is computed."""

from __future__ import annotations

import os
import socket
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


def test_through_a_link_to_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "real.txt"
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    for text in (b"first", b"second"):  # dangling, then not
        with whole_file(link) as file:
            file.write(text)
        assert link.is_symlink()
        assert target.read_bytes() == text
    assert os.listdir(tmp_path / "elsewhere") == ["real.txt"]


def test_the_mode_of_what_was_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("before")
    (tmp_path / "a.txt").chmod(0o604)
    with whole_file(tmp_path / "a.txt") as file:
        file.write(b"after")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o604
    assert (tmp_path / "a.txt").read_text() == "after"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def _read_only(path: Path) -> None:
    path.write_text("mine")
    path.chmod(0o444)


def _link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


def _circle(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.skipif(os.name != "posix", reason="there are no such files")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_pipe, "no regular file"),
        (_socket, "no regular file"),
        (_link_to_a_device, "no regular file"),
        (_read_only, "is read-only"),
        (_circle, "cannot be a file"),
    ],
)
def test_what_is_no_regular_file_or_read_only_stays(
    symdiff: Run, explanation: Recorder, tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "a.html"
    make(path)
    before = path.lstat()
    result = symdiff("explain", "x", "--at", "x=1", "-o", str(path))
    assert (result.status, result.out) == (2, "")
    assert words in result.err
    assert result.err.count("\n") == 1
    assert explanation.calls == []
    assert path.lstat() == before
    assert os.listdir(tmp_path) == ["a.html"]


def test_a_name_that_no_file_can_have(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    result = symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / ("n" * 300 + ".html")))
    assert result.status == 2
    assert "give another name" in result.err
    assert result.err.count("\n") == 1
    with pytest.raises(InputError, match="give another name"), whole_file(tmp_path / "\0.html"):
        pass


def test_a_name_is_shown_and_not_obeyed(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    result = symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "\x1b[31m.html"))
    assert result.status == 0
    assert r"\u001b[31m.html: agree" in result.out
    assert "\x1b" not in symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.\x1b[31m")).err


def test_the_document_is_made_before_its_file(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    seen: list[list[str]] = []
    explanation.before = lambda: seen.append(os.listdir(tmp_path))
    assert symdiff("explain", "x", "--at", "x=1", "-o", str(tmp_path / "a.html")).status == 0
    assert seen == [[]]


def test_the_file_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr("os.fsync", lambda number: (steps.append("fsync"), fsync(number)))
    monkeypatch.setattr("os.replace", lambda *names: (steps.append("replace"), replace(*names)))
    with whole_file(tmp_path / "a.txt") as file:
        file.write(b"text")
    assert steps == ["fsync", "replace"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    full = pytest.raises(InputError, match=r"a\.txt cannot be written \(no space left on device\)")
    with full, whole_file(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []
