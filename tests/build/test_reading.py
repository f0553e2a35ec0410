"""Cases from files: what they may say, what is wrong with them, and that one that is wrong does not keep the rest."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from symdiff.build import reading
from symdiff.build.case import Case, Wrong
from symdiff.build.reading import Item, check_sources, count, read
from symdiff.errors import InputError
from tests.build.inline import no_marks
from tests.cases.corpus import feynman, textbook

CASES = Path(__file__).parents[1] / "cases"


def items(path: Path, text: str | bytes) -> list[Item]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    check_sources([path])
    return list(read([path], no_marks))


def case(item: Item) -> Case:
    assert isinstance(item, Case), item
    return item


def reason(item: Item) -> str:
    assert isinstance(item, Wrong), item
    return f"{item.origin}: {item.reason}"


TOML = """
language = ["en", "zh"]
seed = 7

[[case]]
title = "Mean of squares"
expression = "mean(x * x)"
at = {x = [0, 1], w = "uniform(1, 3)"}
wrt = "x"

[[case]]
function = "losses.py:mse"
at.x = 2.0
language = "en"
format = ["html", "markdown"]
order = 2
detail = "rules"
seed = 8
"""


def test_toml(tmp_path: Path) -> None:
    first, second = map(case, items(tmp_path / "cases.toml", TOML))
    assert first.title == "Mean of squares"
    assert (first.expression, first.is_function, first.wrt, first.seed) == ("mean(x * x)", False, ("x",), 7)
    assert (first.languages, first.formats, first.order) == (("en", "zh"), (), 1)
    assert second.expression == f"{(tmp_path / 'losses.py').resolve()}:mse"
    assert second.is_function
    assert (second.title, second.at, second.seed) == ("losses.py:mse", {"x": 2.0}, 8)
    assert (second.languages, second.formats, second.order, second.detail) == (
        ("en",),
        ("html", "markdown"),
        2,
        "rules",
    )


GOOD = {"expression": "x", "at": {"x": 1}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"expresion": "x"}, "expresion is not known (did you mean expression"),
        ({"at": {"x": 1}}, "neither expression nor function"),
        ({**GOOD, "function": "f.py:f"}, "either expression or function"),
        ({"function": "f"}, "write FILE.py:FUNCTION"),
        ({"function": "f.txt:f"}, "write FILE.py:FUNCTION"),
        ({**GOOD, "at": [1]}, "at has the values by name"),
        ({**GOOD, "title": 3}, "title is int; give a text"),
        ({**GOOD, "language": "tlh"}, "language = 'tlh'"),
        ({**GOOD, "format": "htm"}, "(did you mean html"),
        ({**GOOD, "format": ["html", 3]}, "format is a name or a list of names"),
        ({**GOOD, "order": 3}, "order = 3: choose one of 1, 2"),
        ({**GOOD, "order": True}, "order = True"),
        ({**GOOD, "detail": "all"}, "choose one of result"),
        ({**GOOD, "seed": -1}, "seed = -1"),
        ({**GOOD, "seed": 1.5}, "seed = 1.5"),
        ([], "a case is a table of keys"),
        (3, "a case is a table of keys"),
    ],
)
def test_a_case_that_is_wrong_says_why(tmp_path: Path, given: object, words: str) -> None:
    first, wrong, last = items(tmp_path / "cases.json", json.dumps([GOOD, given, GOOD]))
    assert isinstance(first, Case)
    assert isinstance(last, Case)
    assert words in reason(wrong)
    assert "case 2" in reason(wrong)


def test_a_malformed_line_is_told_with_its_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = json.dumps(GOOD).encode()
    lines = [good, b"{broken", b"", good, b'"\xff"', b"[" * 100_000, good]
    found = items(tmp_path / "cases.jsonl", b"\r\n".join(lines))
    assert [item.number for item in found] == list(range(6))
    assert [isinstance(item, Case) for item in found] == [True, False, True, False, False, True]
    assert [f"line {place}:" in reason(found[k]) for k, place in ((1, 2), (3, 5), (4, 6))] == [True] * 3
    assert count([tmp_path / "cases.jsonl"]) == 6


def test_a_line_that_never_ends_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    good = json.dumps(GOOD)
    long = json.dumps({**GOOD, "title": "x" * 5_000_000})
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{good}\n{long}\n{good}")
    del long
    tracemalloc.start()
    first, second, third = read([path], no_marks)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert isinstance(first, Case)
    assert "line 2: the line is longer than 1000 bytes" in reason(second)
    assert isinstance(third, Case)
    assert count([path]) == 3


def test_lines_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n" * 100_000)
    tracemalloc.start()
    for _, _item in zip(range(1000), read([path], no_marks), strict=False):
        pass
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_textbook_as_it_is() -> None:
    found = [case(item) for item in read([CASES / "textbook.json"], no_marks)]
    assert len(found) == len(textbook())
    for item, given in zip(found, textbook(), strict=True):
        assert (item.title, item.name, item.expression) == (given["title"], given["id"], given["expr"])
        assert (item.at, item.wrt, item.order) == (
            given["inputs"],
            (given["wrt"],),
            2 if given["kind"] == "second" else 1,
        )


def test_the_physics_formulas_as_they_are() -> None:
    found = [case(item) for item in read([CASES / "feynman.json"], no_marks)]
    assert len(found) == 3 * len(feynman())
    assert found[1].title == "I.6.2 (2)"
    assert found[1].at == feynman()[0]["points"][1]["at"]


def test_marked_functions(tmp_path: Path) -> None:
    def marks(path: str) -> Sequence[tuple[str, dict[str, Any]]]:
        assert path == str((tmp_path / "losses.py").resolve())
        return [
            ("mse", {"at": {"x": [1.0]}}),
            ("mse", {"at": {"x": [2.0]}, "title": "Twice"}),
            ("mae", {"at": {}, "oder": 2}),
        ]

    path = tmp_path / "losses.py"
    path.write_text("")
    first, second, third = read([path], marks)
    assert case(first).title == "mse"
    assert case(first).expression == f"{path.resolve()}:mse"
    assert (case(second).title, case(second).at) == ("Twice", {"x": [2.0]})
    assert "oder is not known" in reason(third)
    with pytest.raises(InputError, match=r"no function marked with @symdiff.case"):
        list(read([path], lambda _: []))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "[[case", "is not TOML"),
        ("a.toml", "[case]\nexpression = 'x'", r"write \[\[case\]\]"),
        ("a.toml", "sed = 3", "sed is not known at the top"),
        ("a.toml", "\x00", "is not TOML"),
        ("a.json", "[", "is not JSON"),
        ("a.json", "{}", "holds no cases"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.yaml", "", "cases stand in .toml, .jsonl, .json, .py"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        items(tmp_path / name, text)


def test_a_file_that_is_not_there_is_found_out_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing.toml cannot be read \(no such file or directory\)"):
        check_sources([tmp_path / "missing.toml"])
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match=r"folder.json cannot be read \(is a directory\)"):
        check_sources([tmp_path / "folder.json"])
