"""The walk back through the recorded graph, from a result to the inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from ..record.node import NO_GRADIENT, Node
from ..record.overwritten import OVERWRITTEN, walking
from .cotangents import Lift
from .loop import Walk
from .structural_zeros import walk_among_picks

_by_order = attrgetter("order")


@dataclass(slots=True, eq=False)
class Reach:
    """What leads from inputs to a result: the operations in the order of their making, and the leaves among the inputs.

    ``selecting`` says whether one of the operations selects; ``joined`` whether the result also depends on tensors
    that were made before the inputs and want gradients: what is computed from the result's gradients then is part of
    their graph.
    """

    nodes: list[Node]
    leaves: list[Node]
    selecting: bool = False
    joined: bool = False


def walk_back(
    root: Node,
    cotangent: Any,
    inputs: Sequence[Node] | None = None,
    retain: bool = False,
    lift: Lift | None = None,
    reach: Reach | None = None,
) -> dict[Node, Any]:
    """Return the cotangents of ``inputs`` (None where no path leads), or of all leaves, given that of ``root``.

    With ``lift`` (from array and node to tensor) the walk is recorded itself, for derivatives of derivatives.  Saved
    arrays are dropped on the way unless ``retain``.  ``reach`` is that of the inputs, where it is known; the walk
    leaves it empty.
    """
    if reach is None:
        reach = collect(root, inputs)
    results: dict[Node, Any] = {} if inputs is None else dict.fromkeys(inputs)
    walk = Walk(reach.nodes, {root: cotangent}, results, retain, lift)
    run = partial(walk_among_picks, walk) if reach.selecting else walk.run
    if OVERWRITTEN and lift is not None:
        with walking():
            run(reach.leaves)
    else:
        run(reach.leaves)
    return results


def collect(root: Node, inputs: Sequence[Node] | None) -> Reach:
    """Return what leads from ``inputs``, or from all leaves, to ``root``.

    From ``y = x * other + exp(other)`` to ``x`` the operations are ``multiply`` and ``add``, not ``exp``.
    """
    first = 0
    if inputs is not None:
        if not inputs:
            return Reach([], [])
        # What was made before the first input cannot depend on an input.
        first = inputs[0].order if len(inputs) == 1 else min([node.order for node in inputs])
        if root.order < first:
            return Reach([], [], joined=root.store is not NO_GRADIENT)
    if root.op is None:
        return Reach([], [root] if inputs is None or root in inputs else [])
    seen = {root}
    nodes = [root]
    leaves: list[Node] = []
    strayed = selecting = joined = False
    ordered = True  # from the last made to the first
    last = root.order
    for node in nodes:  # which grows meanwhile
        if node.op.selects:
            selecting = True
        for parent in node.parents:
            if parent is not None and parent not in seen:
                if parent.order < first:
                    strayed = True
                    if parent.store is not NO_GRADIENT:
                        joined = True
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
    if strayed and inputs is not None:
        nodes = leading_from(inputs, nodes)
    return Reach(nodes, leaves, selecting, joined)


def leading_from(inputs: Iterable[Node], nodes: list[Node]) -> list[Node]:
    """Return those of the ordered ``nodes`` that depend on one of ``inputs``."""
    reached = set(inputs)
    for node in nodes:
        if node not in reached and not reached.isdisjoint(node.parents):
            reached.add(node)
    return [node for node in nodes if node in reached]
