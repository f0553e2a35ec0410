"""How many columns of a terminal a text takes."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

__all__ = ["pad", "width_of"]


def width_of(string: str) -> int:
    """Columns on a terminal: wide letters take two, combining marks none."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in string)


def pad(string: str, width: int, align: str = "l") -> str:
    """The string filled with spaces to a width in columns."""
    room = max(0, width - width_of(string))
    left = {"l": 0, "c": room // 2, "r": room}[align]
    return " " * left + string + " " * (room - left)
