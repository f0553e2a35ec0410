"""A stand-in for the explanation, so that the command line is tested by itself, and without waiting for sympy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from symdiff import cli
from symdiff.formats import FORMATS, Format

DEFAULTS: dict[str, Any] = {"order": 1, "detail": "steps", "blank": False}


@dataclass
class Recorder:
    """What the command line asked for, and what it is answered."""

    ok: bool = True
    error: BaseException | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def explain(self, target: Any, *, at: dict[str, Any], wrt: list[str] | None, **options: Any) -> Any:
        self.before()
        self.calls.append({"target": target, "at": at, "wrt": wrt} | ({} if options in ({}, DEFAULTS) else options))
        if self.error is not None:
            raise self.error
        verdict = "agree" if self.ok else "undefined"
        report = type("Report", (), {"ok": self.ok, "verdict": verdict, "__str__": lambda _: f"the table: {verdict}"})()
        found = SimpleNamespace(report=report, claims=(), printed=_printed, to_html=lambda: _printed(FORMATS["html"]))
        found.written = lambda form: _printed(form).encode()
        found.from_source = lambda source, holds_values=False: found
        return found


def _printed(form: Format) -> str:
    return f"as {form.name} ∂\n"


@pytest.fixture
def explanation(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The stand-in, in the place of ``symdiff.explanation``."""
    recorder = Recorder()
    module = ModuleType("symdiff.explanation")
    module.explain = recorder.explain  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "symdiff.explanation", module)
    return recorder


@dataclass
class Result:
    status: int
    out: str
    err: str


@pytest.fixture
def symdiff(capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Runs one command in process."""

    def run(*arguments: str) -> Result:
        status = cli.run(arguments)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return run
