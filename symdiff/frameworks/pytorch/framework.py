"""PyTorch: what the door asks of a framework."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import Parameter
from typing import Any

import numpy as np
import torch

from autodiff.record.modes import recording
from autodiff.tensor import Tensor, leaf
from symdiff.arrays import Array
from symdiff.deadline import TimeLimit, stage
from symdiff.errors import InputError, said_by
from symdiff.frameworks.arguments import first_that_runs, parameters_seen, plain_call
from symdiff.frameworks.bridged import Bridged
from symdiff.frameworks.missing import opaque
from symdiff.frameworks.pytorch.calling import (
    Named,
    Run,
    called,
    has_users_own,
    modules_of,
    named_tensors,
    numpy_of,
    parameters_of,
    tensor_of,
    value_of,
)
from symdiff.frameworks.pytorch.calls import Calls, calls_seen
from symdiff.frameworks.pytorch.capture import Captured, capture
from symdiff.frameworks.pytorch.modes import SameNumbers
from symdiff.frameworks.pytorch.replay import Replay
from symdiff.frameworks.recognising import callable_name
from symdiff.frameworks.results import with_value
from symdiff.frameworks.single import Single
from symdiff.tracing.building import as_input, build, chosen, node_of
from symdiff.tracing.function_trace import at_of, bound, labelled, of_containers
from symdiff.tracing.notes import notes_on
from symdiff.tracing.prints import printing

CLOSE = {"float32": 1e-3, "float64": 1e-6}
"""Two calls that differ by more than this part of their values are not calls of one function."""


class PyTorch:
    """Functions of tensors, modules, and ``autograd.Function.apply``."""

    name = "PyTorch"

    def is_array(self, value: Any) -> bool:
        """Whether a value is one of its arrays."""
        return isinstance(value, torch.Tensor)

    def to_numpy(self, value: Any) -> Any:
        """A tensor's numbers as an array; what is no tensor stays."""
        if not isinstance(value, torch.Tensor):
            return value
        if value.is_complex() or value.dtype in (torch.float16, torch.bfloat16):
            raise InputError(f"a tensor of {value.dtype} is given; give float64 or float32, such as x.double()")
        if value.layout is not torch.strided or value.is_quantized:
            raise InputError(f"a tensor of layout {value.layout} is given; give a dense one, such as x.to_dense()")
        return numpy_of(value)

    def from_numpy(self, array: Any) -> Any:
        """A tensor with an array's numbers; what is no array stays."""
        return tensor_of(np.asarray(array)) if isinstance(array, np.ndarray | np.generic) else array

    def gradients(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> dict[str, Array]:
        """PyTorch's gradient alone."""
        with buffers_kept(bridge.target):
            run = self.run(bridge, args, at)
        arrays = {name: numpy_of(each) for name, each in run.leaves.items()}
        return run.gradients(chosen(of_containers(wrt, run.call, arrays), arrays, set()))

    def trace(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> Bridged:
        """The aten operations of one call, as ours.

        Raises:
            InputError: an argument or the result cannot be used, or the function draws random numbers.
            FunctionError: the function raised.
        """
        with buffers_kept(bridge.target):
            run = self.run(bridge, args, at)
            return traced(run, bridge.target, wrt)

    def parameters(self, target: Any, count: int) -> list[Parameter]:
        """Those of a module's forward; of a Function's without ``ctx``."""
        owner: Any = getattr(target, "__self__", None)
        if isinstance(target, torch.nn.Module):
            return parameters_seen(target.forward, count)
        if isinstance(owner, type) and issubclass(owner, torch.autograd.Function):
            function: Any = owner
            own_context = function.setup_context is not torch.autograd.Function.setup_context
            return parameters_seen(function.forward, count)[0 if own_context else 1 :]
        return parameters_seen(target, count)

    def slope(self, target: Any, place: int, name: str) -> Any:
        """By ``torch.autograd.grad`` with ``create_graph``."""

        def slope(*args: Any, **kwargs: Any) -> Any:
            x = kwargs[name] if name in kwargs else args[place]
            value = target(*args, **kwargs)
            (found,) = torch.autograd.grad(value, x, create_graph=True, allow_unused=True)
            return torch.zeros_like(x) if found is None else found

        return slope

    def singles(self, bridge: Any, args: Sequence[object], at: Mapping[str, object], users_alone: bool) -> list[Single]:
        """The Functions that were applied, or everything that was called, the first one first."""
        with buffers_kept(bridge.target):
            run = self.run(bridge, args, at, quiet=True)
            if users_alone and not has_users_own(run.value):
                return []
            calls = Calls(users_alone)
            value_of(run.call, bridge.target, run.inputs, None, lambda: calls_seen(calls))
        return calls.found

    def run(self, bridge: Any, args: Sequence[object], at: Mapping[str, object], quiet: bool = False) -> Run:
        """One call, in the dtypes in which the function runs, with the parameters that it closes over.

        What it prints goes to standard error, or, where it is called once more (``quiet``), nowhere.
        """
        target, prints = bridge.target, None if quiet else sys.stderr
        parameters = self.parameters(target, len(args) + len(at))
        stand_in = plain_call(target, callable_name(target), parameters, self.from_numpy)
        if not args and at:
            args, at = at_of(stand_in, at)
        call, arrays = bound(stand_in, args, at)
        run: Run = first_that_runs(arrays, bridge.exact, lambda given: called(call, target, given, prints))
        run.closed = _closed(target, run)
        return run


FRAMEWORK = PyTorch()


def _closed(target: Any, run: Run) -> dict[str, Any]:
    """The parameters that are inputs beside what was given, by their authors' names; all of a module's own."""
    names: dict[int, str] = {}
    for name, each in named_tensors(target):
        names.setdefault(id(each), name)
    found = dict(target.named_parameters()) if isinstance(target, torch.nn.Module) else {}
    known = {id(each) for each in found.values()}
    order = {name: place for place, name in enumerate(names.values())}
    others = [each for each in parameters_of(run.value, {**run.inputs, **found}) if id(each) not in known]
    called = {names.get(id(each), f"parameter_{place}"): each for place, each in enumerate(others, start=1)}
    found.update(sorted(called.items(), key=lambda item: order.get(item[0], len(order))))
    return {f"{name}_" if name in run.inputs else name: each for name, each in found.items()}


@contextmanager
def buffers_kept(target: Any) -> Iterator[None]:
    """What a call writes to the buffers of modules (a batch norm's running mean) is undone."""
    kept = [(each, each.detach().clone()) for module in modules_of(target) for each in module.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for each, before in kept:
                each.data.copy_(before)  # a graph that saved it need not know


def traced(run: Run, target: Any, wrt: Sequence[str] | None) -> Bridged:
    """The graph of a call, on our tensors."""
    call, leaves = run.call, {**run.inputs, **run.closed}
    arrays = {name: numpy_of(each) for name, each in leaves.items()}
    static = {name for name, array in arrays.items() if array.dtype.kind != "f"}
    if static == set(arrays):
        raise InputError(f"{call.text}: no input holds floating numbers; give tensors of floats, such as x.double()")
    names = chosen(of_containers(wrt, call, arrays), arrays, static)
    tensors = {name: as_input(array, name in static, name in names) for name, array in arrays.items()}
    with recording() as record, np.errstate(all="ignore"):
        replay, result = _replayed(run, target, tensors)
    graph_names: dict[Any, str] = {}
    if replay is not None:
        found = replay.captured.names
        found.arrays.update(getattr(target, "constants", {}))
        found.seen = {name: _ours(replay, nodes) for name, nodes in found.seen.items()}
        taken = {name: node_of(tensor) for name, tensor in tensors.items()}
        graph_names = {**found.unambiguous(taken), **replay.constants}
    graph = build(result, tensors, names, record, names=graph_names, constants={}, text=call.text)
    graph = graph if replay is None else labelled(graph, replay.captured.names)
    return Bridged(notes_on(graph), result, tensors, FRAMEWORK.name, lambda: run.gradients(names))


def _ours(replay: Replay, nodes: Sequence[Any]) -> list[Any]:
    found = (replay.ours.get(node) for node in nodes)
    return [each.node for each in found if isinstance(each, Tensor) and each.node is not None]


def _replayed(run: Run, target: Any, tensors: Mapping[str, Tensor]) -> tuple[Replay | None, Tensor]:
    """The aten operations of one call on our tensors; where PyTorch cannot trace it, one operation of no meaning."""
    value, text = numpy_of(run.value), run.call.text
    given = [leaf.detach().clone().requires_grad_(leaf.is_floating_point()) for leaf in run.inputs.values()]

    def function(*tensors: Any) -> Any:
        return run.call({name: each.clone() for name, each in zip(run.inputs, tensors, strict=True)})

    floats = [each for each in tensors.values() if each.dtype.kind == "f"]
    try:
        with stage(f"tracing {text}"), printing(None) as borrowed:
            variables = (lambda: target.variables) if isinstance(target, Named) else dict
            captured = capture(function, given, borrowed.take, variables)
    except (KeyboardInterrupt, TimeLimit):
        raise
    except Exception as error:  # whatever PyTorch's tracer, or a kernel behind it, does not understand
        return None, opaque(f"{text}, which PyTorch cannot trace: {said_by(error, 120)}", floats, value)
    replay = Replay(captured, text)
    closed = {id(each): tensors[name] for name, each in run.closed.items()}
    named = {id(each): name for name, each in named_tensors(target)}
    inputs = [tensors[name] for name in run.inputs]
    ours, theirs = replay.run(inputs, [each.detach() for each in given], closed, named)
    _check_repeatable(text, value, numpy_of(theirs))
    if captured.seen.escapes and _hides(run, target, captured):
        return None, opaque(f"Tensor.{captured.seen.escapes[0]}", floats, value)
    result = ours if isinstance(ours, Tensor) else leaf(value, requires_grad=False)
    return replay, with_value(result, value)


def _check_repeatable(text: str, first: Array, second: Array) -> None:
    """InputError where the traced call gave another value than the first one."""
    if first.shape != second.shape or not np.allclose(first, second, CLOSE[str(first.dtype)], 1e-12, equal_nan=True):
        raise InputError(
            f"{text} gave two different values for one input (random numbers, or a state that it changes); fix what "
            "changes, such as the seed, inside the function"
        )


def _hides(run: Run, target: Any, captured: Captured) -> bool:
    """Whether what left PyTorch (``x.numpy()``) came back: then the graph does not follow the function elsewhere."""
    moved = {
        name: each.detach() * 1.0009765625 if each.is_floating_point() else each for name, each in run.inputs.items()
    }
    try:
        with torch.no_grad(), SameNumbers(captured.seen.numbers):
            again = value_of(run.call, target, moved, None)
            graph = captured.module(*moved.values())
    except Exception:
        return True
    graph = graph[0] if isinstance(graph, list | tuple) else graph
    first, second = numpy_of(again), numpy_of(graph)
    return first.shape != second.shape or not np.allclose(first, second, 1e-6, 1e-12, equal_nan=True)
