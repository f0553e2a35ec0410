"""Drawings as TikZ: the coordinates of the SVG, in a unit in which what fits a page fits a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.pages.blocks import Line
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.picture_svg import HUES
from symdiff.picture.measures import badge_width
from symdiff.picture.shapes import Code, Drawing, Letters, Part, Path, Pill, Shape, Stroke, Tile
from symdiff.picture.typeset import on_a_line
from symdiff.printing import tex
from symdiff.printing.latex import latex
from symdiff.printing.tree import Math, Partial

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["sheets", "tikz"]

UNIT = 0.6
"""A pixel of a drawing in points: what is 17 there is set in 10 points."""

WIDEST, HIGHEST = 480.0, 640.0
"""What fits between the margins, in points; what is larger is scaled down as a whole."""


def sheets(block: PictureBlock, line: Callable[[Line], str]) -> list[Markup]:
    """The drawings of a picture, and the lines between them; ``line`` prints one."""
    from markupsafe import Markup

    return [Markup(tikz(sheet)) if isinstance(sheet, Drawing) else Markup(line(sheet)) for sheet in block.sheets]


def tikz(drawing: Drawing) -> str:
    """One ``tikzpicture``, in the styles of ``templates/latex/picture.tex``."""
    box = rf"\path[use as bounding box] (0,0) rectangle {_at((drawing.width, drawing.height))};"
    shapes = [_SHAPES[type(shape)](shape, part) for part in drawing.parts for shape in part.shapes]
    body = "\n".join([rf"\begin{{tikzpicture}}[symdiff, x={UNIT}pt, y=-{UNIT}pt]", box, *shapes, r"\end{tikzpicture}"])
    scale = min(1.0, WIDEST / (UNIT * drawing.width), HIGHEST / (UNIT * drawing.height))
    return body if scale == 1.0 else rf"\scalebox{{{scale:.3f}}}{{{body}}}"


def _hue(part: Part) -> str:
    return f"hue{(part.step - 1) % HUES + 1}" if part.step else "soft"


def _pill(shape: Pill, part: Part) -> str:
    top, bottom = (shape.y + side * shape.height / 2 for side in (-1, 1))
    filled = f", fill={_hue(part)}!8" if shape.look == "step" else ""
    corners = f"{UNIT * (5 if shape.look == 'step' else shape.height / 2):.1f}pt"
    dashed = ", dashed" if shape.look == "ghost" else ""
    style = f"draw={_hue(part)}{filled}{dashed}, rounded corners={corners}"
    return rf"\path[{style}] {_at((shape.x, top))} rectangle {_at((shape.x + shape.width, bottom))};"


def _path(shape: Path, part: Part) -> str:
    at, written = shape.start, [_at(shape.start)]
    for first, second, end in shape.curves:
        straight = second == end and at[1] == end[1]
        written.append(f"-- {_at(end)}" if straight else f".. controls {_at(first)} and {_at(second)} .. {_at(end)}")
        at = end
    line = rf"\draw[link{', quiet' if part.quiet else ''}] {' '.join(written)};"
    if not shape.tip:
        return line
    corners = ((at[0] - 7, at[1] - 3.5), (at[0] - 7, at[1] + 3.5))
    return rf"{line} \fill[soft] {_at(at)} -- {' -- '.join(map(_at, corners))} -- cycle;"


def _stroke(shape: Stroke, part: Part) -> str:
    style = {"curve": "curve", "bounds": "bounds"}.get(part.kind, "thinner")
    return rf"\draw[{style}] {' -- '.join(map(_at, shape.points))};"


def _tile(shape: Tile, part: Part) -> str:
    corners = f"{_at((shape.x, shape.y))} rectangle {_at((shape.x + shape.width, shape.y + shape.height))};"
    if shape.strength is None:
        return rf"\draw[draw=disagree, thinner] {corners}"
    strong = "" if shape.bar else f"!{round(8 + 92 * abs(shape.strength))}"
    return rf"\fill[{'less' if shape.strength < 0 else 'more'}{strong}] {corners}"


def _letters(shape: Letters, part: Part) -> str:
    return rf"\node[p-{shape.role}] at {_at((shape.x, shape.y))} {{\({_math(shape.math)}\)}};"


def _math(node: Math) -> str:
    if isinstance(node, Partial) and isinstance(node.by, Math):
        return rf"\partial {latex(node.of)} / \partial {latex(node.by)}"
    return latex(on_a_line(node))


def _code(shape: Code, part: Part) -> str:
    half = badge_width(shape.text) / 2
    corners = f"{_at((shape.x - half, shape.y - 11.5))} rectangle {_at((shape.x + half, shape.y + 3.5))}"
    fill = rf"\fill[{_hue(part)}, rounded corners={7.5 * UNIT:.1f}pt] {corners}; "
    text = tex.escape(shape.text).replace(" ", "~")
    return (fill if shape.role == "badge" else "") + rf"\node[p-{shape.role}] at {_at((shape.x, shape.y))} {{{text}}};"


def _at(point: tuple[float, float]) -> str:
    return f"({point[0]:.1f},{point[1]:.1f})"


_SHAPES: dict[type[Shape], Callable[[Any, Part], str]] = {
    Pill: _pill,
    Path: _path,
    Stroke: _stroke,
    Tile: _tile,
    Letters: _letters,
    Code: _code,
}
