"""The tutorial is followed to the letter: files are written, commands and Python run, what is shown is compared."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from autodiff import TABLE
from symdiff.cli import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs" / "tutorial").glob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"(?P<before>[^\n]*)\n\n```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
NOT_RUN = {"pip": "the packages are installed here", "make": "it sets up an environment and runs all tests"}
SHOWN = {"yaml"}  # for a service that is not here
MODULES = {"pytest": "pytest", "sphinx-build": "sphinx"}
CHECKER = doctest.OutputChecker()


@dataclass
class Block:
    """A fenced block; ``file`` where the line before it names one."""

    kind: str
    text: str
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        name = re.search(r"In `([\w./-]+)`:$", found["before"])
        yield Block(found["kind"], found["text"], name[1] if name else None)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with what is shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def output_of(command: str, require_tool: Any) -> str | None:
    """What a command prints; None where it is not run, for the reason that NOT_RUN has."""
    program, *arguments = shlex.split(command)
    if program in NOT_RUN:
        return None
    if program == "symdiff":
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            assert run(arguments) == 0, command
        return told.getvalue()
    start = [sys.executable, "-m", MODULES[program]] if program in MODULES else [require_tool(program)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    done = subprocess.run([*start, *arguments], capture_output=True, text=True, env=environment, check=False)
    allowed = {0, 1} if program == "pytest" else {0}
    assert done.returncode in allowed, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def same(shown: str, got: str) -> bool:
    """Whether what is shown is what was printed; ``...`` stands for anything."""
    return CHECKER.check_output(shown, got, doctest.ELLIPSIS)


def follow(block: Block, names: dict[str, Any], require_tool: Any) -> None:
    if block.file is not None:
        Path(block.file).parent.mkdir(parents=True, exist_ok=True)
        Path(block.file).write_text(block.text, encoding="utf-8")
    elif block.kind == "console":
        for command, shown in commands(block.text):
            got = output_of(command, require_tool)
            assert got is None or not shown or same(shown, got), f"{command}\n{got}"
    elif any(block.text.startswith(f"import {name}") and find_spec(name) is None for name in ("torch", "jax")):
        pass  # an extra, which the tests of frameworks are for
    elif block.text.startswith("from scipy.optimize import"):
        pass  # tests/cases/test_readme.py calls the optimisers, each with a function of its own
    elif block.kind == "python":
        exec(block.text, names)  # noqa: S102 - the tutorial is ours
    elif block.kind == "pycon":
        test = doctest.DocTestParser().get_doctest(block.text, names, "tutorial", None, 0)
        runner, told = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS), io.StringIO()
        runner.run(test, out=told.write, clear_globs=False)
        names.update(test.globs)
        assert runner.summarize(verbose=False).failed == 0, told.getvalue()
    elif block.kind not in SHOWN:
        raise AssertionError(f"nobody runs a block of {block.kind}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tutorial_is_true(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require_tool) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "tutorial"}
    found = list(blocks(page))
    assert len(found) >= 4
    assert len(found) == page.read_text(encoding="utf-8").count("\n```") // 2
    with patch.dict(TABLE):  # an operation that a page declares is none of the other tests'
        for block in found:
            follow(block, names, require_tool)


def test_what_is_shown_is_compared() -> None:
    assert same("1 passed in ...\n", "1 passed in 0.1s\n")
    assert not same("mean.html: agree\n", "mean.html: kink\n")
