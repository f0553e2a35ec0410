"""Which operations a function is made of, found by recording it on its samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autodiff.declare.op import Function
from autodiff.record.modes import recording
from autodiff.record.node import Node
from autodiff.tensor import Tensor, leaf


def parts_of(function: Function) -> tuple[str, ...]:
    """The names of the operations that the samples' results are made by, in the order of the alphabet."""
    names: set[str] = set()
    for sample in function.samples:
        with recording(), np.errstate(all="ignore"):
            result = function(*map(_recorded, sample.operands), **sample.params)
        for tensor in _tensors(result):
            names |= _operations(tensor.node)
    return tuple(sorted(names))


def _recorded(operand: Any) -> Any:
    """An operand with every array of floating numbers in it as a tensor."""
    if isinstance(operand, np.ndarray) and operand.dtype.kind == "f":
        return leaf(operand, requires_grad=True)
    if isinstance(operand, tuple | list) and any(isinstance(part, np.ndarray) for part in operand):
        return [_recorded(part) for part in operand]
    return operand


def _tensors(result: Any) -> Iterator[Tensor]:
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, tuple | list):
        for part in result:
            yield from _tensors(part)


def _operations(root: Node | None) -> set[str]:
    seen = {root}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for parent in node.parents if node is not None and node.op is not None else ():
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return {node.op.name for node in seen if node is not None and node.op is not None}
