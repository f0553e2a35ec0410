"""How much room an item needs, and the shapes that it is drawn with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from symdiff.picture.graph import Amounts, Item, Node, Numbers, Shown
from symdiff.picture.shapes import SIZES, Code, Letters, Pill, Shape, Stroke, Tile
from symdiff.picture.typeset import runs, width
from symdiff.picture.widths import MONOSPACED, width_of
from symdiff.printing.record import Record
from symdiff.printing.tree import Math

__all__ = ["CAPTION", "Room", "adjoint_of", "badge_width", "caption", "letters_width", "name_of", "room", "value_of"]

PILL, LEAST = 26.0, 34.0
"""The height of a name's outline, and its least width."""

ROW, COLUMN = 17.0, 10.0
"""A row of numbers, and what is between two columns."""

APART = 5.0
"""Between a name and its numbers."""

BARS, BAR = 30.0, 5.0
CELL, HEAT = 9.0, 54.0
"""The largest cell of a heat map, and the largest map."""

CAPTION = 18.0
"""The line of code above a node."""

LONGEST_CODE = 17


class Room(Record):
    """What an item takes: its width, and its height above and below the middle of its name."""

    width: float
    up: float
    down: float


@lru_cache(maxsize=4096)
def letters_width(math: Math, role: str) -> float:
    """The width of some mathematics."""
    return width(runs(math)) * SIZES[role]


def room(item: Item) -> Room:
    """The room that an item takes."""
    value, adjoint = (_size(item.value, "value"), _size(item.adjoint, "adjoint"))
    widest = max(_pill_width(item), value[0], adjoint[0])
    up, down = (PILL / 2 + (height + APART if height else 0.0) for height in (value[1], adjoint[1]))
    return Room(widest, up, down)


def _pill_width(item: Item) -> float:
    return max(LEAST, letters_width(item.symbol, "name") + 20.0 + _shape_width(item))


def _shape_width(item: Item) -> float:
    return width_of(item.shape) * SIZES["shape"] + 6.0 if item.shape else 0.0


def name_of(item: Item, x: float, y: float, look: str) -> tuple[Pill, tuple[Shape, ...]]:
    """The name in its outline, its middle at ``x``, ``y``."""
    broad, beside = _pill_width(item), _shape_width(item)
    pill = Pill(x - broad / 2, y, broad, PILL, look)
    shapes: list[Shape] = [pill, Letters(x - beside / 2, y + 5.5, item.symbol, "name")]
    if item.shape:
        name = letters_width(item.symbol, "name")
        shapes.append(Code(x - beside / 2 + name / 2 + 4.0, y + 5.0, item.shape, "shape"))
    return pill, tuple(shapes)


def caption(node: Node, short: bool) -> tuple[str, float]:
    """The code above a node, cut where it is long, and its width with the number of the step before it."""
    code = node.code if len(node.code) <= LONGEST_CODE or not short else node.code[: LONGEST_CODE - 1] + "…"
    return code, len(code) * MONOSPACED * SIZES["code"] + badge_width(str(node.step)) + 4.0 if node.step else 0.0


def badge_width(number: str) -> float:
    """The width of the disc, or of the pill, that a step's number stands in."""
    return 15.0 + 6.5 * (len(number) - 1)


def value_of(item: Item, x: float, y: float) -> tuple[Shape, ...]:
    """The shapes of the value, above the name."""
    height = _size(item.value, "value")[1]
    return tuple(_drawn(item.value, x, y - PILL / 2 - APART - height, "value"))


def adjoint_of(item: Item, x: float, y: float) -> tuple[Shape, ...]:
    """The shapes of the adjoint, below the name."""
    return tuple(_drawn(item.adjoint, x, y + PILL / 2 + APART, "adjoint"))


# --- numbers, bars and heat maps --------------------------------------------------------------------------------------


def _size(shown: Shown | None, role: str) -> tuple[float, float]:
    if shown is None:
        return 0.0, 0.0
    if isinstance(shown, Numbers):
        columns = _columns(shown, role)
        brackets = 12.0 if len(shown.rows) > 1 or len(columns) > 1 else 0.0
        return sum(columns) + COLUMN * (len(columns) - 1) + brackets, ROW * len(shown.rows) - 3.0
    rows, columns_ = len(shown.rows), len(shown.rows[0])
    if rows == 1:
        return _bar(columns_) * columns_, BARS
    cell = _cell(rows, columns_)
    return cell * columns_, cell * rows


def _columns(shown: Numbers, role: str) -> list[float]:
    return [max(letters_width(entry, role) for entry in column) for column in zip(*shown.rows, strict=True)]


def _bar(count: int) -> float:
    return min(BAR * 2, max(BAR / 2, 60.0 / count))


def _cell(rows: int, columns: int) -> float:
    return round(min(CELL, HEAT / max(rows, columns)), 2)


def _drawn(shown: Shown | None, x: float, top: float, role: str) -> Iterator[Shape]:
    """The shapes of some numbers whose upper edge is at ``top``."""
    if isinstance(shown, Numbers):
        yield from _numbers(shown, x, top, role)
    elif isinstance(shown, Amounts):
        yield from _bars(shown, x, top) if len(shown.rows) == 1 else _heat(shown, x, top)


def _numbers(shown: Numbers, x: float, top: float, role: str) -> Iterator[Shape]:
    columns, (broad, high) = _columns(shown, role), _size(shown, role)
    bracketed = len(shown.rows) > 1 or len(columns) > 1
    left = x - broad / 2 + (6.0 if bracketed else 0.0)
    for place, row in enumerate(shown.rows):
        at = left
        for column, entry in zip(columns, row, strict=True):
            yield Letters(at + column / 2, top + ROW * place + 11.5, entry, role)
            at += column + COLUMN
    if bracketed:
        for side, inward in ((x - broad / 2 + 1, 4.0), (x + broad / 2 - 1, -4.0)):
            ends = (top - 1.5, top + high + 1.5)
            yield Stroke(((side + inward, ends[0]), (side, ends[0]), (side, ends[1]), (side + inward, ends[1])))


def _bars(shown: Amounts, x: float, top: float) -> Iterator[Shape]:
    """Bars up and down from an axis that stands where the values leave it room."""
    row = shown.rows[0]
    lows = shown.lows or (0.0,) * len(row)
    known = [each for each in (*row, *lows) if each is not None]
    high, low = max([0.0, *known]), min([0.0, *known])
    unit, each = BARS / ((high - low) or 1.0), _bar(len(row))
    axis, left = top + high * unit, x - each * len(row) / 2
    for place, ends in enumerate(zip(row, lows, strict=True)):
        at, broad = left + each * place, max(each - 1.0, each * 0.8)
        if None in ends:
            yield Tile(at, top, broad, BARS, None, True)
            continue
        for amount in sorted({end for end in ends if end}, key=lambda end: end or 0.0):
            yield Tile(at, axis - max(amount, 0.0) * unit, broad, abs(amount) * unit, amount, True)
    yield Stroke(((left - 2.0, axis), (left + each * len(row) + 1.0, axis)))


def _heat(shown: Amounts, x: float, top: float) -> Iterator[Shape]:
    rows, columns = len(shown.rows), len(shown.rows[0])
    cell = _cell(rows, columns)
    left = x - cell * columns / 2
    for i, row in enumerate(shown.rows):
        for j, amount in enumerate(row):
            yield Tile(left + cell * j, top + cell * i, cell, cell, amount)
    edge = (left + cell * columns, top + cell * rows)
    yield Stroke(((left, top), (edge[0], top), edge, (left, edge[1]), (left, top)))
