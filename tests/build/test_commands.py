"""The commands as a whole: exit statuses, what is printed, JUnit's XML, what is found out before the work begins."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symdiff import cli
from symdiff.build.commands import are_cases
from tests.build.inline import contents

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def symdiff(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        status = cli.run([str(each) for each in arguments])
        return (status, *capfd.readouterr())

    return run


AGREES = {"expression": "x * x", "at": {"x": 3}, "title": "Square"}
DISAGREES = {"expression": "log(x)", "at": {"x": 0}, "title": "<Log> & co"}
WRONG = {"expression": "x y", "at": {"x": 0}}


def written(path: Path, cases: Sequence[object]) -> Path:
    path.write_text("".join(f"{case if isinstance(case, str) else json.dumps(case)}\n" for case in cases))
    return path


def test_build_and_check(symdiff: Run, tmp_path: Path) -> None:
    cases = written(tmp_path / "c.jsonl", [AGREES, DISAGREES, WRONG, "{"])
    (tmp_path / "more.py").write_text("import symdiff\n@symdiff.case(x=2.0)\ndef double(x): return 2 * x\n")
    more = tmp_path / "more.py"
    status, out, _ = symdiff("build", cases, more, "-o", tmp_path / "site", "--jobs", 2, "--language", "zh")
    assert status == 1
    assert out.splitlines()[0] == "5 cases (3 made now, 0 as before): 2 agree, 1 undefined, 2 not made"
    assert f"<Log> & co ({cases}, line 2): undefined" in out
    assert f"{cases}, line 4: wrong input: not JSON" in out
    assert 'lang="zh-Hans"' in (tmp_path / "site" / "double.html").read_text()
    status, out, _ = symdiff("check", cases, more, "--junit", tmp_path / "report.xml", "--jobs", 1)
    assert status == 1
    rows = [line.split() for line in out.splitlines() if line and not line.startswith(" ")]
    assert [row[0] for row in rows] == ["agree", "undefined", "not", "not", "agree", "5"]
    assert "log gives -inf" in out
    _check_junit(tmp_path / "report.xml", cases)


def _check_junit(path: Path, cases: Path) -> None:
    suites = ElementTree.parse(path).getroot()
    (suite,) = suites
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "2")
    assert [case.get("name") for case in suite] == ["Square", "<Log> & co", "x y", f"{cases}, line 4", "double"]
    assert [[part.tag for part in case] for case in suite] == [
        ["system-out"], ["failure", "system-out"], ["error", "system-out"], ["error", "system-out"], ["system-out"],
    ]  # fmt: skip
    assert "verdict: undefined" in (suite[1][0].text or "")
    assert suite[3][0].get("type") == "wrong"


def test_the_status_of_a_build(symdiff: Run, tmp_path: Path) -> None:
    assert symdiff("build", written(tmp_path / "a.jsonl", [AGREES]), "-o", tmp_path / "a")[0] == 0
    assert symdiff("build", written(tmp_path / "b.jsonl", [WRONG, "{"]), "-o", tmp_path / "b", "--jobs", 1)[0] == 2


def test_an_empty_file_makes_an_empty_site(symdiff: Run, tmp_path: Path) -> None:
    status, out, _ = symdiff("build", written(tmp_path / "a.jsonl", []), "-o", tmp_path / "a")
    assert (status, out) == (0, "0 cases (0 made now, 0 as before): nothing\n")
    assert (tmp_path / "a" / "index.html").exists()


def test_a_corpus_by_the_command(symdiff: Run, tmp_path: Path) -> None:
    cases = written(tmp_path / "a.jsonl", [{**AGREES, "title": f"{n}"} for n in range(3)])
    assert symdiff("build", cases, "-o", tmp_path / "a", "--format", "jsonl", "--shard", 2, "--jobs", 1)[0] == 0
    assert {"corpus-00000.jsonl", "corpus-00001.jsonl", "corpus.json"} <= set(contents(tmp_path / "a"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "c.jsonl", "-o", "site", "--format", "jsonl", "--format", "html"], "in a command of their own"),
        (["build", "c.jsonl", "-o", "site", "--language", "tlh"], "language 'tlh'"),
        (["build", "c.jsonl", "-o", "site", "--timeout", "0"], "--timeout 0"),
        (["build", "c.jsonl", "-o", "site", "--memory", "0"], "--memory"),
        (["build", "c.jsonl", "-o", "site", "--shard", "0"], "--shard"),
        (
            ["build", "c.jsonl", "-o", "site", "--jobs", "1", "--dask", "tcp://localhost:1"],
            "give one of --jobs, --dask",
        ),
        (["build", "missing.jsonl", "-o", "site"], "cannot be read (no such file or directory)"),
        (["build", "c.jsonl", "-o", "c.jsonl"], "is no folder"),
        (["build", "c.jsonl"], "-o"),
        (["build", "-o", "site"], "CASES"),
        (["check", "c.jsonl", "--at", "x=1"], "are for one expression"),
        (["check", "x", "y"], "2 expressions are given"),
        (["check", "x", "--at", "x=1", "--junit", "r.xml"], "--junit is for files of cases"),
        (["check", "c.jsonl", "--junit", "no/where.xml"], "make it first"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_written(
    symdiff: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "c.jsonl", [AGREES])
    status, out, err = symdiff(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "site" / "index.html").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_found_out_first(symdiff: Run, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    status, _, err = symdiff("build", written(tmp_path / "c.jsonl", [AGREES]), "-o", folder / "site")
    assert status == 2
    assert "the folder cannot be written to (permission denied)" in err


def test_files_of_cases_are_told_from_expressions() -> None:
    assert are_cases(["a.toml", "b.jsonl", "c.JSON", "d.py"])
    assert not any(are_cases([text]) for text in ("x * x", "d.py:f", "x.T", "sum(x.json)", ""))


def test_progress_in_plain_lines(tmp_path: Path) -> None:
    from symdiff.build.progress import Progress

    progress = Progress(10)
    progress._began -= 2.0
    for _ in range(4):
        progress.advance(made=True, ok=False)
    assert progress.words().startswith("4 of 10, 2.0 a second, 4 not ok, ")
    assert progress.words().endswith(" s left")
    assert Progress(None).words() == "0"


def test_progress_on_a_terminal(tmp_path: Path) -> None:
    """A bar with the rate and the time that remains, which is gone when the work is done."""
    cases = written(tmp_path / "a.jsonl", [{**AGREES, "title": f"{n}"} for n in range(30)])
    script = (
        "import os, pty, sys; status = pty.spawn([sys.executable, '-m', 'symdiff', 'build', sys.argv[1], '-o', "
        "sys.argv[2], '--jobs', '1']); sys.exit(os.waitstatus_to_exitcode(status))"
    )
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script, cases, tmp_path / "a"],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=True,
    )
    shown = done.stdout.decode()
    assert "30/30" in shown
    assert "a second" in shown
    assert shown.rstrip().endswith("30 cases (30 made now, 0 as before): 30 agree")
