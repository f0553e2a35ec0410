"""A text or a Python function, run once on recording tensors -> Graph, with the names its author used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import autodiff.record.node as engine
from autodiff.record.modes import recording
from autodiff.tensor import Tensor, leaf
from symdiff.errors import InputError
from symdiff.language import LIMITS, Limits, check_name, parse, run
from symdiff.language.functions import known, only_indexing, unbindable
from symdiff.language.run import Count
from symdiff.tracing.building import Traced, all_float32, as_input, build, chosen, node_of
from symdiff.tracing.graph import Condition, Graph, Node, Note
from symdiff.tracing.notes import notes_on
from symdiff.tracing.values import as_array

__all__ = ["Condition", "Graph", "Node", "Note", "Traced", "trace", "trace_text"]


def trace_text(
    text: str, at: Mapping[str, object], wrt: Sequence[str] | None = None, *, limits: Limits = LIMITS
) -> Traced:
    """Runs an expression at the values given.

    Raises:
        InputError: the text, a name or a value is wrong, or an operation refuses its operands.
    """
    arrays = {check_name(name, unbindable(), limits=limits): as_array(name, value) for name, value in at.items()}
    program = parse(text, known(arrays.keys()), limits=limits)
    only_index = only_indexing(program)
    static = {
        name
        for name, array in arrays.items()
        if array.dtype == bool or (array.dtype.kind in "iu" and name in only_index)
    }
    wrt = chosen(wrt, arrays, static)
    tensors = {name: as_input(array, name in static, name in wrt) for name, array in arrays.items()}
    dtype = np.dtype(np.float32 if all_float32(tensors) else np.float64)
    constants: dict[engine.Node, str] = {}

    def lift(value: object, name: str) -> Tensor:
        made = leaf(np.asarray(value, dtype=dtype), requires_grad=False)
        if name:
            constants[node_of(made)] = name
        return made

    sizes: dict[engine.Node, tuple[engine.Node, int | None]] = {}

    def sized(count: Count) -> Tensor:
        made = leaf(np.asarray(count, dtype=dtype), requires_grad=False)
        if isinstance(count.source, Tensor) and count.source.node is not None:
            sizes[node_of(made)] = node_of(count.source), count.axis
        return made

    assigned: dict[str, Any] = {}
    with recording() as record:
        result = run(program, tensors, assigned=assigned, lift=lift, sized=sized, dtype=dtype, limits=limits)
    result = sized(result) if isinstance(result, Count) else result
    result = result if isinstance(result, Tensor) else lift(result, "")
    inputs = {node_of(tensor) for tensor in tensors.values()}
    names = {
        value.node: name
        for name, value in reversed(assigned.items())
        if isinstance(value, Tensor) and value.node is not None and value.node not in inputs
    }
    graph = build(result, tensors, wrt, record, names=names, constants=constants, text=text.strip(), sizes=sizes)
    return Traced(notes_on(graph, program), result, tensors)


def trace(
    target: str | Callable[..., Any],
    args: Sequence[object] = (),
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
) -> Traced:
    """Runs a text, or a function, at the values given by place and by name.

    Raises:
        InputError: the text, the function's arguments or its result, or a value cannot be used.
    """
    at = at or {}
    if not isinstance(target, str):
        # a text needs nothing of what reads functions
        from symdiff.tracing.function_trace import at_of, trace_function

        if not args:
            args, at = at_of(target, at)
        return trace_function(target, args, at, wrt)
    if args:
        raise InputError(f"the values of an expression are given by name, such as x=..., not by place: {len(args)} are")
    return trace_text(target, at, wrt)
