"""The walk back through large elementwise stretches of the graph, a block of elements at a time.

Cotangents between the nodes of such a stretch are needed for a moment only.  In blocks they stay in the cache, and the
memory of whole arrays is not asked for: fresh pages cost more than the arithmetic that fills them.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from ..record.node import Node, Shape

# So many elements that Python's part of a block counts little, so few that the arrays of one rule stay in the cache.
BLOCK = 65536
LARGE = 2 * BLOCK


class Outline:
    """What a rule may ask of an operand whose numbers it does not read."""

    __slots__ = ("dtype", "shape", "size")

    def __init__(self, size: int, dtype: np.dtype[Any]) -> None:
        self.shape = (size,)
        self.size = size
        self.dtype = dtype

    ndim = 1


def stretch(first: Node, nodes: list[Node], results: Container[Node]) -> list[Node]:
    """Return ``first`` and what follows it at the end of ``nodes``, as far as all can be walked through in blocks.

    They are taken off the list; where there are fewer than two, it stays and the result is empty.
    """
    taken: list[Node] = []
    for node in chain((first,), reversed(nodes)):
        if node.shape != first.shape or node in results or not divisible(node):
            break
        taken.append(node)
    if len(taken) < 2:
        return []
    del nodes[len(nodes) - len(taken) + 1 :]
    return taken


def divisible(node: Node) -> bool:
    """Whether a block of the cotangents of ``node`` depends on that block of what was saved, and on nothing else."""
    op, shape, args = node.op, node.shape, node.args
    return (
        op is not None
        and op.elementwise
        and op.joint_rule is None
        and not node.params
        and node.store is None
        and args is not None
        and all(parent is None or parent.shape == shape for parent in node.parents)
        and all(arg is None or isinstance(arg, Node) or _sliceable(arg, shape) for arg in args)
        and (node.value is None or _sliceable(node.value, shape))
    )


def _sliceable(array: Any, shape: Shape) -> bool:
    if type(array) is np.ndarray and array.shape == shape:
        return array.flags.c_contiguous
    return np.ndim(array) == 0


def pull_back_in_blocks(taken: list[Node], pending: dict[Node, Any], owned: set[Node]) -> None:
    """Send the cotangents of the nodes ``taken``, which are in the order of the walk, on to their parents."""
    size = prod(taken[0].shape)
    steps = [Step(node) for node in taken]
    given = {node: _flat(pending.pop(node)) for node in taken if node in pending}
    buffers: dict[Node, Any] = {}
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        cotangents = {node: g[part] if np.ndim(g) else g for node, g in given.items()}
        sums: set[Node] = set()  # where a cotangent is a sum made here, which nobody else sees
        for step in steps:
            g = cotangents.pop(step.node, None)
            if g is None:
                continue
            for parent, c in step.pulled(g, part):
                present = cotangents.get(parent)
                if present is None:
                    cotangents[parent] = c
                elif parent in sums and np.ndim(present):
                    np.add(present, c, out=present)
                else:
                    cotangents[parent] = present + c
                    sums.add(parent)
        for parent, c in cotangents.items():
            if parent not in buffers:
                buffers[parent] = np.empty(size, parent.dtype)
            buffers[parent][part] = c
    for parent, buffer in buffers.items():
        buffer = buffer.reshape(parent.shape)
        present = pending.get(parent)
        if present is not None:
            buffer += present
        pending[parent] = buffer
        owned.add(parent)


class Step:
    """One node of a stretch, with what it saved as rows of elements; ``Outline`` where no more than that is read."""

    __slots__ = ("args", "node", "value")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.args = [Outline if isinstance(arg, Node) else _flat(arg) for arg in node.args or ()]
        self.value = Outline if node.value is None else _flat(node.value)

    def pulled(self, g: Any, part: slice) -> Sequence[tuple[Node, Any]]:
        """Return the parents with their cotangents in one block."""
        node = self.node
        outline = Outline(part.stop - part.start, node.dtype)
        value, *args = [
            x[part] if type(x) is np.ndarray and x.ndim else outline if x is Outline else x
            for x in (self.value, *self.args)
        ]
        found = []
        for place, rule in node.plan.pulls_of_arrays:
            parent = node.parents[place]
            assert parent is not None
            c = rule(g, value, *args)
            if getattr(c, "dtype", parent.dtype) != parent.dtype:
                c = c.astype(parent.dtype)
            found.append((parent, c))
        return found


def _flat(array: Any) -> Any:
    return array.reshape(-1) if np.ndim(array) else array
