"""A Python function, run on recording tensors -> Graph, with the names of its parameters and local variables."""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter
from typing import IO, Any

import numpy as np

import autodiff.record.node as engine
from autodiff.declare.objects import stacked
from autodiff.numpy_face.numpy_errors import in_our_words
from autodiff.numpy_face.twins import learned, prepared
from autodiff.record.modes import Recording, recording
from autodiff.tensor import Tensor, leaf
from autodiff.trees import is_container, leaves, with_leaves
from symdiff.deadline import TimeLimit, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.language.functions import INDEX_OPERANDS
from symdiff.language.names import nearest, shown
from symdiff.tracing.author_names import Names, function_name, watched
from symdiff.tracing.building import Traced, as_input, build, chosen, node_of
from symdiff.tracing.graph import Graph
from symdiff.tracing.notes import notes_on
from symdiff.tracing.prints import printing
from symdiff.tracing.values import as_array, is_numeric

Arrays = Mapping[str, np.ndarray[Any, Any]]


class SeveralResults(InputError):
    """A function returned a container where one array is explained."""


@dataclass(frozen=True, slots=True)
class Call:
    """How a function is called: the inputs by the names of the parameters, and what is passed on as it is."""

    function: Callable[..., Any]
    positional: tuple[str, ...]  # names, of inputs and of what is passed on
    keywords: Mapping[str, str]  # parameter -> name
    passed_on: Mapping[str, object]
    containers: Mapping[str, object]  # whose leaves are inputs: params[0].W, p["b"]

    def __call__(self, inputs: Mapping[str, object]) -> Any:
        given = {**self.passed_on, **inputs}
        for name, container in self.containers.items():
            within = iter([inputs[path] for path, _ in leaves(container, name)])
            given[name] = with_leaves(container, within, lambda other: other)
        return prepared(self.function)(
            *(given[name] for name in self.positional), **{key: given[name] for key, name in self.keywords.items()}
        )

    @property
    def text(self) -> str:
        return f"{function_name(self.function)}({', '.join((*self.positional, *self.keywords))})"


def trace_function(
    function: Callable[..., Any],
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
) -> Traced:
    """Runs a function of NumPy or autodiff calls on tensors.

    Arguments that are numbers or arrays are the inputs; others (texts, functions, None, True) are passed on. The
    function is called two to four times; what it prints goes to standard error, once.

    Raises:
        InputError: an argument or the result cannot be used, or the function is not deterministic.
        FunctionError: the function raised; its own exception is the cause.
    """
    call, arrays = bound(function, args, kwargs or {})
    if not arrays:
        raise InputError(f"{call.text}: no argument is a number or an array; give the values of its inputs")
    static = _static(call, arrays)
    wrt = chosen(of_containers(wrt, call, arrays), arrays, static)
    tensors, result, record, names = _run(call, arrays, static, wrt, sys.stderr)
    _check_repeatable(call, arrays, static, wrt, result)
    taken = {name: node_of(tensor) for name, tensor in tensors.items()}
    graph = build(result, tensors, wrt, record, names=names.unambiguous(taken), constants={}, text=call.text)
    return Traced(notes_on(labelled(graph, names)), result, tensors)


def labelled(graph: Graph, names: Names) -> Graph:
    """The graph with the names that given arrays have in the program: its labels, its data."""
    taken = {node.name for node in graph.nodes if node.name}
    nodes = list(graph.nodes)
    for place, node in enumerate(nodes):
        if node.op is None and node.name is None and node.value.ndim and node.value.dtype.kind in "fiu":
            name = names.of_array(node.value)
            if name is not None and name not in taken:
                taken.add(name)
                nodes[place] = replace(node, name=name)
    return replace(graph, nodes=tuple(nodes))


def at_of(function: Callable[..., Any], at: Mapping[str, object]) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments and keywords of a function for values given by name, as ``--at`` gives them.

    Raises:
        InputError: a value has no parameter, or a parameter without a default has no value.
    """
    parameters = _parameters(function)
    if parameters is None:
        return tuple(at.values()), {}
    name = function_name(function)
    takes_any = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    known = {p.name for p in parameters if p.kind not in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)}
    for given in at:
        if given not in known and not takes_any:
            raise InputError(
                f"{name} has no parameter {given}{nearest(given, known)}; it takes {', '.join(sorted(known)) or 'none'}"
            )
    for p in parameters:
        if p.name in known and p.default is Parameter.empty and p.name not in at:
            raise InputError(f"{name}: the parameter {p.name} has no value; give {p.name}=...")
    positional = [p.name for p in parameters if p.kind is Parameter.POSITIONAL_ONLY and p.name in at]
    return tuple(at[key] for key in positional), {key: value for key, value in at.items() if key not in positional}


def _parameters(function: Callable[..., Any]) -> list[Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):  # NumPy's ufuncs and other builtins have none
        return None


def bound(function: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]) -> tuple[Call, Arrays]:
    if not callable(function):
        raise InputError(
            f"a function or a text is explained, not {type(function).__name__} {shown(_repr(function), 40)}"
        )
    names = _positional_names(function, len(args))
    if clash := set(names) & set(kwargs):
        raise InputError(f"{function_name(function)}: {', '.join(sorted(clash))} is given twice, by place and by name")
    odd = [name for name in kwargs if not name.isidentifier()]
    if odd:
        raise InputError(f"{function_name(function)}: {shown(odd[0])!r} cannot be the name of an argument")
    given = {**dict(zip(names, args, strict=True)), **kwargs}
    containers = {name: value for name, value in given.items() if _is_container(value)}
    each: dict[str, Any] = {}
    for name, value in given.items():
        each.update(leaves(value, name) if name in containers else [(name, value)])
    arrays = {name: as_array(name, value) for name, value in each.items() if is_numeric(value)}
    passed_on = {name: value for name, value in given.items() if name not in arrays and name not in containers}
    call = Call(function, tuple(names), {name: name for name in kwargs}, passed_on, containers)
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise InputError(f"{function_name(function)}: {error}; give a value for each parameter") from None
    except ValueError:
        pass  # it has no signature: the call itself says what is wrong
    return call, arrays


def of_containers(wrt: Sequence[str] | None, call: Call, arrays: Arrays) -> Sequence[str] | None:
    """The names to differentiate by, those of a container's leaves in the place of its own."""
    if wrt is None or not call.containers:
        return wrt
    names = [wrt] if isinstance(wrt, str) else list(wrt)
    within = {name: [path for path, _ in leaves(value, name)] for name, value in call.containers.items()}
    return [path for name in names for path in within.get(name, [name]) if path in arrays or name not in within]


def _is_container(value: object) -> bool:
    return is_container(value) and any(True for _ in leaves(value, "."))


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # somebody else's __repr__ may raise what it likes
        return "(its repr cannot be shown)"


def _positional_names(function: Callable[..., Any], count: int) -> list[str]:
    parameters = _parameters(function)
    if parameters is None:
        return ["x"] if count == 1 else [f"x_{place}" for place in range(1, count + 1)]
    names = [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    starred = next((p.name for p in parameters if p.kind is Parameter.VAR_POSITIONAL), None)
    if count > len(names) and starred is None:
        raise InputError(f"{function_name(function)} takes {len(names)} arguments, and {count} are given")
    extra = max(count - len(names), 0)
    return names[:count] + [f"{starred}_{place}" for place in range(1, extra + 1)]


def _static(call: Call, arrays: Arrays) -> set[str]:
    """The inputs that are masks, or whole numbers that only index: these get no partials.

    Whole numbers become float64. Where the function refuses that, it is run on the integers, to see what only indexes.
    """
    masks = {name for name, array in arrays.items() if array.dtype == bool}
    whole = {name for name, array in arrays.items() if array.dtype.kind in "iu"}
    if not whole:
        return masks
    printed = io.StringIO()
    try:
        _run(call, arrays, masks, (), printed)
    except FunctionError as refusal:
        try:
            tensors, result, _, _ = _run(call, arrays, masks | whole, (), io.StringIO())
        except FunctionError:
            print(printed.getvalue(), end="", file=sys.stderr)
            raise refusal from refusal.__cause__
        return masks | {name for name in whole if not _computed_with(node_of(tensors[name]), result)}
    return masks


def _computed_with(node: engine.Node, result: Tensor) -> bool:
    """Whether an operation computes with this input, rather than only taking its values as positions."""
    waiting, seen = [result.node], {result.node}
    while waiting:
        current = waiting.pop()
        if current is None or current.op is None:
            continue
        for place, parent in enumerate(current.parents):
            if parent is node and current.op.binding.operand_name(place) not in INDEX_OPERANDS:
                return True
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return False


def _run(
    call: Call, arrays: Arrays, static: set[str], wrt: tuple[str, ...], prints: IO[str] | None
) -> tuple[dict[str, Tensor], Tensor, Recording, Names]:
    while True:
        tensors = {name: as_input(array, name in static, name in wrt) for name, array in arrays.items()}
        with (
            stage(f"the function {call.text}"),
            np.errstate(all="ignore"),
            printing(prints) as borrowed,
            recording() as record,
            watched(borrowed.take) as names,
        ):
            try:
                returned = call(tensors)
            except (KeyboardInterrupt, TimeLimit):
                raise
            except BaseException as error:  # sys.exit, too, and whatever else a function of somebody else's raises
                # NumPy and SciPy say of arrays of tensors what hides the way out
                said = (in_our_words(error) if isinstance(error, Exception) else None) or error
                if learned(call.function, said):
                    continue
                shapes = ", ".join(f"{name} of shape {array.shape}" for name, array in arrays.items())
                words = said_by(said) + (f": {said_by(said.__cause__)}" if said is error and said.__cause__ else "")
                raise FunctionError(f"{call.text} raises {type(said).__name__} at {shapes}: {words}") from error
            returned = stacked(returned) if isinstance(returned, np.ndarray) else returned
        return tensors, _as_result(call, returned), record, names


def one_result(call: Call, returned: object, way_out: str) -> None:
    """Refuses what is not one result.

    Raises:
        InputError: it is nothing, or several results, of which ``way_out`` says how to make one.
    """
    if returned is None:
        raise InputError(f"{call.text} returns nothing; end it with return and the result")
    if isinstance(returned, tuple | list | dict):
        kind = type(returned).__name__
        raise SeveralResults(f"{call.text} returns a {kind} of {len(returned)}; {way_out}")


def _as_result(call: Call, returned: object) -> Tensor:
    if isinstance(returned, Tensor):
        if returned.dtype == bool:
            raise InputError(
                f"{call.text} returns a mask (true or false), not numbers; choose numbers with np.where(condition, "
                "a, b)"
            )
        return returned
    one_result(call, returned, "return one array, or np.stack of them")
    if isinstance(returned, bool) or not isinstance(returned, int | float | np.number | np.ndarray):
        raise InputError(f"{call.text} returns {type(returned).__name__}, not a number or an array")
    array = np.asarray(returned)
    if array.dtype.kind not in "iuf":
        raise InputError(f"{call.text} returns an array of {array.dtype}, not of real numbers")
    return leaf(array.astype(np.float64) if array.dtype.kind != "f" else array, requires_grad=False)


def _check_repeatable(call: Call, arrays: Arrays, static: set[str], wrt: tuple[str, ...], first: Tensor) -> None:
    """Runs the function once more: a derivative of something that changes from call to call explains nothing."""
    _, second, _, _ = _run(call, arrays, static, wrt, None)
    if first.shape != second.shape or not np.array_equal(first.data, second.data, equal_nan=first.dtype.kind == "f"):
        raise InputError(
            f"{call.text} gave two different values for one input (random numbers, or a state that it changes); "
            "fix what changes, such as the seed, inside the function"
        )
