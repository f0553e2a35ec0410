"""The loop of every walk back.  It knows no operation; blocks and structural zeros plug into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, prod
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from ..declare.shortcuts import SHORTCUTS
from ..record.node import Node, Shape
from .cotangents import Lift, accumulate, fitted, full, repeated, saved, unshared


@dataclass(slots=True, eq=False)
class Walk:
    """One walk back: the ordered ``nodes`` that are still ahead, and the cotangents that wait for them in ``pending``.

    What ``results`` has as keys gets its cotangents as values.  With ``lift`` the walk is recorded itself.  Saved
    arrays are dropped on the way unless ``retain``.

    ``Walk([x * x, its mean], {its mean: 1.0}, {}).run([x])`` leaves ``{x: 2 * x / n}`` in the results.
    """

    nodes: list[Node]
    pending: dict[Node, Any]
    results: dict[Node, Any]
    retain: bool = False
    lift: Lift | None = None
    # Nodes whose cotangent is in a buffer that this walk allocated and nobody else sees: it can be added to.
    owned: set[Node] = field(default_factory=set)
    # Nodes at which fewer elements arrived than they have.
    partial: set[Node] = field(default_factory=set)

    divisible: ClassVar[bool] = True  # whether the shortcut of in_blocks may be taken

    def run(self, leaves: Iterable[Node]) -> None:
        """Walk through all nodes, which leaves none, and then give the ``leaves`` what arrived at them."""
        nodes, pending, results = self.nodes, self.pending, self.results
        lift, retain = self.lift, self.retain
        shape: Shape | None = None
        pull = one_by_one = self.pull_back
        many = SHORTCUTS.many if lift is None and self.divisible else inf
        while nodes:
            node = nodes.pop()
            g = pending.pop(node, None)
            if node in results:
                results[node] = unshared(full(g, node), lift)
            if g is None:
                continue
            if node.store is not None:
                accumulate(node.store, unshared(full(g, node), lift))
            if node.shape != shape:
                shape = node.shape
                pull = one_by_one if prod(shape) < many else self.pull_back_in_blocks
            pull(node, g)
            if node.plan.saves and not retain:
                node.args = node.value = None
        for leaf in leaves:
            g = pending.pop(leaf, None)
            results[leaf] = unshared(full(g, leaf), lift)

    def pull_back_in_blocks(self, node: Node, g: Any) -> None:
        SHORTCUTS.in_blocks(self, node, g)

    def pull_back(self, node: Node, g: Any) -> None:
        """Send the cotangent ``g`` of ``node`` on to its parents, through the rules of its operation."""
        pending, owned, partial = self.pending, self.owned, self.partial
        parents, params, plan = node.parents, node.params, node.plan
        value, args = node.value, node.args
        lift = self.lift
        if partial and node in partial and g.shape != node.shape:
            g = repeated(g, node)
        if node.op.adds is not None and lift is None and self.added(node, g):
            return
        if lift is None and args is not None:
            pulls, joint = plan.pulls_of_arrays, plan.joint_of_arrays
            if value is None:
                value = node  # no rule reads more of it than its outline
        else:
            pulls, joint = plan.pulls, plan.joint
            value, args = saved(node, lift)
        together: Any = None if joint is None else joint(g, value, *args, **params)
        for place, rule in pulls:
            if rule is None:
                c = together[place]
                if c is None:
                    continue
            elif params:
                c = rule(g, value, *args, **params)
            elif len(args) == 2:
                c = rule(g, value, args[0], args[1])
            else:
                c = rule(g, value, *args)
            parent: Any = parents[place]
            if type(c) is not ndarray or c.dtype is not parent.dtype or c.shape != parent.shape:
                c = fitted(c, parent, node)
                if c.shape != parent.shape:
                    partial.add(parent)
            present = pending.get(parent)
            if present is None:
                pending[parent] = c
            elif parent in owned:
                np.add(present, c, present)
            else:
                total = pending[parent] = present + c
                if type(total) is ndarray and parent not in partial:
                    owned.add(parent)

    def added(self, node: Node, g: Any) -> bool:
        """Whether the cotangent of the one operand of ``node`` could be added to what had arrived there."""
        parent: Any = node.parents[0]
        total = self.pending.get(parent)
        if type(total) is not ndarray or total.shape != parent.shape or g.dtype is not total.dtype:
            return False
        if parent not in self.owned:
            total = total.copy()
        if not node.op.adds(total, g, **node.params):
            return False
        self.pending[parent] = total
        self.owned.add(parent)
        return True


def release(nodes: Iterable[Node], retain: bool) -> None:
    """Drop the arrays that ``nodes`` saved, unless the graph is to be walked again."""
    if not retain:
        for node in nodes:
            if node.plan.saves:
                node.args = node.value = None
