"""Sums of many terms as a page writes them: the first two and the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from symdiff.printing.tree import Add, Ellipsis, Math

T = TypeVar("T")

TERMS = 6
"""A sum is written out up to so many terms; of more, the first two and the last."""

LINKS = 3
"""The same for a sum over consumers, whose terms are wider."""


def cut(parts: Sequence[Math], most: int = TERMS) -> list[Math]:
    """The terms that are written, with an ellipsis for the others."""
    return list(parts) if len(parts) <= most else [*parts[:2], Ellipsis(centred=True), parts[-1]]


def added(parts: Sequence[T], written: Callable[[T], Math]) -> Math:
    """A sum over consumers; of many, the first two and the last are written."""
    many = len(parts) > LINKS
    terms = [written(part) for part in ([*parts[:2], parts[-1]] if many else parts)]
    if many:
        terms.insert(2, Ellipsis(centred=True))
    return terms[0] if len(terms) == 1 else Add(tuple(terms))
