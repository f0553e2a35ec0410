"""The recorded graph and the walk back through it, which knows no operation by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np

from ..broadcasting import SMALL, stretched_to, summed_to
from ..record.node import NO_GRADIENT, Node, Shape, Store
from ..record.recording import frozen
from ..speed import memory_pool as spare
from ..speed.blocks import LARGE, pull_back_in_blocks, stretch

__all__ = ["NO_GRADIENT", "Lift", "Node", "Store", "accumulate", "walk_back"]

Lift = Callable[[Any, Node], Any]

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
    if not selecting:
        return quick_walk(nodes, leaves, root, cotangent, results, retain, lift)
    from .structural_zeros import walk_among_picks

    walk_among_picks(nodes, leaves, root, cotangent, results, lift)
    release(nodes, retain)
    return results


def quick_walk(
    nodes: list[Node],
    leaves: Sequence[Node],
    root: Node,
    cotangent: Any,
    results: dict[Node, Any],
    retain: bool,
    lift: Lift | None,
) -> dict[Node, Any]:
    """Walk back through the ordered ``nodes``, dropping them from the list on the way, and fill in the ``results``."""
    inside = len(results) > len(leaves)  # cotangents are wanted of nodes on the way, too
    pending: dict[Node, Any] = {root: cotangent}
    # Cotangents in buffers that this walk allocated and that nobody else sees, so that they can be added to in place.
    owned: set[Node] = set()
    # Where fewer elements arrived than the node has.
    outstanding: set[Node] = set()
    shape: Shape | None = None
    large = False
    while nodes:
        node = nodes.pop()
        g = pending.pop(node, None)
        if inside and node in results:
            results[node] = unshared(full(g, node), lift)
        if g is None:
            continue
        if node.shape != shape:
            shape = node.shape
            large = lift is None and bool(shape) and prod(shape) >= LARGE
        if large and (together := stretch(node, nodes, results)):
            pending[node] = g
            pull_back_in_blocks(together, pending, owned)
            if not retain:
                saved_arrays = spare.large(x for each in together for x in (*(each.args or ()), each.value))
                release(together, retain)
                del node, together, g
                spare.keep(saved_arrays)
            continue
        if node.store is not None:
            accumulate(node.store, unshared(full(g, node), lift))
        if outstanding and node in outstanding and g.shape != node.shape:
            g = repeated(g, node)
        pull_back(node, g, pending, owned, outstanding, lift)
        if node.plan.saves and not retain:
            node.args = node.value = None
    for leaf in leaves:
        g = pending.pop(leaf, None)
        results[leaf] = unshared(full(g, leaf), lift)
    return results


def release(nodes: Iterable[Node], retain: bool) -> None:
    """Drop the arrays that ``nodes`` saved, unless the graph is to be walked again."""
    if not retain:
        for node in nodes:
            if node.plan.saves:
                node.args = node.value = None


def pull_back(
    node: Node, g: Any, pending: dict[Node, Any], owned: set[Node], outstanding: set[Node], lift: Lift | None
) -> None:
    """Send the cotangent ``g`` of ``node`` on to its parents, through the rules of its operation."""
    op, params, plan, value, args = node.op, node.params, node.plan, node.value, node.args
    parents: Sequence[Any] = node.parents
    if lift is None and args is not None:
        pulls, joint = plan.pulls_of_arrays, plan.joint_of_arrays
        if value is None:
            value = node  # no rule reads more of it than its outline
        if op.foreign and type(g) is np.ndarray:
            g = frozen(g)  # others may have it too, and a rule that is not of this package might write into it
    else:
        pulls, joint = plan.pulls, plan.joint
        value, args = saved(node, lift)
    together = None if joint is None else joint(g, value, *args, **params)
    for place, rule in pulls:
        if together is not None:
            c = together[place]
            if c is None:
                continue
        elif params:
            c = rule(g, value, *args, **params)
        elif len(args) == 2:
            x, y = args
            c = rule(g, value, x, y)
        else:
            c = rule(g, value, *args)
        parent = parents[place]
        if type(c) is not np.ndarray or c.dtype is not parent.dtype or c.shape != parent.shape:
            c = fitted(c, parent, node)
            if c.shape != parent.shape:
                outstanding.add(parent)
        present = pending.get(parent)
        if present is None:
            pending[parent] = c
        elif parent in owned:
            np.add(present, c, present)
        else:
            total = pending[parent] = present + c
            if type(total) is np.ndarray and parent not in outstanding:
                owned.add(parent)


def repeated(g: Any, node: Node) -> Any:
    """Return a cotangent of fewer elements as the rules of ``node`` take it."""
    shape = node.shape
    if not node.op.elementwise:
        return stretched_to(g, shape)
    for parent in node.parents:
        if parent is not None and parent.shape != shape:
            return stretched_to(g, shape)
    # Where no operand was stretched it stands for its repetition; NumPy is quicker with an array than with a number.
    return np.asarray(g) if isinstance(g, np.generic) else g


def saved(node: Node, lift: Lift | None) -> tuple[Any, Sequence[Any]]:
    """Return the result and the operands of ``node`` as its rules get them."""
    args = node.args
    if args is None:
        raise RuntimeError(FREED)
    # Where the result was not kept, no rule reads more of it than its outline, which the node has too.
    value: Any = node if node.value is None else node.value
    if lift is None:
        return value, args
    pairs = zip(args, node.parents, strict=True)
    args = [arg if arg is parent or parent is None else lift(arg, parent) for arg, parent in pairs]
    return value if value is node else lift(value, node), args


def fitted(c: Any, parent: Node, node: Node) -> Any:
    """Return the cotangent ``c`` that a rule of ``node`` gave for ``parent`` in the parent's dtype and shape.

    A smaller shape that broadcasts to the parent's is left as it is where the parent has many elements.
    """
    shape = parent.shape
    for_each = not node.op.elementwise or shape == node.shape  # a number would stand for every element alike
    if for_each and type(c) is parent.dtype.type:
        if not shape or prod(shape) > SMALL:
            return c
        whole = np.empty(shape, parent.dtype)
        whole.fill(c)
        return whole
    if not hasattr(c, "shape"):
        c = np.asarray(c, parent.dtype)
    if c.dtype is not parent.dtype and c.dtype != parent.dtype:
        c = c.astype(parent.dtype)
    given = c.shape
    if given == shape or (for_each and not given):
        return c
    if node.op.elementwise and shape != node.shape:
        return summed_to(c if given == node.shape else stretched_to(c, node.shape), shape)
    if len(given) <= len(shape) and all(n in (1, m) for n, m in zip(given[::-1], shape[::-1], strict=False)):
        return c
    advice = "" if node.op.elementwise else "; if it broadcasts its operands, declare it with elementwise=True"
    raise ValueError(f"{node.op.name}: its vjp rule returned shape {given} for an operand of shape {shape}{advice}")


def full(g: Any, node: Node) -> Any:
    """Return a cotangent in the full shape of its node; zeros where nothing arrived."""
    if g is None:
        return np.zeros(node.shape, node.dtype)
    return g if g.shape == node.shape else stretched_to(g, node.shape)


def unshared(g: Any, lift: Lift | None) -> Any:
    """Return a cotangent that its receiver may keep: a rule may return an array that the graph still has."""
    if lift is not None or (
        type(g) is np.ndarray and getrefcount(g) <= ALONE and (g.base is None or owns_its_numbers(g))
    ):
        return g
    return np.array(g)


def owns_its_numbers(g: Any) -> bool:
    """Whether an array shares its memory with no other, as itself or as the only view of one."""
    base = g.base
    return base is None or (
        type(base) is np.ndarray
        and getrefcount(base) <= ALONE
        and base.base is None
        and base.size == g.size
        and g.flags.writeable
    )


def _references_to_one_local() -> int:
    """Return how many references ``unshared`` counts of an array that nobody but its caller's ``g`` has."""

    def counted(g: Any, lift: Lift | None) -> int:
        return 0 if lift is not None else getrefcount(g)

    g = np.empty(1)
    node = Node(None, (), (), {}, None, g.shape, g.dtype, None)
    return counted(full(g, node), None)


# A debugger at work may hold references of its own; without one there are never more than these three.
ALONE = min(3, _references_to_one_local())


def accumulate(store: Store, g: Any) -> None:
    store.grad = g if store.grad is None else store.grad + g


def collect(root: Node, inputs: Sequence[Node] | None) -> tuple[list[Node], list[Node], bool]:
    """Return the operations that lead from ``inputs`` to ``root``, in the order of their making; and the leaves.

    The leaves are those of ``inputs``, or all.  The last result says whether one of the operations selects.
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
                    ordered = ordered and parent.order < last
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


FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward. Here: call .backward(retain_graph=True) the first time, or compute the result anew."
)
