"""The walk back through the recorded graph, from a result to the inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from ..record.node import Node
from .cotangents import Lift
from .loop import Walk
from .structural_zeros import walk_among_picks

_by_order = attrgetter("order")


def walk_back(
    root: Node, cotangent: Any, inputs: Sequence[Node] | None = None, retain: bool = False, lift: Lift | None = None
) -> dict[Node, Any]:
    """Return the cotangents of ``inputs`` (None where no path leads), or of all leaves, given that of ``root``.

    With ``lift`` (from array and node to tensor) the walk is recorded itself, for derivatives of derivatives.  Saved
    arrays are dropped on the way unless ``retain``.  Nodes that do not lead to the inputs are left out.
    """
    nodes, leaves, selecting = collect(root, inputs)
    results: dict[Node, Any] = {} if inputs is None else dict.fromkeys(inputs)
    walk = Walk(nodes, {root: cotangent}, results, retain, lift)
    if selecting:
        walk_among_picks(walk, leaves)
    else:
        walk.run(leaves)
    return results


def collect(root: Node, inputs: Sequence[Node] | None) -> tuple[list[Node], list[Node], bool]:
    """Return the operations that lead from ``inputs`` to ``root``, in the order of their making; and the leaves.

    The leaves are those of ``inputs``, or all.  The last result says whether one of the operations selects.  From
    ``y = x * other + exp(other)`` to ``x`` the nodes are those of ``multiply`` and ``add``, not that of ``exp``.
    """
    first = 0
    if inputs is not None:
        if not inputs:
            return [], [], False
        # What was made before the first input cannot depend on an input.
        first = inputs[0].order if len(inputs) == 1 else min([node.order for node in inputs])
        if root.order < first:
            return [], [], False
    if root.op is None:
        return [], [root] if inputs is None or root in inputs else [], False
    seen = {root}
    nodes = [root]
    leaves: list[Node] = []
    strayed = selecting = False
    ordered = True  # from the last made to the first
    last = root.order
    for node in nodes:  # which grows meanwhile
        if node.op.selects:
            selecting = True
        for parent in node.parents:
            if parent is not None and parent not in seen:
                if parent.order < first:
                    strayed = True
                    continue
                seen.add(parent)
                if parent.op is not None:
                    nodes.append(parent)
                    if parent.order > last:
                        ordered = False
                    last = parent.order
                elif inputs is None or parent in inputs:
                    leaves.append(parent)
                else:
                    strayed = True
    if ordered:
        nodes.reverse()
    else:
        nodes.sort(key=_by_order)
    return (leading_from(inputs, nodes) if strayed and inputs is not None else nodes), leaves, selecting


def leading_from(inputs: Iterable[Node], nodes: list[Node]) -> list[Node]:
    """Return those of the ordered ``nodes`` that depend on one of ``inputs``."""
    reached = set(inputs)
    for node in nodes:
        if node not in reached and not reached.isdisjoint(node.parents):
            reached.add(node)
    return [node for node in nodes if node in reached]
