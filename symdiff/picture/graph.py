"""What a picture shows, as plain data: values as nodes, what is computed from what as links; not where it stands."""

from __future__ import annotations

from typing import TypeAlias

from symdiff.printing.record import Record, replace
from symdiff.printing.tree import Math

__all__ = ["Amounts", "Graph", "Item", "Left", "Link", "Node", "Numbers", "Picture", "Shown", "ghost"]


class Numbers(Record):
    """Few numbers, row by row, each as it is read."""

    rows: tuple[tuple[Math, ...], ...]


class Amounts(Record):
    """Many numbers, row by row, each as a part of the largest (``scale``), from -1 to 1; None where one is not finite.

    One row is drawn as bars, several as a heat map. Where each stands for several (``gathered``), a bar goes from the
    least of them, or 0, in ``lows`` to the largest; a cell of a map is the largest by its size.
    """

    rows: tuple[tuple[float | None, ...], ...]
    scale: Math
    gathered: bool = False
    lows: tuple[float | None, ...] = ()


Shown: TypeAlias = "Numbers | Amounts"


class Item(Record):
    """A value and its adjoint: an element, or a whole array with its ``shape``; None where there is no adjoint."""

    symbol: Math
    value: Shown | None = None
    adjoint: Shown | None = None
    shape: str = ""


class Node(Record):
    """One array: a single item, or one for each of its elements.

    ``step`` numbers what computes it, 0 for an input, ``code`` is how; a ``ghost`` is computed elsewhere.
    """

    key: int
    items: tuple[Item, ...]
    step: int = 0
    code: str = ""
    ghost: bool = False


class Link(Record):
    """What an item is computed from: (key, item) to (key, item), with the derivative of the one by the other.

    ``flows`` says whether a derivative goes back along it that is not 0 everywhere.
    """

    source: tuple[int, int]
    target: tuple[int, int]
    label: Math | None = None
    flows: bool = True


class Graph(Record):
    """Nodes, each after those it is computed from, and their links."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


class Left(Record):
    """So many steps that are left out."""

    count: int


class Picture(Record):
    """The picture of a computation in the order in which it is read: graphs, and what is left out between them.

    ``result`` is what adjoints are derivatives of, None where it is an array and there are no adjoints; ``rounded``
    says that some number is; ``single`` that the items are elements.
    """

    parts: tuple[Graph | Left, ...]
    result: Math | None
    rounded: bool = False
    single: bool = False


def ghost(node: Node) -> Node:
    """A node as it is shown where its value is only read."""
    items = tuple(replace(item, value=None, adjoint=None) for item in node.items)
    return replace(node, items=items, ghost=True)
