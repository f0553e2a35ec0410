"""A key changes with everything that a document depends on, and with nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symdiff.build import keys
from symdiff.build.case import case_of
from symdiff.build.keys import LENGTH, code_digest, key_of

GOOD: dict[str, Any] = {"expression": "mean(x * x)", "at": {"x": [0, 1]}, "title": "Mean"}


def key(folder: Path, given: dict[str, Any], number: int = 0, origin: str = "here", wanted: object = "html") -> str:
    return key_of(case_of(given, number, origin, folder, {}), "mean", wanted)


def test_place_and_number_do_not_matter(tmp_path: Path) -> None:
    assert key(tmp_path, GOOD) == key(tmp_path, GOOD, 3, "there") == key(tmp_path / "elsewhere", GOOD)
    assert len(key(tmp_path, GOOD)) == LENGTH


@pytest.mark.parametrize(
    "changed",
    [
        {"expression": "mean(x)"},
        {"at": {"x": [0, 2]}},
        {"at": {"x": [0.0, 1]}},
        {"at": {"x": np.array([0, 1])}},
        {"at": {"y": [0, 1]}},
        {"title": "The mean"},
        {"wrt": "x"},
        {"order": 2},
        {"detail": "result"},
        {"seed": 1},
    ],
)
def test_what_a_case_says_matters(tmp_path: Path, changed: dict[str, Any]) -> None:
    assert key(tmp_path, {**GOOD, **changed}) != key(tmp_path, GOOD)


def test_arrays_count_to_the_last_bit(tmp_path: Path) -> None:
    arrays = [np.array([1.0]), np.array([[1.0]]), np.array([1.0], np.float32), np.array([np.nextafter(1.0, 2.0)])]
    assert len({key(tmp_path, {**GOOD, "at": {"x": each}}) for each in arrays}) == len(arrays)


def test_what_is_wanted_matters(tmp_path: Path) -> None:
    assert key(tmp_path, GOOD, wanted="latex") != key(tmp_path, GOOD)


def test_a_file_of_values_counts_by_what_it_holds(tmp_path: Path) -> None:
    given = {**GOOD, "at": {"x": "@x.csv"}}
    keys = {key(tmp_path, given)}
    for text in ("1,2", "1,3"):
        (tmp_path / "x.csv").write_text(text)
        keys.add(key(tmp_path, given))
    assert len(keys) == 3


def test_a_function_counts_by_its_file_and_those_that_it_imports(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    files = {
        "losses.py": "import numpy, first\nfrom package import second\ndef f(x): return x",
        "first.py": "import third",
        "third.py": "",
        "package/__init__.py": "",
        "package/second.py": "from . import fourth",
        "other.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    given = {"function": "losses.py:f", "at": {"x": 1}, "title": "F"}
    before = key(tmp_path, given)
    for name, text in files.items():
        (tmp_path / name).write_text(f"{text}\n# changed")
        assert (key(tmp_path, given) == before) is (name == "other.py"), name
        before = key(tmp_path, given)


def test_our_code_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = code_digest()
    package = tmp_path / "symdiff"
    package.mkdir()
    (package / "a.py").write_text("1")
    monkeypatch.setattr(keys, "_PACKAGE", package)
    code_digest.cache_clear()
    with_one = code_digest()
    (package / "a.py").write_text("2")
    code_digest.cache_clear()
    assert len({before, with_one, code_digest()}) == 3
    code_digest.cache_clear()
