"""Drawings as SVG inside a page: its font, its colours, and every text escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.pages.blocks import Line
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.picture.frames import Frames
from symdiff.picture.measures import badge_width
from symdiff.picture.shapes import Code, Drawing, Letters, Part, Path, Pill, Shape, Stroke, Tile
from symdiff.picture.typeset import SMALL, runs
from symdiff.printing.markup import element, escape

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["sheets", "svg"]

HUES = 5
"""So many colours go round among the steps."""


def sheets(block: PictureBlock, line: Callable[[Line], str]) -> list[Markup]:
    """The drawings of a picture, and the lines between them; ``line`` prints one."""
    from markupsafe import Markup

    frames = Frames(block.picture)
    return [
        Markup(svg(sheet, frames.of))
        if isinstance(sheet, Drawing)
        else Markup('<p class="left">{}</p>').format(line(sheet))
        for sheet in block.sheets
    ]


def _still(_: Part) -> tuple[int, tuple[int, ...]]:
    """Of a drawing that is not played all is there from the first."""
    return 0, ()


def svg(drawing: Drawing, frames: Callable[[Part], tuple[int, tuple[int, ...]]] = _still) -> str:
    """One ``<svg>`` of the drawing's own size; ``frames`` says when a part appears in the player and when it is lit."""
    parts = [_part(part, *frames(part)) for part in drawing.parts]
    wide, high = _n(drawing.width), _n(drawing.height)
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {wide} {high}",
        width=wide,
        height=high,
        style=f"--natural: {wide}px",
        translate="no",
        **{"aria-hidden": "true"},
    )


def _part(part: Part, appears: int, lit: tuple[int, ...]) -> str:
    names = f"{part.kind} quiet" if part.quiet else part.kind
    if part.kind == "node" and part.step:
        names += f" hue-{(part.step - 1) % HUES + 1}"
    title = element("title", escape(part.title)) if part.title else ""
    data = {"data-in": str(appears) if appears else None, "data-lit": " ".join(map(str, lit)) or None}
    return element("g", title, *(_SHAPES[type(shape)](shape) for shape in part.shapes), **{"class": names}, **data)


def _pill(shape: Pill) -> str:
    top = shape.y - shape.height / 2
    return element(
        "rect",
        x=_n(shape.x),
        y=_n(top),
        width=_n(shape.width),
        height=_n(shape.height),
        rx=_n(shape.height / 2 if shape.look in ("input", "ghost") else 5),
        **{"class": shape.look},
    )


def _path(shape: Path) -> str:
    at, written = shape.start, [f"M{_at(shape.start)}"]
    for first, second, end in shape.curves:
        if second == end and at[1] == end[1]:
            written.append(f"H{_n(end[0])}")
        else:
            written.append(f"C{_at(first)} {_at(second)} {_at(end)}")
        at = end
    line = element("path", d="".join(written))
    if not shape.tip:
        return line
    tip = f"M{_at(at)}l-7 -3.5v7z"
    return line + element("path", d=tip, **{"class": "tip"})


def _stroke(shape: Stroke) -> str:
    return element("path", d="M" + "L".join(map(_at, shape.points)), **{"class": "thin"})


def _tile(shape: Tile) -> str:
    sign = "none" if shape.strength is None else "less" if shape.strength < 0 else "more"
    strong = None if shape.bar or shape.strength is None else _n(0.08 + 0.92 * abs(shape.strength), 2)
    return element(
        "rect",
        x=_n(shape.x),
        y=_n(shape.y),
        width=_n(shape.width),
        height=_n(shape.height),
        **{"class": f"tile {sign}", "opacity": strong},
    )


def _letters(shape: Letters) -> str:
    level, spans = 0.0, []
    for run in runs(shape.math):
        down = round((run.shift - level) / run.size, 3)
        size = "" if run.size == 1.0 else "small" if run.size > SMALL**2 else "tiny"
        names = " ".join(filter(None, (size, "word" if run.word else "")))
        spans.append(
            element("tspan", escape(run.text), **{"class": names or None, "dy": f"{_n(down, 2)}em" if down else None})
        )
        level = run.shift
    return element("text", *spans, x=_n(shape.x), y=_n(shape.y), **{"class": shape.role})


def _code(shape: Code) -> str:
    text = element("text", escape(shape.text), x=_n(shape.x), y=_n(shape.y), **{"class": shape.role})
    if shape.role != "badge":
        return text
    wide = badge_width(shape.text)
    left, top = _n(shape.x - wide / 2), _n(shape.y - 11.5)
    return element("rect", x=left, y=top, width=_n(wide), height="15", rx="7.5", **{"class": "badge"}) + text


def _at(point: tuple[float, float]) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _n(value: float, digits: int = 1) -> str:
    """A length with one digit: that is less than anybody sees."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_SHAPES: dict[type[Shape], Callable[[Any], str]] = {
    Pill: _pill,
    Path: _path,
    Stroke: _stroke,
    Tile: _tile,
    Letters: _letters,
    Code: _code,
}
