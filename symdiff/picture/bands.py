"""A graph that is broader than a page as several, one below the other, as lines of a text are."""

from __future__ import annotations

from collections.abc import Iterator

from symdiff.picture.drawing import drawing
from symdiff.picture.graph import Graph, Left, Picture, ghost
from symdiff.picture.layout import Cord, ranks
from symdiff.picture.shapes import Drawing

__all__ = ["MOST", "WIDEST", "drawn"]

WIDEST = 716.0
"""The width of a page's text."""

MOST = 6
"""Of a long program no more bands than this are drawn: the first and the last ones."""


def drawn(picture: Picture) -> tuple[Drawing | Left, ...]:
    """The drawings of a picture, and how many steps are left out between them."""
    found: list[Drawing | Left] = []
    for part in picture.parts:
        found += [part] if isinstance(part, Left) else _bands(part)
    return tuple(_few(found))


def _bands(graph: Graph) -> list[Drawing]:
    """The fewest bands that are no broader than a page, each of as many layers as the others."""
    bands, layers = [drawing(graph)], _layer_of(graph)
    most = max(layers.values(), default=0)
    count = int(bands[0].width / WIDEST) + 1
    while count <= most and any(band.width > WIDEST for band in bands):
        bands = [drawing(part) for part in _split(graph, layers, most, count)]
        count += 1
    return bands


def _layer_of(graph: Graph) -> dict[int, int]:
    """By key the layer of a node, were all drawn side by side."""
    place = {node.key: k for k, node in enumerate(graph.nodes)}
    cords = [Cord((place[link.source[0]], 0), (place[link.target[0]], 0)) for link in graph.links]
    return dict(zip(place, ranks(len(graph.nodes), cords), strict=True))


def _split(graph: Graph, layers: dict[int, int], most: int, count: int) -> Iterator[Graph]:
    """Bands of layers: what was drawn before is repeated as a ghost where it is read."""
    drawn_before: set[int] = set()
    nodes = {node.key: node for node in graph.nodes}
    read = {link.source[0] for link in graph.links}
    for band in range(count):
        low, high = band * most // count, (band + 1) * most // count
        own = {key for key, at in layers.items() if low < at <= high and (nodes[key].step or key not in read)}
        links = tuple(link for link in graph.links if link.target[0] in own)
        shown = own | {link.source[0] for link in links}
        if own:
            yield Graph(
                tuple(ghost(node) if node.key in drawn_before else node for node in graph.nodes if node.key in shown),
                links,
            )
        drawn_before |= shown


def _few(sheets: list[Drawing | Left]) -> list[Drawing | Left]:
    """The first and the last bands, where there are too many, with how many steps are left out between them."""
    if sum(isinstance(each, Drawing) for each in sheets) <= MOST:
        return sheets
    head, between, tail = sheets[: MOST // 2], sheets[MOST // 2 : -(MOST // 2)], sheets[-(MOST // 2) :]
    while isinstance(head[-1], Left):
        between.insert(0, head.pop())
    while isinstance(tail[0], Left):
        between.append(tail.pop(0))
    return [*head, Left(sum(each.count if isinstance(each, Left) else _steps(each) for each in between)), *tail]


def _steps(sheet: Drawing) -> int:
    return len({part.step for part in sheet.parts if part.kind == "value" and part.step})
