"""The walk back through large elementwise stretches of the graph, a block of elements at a time.

Cotangents between the nodes of such a stretch are needed for a moment only.  In blocks they stay in the cache, and the
memory of whole arrays is not asked for: fresh pages cost more than the arithmetic that fills them.
"""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import Any

import numpy as np

from ..record.node import Node, Shape
from ..walk.loop import Walk, release
from .memory_pool import keep, large

# So many elements that Python's part of a block counts little, so few that the arrays of one rule stay in the cache.
BLOCK = 65536
MANY = 2 * BLOCK


def in_blocks(walk: Walk, node: Node, g: Any) -> None:
    """Take the walk through ``node``, with its cotangent ``g``, and in blocks through what follows it, if it can be."""
    taken = stretch(node, walk)
    if not taken:
        walk.pull_back(node, g)
        return
    saved_arrays = [] if walk.retain else large(x for each in taken for x in (*(each.args or ()), each.value))
    walk.pending[node] = g
    pull_back_in_blocks(taken, walk)
    release(taken, walk.retain)
    keep(saved_arrays)


def stretch(first: Node, walk: Walk) -> list[Node]:
    """Return ``first`` and what the walk comes to after it, as far as all can be walked through in blocks.

    They are taken off the walk's list; where there are fewer than two, it stays and the result is empty.
    """
    taken: list[Node] = []
    for node in chain((first,), reversed(walk.nodes)):
        if node.shape != first.shape or node in walk.results or not divisible(node):
            break
        taken.append(node)
    if len(taken) < 2:
        return []
    del walk.nodes[len(walk.nodes) - len(taken) + 1 :]
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


def pull_back_in_blocks(taken: list[Node], walk: Walk) -> None:
    """Send the cotangents of the nodes ``taken``, which are in the order of the walk, on to their parents.

    Of ``exp(-(x * x))`` with a million elements this is 16 walks through a graph of 65536 elements, from ``exp`` to
    ``x``, of which only the cotangents of ``x`` are put together.
    """
    pending = walk.pending
    size = prod(taken[0].shape)
    given = {node: pending.pop(node) for node in taken if node in pending}
    buffers: dict[Node, Any] = {}
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        block = block_of(taken, part)
        arrived = {block[node]: _rows(g, part) for node, g in given.items()}
        Walk([block[node] for node in reversed(taken)], arrived, {}, retain=True).run(())
        for parent, stand_in in block.items():
            if stand_in in arrived:
                if parent not in buffers:
                    buffers[parent] = np.empty(size, parent.dtype)
                buffers[parent][part] = arrived[stand_in]
    for parent, buffer in buffers.items():
        buffer = buffer.reshape(parent.shape)
        present = pending.get(parent)
        if present is not None:
            buffer += present
        pending[parent] = buffer
        walk.owned.add(parent)


def block_of(taken: list[Node], part: slice) -> dict[Node, Node]:
    """Return the nodes ``taken`` and their parents, each with a stand-in that has that part of its elements alone.

    The stand-ins are a graph of their own, through which one walks as through any other.
    """
    block: dict[Node, Node] = {}
    shape = (part.stop - part.start,)
    for node in reversed(taken):
        for parent in node.parents:
            if parent is not None and parent not in block:
                block[parent] = Node(shape, parent.dtype)
        parents = [None if parent is None else block[parent] for parent in node.parents]
        args = [block[arg] if isinstance(arg, Node) else _rows(arg, part) for arg in node.args or ()]
        value = _rows(node.value, part)
        block[node] = Node(shape, node.dtype, None, node.op, parents, args, node.params, value, node.plan)
    return block


def _rows(array: Any, part: slice) -> Any:
    return array.reshape(-1)[part] if np.ndim(array) else array
