"""The numbers of an array in a picture: written out where they are few, else how large they are."""

from __future__ import annotations

import numpy as np

from symdiff.arrays import Array
from symdiff.picture.graph import Amounts, Numbers, Shown
from symdiff.picture.typeset import on_a_line
from symdiff.printing.breadth import breadth
from symdiff.printing.numbers import number, short
from symdiff.printing.tree import Math, Number, Rounded

__all__ = ["ShownArrays"]

LISTED, HIGH, COLUMNS = 6, 4, 2
"""So many numbers of an array are written out, in so many rows and columns; of more there are bars or a heat map."""

BARS, CELLS = 24, 12
"""So many bars, and so many rows and columns of a heat map, are drawn; of more each stands for several."""

DIGITS, FEWER = 4, 3
"""Digits of a number that stands alone, and of one among others."""


class ShownArrays:
    """Makes what is shown of arrays, and remembers whether any number was ``rounded``."""

    def __init__(self) -> None:
        self.rounded = False

    def of(self, values: Array | None) -> Shown | None:
        """What is shown of an array; None where there is nothing."""
        if values is None or not values.size:
            return None
        rows = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(-1, 1)
        if values.size <= LISTED and rows.shape[1] <= COLUMNS and len(rows) <= HIGH:
            digits = DIGITS if values.size == 1 else FEWER
            return Numbers(tuple(tuple(self.number(float(each), digits) for each in row) for row in rows))
        if rows.shape[1] == 1:
            return _bars(rows[:, 0])
        return _heat(rows) if len(rows) > 1 else _bars(rows[0])

    def number(self, value: float, digits: int = DIGITS) -> Math:
        """A number: exact where that is short, else rounded."""
        exact, found = short(value), short(value, digits)
        if isinstance(exact, Number) and breadth(exact) <= digits + 3:
            return exact
        if isinstance(found, Rounded) or breadth(on_a_line(found)) > digits + 3:
            self.rounded = True
            return number(float(f"{value:.{digits}g}"))
        return found


def _bars(values: Array) -> Amounts:
    """A bar for each, or for each stretch of many from its least to its largest, and from or to 0."""
    if values.size <= BARS:
        row, scale = _parts(values)
        return Amounts((row,), scale)
    stretches = [np.concatenate([part, [0.0]]) for part in np.array_split(values, BARS)]
    both, scale = _parts(np.array([each.max() for each in stretches] + [each.min() for each in stretches]))
    return Amounts((both[:BARS],), scale, True, both[BARS:])


def _heat(rows: Array) -> Amounts:
    few = _gathered(_gathered(rows).T).T
    cells, scale = _parts(few.reshape(-1))
    width = few.shape[1]
    return Amounts(tuple(cells[k * width : (k + 1) * width] for k in range(len(few))), scale, few.size < rows.size)


def _parts(values: Array) -> tuple[tuple[float | None, ...], Math]:
    """Each as a part of the largest, which is returned as well; None for what is not finite."""
    finite = np.isfinite(values)
    largest = float(np.max(np.abs(values), where=finite, initial=0.0))
    parts = np.where(finite, values, 0.0) / (largest or 1.0)
    known = zip(parts.tolist(), finite.tolist(), strict=True)
    return tuple(round(part, 2) if is_known else None for part, is_known in known), short(largest, FEWER)


def _gathered(rows: Array) -> Array:
    """At most so many columns: the largest of each stretch by its size, with its sign."""
    if rows.shape[1] <= CELLS:
        return rows
    columns = []
    for part in np.array_split(np.arange(rows.shape[1]), CELLS):
        stretch = rows[:, part]
        sizes = np.where(np.isfinite(stretch), np.abs(stretch), np.inf)
        columns.append(stretch[np.arange(len(rows)), np.argmax(sizes, axis=1)])
    return np.stack(columns, axis=1)
