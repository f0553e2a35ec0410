"""Applying an operation to operands of which some are tensors: computing the value, and recording the node."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from ..broadcasting import ARRAYS
from ..declare.guards import constant
from ..declare.objects import OBJECTS, holds_tensors, stacked
from ..declare.op import Op
from ..declare.shortcuts import POOL, SHORTCUTS
from .modes import OFF, mode
from .node import NO_GRADIENT, Node, next_order
from .overwritten import OVERWRITTEN, refuse_stale

_FLOAT64 = np.dtype(np.float64)
_make = object.__new__


class Recorded:
    """The base of tensors: the values as ``array``, and the node that made them (None for a constant)."""

    __slots__ = ("array", "node")

    array: Any
    node: Node | None

    def __autodiff_apply__(self, op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Return the tensor of what ``op`` computes, with its node where cotangents will pass through it.

        This is all of recording: ``x * w`` comes here as ``x.__autodiff_apply__(multiply, (x, w), {})``.
        """
        if OVERWRITTEN:
            refuse_stale(operands)
        cls = type(self)
        arrays: list[Any] = []
        parents: list[Node | None] = []
        tracked = 0  # a bit for each operand that wants a cotangent
        bit = 1
        for x in operands:
            node = None
            if type(x) is cls:
                node = x.node
                x = x.array
                if node is not None and node.store is not NO_GRADIENT:
                    tracked += bit
            elif type(x) not in op.plain:
                if hasattr(type(x), "__autodiff_apply__"):
                    return x.__autodiff_apply__(op, operands, params)
                x = op.as_operand(x, len(arrays))
                if holds_tensors(x):
                    return op.bound(tuple(map(stacked, operands)), params)
            elif type(x) is ndarray and x.dtype is OBJECTS and holds_tensors(x):
                return op.bound(tuple(map(stacked, operands)), params)
            arrays.append(x)
            parents.append(node)
            bit += bit
        try:
            if POOL and op.ufunc is not None and (room := SHORTCUTS.room_for(arrays)) is not None:
                value = op.kernel(*arrays, room)
            else:
                kernel = op.kernel
                value = kernel(*arrays) if params is op.defaults else kernel(*arrays, **params)
        except ValueError:
            op.check_broadcasting(arrays)
            raise
        if type(value) is not ndarray and type(value) not in ARRAYS:
            value = _as_value(value, op)
        result = _make(cls)
        result.array = value
        result.node = None
        current = mode()
        if current is OFF:
            return result
        if tracked and value.dtype is not _FLOAT64 and not _differentiable(value, op):
            tracked = 0
        complete = current.complete
        if not tracked and not (complete and any(parents)):
            return result
        plan = op.plans.get(tracked) or op.plan(tracked, len(arrays))
        if complete:
            arrays = [constant(x) if parent is None else x for x, parent in zip(arrays, parents, strict=True)]
        else:
            for place in plan.dropped:
                arrays[place] = parents[place]
            for place in plan.constants:
                arrays[place] = constant(arrays[place])
        # What Node(...) would do, in two thirds of the time: of small arrays this is a part of every operation's cost.
        result.node = node = _make(Node)
        node.op = op
        node.parents = parents
        node.args = arrays
        node.params = params
        node.value = value if plan.saves_value or complete else None
        node.shape = value.shape
        node.dtype = value.dtype
        node.store = None if tracked else NO_GRADIENT
        node.plan = plan
        node.order = next_order()
        return result


def _differentiable(value: Any, op: Op) -> bool:
    if value.dtype.kind == "c":
        raise TypeError(f"{op.name}: the result is complex ({value.dtype}); only real numbers have gradients here")
    return bool(value.dtype.kind == "f")


def _as_value(value: Any, op: Op) -> Any:
    if isinstance(value, Recorded):
        raise TypeError(f"op {op.name}: its function returned a tensor; it gets arrays, and returns an array")
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"op {op.name}: its function returned {value!r:.60}; it must return an array or a number")
    return array
