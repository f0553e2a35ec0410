"""One run under ``make_fx``: the aten operations that really ran, flat, with the names their author used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch
from torch._decomp import core_aten_decompositions, decomposition_table
from torch.fx.experimental.proxy_tensor import make_fx

from symdiff.frameworks.pytorch.aten import KEPT, names_of
from symdiff.frameworks.pytorch.modes import Calls, Operations, Watched, node_of
from symdiff.tracing.author_names import Names, watched

__all__ = ["Captured", "capture"]


class TensorNames(Names):
    """The names of PyTorch's tensors in the frames of the user's."""

    def node_behind(self, value: object) -> Any:
        """The traced node behind a tensor."""
        return node_of(value)


@dataclass
class Captured:
    """A graph of aten operations on the inputs, in their order, and what was seen meanwhile."""

    module: Any
    names: TensorNames
    seen: Watched = field(default_factory=Watched)


@cache
def decompositions() -> Mapping[Any, Callable[..., Any]]:
    """How PyTorch writes what has no entry of ours in smaller operations."""
    found = {**decomposition_table, **core_aten_decompositions()}
    return {op: rule for op, rule in found.items() if not kept(op)}


def kept(op: Any) -> bool:
    """Whether an operation has an entry of ours, or writes in place: it is not decomposed."""
    schema = getattr(op, "_schema", None)
    return schema is not None and (schema.is_mutable or bool(names_of(schema) & KEPT))


def capture(
    function: Callable[..., Any],
    tensors: Sequence[Any],
    entered: Callable[[dict[str, Any]], None],
    variables: Callable[[], Mapping[str, Any]] = dict,
) -> Captured:
    """Trace ``function`` of ``tensors``; a program that writes in place is told again without.

    ``variables`` are the names of tensors that no frame of the user's bears, asked once the function has returned.
    """
    captured = _captured(function, tensors, entered, variables)
    if any(_is_mutable(node) for node in captured.module.graph.nodes):
        return _without_writing(captured, tensors)
    return captured


def _without_writing(captured: Captured, tensors: Sequence[Any]) -> Captured:
    """The same program in which every write is a new value; what was seen is said of the new nodes."""
    became: dict[Any, Any] = {}

    def again(*given: Any) -> Any:
        values: dict[Any, Any] = {}
        inputs = iter(given)
        for node in captured.module.graph.nodes:
            if node.op == "placeholder":
                values[node] = next(inputs)
            elif node.op == "get_attr":
                values[node] = constant_of(captured.module, node)
            elif node.op == "call_function":
                args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), values.__getitem__)
                values[node] = node.target(*args, **kwargs)
            else:
                return torch.fx.node.map_arg(node.args[0], values.__getitem__)
            became[node] = node_of(values[node])
        raise AssertionError("a graph has an output")

    found = Captured(make_fx(torch.func.functionalize(again))(*tensors), captured.names, captured.seen)
    same = {id(node): node for node in found.module.graph.nodes}
    became = {old: new for old, new in became.items() if id(new) in same}
    found.names.seen = {
        name: [became[node] for node in nodes if node in became] for name, nodes in captured.names.seen.items()
    }
    found.seen.conditions = [(became[node], taken) for node, taken in captured.seen.conditions if node in became]
    return found


def constant_of(module: Any, node: Any) -> Any:
    """The tensor that a graph holds under a node's name."""
    for step in node.target.split("."):
        module = getattr(module, step)
    return module


def _captured(
    function: Callable[..., Any],
    tensors: Sequence[Any],
    entered: Callable[[dict[str, Any]], None],
    variables: Callable[[], Mapping[str, Any]] = dict,
) -> Captured:
    found = Captured(None, TensorNames())

    def watching(*given: Any) -> Any:
        found.seen = Watched()
        with Calls(found.seen), Operations(found.seen), watched(entered, found.names):
            result = function(*given)
            found.names.note(variables())
            return result

    with _plain_kernels(), torch.enable_grad():
        found.module = make_fx(watching, decomposition_table=decompositions())(*tensors)
    return found


@contextmanager
def _plain_kernels() -> Iterator[None]:
    """Without kernels that hide a whole layer behind one name."""
    # torch.backends.mkldnn.flags says the same, and warns of graphics cards that nobody has
    before = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(False)
    try:
        yield
    finally:
        torch._C._set_mkldnn_enabled(before)


def _is_mutable(node: Any) -> bool:
    schema = getattr(node.target, "_schema", None)
    return node.op == "call_function" and schema is not None and schema.is_mutable
