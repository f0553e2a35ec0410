"""Records behave as frozen dataclasses do."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import ClassVar

import pytest

from symdiff.printing.record import Record, replace


class Point(Record):
    """A record with a default and a constant."""

    x: int
    y: int = 2
    kind: ClassVar[str] = "point"


class Named(Point):
    """A record with a field more."""

    name: str = ""


def test_fields_are_given_by_place_or_by_name() -> None:
    assert Point(1) == Point(x=1, y=2) == Point(1, 2)
    assert Named(1, 3, "a").name == "a"
    assert (Named(1).x, Named(1).y, Named(1).name, Named(1).kind) == (1, 2, "", "point")


@pytest.mark.parametrize("args", [(), (1, 2, 3)])
def test_what_is_missing_or_too_much_is_refused(args: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(*args)


def test_unknown_and_double_fields_are_refused() -> None:
    with pytest.raises(TypeError):
        Point(1, z=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, x=3)  # type: ignore[misc]


def test_records_are_frozen_compared_hashed_and_shown() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 3  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del Point(1).x  # type: ignore[misc]
    assert Point(1) != Point(2)
    assert Point(1) != Named(1)
    assert len({Point(1), Point(1, 2), Named(1)}) == 2
    assert repr(Named(1)) == "Named(x=1, y=2, name='')"
    assert replace(Named(1), y=5) == Named(1, 5)


def test_records_match_by_place() -> None:
    match Point(4, 5):
        case Point(x, y):
            assert (x, y) == (4, 5)
