"""The lengths of a node's axes, as letters; what cannot be told is None."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symdiff.matrix_form.nodes import Node

Shape = tuple["sp.Expr | None", ...]


class Shapes:
    """Shapes of nodes, from those of names."""

    def __init__(self, names: Mapping[str, Shape], defined: Mapping[str, Node]) -> None:
        self._names, self._defined = names, defined
        self._known: dict[Node, Shape] = {}

    def __call__(self, node: Node) -> Shape:
        if node not in self._known:
            self._known[node] = self._shape(node)
        return self._known[node]

    def _shape(self, node: Node) -> Shape:
        if node.ndim == 0:
            return ()
        if node.head == "name":
            if node.data in self._names and len(self._names[node.data]) == node.ndim:
                return self._names[node.data]
            return self(self._defined[node.data]) if node.data in self._defined else (None,) * node.ndim
        parts = [self(part) for part in node.args]
        match node.head:
            case "T":
                return parts[0][::-1]
            case "col":
                return (parts[0][0], sp.Integer(1))
            case "row":
                return (sp.Integer(1), parts[0][0])
            case "outer":
                return (parts[0][0], parts[1][0])
            case "diag":
                return (parts[0][0], parts[0][0])
            case "diagonal":
                return parts[0][:1]
            case "sum":
                return parts[0][1:] if node.data == 0 else parts[0][:1]
            case "mm":
                return (*parts[0][: len(parts[0]) - 1], *parts[-1][1:])
            case "add" | "mul" | "compare" | "where" | "holds" | "and" | "or" | "power":
                return _broadcast(parts, node.ndim)
            case "call" if node.data[0] == "inv" or all(part.ndim in (0, node.ndim) for part in node.args):
                return _broadcast(parts, node.ndim)
        return (None,) * node.ndim


def _broadcast(parts: list[Shape], ndim: int) -> Shape:
    """The shape of arrays beside each other: a length of 1 stretches."""
    found: list[sp.Expr | None] = []
    for axis in range(-ndim, 0):
        lengths = [part[axis] for part in parts if len(part) >= -axis]
        long = [length for length in lengths if length != 1]
        known = [length for length in long if length is not None]
        found.append(known[0] if known else None if long else sp.Integer(1))
    return tuple(found)
