"""Applying an operation to operands of which some are tensors: computing the value, and recording the node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..broadcasting import ARRAYS
from ..declare.op import Op
from ..speed.memory_pool import SPARE, room_for
from .modes import OFF, mode
from .node import NO_GRADIENT, Node, next_order


class Recorded:
    """The base of tensors: a value, and the node that made it (None for a constant)."""

    __slots__ = ("_data", "_node")

    _data: Any
    _node: Node | None


_FLOAT64 = np.dtype(np.float64)
_make = object.__new__


def apply(cls: type[Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Return the result of ``op`` as an instance of ``cls``, the class of tensors."""
    if op.on_two is not None and not params:
        return op.on_two(*operands)
    if len(operands) == 1 and type(operands[0]) is cls:
        return apply_one(op, operands[0], params)
    return apply_any(cls, op, operands, params)


def apply_one(op: Op, x: Any, params: dict[str, Any]) -> Any:
    """Do what ``apply_any`` does, for one tensor in less time."""
    kernel, cls = op.kernel, type(x)
    if kernel is None:
        return apply_any(cls, op, (x,), params)
    array, node = x._data, x._node
    if params:
        value = kernel(array) if params is op.defaults else kernel(array, **params)
    elif SPARE and op.ufunc is not None and (room := room_for((array,))) is not None:
        value = kernel(array, room)
    else:
        value = kernel(array)
    return recorded(cls, op, [array], (node,), node is not None and node.store is not NO_GRADIENT, params, value)


def on_two(cls: type[Any], op: Op) -> Callable[[Any, Any], Any]:
    """Return what applies an operation of this package to two operands as ``apply_any`` would, in less time."""
    kernel, ufunc, plain, params = op.kernel, op.ufunc, op.plain, op.defaults
    assert kernel is not None

    def applied(x: Any, y: Any) -> Any:
        tracked = 0
        left = right = None
        if type(x) is cls:
            a, left = x._data, x._node
            if left is not None and left.store is not NO_GRADIENT:
                tracked = 1
        elif type(x) in plain:
            a = x
        else:
            return apply_any(cls, op, (x, y), params)
        if type(y) is cls:
            b, right = y._data, y._node
            if right is not None and right.store is not NO_GRADIENT:
                tracked += 2
        elif type(y) in plain:
            b = y
        else:
            return apply_any(cls, op, (x, y), params)
        try:
            if SPARE and ufunc is not None and (room := room_for((a, b))) is not None:
                value = kernel(a, b, room)
            else:
                value = kernel(a, b)
        except ValueError:
            op.check_broadcasting((a, b))
            raise
        return recorded(cls, op, [a, b], (left, right), tracked, params, value)

    return applied


def apply_any(cls: type[Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Return the result of ``op`` on operands of any number and kind."""
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
    try:
        value = op.forward(*given, **params)
    except ValueError:
        op.check_broadcasting(arrays)
        raise
    return recorded(cls, op, arrays, parents, tracked, params, value)


def recorded(
    cls: type[Any],
    op: Op,
    arrays: list[Any],
    parents: Sequence[Node | None],
    tracked: int,
    params: dict[str, Any],
    value: Any,
) -> Any:
    """Return the tensor of ``value``, with its node where cotangents will pass through it."""
    if type(value) is not np.ndarray and type(value) not in ARRAYS:
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
            result._node = _complete_node(op, arrays, parents, params, value, tracked if wanted else 0)
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
        node.plan = plan
        node.order = next_order()
    return result


def frozen(data: Any) -> NDArray[Any]:
    """Return a view of the values that cannot be written into."""
    view: NDArray[Any] = np.asarray(data).view()
    view.flags.writeable = False
    return view


def _complete_node(
    op: Op, arrays: list[Any], parents: Sequence[Node | None], params: dict[str, Any], value: Any, tracked: int
) -> Node:
    args = tuple(_kept(array) if parent is None else array for array, parent in zip(arrays, parents, strict=True))
    store = None if tracked else NO_GRADIENT
    plan = op.plans.get(tracked) or op.plan(tracked, len(arrays))
    return Node(op, tuple(parents), args, params, value, value.shape, value.dtype, store, plan)


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
