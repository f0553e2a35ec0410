"""The walk back with structural zeros: what was not selected on the way forward sends nothing back.

``where(x > 0, log(x), 0)`` at 0 has the derivative 0, although the rule of ``log`` makes 0 / 0 of the zero that
``where`` sends to it. That zero is structural: nothing depends on the element. A cotangent that merely happens to be
0 is not, and ``sqrt(x)**2`` at 0 stays nan. So here each cotangent has a mask of the elements that really receive
something.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..declare.op import TABLE
from .walk import NO_GRADIENT, Lift, Node, accumulate, fitted, full, quick_walk, saved, unshared

Mask = NDArray[np.bool_] | None  # None: every element receives


def walk_among_picks(
    nodes: list[Node],
    leaves: Sequence[Node],
    root: Node,
    cotangent: Any,
    results: dict[Node, Any],
    lift: Lift | None,
) -> None:
    """Walk back through a graph in which something selects, and fill in the ``results``; saved arrays are kept."""
    if lift is not None:
        # Its own record must hold the structural zeros, or they would be lost to the next derivative.
        careful_walk(nodes, leaves, root, cotangent, results, lift)
        return
    kept = [(node.store, node.store.grad) for node in nodes if node.store is not None]
    quick_walk(nodes.copy(), leaves, root, cotangent, results, True, None)
    if any(g is not None and np.isnan(g).any() for g in results.values()):
        for store, grad in kept:
            store.grad = grad
        careful_walk(nodes, leaves, root, cotangent, results, None)


def careful_walk(
    nodes: list[Node],
    leaves: Sequence[Node],
    root: Node,
    cotangent: Any,
    results: dict[Node, Any],
    lift: Lift | None,
) -> None:
    """Walk back with masks."""
    pending: dict[Node, tuple[Any, Mask]] = {root: (cotangent, None)}
    for node in reversed(nodes):
        g, mask = pending.pop(node, (None, None))
        if node in results:
            results[node] = unshared(full(g, node), lift)
        if g is None:
            continue
        g = full(g, node)
        if node.store is not None:
            accumulate(node.store, unshared(g, lift))
        if mask is None or mask.any():
            send(node, g, mask, pending, lift)
    for leaf in leaves:
        results[leaf] = unshared(full(pending.pop(leaf, (None, None))[0], leaf), lift)


def send(node: Node, g: Any, mask: Mask, pending: dict[Node, tuple[Any, Mask]], lift: Lift | None) -> None:
    """Send the cotangent ``g`` of ``node``, which is 0 off its mask, to the parents."""
    op = node.op
    value, args = saved(node, lift)
    together = op.joint_rule(g, value, *args, **node.params) if op.joint_rule is not None else None
    for place, parent in enumerate(node.parents):
        rule = together[place] if together is not None else op.rules[place]
        if parent is None or rule is None or parent.store is NO_GRADIENT:
            continue
        c = rule if together is not None else rule(g, value, *args, **node.params)
        if op.elementwise and mask is not None:
            # The rule's result at an element belongs to that element alone: off the mask it is nothing.
            c = where(mask, c)
        c = full(fitted(c, parent, node), parent)
        received = receives(node, place, parent, mask)
        if received is not None:
            c = where(received, c)
        if parent in pending:
            present, before = pending[parent]
            c, received = present + c, None if before is None or received is None else before | received
        pending[parent] = c, received


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
