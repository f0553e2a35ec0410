"""Beyond the graph sympy and Jinja2 call evaluators for themselves: never with what a user wrote, and never we."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import symdiff
from symdiff.errors import InputError
from tests.cases.corpus import hostile, values_of
from tests.cases.test_hostile import CASES

OURS = tuple(str(Path(__file__).resolve().parents[2] / package) for package in ("symdiff", "autodiff"))
EVALUATORS = ("eval", "exec", "compile")
# Longer than any name that sympy or a template could hold by chance.
LONG_ENOUGH = 4


class Watch:
    """Records what the evaluators are called with, and lets them work."""

    def __init__(self) -> None:
        self.text = ""
        self.offences: list[str] = []

    def around(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            caller = sys._getframe(1)
            file = caller.f_code.co_filename
            if file.startswith(OURS):
                self.offences.append(f"{name} called by {file}, line {caller.f_lineno}")
            given = [value for value in (*args, *kwargs.values()) if isinstance(value, str)]
            # what our own parser reads with ast.parse is the one exception
            of_ast = file.endswith("ast.py") and name == "compile"
            if len(self.text) >= LONG_ENOUGH and not of_ast and any(self.text in value for value in given):
                self.offences.append(f"{name} called by {file} with the text {self.text!r}")
            if name in ("eval", "exec") and len(args) == 1:
                # without namespaces these mean their caller's, which is no longer that of the code
                args = (*args, caller.f_globals, caller.f_locals)
            return original(*args, **kwargs)

        return watched


def test_no_evaluator_sees_a_users_text(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    for case in CASES:  # what is imported late is imported before the watch begins
        explain(case)
    with monkeypatch.context() as patch:
        for name in EVALUATORS:
            patch.setattr(builtins, name, watch.around(name, getattr(builtins, name)))
        for case in CASES:
            watch.text = case["text"].strip()
            explain(case)
        for case in hostile():
            if case["kind"].startswith("markup"):
                watch.text = case["text"]
                with pytest.raises(InputError):
                    symdiff.explain("x * x", at={case["text"]: 2.0})
    assert not watch.offences


def explain(case: dict[str, Any]) -> None:
    """The whole way, to the page and the LaTeX, or the error that ends it."""
    try:
        explanation = symdiff.explain(case["text"], at=values_of(case), wrt=[case["wrt"]] if "wrt" in case else None)
    except InputError:
        return
    for printed in (explanation.to_html(), explanation.to_latex(), explanation.to_markdown(), explanation.to_json()):
        assert printed
