"""Two small drawings: a function along one element around its kink, and which entries of a table can differ from 0."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from symdiff.picture.shapes import Drawing, Letters, Part, Shape, Stroke, Tile
from symdiff.printing.record import Record
from symdiff.printing.tree import Math

__all__ = ["Slice", "slice_drawing", "table_drawing"]

WIDE, HIGH, SIDE, BELOW, ABOVE = 250.0, 120.0, 46.0, 24.0, 24.0
DOT = 6.0
CELL, LARGEST = 14.0, 280.0
"""The side of an entry of a table, and of the whole."""


class Slice(Record):
    """A function along one element, everything else held: its value at points around the ``middle``.

    ``slopes`` are the one-sided derivatives at the middle, where these are known.
    """

    element: Math
    result: Math
    middle: float
    shown: Math
    points: tuple[tuple[float, float], ...]
    slopes: tuple[float, float] | None = None


def slice_drawing(found: Slice) -> Drawing:
    """The curve, its axis, a dot at the kink and, thin, the two lines between which every valid slope lies."""
    places = [x for x, _ in found.points]
    values = [y for _, y in found.points if isfinite(y)]
    left, right, low, high = min(places), max(places), min(values), max(values)
    spare = 0.1 * (high - low)  # the thin lines are seen beyond the curve
    low, high = low - spare, high + spare
    room = (high - low) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        return SIDE + WIDE * (x - left) / (right - left), ABOVE + HIGH * (high - y) / room

    middle = (left + right) / 2
    here = next((y for x, y in found.points if x == middle and isfinite(y)), None)
    axis = ABOVE + HIGH + 8.0
    x_there = at(middle, low)[0]
    frame: list[Shape] = [
        Stroke(((SIDE, axis), (SIDE + WIDE, axis))),
        Stroke(((x_there, axis - 4), (x_there, axis + 4))),
        Letters(x_there, axis + 18, found.shown, "local"),
        Letters(SIDE + WIDE + 22, axis + 5, found.element, "local"),
        Letters(SIDE - 22, ABOVE + 6, found.result, "local"),
    ]
    parts = [Part("frame", 0, 0, tuple(frame))]
    if here is not None and found.slopes is not None:
        lines = [_through((middle, here), slope, (left, right), (low, high)) for slope in found.slopes]
        parts.append(Part("bounds", 0, 0, tuple(Stroke(tuple(at(*point) for point in line)) for line in lines)))
    parts.append(Part("curve", 0, 0, tuple(Stroke(tuple(at(*p) for p in piece)) for piece in _pieces(found.points))))
    if here is not None:
        x, y = at(middle, here)
        parts.append(Part("dot", 0, 0, (Tile(x - DOT / 2, y - DOT / 2, DOT, DOT, -1.0, bar=True),)))
    return Drawing(WIDE + 2 * SIDE, axis + BELOW, tuple(parts))


def _through(
    point: tuple[float, float], slope: float, across: tuple[float, float], up: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """The straight line through a point, as far as it stays in the frame."""
    x, y = point
    ends = []
    for edge in across:
        reach = edge - x
        rise = slope * reach
        limit = (up[1] - y) if rise > 0 else (up[0] - y)
        share = 1.0 if abs(rise) <= abs(limit) else abs(limit / rise)
        ends.append((x + share * reach, y + share * rise))
    return tuple(ends)


def _pieces(points: tuple[tuple[float, float], ...]) -> Iterator[list[tuple[float, float]]]:
    """The curve without what is not finite, and broken where a step is most of the whole height: there it jumps."""
    values = [y for _, y in points if isfinite(y)]
    most = 0.4 * (max(values) - min(values))
    piece: list[tuple[float, float]] = []
    for x, y in points:
        if piece and (not isfinite(y) or abs(y - piece[-1][1]) > most):
            if len(piece) > 1:
                yield piece
            piece = []
        if isfinite(y):
            piece.append((x, y))
    if len(piece) > 1:
        yield piece


def table_drawing(filled: tuple[tuple[bool, ...], ...]) -> Drawing:
    """A frame with a tile for every entry that can differ from 0."""
    rows, columns = len(filled), len(filled[0])
    cell = min(CELL, LARGEST / max(rows, columns))
    tiles = tuple(
        Tile(1 + column * cell + 0.5, 1 + row * cell + 0.5, cell - 1, cell - 1, 1.0, bar=True)
        for row, line in enumerate(filled)
        for column, full in enumerate(line)
        if full
    )
    right, low = 1 + columns * cell, 1 + rows * cell
    frame = Stroke(((1, 1), (right, 1), (right, low), (1, low), (1, 1)))
    return Drawing(right + 1, low + 1, (Part("frame", 0, 0, (frame,)), Part("dot", 0, 0, tiles)))
