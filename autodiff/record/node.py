"""The node of a recorded operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..speed.rule_usage import Plan

Shape = tuple[int, ...]

next_order = count(1).__next__


class Node:
    """One recorded operation; an input where ``op`` is None.

    ``parents[i]`` is the node of operand ``i``, None for a constant.  ``args[i]`` is the operand's array where a rule
    reads it; where a rule reads no more than its shape or dtype, the parent stands in for it.  ``value`` is the
    result where a rule reads it.  ``plan`` (None for an input) says what is kept and which rules are walked back by.
    Nodes are numbered in the order of their making, which is an order of the graph.
    """

    __slots__ = ("__weakref__", "args", "dtype", "op", "order", "params", "parents", "plan", "shape", "store", "value")

    def __init__(
        self,
        op: Any,
        parents: Sequence[Node | None],
        args: Sequence[Any] | None,
        params: Mapping[str, Any],
        value: Any,
        shape: Shape,
        dtype: np.dtype[Any],
        store: Store | None,
        plan: Plan | None = None,
    ) -> None:
        self.op = op
        self.parents = parents
        self.args = args
        self.params = params
        self.value = value
        self.shape = shape
        self.dtype = dtype
        self.store = store
        self.plan: Any = plan
        self.order = next_order()

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

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
