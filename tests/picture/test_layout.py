"""Where nodes stand: in layers, apart from each other, in order, the same every time."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from symdiff.picture.layout import GAP, Box, Cord, layered, ranks


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[Box], list[Cord]]:
    """Boxes with some ports, each with links to later ones, as programs have them."""
    boxes = [
        Box(draw(st.floats(5, 60)), draw(st.floats(5, 60)), tuple(30.0 * k for k in range(draw(st.integers(1, 3)))))
        for _ in range(draw(st.integers(1, 9)))
    ]
    cords = []
    for target in range(1, len(boxes)):
        for source in draw(st.sets(st.integers(0, target - 1), max_size=3)):
            ports = (draw(st.integers(0, len(boxes[k].ports) - 1)) for k in (source, target))
            cords.append(Cord(*zip(sorted((source, target)), ports, strict=True)))
    return boxes, cords


@settings(max_examples=40)
@given(programs())
def test_every_link_goes_one_layer_to_the_right_at_a_time(program: tuple[list[Box], list[Cord]]) -> None:
    boxes, cords = program
    found = layered(boxes, cords)
    column = {box: at for at, layer in enumerate(found.layers) for box in layer}
    assert sorted(column) == list(range(len(found.boxes)))
    for cord, path in zip(cords, found.paths, strict=True):
        assert (path[0], path[-1]) == (cord.source, cord.target)
        assert all(column[b[0]] == column[a[0]] + 1 for a, b in pairwise(path))


@settings(max_examples=40)
@given(programs())
def test_boxes_of_a_layer_leave_each_other_room(program: tuple[list[Box], list[Cord]]) -> None:
    found = layered(*program)
    for layer in found.layers:
        for above, below in pairwise(layer):
            free = found.heights[below] - found.boxes[below].up - found.heights[above] - found.boxes[above].down
            assert free >= GAP - 1e-2


@settings(max_examples=40)
@given(programs())
def test_the_same_graph_stands_the_same(program: tuple[list[Box], list[Cord]]) -> None:
    one, two = layered(*program), layered(*program)
    assert (one.layers, one.heights) == (two.layers, two.heights)


def test_an_input_stands_just_before_its_first_reader() -> None:
    # x -> a -> b -> y, and w is read by y alone
    assert ranks(5, [Cord((0, 0), (1, 0)), Cord((1, 0), (2, 0)), Cord((2, 0), (4, 0)), Cord((3, 0), (4, 0))]) == [
        0, 1, 2, 2, 3,
    ]  # fmt: skip


def test_crossings_are_taken_out() -> None:
    box = Box(9, 9)
    found = layered([box] * 5, [Cord((0, 0), (3, 0)), Cord((1, 0), (2, 0)), Cord((2, 0), (4, 0)), Cord((3, 0), (4, 0))])
    height = found.heights
    assert (height[0] - height[1]) * (height[3] - height[2]) > 0


def test_a_chain_is_straight() -> None:
    found = layered([Box(9, 9), Box(30, 9), Box(9, 40)], [Cord((0, 0), (1, 0)), Cord((1, 0), (2, 0))])
    assert max(found.heights) - min(found.heights) < 1e-2


def test_nothing_has_a_layout() -> None:
    assert layered([], []).heights == []
