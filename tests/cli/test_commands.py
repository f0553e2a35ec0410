"""The commands: what they pass on, what they print, and their exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symdiff.errors import FunctionError, InputError
from symdiff.process import ReaderLeft, Terminated
from tests.cli.conftest import Recorder, Result

Run = Callable[..., Result]


def test_explain_passes_on_what_was_given(symdiff: Run, explanation: Recorder) -> None:
    result = symdiff("explain", "x * w", "--at", "x=0,1", "--at", "w=2.5", "--wrt", "w")
    assert result == Result(0, "as text ∂\n", "")
    (call,) = explanation.calls
    assert call["target"] == "x * w"
    assert call["wrt"] == ["w"]
    np.testing.assert_array_equal(call["at"]["x"], [0, 1])
    assert call["at"]["w"] == 2.5


def test_without_wrt_the_choice_is_left_open(symdiff: Run, explanation: Recorder) -> None:
    symdiff("explain", "x", "--at", "x=1")
    assert explanation.calls[0]["wrt"] is None


def test_a_function_from_a_file(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("def loss(x):\n    return x * 2\n")
    assert symdiff("explain", f"{tmp_path}/model.py:loss", "--at", "x=1").status == 0
    assert explanation.calls[0]["target"](4.0) == 8.0


@pytest.mark.parametrize("command", ["explain", "check"])
def test_the_status_says_whether_the_report_is_ok(symdiff: Run, explanation: Recorder, command: str) -> None:
    assert symdiff(command, "x", "--at", "x=1").status == 0
    explanation.ok = False
    assert symdiff(command, "x", "--at", "x=1").status == 1


def test_check_prints_the_table_only(symdiff: Run, explanation: Recorder) -> None:
    assert symdiff("check", "x", "--at", "x=1") == Result(0, "the table: agree\n", "")


@pytest.mark.parametrize("form", ["html", "latex", "markdown", "json", "text"])
def test_formats_on_standard_output(symdiff: Run, explanation: Recorder, form: str) -> None:
    assert symdiff("explain", "x", "--at", "x=1", "--format", form).out == f"as {form} ∂\n"


def test_demo_writes_three_documents(symdiff: Run, explanation: Recorder, tmp_path: Path) -> None:
    result = symdiff("demo", "-o", str(tmp_path / "a" / "demo"))
    assert result.status == 0
    assert sorted(path.name for path in (tmp_path / "a" / "demo").iterdir()) == [
        "max.html",
        "mean.html",
        "squares.html",
    ]
    assert [call["target"] for call in explanation.calls] == ["x * x", "y = x * x; mean(y)", "y = x * x; max(y)"]
    assert result.out.count("the table: agree") == 3
    assert str(tmp_path / "a" / "demo" / "mean.html") in result.out
    explanation.ok = False
    assert symdiff("demo", "-o", str(tmp_path)).status == 1


def test_ops_lists_every_operation_with_its_derivative(symdiff: Run) -> None:
    out = symdiff("ops").out
    assert "softplus: A smooth maximum of ``x`` and 0." in out
    assert "d/dx = x/sqrt(x**2 + y**2),  d/dy = y/sqrt(x**2 + y**2)" in out
    rows = symdiff("ops", "--format", "json").out
    assert '"name": "softplus"' in rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain"], "Missing argument"),
        (["explain", "x", "--at"], "--at"),
        (["explain", "x", "--at", "x"], "NAME=VALUES"),
        (["explain", "x", "--at", "x=1", "--at", "x=2"], "given twice"),
        (["explain", "x", "--at", "x=[[1,2],[3]]"], "row 0 has length 2"),
        (["explain", "x", "--at", "sum=1"], "sum is a function"),
        (["explain", "x", "--format", "docx"], "docx"),
        (["explain", "x", "-o", "a.docx"], "suffix .docx"),
        (["explain", "x", "-o", "a.html", "--format", "latex"], "leave one of them out"),
        (["explain", "x", "-o", "/no/such/folder/a.html"], "there is no folder"),
        (["explain", "-x*x", "--at", "x=1"], r"in brackets or after --"),
        (["explain", "none.py:f"], "there is no file"),
        (["explian", "x"], "explian"),
        (["check"], "Missing argument"),
        (["--nonsense"], "nonsense"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(
    symdiff: Run, explanation: Recorder, arguments: list[str], words: str
) -> None:
    result = symdiff(*arguments)
    assert result.status == 2
    assert result.out == ""
    assert words in result.err
    assert result.err.startswith("symdiff: ")
    assert result.err.count("\n") == 1
    assert explanation.calls == []


def test_an_input_error_from_within_is_one_line(symdiff: Run, explanation: Recorder) -> None:
    explanation.error = InputError("sum of\n nothing", line=2, column=5)
    assert symdiff("explain", "x", "--at", "x=1") == Result(2, "", "symdiff: line 2, column 5: sum of nothing\n")


def test_an_exception_of_the_users_function_is_one_line_and_its_traceback_is_asked_for(
    symdiff: Run, explanation: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "model.py").write_text("def loss(x):\n    raise ValueError('not today')\n")

    def explain_it() -> None:
        from symdiff.tracing.sources import load_function
        from symdiff.tracing.trace import trace

        trace(load_function(f"{tmp_path}/model.py:loss"), at={"x": 1.0})

    explanation.before = explain_it
    plain = symdiff("explain", f"{tmp_path}/model.py:loss", "--at", "x=1")
    assert plain == Result(2, "", "symdiff: loss(x) raises ValueError at x of shape (): not today\n")
    result = symdiff("explain", f"{tmp_path}/model.py:loss", "--at", "x=1", "--traceback")
    assert result.status == 2
    assert f'File "{tmp_path}/model.py", line 2, in loss' in result.err
    assert result.err.count("File ") == 1
    assert result.err.endswith("symdiff: loss(x) raises ValueError at x of shape (): not today\n")
    assert isinstance(FunctionError("x"), InputError)


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (MemoryError(), 2), (ReaderLeft(), 0), (Terminated(15), 143), (SystemExit(1), 3)],
)
def test_interruptions(symdiff: Run, explanation: Recorder, error: BaseException, status: int) -> None:
    explanation.error = error
    result = symdiff("explain", "x", "--at", "x=1")
    assert result.status == status
    assert "Traceback" not in result.err


def test_a_defect_of_ours_is_told_as_one(symdiff: Run, explanation: Recorder) -> None:
    explanation.error = AssertionError("a\n\x1b[31mdefect")
    result = symdiff("explain", "x", "--at", "x=1")
    assert (result.status, result.out) == (3, "")
    assert result.err.startswith(
        "symdiff: this is an error of symdiff, not of your input: AssertionError at conftest.py:"
    )
    assert result.err.count("\n") == 1
    assert r"a \x1b[31mdefect" in result.err
    assert "please report it" in result.err
    asked = symdiff("explain", "x", "--at", "x=1", "--traceback")
    assert asked.status == 3
    assert asked.err.startswith("Traceback (most recent call last):\n  File ")
    assert "\x1b" not in asked.err


def test_open_shows_the_page(
    symdiff: Run, explanation: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("click.launch", opened.append)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert symdiff("explain", "x", "--at", "x=1", "--open", "-o", str(tmp_path / "a.html")).status == 0
    assert opened == [str(tmp_path / "a.html")]
    assert symdiff("explain", "x", "--at", "x=1", "--open").status == 0
    assert Path(opened[1]).read_text() == "as html ∂\n"


def test_help_and_version(symdiff: Run) -> None:
    result = symdiff("--help")
    assert result.status == 0
    assert all(word in result.out for word in ("explain", "check", "demo", "ops", "The exit status is 0"))
    assert "NAME=VALUES" in symdiff("explain", "--help").out


def test_order_and_detail_reach_the_explanation(symdiff: Run, explanation: Recorder) -> None:
    assert symdiff("explain", "x", "--at", "x=1", "--order", "2", "--detail", "rules").status == 0
    assert (explanation.calls[0]["order"], explanation.calls[0]["detail"]) == (2, "rules")
    refused = symdiff("explain", "x", "--at", "x=1", "--order", "3")
    assert refused.status == 2
    assert "--order" in refused.err
