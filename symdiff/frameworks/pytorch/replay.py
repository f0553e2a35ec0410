"""A graph of aten operations, run again on our tensors: each operation by its entry, each value PyTorch's own."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from autodiff.tensor import Tensor, leaf
from symdiff.deadline import look
from symdiff.errors import InputError
from symdiff.frameworks.missing import Missing, opaque
from symdiff.frameworks.pytorch.aten import entry_of
from symdiff.frameworks.pytorch.calling import numpy_of
from symdiff.frameworks.pytorch.capture import Captured, constant_of, kept
from symdiff.frameworks.results import with_value


@dataclass
class Replay:
    """Runs a graph: ``ours`` are our tensors (or arrays that depend on no input), ``theirs`` PyTorch's, by node."""

    captured: Captured
    text: str
    ours: dict[Any, Any] = field(default_factory=dict)
    theirs: dict[Any, Any] = field(default_factory=dict)
    constants: dict[Any, str] = field(default_factory=dict)
    """Our node of a constant -> the name that its author gave it."""

    def run(
        self, inputs: Sequence[Tensor], tensors: Sequence[Any], closed: Mapping[int, Tensor], named: Mapping[int, str]
    ) -> Any:
        """The result, on our inputs and on PyTorch's; ``closed`` are our tensors for parameters, by their id.

        Raises:
            InputError: the function draws random numbers.
        """
        nodes = list(self.captured.module.graph.nodes)
        needed = _needed(nodes, [node for node, _ in self.captured.seen.conditions])
        places = iter(range(len(inputs)))
        result: Any = None
        branches = dict(self.captured.seen.conditions)
        for node in nodes:
            look()
            if node.op == "placeholder":
                place = next(places)
                self.ours[node], self.theirs[node] = inputs[place], tensors[place]
            elif node.op == "get_attr" and node in needed:
                self._constant(node, closed, named)
            elif node.op == "call_function" and node in needed:
                self._operation(node)
            elif node.op == "output":
                result = node.args[0]
            if node in branches and isinstance(self.ours.get(node), Tensor):
                bool(self.ours[node])  # recorded as the branch that was taken
        result = result[0] if isinstance(result, list | tuple) else result
        return self.ours[result], self.theirs[result]

    def _constant(self, node: Any, closed: Mapping[int, Tensor], named: Mapping[int, str]) -> None:
        value = constant_of(self.captured.module, node)
        if value.requires_grad and not value.is_leaf and id(value) not in closed:
            name = named.get(id(value), "a tensor")
            raise InputError(
                f"{self.text} reads {name}, which was computed from leaves outside of it, where nobody saw how; "
                "compute it inside, or give it as an argument"
            )
        self.theirs[node] = value.detach().clone()
        if id(value) in closed:
            self.ours[node] = closed[id(value)]
            return
        self.ours[node] = numpy_of(value)
        if id(value) in named and value.is_floating_point():
            self.ours[node] = made = leaf(self.ours[node], requires_grad=False)
            self.constants[made.node] = named[id(value)]

    def _operation(self, node: Any) -> None:
        theirs = torch.fx.node.map_arg((node.args, node.kwargs), self.theirs.__getitem__)
        ours = torch.fx.node.map_arg((node.args, node.kwargs), self.ours.__getitem__)
        if node.target is operator.getitem:
            self.theirs[node], self.ours[node] = (operator.getitem(*args[0]) for args in (theirs, ours))
            return
        if _is_random(node) and not kept(node.target):
            self._refuse_random(node)
        with torch.no_grad():
            self.theirs[node] = node.target(*theirs[0], **theirs[1])
        self.ours[node] = self._ours(node, ours, self.theirs[node])

    def _ours(self, node: Any, given: Any, value: Any) -> Any:
        tensors = [each for each in torch.utils._pytree.tree_leaves(given) if isinstance(each, Tensor)]
        if not any(each.node is not None for each in tensors):
            return _as_arrays(value)
        name = str(node.target).removesuffix(".default")
        try:
            entry = entry_of(node.target)
            args, kwargs = entry.promoted(given, value)
            return _with_values(entry.apply(args, kwargs, value), value, name, tensors)
        except Missing as why:
            if _is_random(node):  # a dropout that is on, where the entry knows the one that is off
                self._refuse_random(node)
            missing = f"{name} ({why})" if str(why) else name
            return _opaque(missing, tensors, value)

    def _refuse_random(self, node: Any) -> None:
        name = str(node.target).removesuffix(".default")
        raise InputError(
            f"{self.text} draws random numbers ({name}), so that no two calls are the same function; call .eval() on "
            "the module (dropout is then off), or draw them before and give them as an input"
        )


def _is_random(node: Any) -> bool:
    return torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ())


def _needed(nodes: Sequence[Any], also: Sequence[Any]) -> set[Any]:
    """The nodes that the result, and the conditions, are computed from."""
    found = {node for node in nodes if node.op == "output"} | set(also)
    for node in reversed(nodes):
        if node in found:
            found.update(node.all_input_nodes)
    return found


def _as_arrays(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        if value.is_complex():
            return value  # nothing of ours reads it
        return numpy_of(value)
    return type(value)(map(_as_arrays, value)) if isinstance(value, list | tuple) else value


def _opaque(name: str, operands: Sequence[Tensor], value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return opaque(name, operands, numpy_of(value.real if value.is_complex() else value))
    if isinstance(value, list | tuple):
        return [_opaque(name, operands, each) for each in value]
    return value


def _with_values(found: Any, value: Any, name: str, operands: Sequence[Tensor]) -> Any:
    """Our results with PyTorch's values in the place of ours, so that each of its operations is judged by itself.

    A result that an entry leaves open (None) is one that nothing is known of.
    """
    if isinstance(value, list | tuple):
        if not isinstance(found, list | tuple):
            found = [found]
        padded = [*found, *(None for _ in range(len(value) - len(found)))]
        return [_with_values(*pair, name, operands) for pair in zip(padded, value, strict=True)]
    if not isinstance(value, torch.Tensor):
        return value if found is None else found
    if found is None:
        return _opaque(name, operands, value) if value.is_floating_point() else numpy_of(value)
    if value.dtype in (torch.bfloat16, torch.float16):
        raise Missing(str(value.dtype))  # rounded to so few digits it is another function
    array = numpy_of(value)
    if not isinstance(found, Tensor) or (array.dtype.kind in "iub" and found.dtype.kind == "f"):
        return array  # a constant; whole numbers are, between their jumps
    if found.shape != array.shape:
        raise Missing(f"shape {array.shape}")
    return with_value(found, array)
