"""The walk back with structural zeros: what was not selected on the way forward sends nothing back.

``where(x > 0, log(x), 0)`` at 0 has the derivative 0, although the rule of ``log`` makes 0 / 0 of the zero that
``where`` sends to it. That zero is structural: nothing depends on the element. A cotangent that merely happens to be
0 is not, and ``sqrt(x)**2`` at 0 stays nan. So here each cotangent has a mask of the elements that really receive
something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..declare.op import TABLE
from ..record.node import Node
from .cotangents import fitted, full, saved
from .loop import Walk, release

Mask = NDArray[np.bool_] | None  # None: every element receives


def walk_among_picks(walk: Walk, leaves: Sequence[Node]) -> None:
    """Take a walk through a graph in which something selects; with masks where they may change the results."""
    nodes, retain = walk.nodes.copy(), walk.retain
    walk.retain = True
    with_masks = WalkWithMasks(nodes.copy(), walk.pending.copy(), walk.results, True, walk.lift)
    # The record of a walk must hold the structural zeros, or they would be lost to the next derivative.
    if walk.lift is not None:
        with_masks.run(leaves)
    else:
        kept = [(node.store, node.store.grad) for node in nodes if node.store is not None]
        walk.run(leaves)
        if any(g is not None and np.isnan(g).any() for g in walk.results.values()):
            for store, grad in kept:
                store.grad = grad
            with_masks.run(leaves)
    release(nodes, retain)


@dataclass(slots=True, eq=False)
class WalkWithMasks(Walk):
    """The same walk, with the mask of the elements that really receive something beside each cotangent."""

    masks: dict[Node, Mask] = field(default_factory=dict)

    divisible: ClassVar[bool] = False

    def pull_back(self, node: Node, g: Any) -> None:
        """Send the cotangent ``g`` of ``node``, which is 0 off its mask, to the parents."""
        mask = self.masks.pop(node, None)
        if mask is not None and not mask.any():
            return
        g, plan = full(g, node), node.plan
        value, args = saved(node, self.lift)
        together: Any = None if plan.joint is None else plan.joint(g, value, *args, **node.params)
        for place, rule in plan.pulls:
            c = together[place] if rule is None else rule(g, value, *args, **node.params)
            if c is None:
                continue
            if node.op.elementwise and mask is not None:
                # The rule's result at an element belongs to that element alone: off the mask it is nothing.
                c = where(mask, c)
            parent: Any = node.parents[place]
            c = full(fitted(c, parent, node), parent)
            received = receives(node, place, parent, mask)
            if received is not None:
                c = where(received, c)
            if parent in self.pending:
                before = self.masks[parent]
                c = self.pending[parent] + c
                received = None if before is None or received is None else before | received
            self.pending[parent], self.masks[parent] = c, received


def where(mask: NDArray[np.bool_], c: Any) -> Any:
    return TABLE["where"](mask, c, 0.0)


def receives(node: Node, place: int, parent: Node, mask: Mask) -> Mask:
    """Return which elements of operand ``place`` receive something."""
    if node.op.selects or (mask is not None and not node.op.elementwise):
        return found_by_rule(node, place, parent, mask)
    return None if mask is None else received_through_stretching(mask, parent.shape)


def received_through_stretching(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> Mask:
    extra = mask.ndim - len(shape)
    axes = (*range(extra), *(extra + k for k, n in enumerate(shape) if n == 1))
    return np.logical_or.reduce(mask, axis=axes, keepdims=True).reshape(shape)


def found_by_rule(node: Node, place: int, parent: Node, mask: Mask) -> Mask:
    """Return which elements of operand ``place`` receive something, found by running the rule on a mask.

    The numbers are generic, so that no sum cancels.  What a selecting or linear rule reads of its operands stays;
    others get generic operands, since a coefficient that happens to be 0 is no structure.
    """
    op = node.op
    g = generic(node.shape) if mask is None else generic(node.shape) * mask
    args, value = list(node.args or ()), node.value
    try:
        with np.errstate(all="ignore"):
            if not (op.selects or op.linear):
                args = [generic(arg.shape) if _floating(arg) else arg for arg in args]
                value = None if value is None else op.forward(*args, **node.params)
            value = node if value is None else value
            if op.joint_rule is not None:
                c = op.joint_rule(g, value, *args, **node.params)[place]
            else:
                c = op.rules[place](g, value, *args, **node.params)
            c = full(fitted(c, parent, node), parent)
    except (ArithmeticError, ValueError, TypeError, np.linalg.LinAlgError):
        return None  # the operation does not take generic operands: everything may receive
    received = np.asarray(c != 0)
    return None if received.all() else received


def generic(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return positive numbers without relations between them: the fractional parts of multiples of the golden ratio."""
    count = int(np.prod(shape, dtype=np.int64))
    fractions: NDArray[np.float64] = np.modf(np.arange(1, count + 1) * 0.6180339887498949)[0]
    return (0.5 + fractions).reshape(shape)


def _floating(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.generic) and x.dtype.kind == "f"
