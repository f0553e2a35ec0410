"""How a step reads as code: ``y = x * x``, ``mean(y, axis=0)``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autodiff.declare.op import Op
from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS
from symdiff.tracing.graph import LEFT_OUT, Graph, Node

_INFIX = {each.operation: each.sign for each in (*ARITHMETIC, *COMPARISONS)}
LONGEST_NUMBER = 3


def step_code(graph: Graph, node: Node, names: Mapping[int, str]) -> str:
    """A node as code, in the names of its operands; ``names`` are by node, and its own is what the author assigned."""
    assert node.op is not None
    operands = [_operand(graph, parent, names) for parent in node.parents]
    text = _call(node.op, operands, node.params)
    return f"{node.name} = {text}" if node.name else text


def _call(op: Op, operands: list[str], params: Mapping[str, object]) -> str:
    if op.name in _INFIX and len(operands) == 2 and not params:
        return f" {_INFIX[op.name]} ".join(operands)
    if op.name == "negative":
        return f"-{operands[0]}"
    if op.name == "getitem":
        return f"{operands[0]}[{_index(next(iter(params.values()), '...'))}]"
    defaults = op.binding.defaults
    given = [f"{name}={_value(value)}" for name, value in params.items() if not _is_default(value, defaults.get(name))]
    return f"{op.name}({', '.join([*(x for x in operands if x), *given])})"


def _is_default(value: object, default: object) -> bool:
    return value is None or value is False or (type(value) is type(default) and repr(value) == repr(default))


def _value(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"<array of shape {value.shape}>" if value.size > LONGEST_NUMBER else str(value.tolist())
    return repr(value)


def _made(value: np.ndarray) -> str:
    """How an array that is one number everywhere, or the identity, is made; nothing for any other."""
    if value.ndim == 2 and len(value) > 1 and np.array_equal(value, np.eye(len(value))):
        return f"eye({len(value)})"
    if value.ndim and value.size and np.all(value == value.flat[0]):
        shape = str(value.shape[0]) if value.ndim == 1 else str(value.shape)
        number = value.flat[0]
        return f"{ ({0: 'zeros', 1: 'ones'}[number]) }({shape})" if number in (0, 1) else f"full({shape}, {number:g})"
    return ""


def _index(index: object) -> str:
    if isinstance(index, tuple):
        return ", ".join(_index(part) for part in index)
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join([*ends, *([str(index.step)] if index.step not in (None, 1) else [])])
    if index is Ellipsis:
        return "..."
    return _value(index)


def _operand(graph: Graph, index: int, names: Mapping[int, str]) -> str:
    if index == LEFT_OUT:
        return ""
    node = graph.nodes[index]
    if index in names:
        return names[index]
    if node.constant is not None:
        return node.constant
    if node.op is None:
        return _made(node.value) or _value(node.value.tolist() if node.value.size <= LONGEST_NUMBER else node.value)
    return step_code(graph, node, names)
