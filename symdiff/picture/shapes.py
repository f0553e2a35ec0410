"""What is drawn: lines, boxes, tiles and letters at their places, the same for every format.

Lengths are CSS pixels from the upper left corner; letters stand with their base line at ``y``.
"""

from __future__ import annotations

from typing import TypeAlias

from symdiff.printing.record import Record
from symdiff.printing.tree import Math

__all__ = ["SIZES", "Code", "Drawing", "Letters", "Part", "Path", "Pill", "Shape", "Stroke", "Tile"]

SIZES = {"name": 17.0, "value": 14.0, "adjoint": 14.0, "local": 14.0, "code": 12.0, "shape": 12.0, "badge": 11.0}
"""The size of letters by what they are."""

Point: TypeAlias = "tuple[float, float]"


class Pill(Record):
    """The outline of a name, the middle of its left side at ``x``, ``y``; ``look`` is input, step or ghost."""

    x: float
    y: float
    width: float
    height: float
    look: str


class Path(Record):
    """A link: a start, then curves by two control points and an end each; with ``tip`` it ends in an arrowhead."""

    start: Point
    curves: tuple[tuple[Point, Point, Point], ...]
    tip: bool = False


class Stroke(Record):
    """A straight line through points: a bracket, the axis of bars."""

    points: tuple[Point, ...]


class Tile(Record):
    """A bar, or a cell of a heat map: ``strength`` is between -1 and 1, None where the number is not finite."""

    x: float
    y: float
    width: float
    height: float
    strength: float | None
    bar: bool = False


class Letters(Record):
    """Mathematics centred at ``x``; ``role`` says what it is, and so its size and colour."""

    x: float
    y: float
    math: Math
    role: str


class Code(Record):
    """Code, or the number of a step, centred at ``x``."""

    x: float
    y: float
    text: str
    role: str


Shape: TypeAlias = "Pill | Path | Stroke | Tile | Letters | Code"


class Part(Record):
    """What belongs together: a ``node``, a ``value``, an ``adjoint``, a ``link`` or the ``local`` derivative on it.

    ``key`` is the node, of a link where it starts, and ``to`` where it ends; ``step`` is the number of the step that
    computes the node, or the end of the link. A ``quiet`` link carries nothing back.
    """

    kind: str
    key: int
    step: int
    shapes: tuple[Shape, ...]
    to: int = -1
    quiet: bool = False
    title: str = ""


class Drawing(Record):
    """Parts on a sheet of a size."""

    width: float
    height: float
    parts: tuple[Part, ...]
