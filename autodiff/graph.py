"""The recorded graph and the walk back through it, which knows no operation by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

import numpy as np

from .broadcasting import stretched_to, summed_to

Shape = tuple[int, ...]
Lift = Callable[[Any, "Node"], Any]

next_order = count(1).__next__
_by_order = attrgetter("order")


class Node:
    """One recorded operation; an input where ``op`` is None.

    ``parents[i]`` is the node of operand ``i``, None for a constant.  ``args[i]`` is the operand's array where a rule
    reads it; where a rule reads no more than its shape or dtype, the parent stands in for it.  ``value`` is the
    result where a rule reads it.  Nodes are numbered in the order of their making, which is an order of the graph.
    """

    __slots__ = ("__weakref__", "args", "dtype", "op", "order", "params", "parents", "shape", "store", "value")

    def __init__(
        self,
        op: Any,
        parents: tuple[Node | None, ...],
        args: tuple[Any, ...] | None,
        params: dict[str, Any],
        value: Any,
        shape: Shape,
        dtype: np.dtype[Any],
        store: Store | None,
    ) -> None:
        self.op = op
        self.parents = parents
        self.args = args
        self.params = params
        self.value = value
        self.shape = shape
        self.dtype = dtype
        self.store = store
        self.order = next_order()

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def requires_grad(self) -> bool:
        """Whether cotangents arrive here; a complete recording also holds nodes that get none."""
        return self.store is not NO_GRADIENT

    def __repr__(self) -> str:
        name = "input" if self.op is None else self.op.name
        return f"<node {self.order}: {name} {self.shape}>"


class Store:
    """Where the gradient of an input, or of a tensor that retains its own, is kept."""

    __slots__ = ("grad",)

    def __init__(self) -> None:
        self.grad: Any = None


NO_GRADIENT = Store()
"""The store of nodes that are recorded for a trace only."""


def walk_back(
    root: Node,
    cotangent: Any,
    *,
    inputs: Sequence[Node] | None = None,
    retain: bool = False,
    lift: Lift | None = None,
    masked: bool = False,
) -> dict[Node, Any]:
    """Return the cotangents of ``inputs`` (None: of all leaves), given the cotangent of ``root``.

    With ``lift`` (from array and node to tensor) the walk is recorded itself, for derivatives of derivatives.  Saved
    arrays are dropped on the way unless ``retain``.  Nodes that do not lead to the inputs are left out.
    """
    nodes = collect(root, inputs)
    wanted = frozenset(inputs) if inputs is not None else None
    results: dict[Node, Any] = {}
    pending: dict[Node, Any] = {root: cotangent}
    # Buffers that this walk allocated and that nobody else sees, so that they can be added to in place.
    owned: set[Node] = set()
    while nodes:
        node = nodes.pop()
        g = pending.pop(node, None)
        if g is None:
            continue
        owned.discard(node)
        op = node.op
        if op is None or node.store is not None or (wanted is not None and node in wanted):
            g = full(g, node)
            if op is None or (wanted is not None and node in wanted):
                results[node] = g
            elif node.store is not NO_GRADIENT:
                keep(node.store, g)
        if op is None:
            continue
        spread_back(node, g, pending, owned, lift)
        if not retain:
            release(node)
    return results


def spread_back(node: Node, g: Any, pending: dict[Node, Any], owned: set[Node], lift: Lift | None) -> None:
    """Send the cotangent ``g`` of ``node`` to its parents."""
    op, args, params = node.op, node.args, node.params
    if args is None:
        raise RuntimeError(FREED)
    value: Any = node.value if node.value is not None else node
    if lift is not None:
        args = tuple(
            lift(arg, parent) if parent is not None and arg is not parent else arg
            for arg, parent in zip(args, node.parents, strict=True)
        )
        value = lift(value, node) if value is not node else node
    shape = node.shape
    if g.shape != shape and not (op.elementwise and same_shapes(node)):
        g = stretched_to(g, shape)
    if op.joint_rule is not None:
        cotangents = op.joint_rule(g, value, *args, **params)
        for parent, c in zip(node.parents, cotangents, strict=True):
            if parent is not None and c is not None:
                add(parent, fitted(c, parent, node), pending, owned)
        return
    for parent, rule in zip(node.parents, op.rules, strict=True):
        if parent is not None and rule is not None:
            add(parent, fitted(rule(g, value, *args, **params), parent, node), pending, owned)


def same_shapes(node: Node) -> bool:
    """Whether no operand was stretched; a cotangent of fewer axes then stands for its broadcast."""
    return all(parent is None or parent.shape == node.shape for parent in node.parents)


def fitted(c: Any, parent: Node, node: Node) -> Any:
    """Return the cotangent ``c`` that a rule of ``node`` gave for ``parent`` in the parent's dtype and shape.

    A smaller shape that broadcasts to the parent's is left as it is.
    """
    if not hasattr(c, "shape"):
        c = np.asarray(c, parent.dtype)
    if c.dtype is not parent.dtype and c.dtype != parent.dtype:
        c = c.astype(parent.dtype)
    shape = parent.shape
    if c.shape == shape:
        return c
    if node.op.elementwise:
        if shape == node.shape:
            return c
        if c.shape != node.shape:
            c = stretched_to(c, node.shape)
        return summed_to(c, shape)
    if len(c.shape) <= len(shape) and all(a in (1, b) for a, b in zip(c.shape[::-1], shape[::-1], strict=False)):
        return c
    raise ValueError(f"{node.op.name}: its vjp rule returned shape {c.shape} for an operand of shape {shape}")


def add(node: Node, c: Any, pending: dict[Node, Any], owned: set[Node]) -> None:
    """Add the contribution ``c`` to the cotangent that waits for ``node``."""
    present = pending.get(node)
    if present is None:
        pending[node] = c
    elif node in owned and present.shape == node.shape:
        np.add(present, c, out=present)
    else:
        total = pending[node] = present + c
        if type(total) is np.ndarray and total.shape == node.shape:
            owned.add(node)


def full(g: Any, node: Node) -> Any:
    """Return a cotangent in the full shape of its node."""
    return g if g.shape == node.shape else stretched_to(g, node.shape)


def keep(store: Store | None, g: Any) -> None:
    if store is not None:
        store.grad = g if store.grad is None else store.grad + g


def release(node: Node) -> None:
    """Drop the arrays that ``node`` saved; without any, the graph can be walked again."""
    if node.value is not None or any(isinstance(arg, np.ndarray | np.generic) for arg in node.args or ()):
        node.args = node.value = None


def collect(root: Node, inputs: Sequence[Node] | None) -> list[Node]:
    """Return the nodes that lead from ``inputs`` to ``root``, in the order of their making."""
    # What was made before the first input cannot depend on an input.
    first = min((node.order for node in inputs), default=root.order + 1) if inputs is not None else 0
    if root.order < first:
        return []
    seen = {root}
    stack = [root]
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent not in seen and parent.order >= first:
                seen.add(parent)
                stack.append(parent)
    nodes = sorted(seen, key=_by_order)
    return nodes if inputs is None else leading_from(inputs, nodes)


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
    "after calling backward. Here: call .backward(retain_graph=True) the first time, or compute the result anew"
)
