"""FILE.py:FUNCTION."""

from __future__ import annotations

from pathlib import Path

import pytest

from symdiff.errors import FunctionError, InputError
from symdiff.tracing.sources import is_source, load_function

SOURCE = """
import numpy as np
from beside import TWO

rate = 3.0

def loss(x):
    return np.sum(x * x) * TWO

def _hidden(x):
    return x
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("TWO = 2.0\n")
    (tmp_path / "model.py").write_text(SOURCE)
    return tmp_path / "model.py"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("model.py:loss", True),
        ("a/b c/model.py:loss", True),
        ("model.py:", True),
        ("x*x", False),
        ("x[1:2]", False),
        ("model.py", False),
    ],
)
def test_what_is_a_source(text: str, is_one: bool) -> None:
    assert is_source(text) is is_one


def test_a_function_is_loaded_with_what_stands_beside_it(model: Path) -> None:
    assert load_function(f"{model}:loss")(3.0) == 18.0


@pytest.mark.parametrize(
    ("function", "words"),
    [("los", "did you mean loss"), ("", "no name given"), ("rate", "is float, not a function"), ("x y", "no function")],
)
def test_functions_that_are_not_there(model: Path, function: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_function(f"{model}:{function}")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        load_function(f"{tmp_path}/none.py:f")
    with pytest.raises(InputError, match="there is no file"):
        load_function(f"{tmp_path}.py:f")


@pytest.mark.parametrize("source", ["def f(:", "import nothing_of_this_name", "1/0", "raise SystemExit(3)", "\0"])
def test_files_that_cannot_be_run(tmp_path: Path, source: str) -> None:
    (tmp_path / "bad.py").write_text(source)
    with pytest.raises(FunctionError, match=r"bad\.py raises") as caught:
        load_function(f"{tmp_path}/bad.py:f")
    assert caught.value.__cause__ is not None
