"""Cotangents on their way: fitted to the operand they are for, filled up, given out, added to a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from sys import getrefcount
from typing import Any

import numpy as np

from ..broadcasting import SMALL, stretched_to, summed_to
from ..record.node import Node, Store

Lift = Callable[[Any, Node], Any]
"""From an array and its node to the tensor, where a walk is recorded itself."""


def fitted(c: Any, parent: Node, node: Node) -> Any:
    """Return the cotangent ``c`` that a rule of ``node`` gave for ``parent`` in the parent's dtype and shape.

    A smaller shape that broadcasts to the parent's is left as it is where the parent has many elements.  For a ``c`` of
    shape (3, 4) and a parent of shape (4,), which ``add`` stretched, it is the sum over the first axis.
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


def accumulate(store: Store, g: Any) -> None:
    """Add to the gradient of an input, or of a tensor that retains its own."""
    store.grad = g if store.grad is None else store.grad + g


def unshared(g: Any, lift: Lift | None) -> Any:
    """Return a cotangent that its receiver may keep: a rule may return an array that the graph still has.

    The cotangent of ``x`` in ``(x * w).sum()`` is a new array, and is given out itself; in ``(x + w).sum()`` it is
    the cotangent of the sum, perhaps somebody else's too, and is copied.
    """
    if lift is not None or (
        type(g) is np.ndarray and getrefcount(g) <= ALONE and (g.base is None or _owns_its_numbers(g))
    ):
        return g
    return np.array(g)


def _owns_its_numbers(g: Any) -> bool:
    """Whether a view is the only one of an array that nobody else has."""
    base = g.base
    return (
        type(base) is np.ndarray
        and getrefcount(base) <= ALONE
        and base.base is None
        and base.size == g.size
        and bool(g.flags.writeable)
    )


def _references_to_one_local() -> int:
    """Return how many references ``unshared`` counts of an array that nobody but its caller's ``g`` has."""

    def counted(g: Any, lift: Lift | None) -> int:
        return 0 if lift is not None else getrefcount(g)

    g = np.empty(1)
    return counted(full(g, Node(g.shape, g.dtype)), None)


# A debugger at work may hold references of its own; without one there are never more than these three.
ALONE = min(3, _references_to_one_local())

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward. Here: call .backward(retain_graph=True) the first time, or compute the result anew."
)
