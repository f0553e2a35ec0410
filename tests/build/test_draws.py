"""Values that are drawn: the same text and seed give the same numbers, and nothing but the three calls is read."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.errors import InputError
from symdiff.tracing.draws import drawn, is_drawn


@pytest.mark.parametrize(
    ("text", "shape", "low", "high"),
    [
        ("uniform(1, 3, shape=(4,))", (4,), 1, 3),
        ("uniform(-1e3,1e3)", (), -1e3, 1e3),
        (" uniform ( 1 , 3 , shape = ( 2 , 3 ) ) ", (2, 3), 1, 3),
        ("uniform(0, 1, shape=5)", (5,), 0, 1),
        ("normal(10, 0.1, shape=(50,))", (50,), 9, 11),
        ("normal(1, 0)", (), 1, 1),
        ("integers(2, 5, shape=(40,))", (40,), 2, 4),
    ],
)
def test_shape_and_range(text: str, shape: tuple[int, ...], low: float, high: float) -> None:
    assert is_drawn(text)
    array = drawn("x", text, 0)
    assert array.shape == shape
    assert array.min() >= low
    assert array.max() <= high
    assert array.dtype == (np.int64 if text.startswith("integers") else np.float64)


def test_seed_and_name_decide() -> None:
    text = "uniform(1, 3, shape=(4,))"
    np.testing.assert_array_equal(drawn("x", text, 1), drawn("x", text, 1))
    assert not np.array_equal(drawn("x", text, 1), drawn("x", text, 2))
    assert not np.array_equal(drawn("x", text, 1), drawn("w", text, 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("uniform(3, 1)", "must be below"),
        ("uniform(1, 1)", "must be below"),
        ("uniform(1)", "write uniform"),
        ("uniform(x, 1)", "write uniform"),
        ("uniform(0, 1, shape=(-1,))", "write uniform"),
        ("uniform(0, 1, shape=(2,)) + 1", "write uniform"),
        ("uniform(0, 1, shape=(100000, 100000))", "elements; the limit is"),
        ("uniform(-1e308, 1e308)", "larger than float64"),
        ("uniform(0, 1e999)", "larger than float64"),
        ("uniform(0, 1, shape=(0,))", "has no elements"),
        ("normal(0, -1)", "the deviation is negative"),
        ("integers(0, 1.5)", "whole numbers"),
        ("uniform(__import__('os').system('true'), 1)", "write uniform"),
    ],
)
def test_what_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        drawn("x", text, 0)


def test_other_text_is_not_drawn() -> None:
    assert not any(map(is_drawn, ["0,1", "arange(4)", "uniform", "@uniform.npy", ""]))
