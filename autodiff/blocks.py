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

from .graph_node import Node, Shape

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
    inside = set(taken)
    size = prod(taken[0].shape)
    given = {node: _flat(pending.pop(node)) for node in taken if node in pending}
    buffers: dict[Node, Any] = {}
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        cotangents = {node: g[part] if np.ndim(g) else g for node, g in given.items()}
        written: set[Node] = set()
        for node in taken:
            g = cotangents.pop(node, None)
            if g is not None:
                for parent, c in _block(node, g, part):
                    if parent in inside:
                        present = cotangents.get(parent)
                        cotangents[parent] = c if present is None else present + c
                    elif parent in written:
                        buffers[parent][part] += c
                    else:
                        if parent not in buffers:
                            buffers[parent] = np.empty(size, parent.dtype)
                        buffers[parent][part] = c
                        written.add(parent)
    for parent, buffer in buffers.items():
        buffer = buffer.reshape(parent.shape)
        present = pending.get(parent)
        if present is not None:
            buffer += present
        pending[parent] = buffer
        owned.add(parent)


def _block(node: Node, g: Any, part: slice) -> Sequence[tuple[Node, Any]]:
    """Return the parents of ``node`` with their cotangents in one block."""
    assert node.args is not None
    outline = Outline(part.stop - part.start, node.dtype)
    args = [
        arg if arg is None else outline if isinstance(arg, Node) else _flat(arg)[part] if np.ndim(arg) else arg
        for arg in node.args
    ]
    value = outline if node.value is None else _flat(node.value)[part] if np.ndim(node.value) else node.value
    found = []
    for place, rule in node.plan.pulls_of_arrays:
        parent = node.parents[place]
        c = rule(g, value, *args)
        if getattr(c, "dtype", parent.dtype) != parent.dtype:
            c = c.astype(parent.dtype)
        found.append((parent, c))
    return found


def _flat(array: Any) -> Any:
    return array.reshape(-1) if np.ndim(array) else array
