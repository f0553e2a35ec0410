"""What is drawn: no link runs through a label or a node, and every shape is on its sheet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from symdiff.picture.bands import WIDEST, drawn
from symdiff.picture.graph import Graph, Item, Left, Link, Node, Numbers, Picture
from symdiff.picture.measures import letters_width
from symdiff.picture.shapes import SIZES, Code, Drawing, Letters, Path, Pill, Shape, Stroke, Tile
from symdiff.printing.shorthand import symbol
from symdiff.printing.tree import Number, Symbol
from tests.picture.gallery import CASES, drawings, picture_of

Rectangle = tuple[float, float, float, float]


def letters_of(shape: Letters, margin: float = 0.0) -> Rectangle:
    broad, size = letters_width(shape.math, shape.role), SIZES[shape.role]
    return (shape.x - broad / 2 + margin, shape.y - 0.7 * size, shape.x + broad / 2 - margin, shape.y + 0.1 * size)


def points(path: Path) -> Iterator[tuple[float, float]]:
    """Points along a link, close to each other."""
    at = path.start
    for one, two, end in path.curves:
        for step in range(41):
            t = step / 40
            yield tuple(  # type: ignore[misc]
                (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t * t * c + t**3 * d
                for a, b, c, d in zip(at, one, two, end, strict=True)
            )
        at = end


def shapes(drawing: Drawing, kind: type[Shape]) -> list[Shape]:
    return [shape for part in drawing.parts for shape in part.shapes if isinstance(shape, kind)]


@pytest.mark.parametrize("name", CASES)
def test_no_link_runs_through_letters_or_a_name(name: str) -> None:
    for drawing in drawings(name):
        taken = [letters_of(shape, 1.0) for shape in shapes(drawing, Letters)]
        taken += [(p.x + 2, p.y - p.height / 2 + 2, p.x + p.width - 2, p.y + p.height / 2 - 2)
                  for p in shapes(drawing, Pill)]  # fmt: skip
        for path in shapes(drawing, Path):
            for x, y in points(path):
                assert not [box for box in taken if box[0] < x < box[2] and box[1] < y < box[3]]


@pytest.mark.parametrize("name", CASES)
def test_letters_do_not_touch(name: str) -> None:
    for drawing in drawings(name):
        boxes = [letters_of(shape, 0.5) for shape in shapes(drawing, Letters)]
        for place, (a, b, c, d) in enumerate(boxes):
            assert not [o for o in boxes[:place] if a < o[2] and o[0] < c and b < o[3] and o[1] < d]


@pytest.mark.parametrize("name", CASES)
def test_everything_is_on_its_sheet(name: str) -> None:
    for drawing in drawings(name):
        assert drawing.width <= WIDEST
        for shape in (shape for part in drawing.parts for shape in part.shapes):
            for x, y in corners(shape):
                assert -0.5 <= x <= drawing.width + 0.5
                assert -0.5 <= y <= drawing.height + 0.5


def corners(shape: Shape) -> list[tuple[float, float]]:
    match shape:
        case Pill(x=x, y=y, width=width, height=height):
            return [(x, y - height / 2), (x + width, y + height / 2)]
        case Tile(x=x, y=y, width=width, height=height):
            return [(x, y), (x + width, y + height)]
        case Letters():
            a, b, c, d = letters_of(shape)
            return [(a, b), (c, d)]
        case Path():
            return list(points(shape))
        case Stroke(points=ends):
            return list(ends)
        case Code(x=x, y=y):
            return [(x, y - 9), (x, y)]
    raise AssertionError(shape)


def test_what_is_broader_than_a_page_goes_on_below_and_repeats_what_it_reads() -> None:
    sheets = drawings("perceptron")
    assert len(sheets) == 2
    ghosts = [[part.key for part in sheet.parts for shape in part.shapes if getattr(shape, "look", "") == "ghost"]
              for sheet in sheets]  # fmt: skip
    computed = [{part.key for part in sheet.parts if part.kind == "value"} for sheet in sheets]
    assert ghosts[0] == []
    assert ghosts[1] != []
    assert set(ghosts[1]) <= computed[0]
    # every value stands once
    assert not computed[0] & computed[1]


def test_a_long_loop_is_drawn_by_its_ends_and_says_what_is_left_out() -> None:
    found = drawn(picture_of("a loop of 40"))
    left = [each.count for each in found if isinstance(each, Left)]
    steps = {part.step for each in found if isinstance(each, Drawing) for part in each.parts if part.kind == "value"}
    assert left
    assert len(found) <= 8
    # 40 turns of three steps, the product and the sum
    assert sum(left) + len(steps - {0}) == 122


def test_a_name_that_is_too_long_for_a_page_is_still_on_its_sheet() -> None:
    name = "a" * 150
    one = Item(Symbol(name), Numbers(((Number("1"),),)))
    graph = Graph(
        (Node(0, (one,)), Node(1, (Item(symbol("y")),), 1, f"f({name})")), (Link((0, 0), (1, 0), Number("2")),)
    )
    (drawing,) = drawn(Picture((graph,), Symbol("y")))
    assert isinstance(drawing, Drawing)
    for shape in (shape for part in drawing.parts for shape in part.shapes):
        assert all(-0.5 <= x <= drawing.width + 0.5 for x, _ in corners(shape))
