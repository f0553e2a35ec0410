"""Breaking text into lines: at spaces, and in Chinese between any two letters, but not before a mark that ends."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import east_asian_width

from symdiff.printing.widths import width_of

__all__ = ["wrapped"]

_NEVER_FIRST = "，。：；、？！）」》…"
_NEVER_LAST = "（「《"


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most so many columns, indented; what has no place to break stays whole.

    >>> wrapped("the chain rule, backwards", 12)
    ['the chain', 'rule,', 'backwards']
    >>> wrapped("链式法则，反向传播。", 10)
    ['链式法则，', '反向传播。']
    """
    lines: list[str] = []
    line, empty = first, True
    for space, piece in _pieces(text):
        gap = "" if empty else space
        if not empty and width_of(line) + width_of(gap + piece) > width:
            lines.append(line)
            line, gap = rest, ""
        line, empty = line + gap + piece, False
    return [*lines, line] if not empty else [first.rstrip()]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What is never broken, each with the space before it."""
    for word in text.split():
        space, start = " ", 0
        for place in range(1, len(word)):
            if _breaks(word[place - 1], word[place]):
                yield space, word[start:place]
                space, start = "", place
        yield space, word[start:]


def _breaks(before: str, after: str) -> bool:
    """Whether a line may end between two letters."""
    wide = any(east_asian_width(letter) in "WF" for letter in (before, after))
    return wide and before not in _NEVER_LAST and after not in _NEVER_FIRST
