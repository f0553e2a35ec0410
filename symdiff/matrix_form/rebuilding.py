"""Nodes with other parts, simplified as they were when they were made."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Node

ONE = sp.Integer(1)


def rebuilt(matrices: Matrices, node: Node, args: list[Node]) -> Node:
    """A node with other arguments."""
    builder = _BUILDERS.get(node.head)
    if builder is None:
        return matrices.make(node.head, args, node.data, node.ndim)
    return builder(matrices, node, args)


def _called(matrices: Matrices, node: Node, args: list[Node]) -> Node:
    """A function of other arguments."""
    function, keywords = node.data
    elementwise = not keywords and node.ndim == max(part.ndim for part in args) and function not in ("inv", "softmax")
    if elementwise and function not in ("det", "norm"):
        return matrices.call(function, *args)
    if function == "norm":
        number, scalars, rest = matrices.scalars_out(args[0])
        if not scalars and number.is_number and number != 1:
            return matrices.mul(abs(number), [(matrices.call("norm", rest, ndim=0), ONE)])
    return matrices.call(function, *args, ndim=node.ndim, **dict(keywords))


def _outside(matrices: Matrices, node: Node, turn: Callable[[Node], Node]) -> Node:
    number, scalars, rest = matrices.scalars_out(node)
    return matrices.mul(number, [*scalars, (turn(rest), ONE)])


_BUILDERS: dict[str, Callable[[Matrices, Node, list[Node]], Node]] = {
    "add": lambda m, node, args: m.add(zip(node.data, args, strict=True)),
    "mul": lambda m, node, args: m.mul(node.data[0], zip(args, node.data[1], strict=True)),
    "mm": lambda m, node, args: m.mm(args),
    "T": lambda m, node, args: _outside(m, args[0], m.T),
    "col": lambda m, node, args: m.col(args[0]),
    "sum": lambda m, node, args: m.sum(args[0], node.data),
    "outer": lambda m, node, args: m.outer(*args),
    "diag": lambda m, node, args: m.diag(args[0]),
    "row": lambda m, node, args: m.row(args[0]),
    "holds": lambda m, node, args: m.holds(args[0]),
    "compare": lambda m, node, args: m.compare(node.data, args),
    "call": lambda m, node, args: _called(m, node, args),
}
