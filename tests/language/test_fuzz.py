"""Whatever is typed: an answer or an InputError of one line, never another exception."""

from __future__ import annotations

import contextlib
import json
import os
import string
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symdiff.errors import InputError
from symdiff.tracing.trace import trace_text
from symdiff.tracing.values import parse_at
from tests.language.fuzz import outcome, text_of

_WORDS = [
    "x", "W", "i", "y", "sum", "mean", "where", "exp", "log", "T", "axis", "keepdims", "True", "None", "pi", "e",
    "and", "not", "if",
    "lambda", "for", "in", "0", "1", "2", "-1", "0.5", "1e308", "1j", "+", "-", "*", "/", "//", "%", "**", "@", "<",
    ">", "==", "&", "|", "~",
    "(", ")", "[", "]", ",", ":", ".", "=", ";", "\n", "...", "'a'", '"', "{", "}", "#", "\\", "^", "!", "_",
    "__class__", "(x)", "[0]", "x.T",
]  # fmt: skip
_AT = {"x": [0.5, 2.0], "W": [[1.0, 2.0], [3.0, 4.0]], "i": 1}


def _must_answer(text: str) -> None:
    try:
        trace_text(text, _AT)
    except InputError as error:
        message = str(error)
    else:
        return
    assert "\n" not in message
    assert message.isprintable()


@given(st.lists(st.sampled_from(_WORDS), max_size=25).map("".join))
@settings(max_examples=400)
def test_words_in_any_order(text: str) -> None:
    _must_answer(text)


@given(st.lists(st.sampled_from(_WORDS), max_size=15).map(" ".join))
@settings(max_examples=400)
def test_words_apart(text: str) -> None:
    _must_answer(text)


@given(st.text(max_size=60))
@example("x\x85y")
@example("\ufeffx")
@example("x\x0cy")
def test_any_characters(text: str) -> None:
    _must_answer(text)


@given(st.text(alphabet=string.printable, max_size=60))
@settings(max_examples=300)
def test_any_ascii(text: str) -> None:
    _must_answer(text)


@given(
    st.sampled_from(
        [
            "(",
            "[",
            "-",
            "~",
            "x**",
            "x(",
            "sum(",
            "x[",
            "x,",
            "(x,",
            "x.T",
            ".T",
            "x if ",
            "not ",
            "1e",
            "'",
            ".",
            "x;",
            "\n",
        ]
    ),
    st.integers(1, 4000),
)
def test_repetitions(part: str, count: int) -> None:
    _must_answer(part * count)
    _must_answer(part * count + "x")


@given(st.integers(), st.integers(0, 40))
def test_damaged_texts(seed: int, place: int) -> None:
    text = "y = where(x > 0, log(x), 0)*W[:, 1]; sum(y**2, axis=0)"
    _must_answer(text[:place] + text[place + 1 + seed % 3 :])
    _must_answer(text[:place] + _WORDS[seed % len(_WORDS)] + text[place:])


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(["[", "]", ",", "1", "-2.5", "nan", "arange(", ")", "(", "inf", " ", "x", "1e999", "@"]),
            max_size=20,
        ).map("".join),
    )
)
@settings(max_examples=300)
def test_any_values(text: str) -> None:
    with contextlib.suppress(InputError):
        _, array = parse_at(f"x={text}")
        assert array.size
        assert array.dtype.kind in "fi"


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=3)), st.lists, max_leaves=8
    )
)
def test_any_json(data: object) -> None:
    from symdiff.tracing.files import read_values

    path = Path(json_folder()) / "values.json"
    path.write_text(json.dumps(data))
    with contextlib.suppress(InputError):
        assert read_values("x", path).dtype.kind in "fi"


def json_folder() -> str:
    """One folder for all examples: a fixture would be made anew for the test, not for each of them."""
    import tempfile

    return _FOLDERS.setdefault("json", tempfile.mkdtemp())


_FOLDERS: dict[str, str] = {}


PROGRAMS = int(os.environ.get("SYMDIFF_PROGRAMS", "200"))
"""So many programs are explained and checked; ``python -m tests.language.fuzz 30000`` draws that many."""


@pytest.mark.parametrize("start", range(0, PROGRAMS, 100))
def test_programs_through_explain_and_check(start: int) -> None:
    for number in range(start, min(start + 100, PROGRAMS)):
        text, at = text_of(number)
        try:
            outcome(text, at, seconds=3.0)
        except Exception as error:
            raise AssertionError(f"program {number}: {text!r} at {at}") from error


# What 30,000 of them have found, each with the values of its inputs by number.
@pytest.mark.parametrize(
    "number",
    [148, 348, 1588, 1903, 1994, 2149, 2860, 3495, 3525, 3931, 4522, 5364, 6172, 100145, 100175, 100670],
)
def test_programs_that_were_found(number: int) -> None:
    outcome(*text_of(number), seconds=3.0)
