"""A graph as a drawing: its layers from left to right, between them the links with what stands on them.

Between two layers every link first runs level on a lane of its own, where its label interrupts it, and only then
curves to where it goes: so no link crosses a label, however many cross each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from symdiff.picture.graph import Graph, Link, Node
from symdiff.picture.layout import LANE, Box, Cord, Layers, layered
from symdiff.picture.measures import (
    CAPTION,
    Room,
    adjoint_of,
    badge_width,
    caption,
    letters_width,
    name_of,
    room,
    value_of,
)
from symdiff.picture.shapes import Code, Drawing, Letters, Part, Path, Pill, Point, Shape

__all__ = ["drawing"]

MARGIN = 4.0
BETWEEN = 12.0
"""Between two elements of one array."""

STUB, PAD = 10.0, 6.0
"""Where links of one port part, and the room around a label."""

LEAST_TURN, MOST_TURN = 30.0, 64.0
"""The room in which links turn to where they go."""

Port = tuple[int, int]


def drawing(graph: Graph) -> Drawing:
    """Lay out a graph, and draw it."""
    return _Draughtsman(graph).drawing()


@dataclass
class _Column:
    """A layer's place: its left and right edge, and where its links begin to turn."""

    left: float
    right: float
    turn: float


class _Draughtsman:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.rooms: list[list[Room]] = [[room(item) for item in node.items] for node in graph.nodes]
        self.places = {node.key: place for place, node in enumerate(graph.nodes)}
        self.ends: list[tuple[Port, Port]] = [
            ((self.places[link.source[0]], link.source[1]), (self.places[link.target[0]], link.target[1]))
            for link in graph.links
        ]
        boxes = [self.box(place) for place in range(len(graph.nodes))]
        self.layers: Layers = layered(boxes, [Cord(*ends) for ends in self.ends])
        self.column_of = {box: at for at, layer in enumerate(self.layers.layers) for box in layer}
        self.leaving = self._lanes()
        self.columns = self._columns()
        self.arriving = self._arrivals()

    # --- room ---------------------------------------------------------------------------------------------------------

    def box(self, place: int) -> Box:
        """The room of a node: its items one below the other, its code above them."""
        rooms = self.rooms[place]
        lanes = [max(sum(a == (place, port) for a, _ in self.ends), 1) for port in range(len(rooms))]
        ups = [max(each.up, LANE * n / 2) for each, n in zip(rooms, lanes, strict=True)]
        downs = [max(each.down, LANE * n / 2) for each, n in zip(rooms, lanes, strict=True)]
        at, ports = 0.0, [0.0]
        for down, up in zip(downs, ups[1:], strict=False):
            at += down + BETWEEN + up
            ports.append(at)
        middle = (ports[0] + ports[-1]) / 2
        above = CAPTION if self.has_caption(self.graph.nodes[place]) else 0.0
        up, down = middle - ports[0] + ups[0] + above, ports[-1] - middle + downs[-1]
        return Box(up, down, tuple(port - middle for port in ports))

    @staticmethod
    def has_caption(node: Node) -> bool:
        """Whether code stands above a node."""
        return bool(node.step) and not node.ghost

    def node_width(self, place: int) -> float:
        """The width of a node, with its code."""
        node = self.graph.nodes[place]
        code = caption(node, True)[1] if self.has_caption(node) else 0.0
        return max(code, *(each.width for each in self.rooms[place]))

    def label_width(self, link: Link) -> float:
        """The width of what stands on a link, with room around it."""
        return 0.0 if link.label is None else letters_width(link.label, "local") + 2 * PAD

    def _lanes(self) -> dict[int, float]:
        """By link how far its lane is above or below the port that it leaves: those of one port part in order."""
        by_port: dict[Port, list[int]] = {}
        for number, path in enumerate(self.layers.paths):
            by_port.setdefault(path[0], []).append(number)
        lanes: dict[int, float] = {}
        for numbers in by_port.values():
            numbers.sort(key=lambda number: self.layers.height(self.layers.paths[number][1]))
            for place, number in enumerate(numbers):
                lanes[number] = (place - (len(numbers) - 1) / 2) * LANE
        return lanes

    def _arrivals(self) -> dict[int, float]:
        """By link how far from the middle of a name it arrives."""
        by_port: dict[Port, list[int]] = {}
        for number, path in enumerate(self.layers.paths):
            by_port.setdefault(path[-1], []).append(number)
        found: dict[int, float] = {}
        for numbers in by_port.values():
            numbers.sort(key=lambda number: self._level(number, len(self.layers.paths[number]) - 2))
            apart = min(7.0, 18.0 / len(numbers))
            for place, number in enumerate(numbers):
                found[number] = (place - (len(numbers) - 1) / 2) * apart
        return found

    def _columns(self) -> list[_Column]:
        columns: list[_Column] = []
        x = MARGIN
        for at, layer in enumerate(self.layers.layers):
            real = [self.node_width(box) for box in layer if box < len(self.graph.nodes)]
            right = x + max(real, default=0.0)
            steps = [(n, k) for n, path in enumerate(self.layers.paths) for k, (a, _) in enumerate(pairwise(path))
                     if self.column_of[a[0]] == at]  # fmt: skip
            labels = [self.label_width(self.graph.links[number]) for number, k in steps if k == 0]
            spans = [abs(self.layers.height(self.layers.paths[n][k + 1]) - self._level(n, k)) for n, k in steps]
            turn = right + STUB + max(labels, default=0.0)
            columns.append(_Column(x, right, turn))
            x = turn + min(MOST_TURN, LEAST_TURN + 0.2 * max(spans, default=0.0))
        return columns

    def _level(self, number: int, place: int) -> float:
        """The height of a link behind a place of its path."""
        path = self.layers.paths[number]
        return self.layers.height(path[place]) + (self.leaving[number] if place == 0 else 0.0)

    # --- shapes -------------------------------------------------------------------------------------------------------

    def drawing(self) -> Drawing:
        """All parts, links first."""
        parts = [part for number in range(len(self.graph.links)) for part in self._link(number)]
        parts += [part for place in range(len(self.graph.nodes)) for part in self._node(place)]
        boxes = self.layers.boxes
        low = max((self.layers.heights[k] + box.down for k, box in enumerate(boxes)), default=0.0)
        return Drawing(round(self.columns[-1].right + MARGIN, 1), round(low + MARGIN, 1), tuple(parts))

    def middle(self, place: int) -> float:
        """Where a node stands in its column."""
        column = self.columns[self.column_of[place]]
        return (column.left + column.right) / 2

    def _look(self, node: Node) -> str:
        if node.ghost:
            return "ghost"
        return "step" if node.step else "input"

    def _node(self, place: int) -> Iterator[Part]:
        node, x = self.graph.nodes[place], self.middle(place)
        shapes: list[Shape] = []
        for port, item in enumerate(node.items):
            shapes += name_of(item, x, self.layers.height((place, port)), self._look(node))[1]
        if self.has_caption(node):
            code, broad = caption(node, True)
            y = self.layers.heights[place] - self.layers.boxes[place].up + 11.0
            number = str(node.step)
            wide = badge_width(number)
            shapes += [Code(x + (wide - broad) / 2, y, number, "badge"), Code(x + (wide + 4) / 2, y, code, "code")]
        yield Part("node", node.key, node.step, tuple(shapes), title=node.code)
        for kind, draw in (("value", value_of), ("adjoint", adjoint_of)):
            drawn = [draw(item, x, self.layers.height((place, port))) for port, item in enumerate(node.items)]
            shapes = [shape for each in drawn for shape in each]
            if shapes:
                yield Part(kind, node.key, node.step, tuple(shapes))

    def pill(self, port: Port) -> Pill:
        """The outline that a link is tied to."""
        item = self.graph.nodes[port[0]].items[port[1]]
        return name_of(item, self.middle(port[0]), self.layers.height(port), "")[0]

    def _link(self, number: int) -> Iterator[Part]:
        link, path = self.graph.links[number], self.layers.paths[number]
        step = self.graph.nodes[path[-1][0]].step
        quiet = not link.flows
        start, column = self.pill(path[0]), self.columns[self.column_of[path[0][0]]]
        level = self._level(number, 0)
        # links that part leave the outline close to each other
        first = (start.x + start.width, self.layers.height(path[0]) + max(-9.0, min(9.0, self.leaving[number] * 0.4)))
        lane = (column.right + STUB, level)
        curves = [_level((column.right, first[1])), _turn((column.right, first[1]), lane)]
        if link.label is not None:
            broad = letters_width(link.label, "local")
            begin, end = (lane[0] + PAD - 3.0, level), (lane[0] + PAD + broad + 3.0, level)
            curves.append(_level(begin))
            yield Part("link", link.source[0], step, (Path(first, tuple(curves)),), link.target[0], quiet)
            text = Letters(lane[0] + PAD + broad / 2, level + 4.5, link.label, "local")
            yield Part("local", link.source[0], step, (text,), link.target[0], quiet)
            first, curves = end, []
        way = tuple(curves) + tuple(self._onwards(number))
        yield Part("link", link.source[0], step, (Path(first, way, True),), link.target[0], quiet)

    def _onwards(self, number: int) -> Iterator[tuple[Point, Point, Point]]:
        """From the end of the lane through the layers to the outline of the target."""
        path = self.layers.paths[number]
        for place, (a, b) in enumerate(pairwise(path)):
            level = self._level(number, place)
            turn, left = self.columns[self.column_of[a[0]]].turn, self.columns[self.column_of[b[0]]].left
            last = b == path[-1]
            arrive = self.layers.height(b) + (self.arriving[number] if last else 0.0)
            yield _level((turn, level))
            yield _turn((turn, level), (left, arrive))
            if last:
                yield _level((self.pill(b).x - 1.5, arrive))


def _level(end: Point) -> tuple[Point, Point, Point]:
    """A straight line, as a curve whose control points are its end."""
    return end, end, end


def _turn(start: Point, end: Point) -> tuple[Point, Point, Point]:
    middle = (start[0] + end[0]) / 2
    return (middle, start[1]), (middle, end[1]), end
