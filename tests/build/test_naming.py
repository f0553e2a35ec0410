"""Names of files from titles: none leaves the folder, none is taken twice, none is one that a system keeps."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.build.index import is_index
from symdiff.build.naming import LONGEST, Names, slug
from tests.cases.corpus import hostile

HOSTILE = [case["text"] for case in hostile()]
NAMES = [case["text"] for case in hostile() if case["kind"].startswith("name used for an output file")]
SAFE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_the_cases_are_there() -> None:
    assert len(NAMES) >= 9


@pytest.mark.parametrize(
    "text", [*NAMES, "nul.txt", "COM1", "lpt9", "aux", "a/b", "x\x00y", "\u202egpj.exe", "é", "中", "İ", ""]
)
def test_a_name_is_plain(text: str) -> None:
    name = slug(text)
    assert SAFE.fullmatch(name)
    assert len(name) <= LONGEST + len("case-")
    assert not PureWindowsPath(name).is_reserved()
    assert not is_index(f"{name}.html")


@given(st.text(max_size=300))
def test_any_text_has_a_plain_name(text: str) -> None:
    assert SAFE.fullmatch(slug(text))
    assert not PureWindowsPath(slug(text)).is_reserved()


def test_every_hostile_text_gets_a_name_of_its_own() -> None:
    names = Names()
    taken = [names.take(text) for text in HOSTILE for _ in range(2)]
    assert len({name.casefold() for name in taken}) == len(taken)


def test_two_of_one_title_get_two_names_that_do_not_depend_on_what_comes_later() -> None:
    names = Names()
    assert [names.take(text) for text in ("Sum", "sum", "SUM!", "sum-2", "sum", "Index", "index-2")] == [
        "sum", "sum-2", "sum-3", "sum-2-2", "sum-4", "case-index", "case-index-2",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["a", "a-2", "a-2-2", "A", "a 2", "a-3"]), max_size=12))
def test_names_are_never_given_twice(texts: list[str]) -> None:
    names = Names()
    taken = [names.take(text) for text in texts]
    assert len(set(taken)) == len(taken)
