"""The node of a recorded operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import prod
from typing import Any

import numpy as np

Shape = tuple[int, ...]

next_order = count(1).__next__


@dataclass(slots=True, eq=False)
class Store:
    """Where the gradient of an input, or of a tensor that retains its own, is kept."""

    grad: Any = None


NO_GRADIENT = Store()
"""The store of nodes that are recorded for a trace only."""


@dataclass(slots=True, weakref_slot=True, eq=False, repr=False)
class Node:
    """One recorded operation; an input where ``op`` is None.

    ``parents[i]`` is the node of operand ``i``, None for a constant.  ``args[i]`` is the operand's array where a rule
    reads it; where a rule reads no more than its shape or dtype, the parent stands in for it.  ``value`` is the
    result where a rule reads it.  ``plan`` (None for an input) says what is kept and which rules are walked back by.
    Nodes are numbered in the order of their making, which is an order of the graph.

    ``y = x * w`` with a constant ``w`` is ``Node((3,), float64, op=multiply, parents=[node of x, None], args=[node of
    x, array of w], value=None)``: the rule ``g * w`` reads ``w`` alone.
    """

    shape: Shape
    dtype: np.dtype[Any]
    store: Store | None = None
    op: Any = None
    parents: Sequence[Node | None] = ()
    args: Sequence[Any] | None = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None
    plan: Any = None
    order: int = field(default_factory=next_order)

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
