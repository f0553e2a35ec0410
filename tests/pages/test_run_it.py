"""The code that a page gives away runs, in each engine that is installed, and asserts the page's numbers."""

from __future__ import annotations

import shlex
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symdiff
from symdiff.cli import cli
from tests.pages.test_lines import PAGES

NAMES = [
    "opening", "opening, without a name", "max", "x A x", "abs", "logistic", "cross-entropy", "attention", "layer norm",
    "log det", "softmax", "names", "normal density", "slices", "constant matrix", "max of rows", "variance", "powers",
    "bad names", "where", "median", "one and many",
]  # fmt: skip
MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "names of modules": ("sum(torch * np + ad * jax)", {"torch": [1, 2], "np": [3, 4], "ad": 2.0, "jax": 0.5}),
    "a keyword": ("sum(lambda_ * f)", {"lambda_": [1, 2], "f": [3, 4]}),
    "an array": ("f * f", {"f": [1, 2]}),
    "an index": ("sum(x[i] ** 2)", {"x": [1.0, 2.0, 4.0], "i": [0, 0, 2]}),
}
MODULES = {"PyTorch": "torch", "JAX": "jax", "autodiff": "autodiff"}


def codes(expression: str, values: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    view = symdiff.explain(expression, at=values).view
    return {each.engine: (each.code, each.asserted) for each in view.engines}


@pytest.mark.parametrize("engine", MODULES)
@pytest.mark.parametrize("name", [*NAMES, *MORE])
def test_the_code_runs_and_its_assertion_holds(name: str, engine: str) -> None:
    pytest.importorskip(MODULES[engine])
    code, asserted = codes(*(PAGES.get(name) or MORE[name]))[engine]
    assert ("assert" in code) == asserted
    with np.errstate(all="ignore"):
        exec(compile(code, f"{engine} of {name}", "exec"), {"__name__": "page"})  # noqa: S102 - it is ours


@pytest.mark.parametrize("name", ["opening", "logistic", "softmax", "an array"])
def test_the_assertion_can_fail(name: str) -> None:
    code, _ = codes(*(PAGES.get(name) or MORE[name]))["autodiff"]
    wrong = code.replace(" * ", " + ", 1) if " * " in code else code.replace("softmax", "log_softmax", 1)
    assert wrong != code
    with pytest.raises(AssertionError):
        exec(compile(wrong, "wrong", "exec"), {"__name__": "page"})  # noqa: S102 - it is ours


def test_nothing_is_asserted_at_a_kink() -> None:
    found = codes("sum(abs(x))", {"x": [0.0, 1.0]})
    assert len(found) == 3
    assert not any(asserted or "assert" in code for code, asserted in found.values())


def test_arrays_that_are_too_large_come_from_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    x = np.sin(np.arange(100.0))
    explanation = symdiff.explain("mean(x * x)", x=x)
    assert 'np.save("x.npy", x)' in explanation.to_text()
    np.save("x.npy", x)
    code = next(each.code for each in explanation.view.engines if each.engine == "autodiff")
    exec(compile(code, "page", "exec"), {"__name__": "page"})  # noqa: S102 - it is ours


def test_a_program_that_an_engine_does_not_have_has_no_code_for_it() -> None:
    assert codes("sum(gamma(x))", {"x": [1.5, 2.5]}).keys() == {"autodiff"}


@pytest.mark.parametrize("name", ["opening", "logistic", "x A x", "a small number", "normal density"])
def test_the_command_makes_the_page_again(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    expression, values = PAGES[name]
    explanation = symdiff.explain(expression, at=values)
    program, *arguments = shlex.split(explanation.view.command[0])
    assert program == "symdiff"
    assert CliRunner().invoke(cli, arguments, obj=_Session()).exit_code == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == explanation.to_html()


class _Session:
    alone, traceback = False, False


def test_a_function_has_the_call_or_the_command_of_its_file(tmp_path) -> None:
    def loss(x: Any, w: Any) -> Any:
        return (x * w).sum()

    explanation = symdiff.explain(loss, [1.0, 2.0], [3.0, 4.0])
    assert explanation.view.command == ("symdiff.explain(loss, x, w)", "python")
    told = symdiff.explain(loss, [1.0], [2.0]).from_source("model.py:loss").view.command
    assert told == ("symdiff explain model.py:loss --at x=1 --at w=2 -o page.html", "sh") or "[1]" in told[0]
