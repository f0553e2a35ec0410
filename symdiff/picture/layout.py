"""Where the nodes of a graph stand: in layers from left to right, with few crossings and straight links.

Sugiyama's method: layers, places within them by barycentres, then heights. What the graphs of programs ask for beyond
it: a node may hold several ports in a fixed order (the elements of an array), an input stands just before its first
reader, and each link leaves its node on a lane of its own, with room for a label. Nothing is drawn by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

__all__ = ["Box", "Cord", "Layers", "layered", "ranks"]

SWEEPS = 8
GAP = 12.0
"""Between two boxes, one above the other."""

LANE = 20.0
"""Between two links that leave one port."""

STIFF = 8.0
"""How much more than others a link counts that passes a layer: it is to be straight."""


@dataclass(frozen=True)
class Box:
    """What needs room: so much above and below its middle; ``ports`` are where links are tied, from the middle."""

    up: float
    down: float
    ports: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class Cord:
    """A link between ports: (box, port) to (box, port), boxes by their place in the list."""

    source: tuple[int, int]
    target: tuple[int, int]


@dataclass
class Layers:
    """``layers`` holds boxes from left to right and from top to bottom, ``heights`` their middles.

    ``paths`` has for each cord the boxes that it goes through, those where it passes a layer among them.
    """

    boxes: list[Box]
    layers: list[list[int]]
    paths: list[list[tuple[int, int]]]
    heights: list[float] = field(default_factory=list)

    def height(self, port: tuple[int, int]) -> float:
        """Where a port is."""
        return self.heights[port[0]] + self.boxes[port[0]].ports[port[1]]


def layered(boxes: Sequence[Box], cords: Sequence[Cord]) -> Layers:
    """Lay out boxes of which each stands after those that it has links from.

    >>> layered([Box(9, 9), Box(9, 9), Box(9, 9)], [Cord((0, 0), (2, 0)), Cord((1, 0), (2, 0))]).heights
    [15.0, 45.0, 30.0]
    """
    found = _with_passages(list(boxes), cords, ranks(len(boxes), cords))
    _order(found)
    _heights(found)
    return found


def ranks(count: int, cords: Sequence[Cord]) -> list[int]:
    """The layer of each box, as late as can be: just before the first that reads it."""
    rank = [0] * count
    for box in reversed(range(count)):
        rank[box] = min((rank[cord.target[0]] - 1 for cord in cords if cord.source[0] == box), default=0)
    return [each - min(rank, default=0) for each in rank]


def _with_passages(boxes: list[Box], cords: Sequence[Cord], rank: list[int]) -> Layers:
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for box, layer in enumerate(rank):
        layers[layer].append(box)
    paths = []
    for cord in cords:
        path = [cord.source]
        for layer in range(rank[cord.source[0]] + 1, rank[cord.target[0]]):
            layers[layer].append(len(boxes))
            path.append((len(boxes), 0))
            boxes.append(Box(LANE / 2 - GAP / 2 + 1, LANE / 2 - GAP / 2 + 1))
        paths.append([*path, cord.target])
    return Layers(boxes, layers, paths)


# --- order ------------------------------------------------------------------------------------------------------------


def _order(found: Layers) -> None:
    """Sweep to and fro by barycentres, and keep the order with the fewest crossings; the first of several such."""
    steps = [step for path in found.paths for step in pairwise(path)]
    best, least = [list(layer) for layer in found.layers], _crossings(found, steps)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for layer in found.layers if forth else reversed(found.layers):
            place = _places(found)
            towards: dict[int, list[float]] = {box: [] for box in layer}
            for a, b in steps:
                here, there = (b, a) if forth else (a, b)
                if here[0] in towards:
                    towards[here[0]].append(place[there])
            middle = {box: sum(each) / len(each) if each else place[box, 0] for box, each in towards.items()}
            layer.sort(key=lambda box: middle[box])
        crossings = _crossings(found, steps)
        if crossings < least:
            best, least = [list(layer) for layer in found.layers], crossings
    found.layers = best


def _places(found: Layers) -> dict[tuple[int, int], float]:
    return {
        (box, port): place + 0.9 * port / len(found.boxes[box].ports)
        for layer in found.layers
        for place, box in enumerate(layer)
        for port in range(len(found.boxes[box].ports))
    }


def _crossings(found: Layers, steps: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> int:
    place = _places(found)
    of = {box: layer for layer, boxes in enumerate(found.layers) for box in boxes}
    by_gap: dict[int, list[tuple[float, float]]] = {}
    for a, b in steps:
        by_gap.setdefault(of[a[0]], []).append((place[a], place[b]))
    return sum((a - c) * (b - d) < 0 for gap in by_gap.values() for (a, b), (c, d) in combinations(gap, 2))


# --- heights ----------------------------------------------------------------------------------------------------------


def _heights(found: Layers) -> None:
    """Draw every box towards those that it has links with, as far as its neighbours in the layer leave it room."""
    found.heights = [0.0] * len(found.boxes)
    real = {end[0] for path in found.paths for end in (path[0], path[-1])}
    for layer in found.layers:
        _settle(found, layer, [0.0] * len(layer), [1e-6] * len(layer))
    pulls: list[list[tuple[tuple[int, int], float, float]]] = [[] for _ in found.boxes]
    for a, b in (step for path in found.paths for step in pairwise(path)):
        weight = STIFF if {a[0], b[0]} - real else 1.0
        pulls[a[0]].append((b, found.boxes[a[0]].ports[a[1]], weight))
        pulls[b[0]].append((a, found.boxes[b[0]].ports[b[1]], weight))
    for sweep in range(3 * SWEEPS):
        for layer in found.layers if sweep % 2 == 0 else reversed(found.layers):
            wishes, weights = [], []
            for box in layer:
                total = sum(weight for _, _, weight in pulls[box])
                wished = sum((found.height(there) - own) * weight for there, own, weight in pulls[box])
                wishes.append(wished / total if total else found.heights[box])
                weights.append(total or 1e-6)
            _settle(found, layer, wishes, weights)
    top = min((found.heights[box] - found.boxes[box].up for box in range(len(found.boxes))), default=0.0)
    found.heights = [round(height - top + GAP / 2, 3) for height in found.heights]


def _settle(found: Layers, layer: Sequence[int], wishes: Sequence[float], weights: Sequence[float]) -> None:
    """The heights nearest to what is wished that leave every box its room: blocks of boxes that touch share a wish."""
    offset, offsets = 0.0, []
    for place, box in enumerate(layer):
        if place:
            offset += found.boxes[layer[place - 1]].down + found.boxes[box].up + GAP
        offsets.append(offset)
    blocks: list[list[float]] = []  # of each: its height, its weight, how many boxes
    for wish, weight, own in zip(wishes, weights, offsets, strict=True):
        blocks.append([wish - own, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            height, more, count = blocks.pop()
            before = blocks[-1]
            total = before[1] + more
            blocks[-1] = [(before[0] * before[1] + height * more) / total, total, before[2] + count]
    heights = [height for height, _, count in blocks for _ in range(int(count))]
    for box, height, own in zip(layer, heights, offsets, strict=True):
        found.heights[box] = height + own
