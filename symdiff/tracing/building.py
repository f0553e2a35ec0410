"""From a recording to a Graph, and from values to the tensors that are recorded on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff.record.node as engine
from autodiff.record.modes import Recording
from autodiff.tensor import Tensor, leaf
from symdiff.errors import InputError
from symdiff.tracing.graph import LEFT_OUT, Condition, Graph, Node


@dataclass(frozen=True, slots=True)
class Traced:
    """A graph, with the tensors it was recorded on: ``result.backward()`` walks it back."""

    graph: Graph
    result: Tensor
    tensors: Mapping[str, Tensor]


def chosen(wrt: Sequence[str] | None, arrays: Mapping[str, Any], static: set[str]) -> tuple[str, ...]:
    """The inputs to differentiate by: those named, or every input of floating numbers.

    Raises:
        InputError: a name is not an input, or is one that only indexes or is a mask.
    """
    names = [wrt] if isinstance(wrt, str) else list(wrt or ())
    have = ", ".join(arrays) or "none"
    for name in names:
        if name not in arrays:
            raise InputError(f"--wrt {name}: there is no input {name}; the inputs are {have}")
        if name in static:
            raise InputError(
                f"--wrt {name}: {name} is used as an index or a mask and has no partials; the others are differentiated"
            )
    return (
        tuple(name for name in arrays if name in names)
        if names
        else tuple(name for name in arrays if name not in static)
    )


def as_input(array: np.ndarray[Any, Any], static: bool, differentiated: bool) -> Tensor:
    """A new tensor for an input; whole numbers become float64 unless they only index."""
    if static:
        return leaf(array, requires_grad=False)
    floating = array if array.dtype.kind == "f" else array.astype(np.float64)
    return leaf(floating, requires_grad=differentiated)


def build(
    result: Tensor,
    tensors: Mapping[str, Tensor],
    wrt: tuple[str, ...],
    record: Recording,
    *,
    names: Mapping[engine.Node, str],
    constants: Mapping[engine.Node, str],
    text: str,
    sizes: Mapping[engine.Node, tuple[engine.Node, int | None]] | None = None,
) -> Graph:
    """The recorded nodes that lead to the result and to the conditions, as frozen data."""
    builder = _Builder(names, constants, sizes or {})
    for name, tensor in tensors.items():
        builder.leaf(node_of(tensor), tensor.data, name)
    if result.node is None or result.node.op is None:
        builder.leaf(result.node, result.data, None)
    roots = [node for node in (result.node, *(node for node, _ in record.conditions)) if node is not None]
    for node in _ordered(roots):
        if node.op is not None:
            builder.operation(node)
    last = len(builder.nodes) - 1
    return Graph(
        nodes=tuple(builder.nodes),
        inputs={name: builder.index[node_of(tensor)] for name, tensor in tensors.items()},
        wrt=wrt,
        result=last if result.node is None else builder.index[result.node],
        conditions=tuple(
            Condition(builder.index[node], taken) for node, taken in record.conditions if node in builder.index
        ),
        text=text,
    )


class _Builder:
    def __init__(
        self,
        names: Mapping[engine.Node, str],
        constants: Mapping[engine.Node, str],
        sizes: Mapping[engine.Node, tuple[engine.Node, int | None]],
    ) -> None:
        self.nodes: list[Node] = []
        self.index: dict[engine.Node, int] = {}
        self._names = names
        self._constants = constants
        self._sizes = sizes

    def leaf(self, node: engine.Node | None, value: Any, name: str | None) -> int:
        if node is not None and node in self.index:
            return self.index[node]
        name = name or (self._names.get(node) if node is not None else None)
        constant = self._constants.get(node) if node is not None else None
        made = Node(len(self.nodes), None, (), {}, np.asarray(value), name, constant, self._size_of(node))
        return self._push(node, made)

    def _size_of(self, node: engine.Node | None) -> tuple[int, int | None] | None:
        """Of which node's axis a leaf is the length; None where that node is not there yet."""
        source, axis = self._sizes.get(node, (None, None)) if node is not None else (None, None)
        return (self.index[source], axis) if source in self.index else None

    def operation(self, node: engine.Node) -> int:
        parents = tuple(self._operand(node, place) for place in range(len(node.parents)))
        made = Node(len(self.nodes), node.op, parents, dict(node.params), np.asarray(node.value), self._names.get(node))
        return self._push(node, made)

    def _operand(self, node: engine.Node, place: int) -> int:
        parent, value = node.parents[place], (node.args or ())[place]
        if parent is not None and parent.op is not None:
            return self.index[parent]
        return LEFT_OUT if value is None else self.leaf(parent, value, None)

    def _push(self, node: engine.Node | None, made: Node) -> int:
        self.nodes.append(made)
        if node is not None:
            self.index[node] = made.index
        return made.index


def _ordered(roots: Sequence[engine.Node]) -> list[engine.Node]:
    """All nodes that lead to the roots, operands before results."""
    seen = set(roots)
    waiting = list(roots)
    while waiting:
        for parent in waiting.pop().parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return sorted(seen, key=lambda node: node.order)


def node_of(tensor: Tensor) -> engine.Node:
    assert tensor.node is not None
    return tensor.node


def all_float32(tensors: Mapping[str, Tensor]) -> bool:
    floats = [tensor.dtype for tensor in tensors.values() if tensor.dtype.kind == "f"]
    return bool(floats) and all(dtype == np.float32 for dtype in floats)
