"""Applying an operation to operands of which some are tensors: computing the value, and recording the node."""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import NO_GRADIENT, Node
from .modes import mode
from .op import Op
from .rule_usage import ITS_ARRAY, ITS_OUTLINE


class Recorded:
    """The base of tensors: a value, and the node that made it (None for a constant)."""

    __slots__ = ("_data", "_node")

    _data: Any
    _node: Node | None


_FLOAT64 = np.dtype(np.float64)
_make = object.__new__
_ARRAYS = frozenset({np.ndarray, *np.sctypeDict.values()})


def apply(cls: type[Any], op: Op, operands: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """Return the result of ``op`` as an instance of ``cls``, the class of tensors."""
    arrays = []
    parents = []
    tracked = False
    for x in operands:
        if type(x) is cls:
            node = x._node
            if node is not None and node.store is not NO_GRADIENT:
                tracked = True
            arrays.append(x._data)
            parents.append(node)
        else:
            if type(x) not in op.plain:
                if hasattr(type(x), "__autodiff_apply__"):
                    return x.__autodiff_apply__(op, operands, params)
                (x,) = op.as_arrays((x,))
            arrays.append(x)
            parents.append(None)
    value = op.forward(*arrays, **params)
    if type(value) not in _ARRAYS:
        value = _as_value(value, op)
    result = _make(cls)
    result._data = value
    result._node = None
    current = mode()
    if current is True:
        if tracked and (value.dtype is _FLOAT64 or _differentiable(value, op)):
            result._node = _node(op, arrays, parents, params, value)
    elif current:
        result._node = _complete_node(op, arrays, parents, params, value, tracked)
    return result


def _node(op: Op, arrays: list[Any], parents: list[Any], params: dict[str, Any], value: Any) -> Node:
    """Return a node with what the walk back will read and nothing else."""
    usage = op.usage(tuple([parent is not None and parent.store is not NO_GRADIENT for parent in parents]))
    args = []
    for how, array, parent in zip(usage.operands, arrays, parents, strict=True):
        if how is ITS_ARRAY:
            args.append(_kept(array) if parent is None else array)
        elif how is ITS_OUTLINE:
            args.append(array if parent is None else parent)
        else:
            args.append(None)
    saved = value if usage.value is ITS_ARRAY else None
    nodes = tuple([None if parent is None or parent.store is NO_GRADIENT else parent for parent in parents])
    return Node(op, nodes, tuple(args), params, saved, value.shape, value.dtype, None)


def _complete_node(
    op: Op, arrays: list[Any], parents: list[Any], params: dict[str, Any], value: Any, tracked: bool
) -> Node:
    args = tuple(_kept(array) if parent is None else array for array, parent in zip(arrays, parents, strict=True))
    store = None if tracked and _differentiable(value, op) else NO_GRADIENT
    return Node(op, tuple(parents), args, params, value, value.shape, value.dtype, store)


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
