"""Applying an operation to operands of which some are tensors: computing the value, and recording the node."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .graph_node import NO_GRADIENT, Node, next_order
from .modes import OFF, mode
from .op import Op
from .spare import SPARE, room_for


class Recorded:
    """The base of tensors: a value, and the node that made it (None for a constant)."""

    __slots__ = ("_data", "_node")

    _data: Any
    _node: Node | None


_FLOAT64 = np.dtype(np.float64)
_ARRAYS = frozenset({np.ndarray, *np.sctypeDict.values()})
_make = object.__new__


def apply(cls: type[Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Return the result of ``op`` as an instance of ``cls``, the class of tensors."""
    arrays: list[Any] = []
    parents: list[Node | None] = []
    tracked = 0  # a bit for each operand that wants a cotangent
    bit = 1
    for x in operands:
        if type(x) is cls:
            node = x._node
            arrays.append(x._data)
            parents.append(node)
            if node is not None and node.store is not NO_GRADIENT:
                tracked += bit
        else:
            if type(x) not in op.plain:
                if hasattr(type(x), "__autodiff_apply__"):
                    return x.__autodiff_apply__(op, operands, params)
                x = op.as_operand(x, len(arrays))
            arrays.append(x)
            parents.append(None)
        bit += bit
    # A function that is not of this package might write into what the way back still needs.
    given = [frozen(x) if type(x) is np.ndarray else x for x in arrays] if op.foreign else arrays
    room = room_for(arrays) if SPARE and op.ufunc is not None else None
    try:
        if room is not None and op.ufunc is not None:
            value = op.ufunc(*arrays, room)
        else:
            value = op.forward(*given, **params) if params else op.forward(*given)
    except ValueError:
        op.check_broadcasting(arrays)
        raise
    if type(value) not in _ARRAYS:
        value = _as_value(value, op)
    result = _make(cls)
    result._data = value
    result._node = None
    current = mode()
    if current is OFF:
        return result
    wanted = tracked and (value.dtype is _FLOAT64 or _differentiable(value, op))
    if current.complete:
        if any(parents):
            result._node = _complete_node(op, arrays, parents, params, value, bool(wanted))
    elif wanted:
        plan = op.plans.get(tracked) or op.plan(tracked, len(arrays))
        for place in plan.dropped:
            arrays[place] = parents[place]
        for place in plan.constants:
            arrays[place] = _kept(arrays[place])
        # What Node(...) would do, in two thirds of the time: of small arrays this is a part of every operation's cost.
        result._node = node = _make(Node)
        node.op = op
        node.parents = parents
        node.args = arrays
        node.params = params
        node.value = value if plan.saves_value else None
        node.shape = value.shape
        node.dtype = value.dtype
        node.store = None
        node.saves = plan.saves
        node.order = next_order()
    return result


def frozen(data: Any) -> NDArray[Any]:
    """Return a view of the values that cannot be written into."""
    view: NDArray[Any] = np.asarray(data).view()
    view.flags.writeable = False
    return view


def _complete_node(
    op: Op, arrays: list[Any], parents: list[Node | None], params: dict[str, Any], value: Any, wanted: bool
) -> Node:
    args = tuple(_kept(array) if parent is None else array for array, parent in zip(arrays, parents, strict=True))
    store = None if wanted else NO_GRADIENT
    return Node(op, tuple(parents), args, params, value, value.shape, value.dtype, store, True)


def _kept(constant: Any) -> Any:
    """Return an array that nobody can write into before it is read on the way back."""
    if type(constant) is np.ndarray and constant.flags.writeable:
        return constant.copy()
    return constant


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
