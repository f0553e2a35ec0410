"""A framework's function called as PyTorch calls it: the tensors that are differentiated, the value, the gradient."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from symdiff.arrays import Array
from symdiff.deadline import TimeLimit, look, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.bridged import check_size
from symdiff.frameworks.results import raising
from symdiff.tracing.function_trace import Call, one_result
from symdiff.tracing.prints import printing


@dataclass(eq=False)
class Run:
    """One call: ``inputs`` are its leaves by name, the parameters that it closes over behind what it was given."""

    call: Call
    inputs: dict[str, Any]
    value: Any
    closed: dict[str, Any] = field(default_factory=dict)

    @property
    def leaves(self) -> dict[str, Any]:
        """What it can be differentiated by, by name."""
        return {name: leaf for name, leaf in {**self.inputs, **self.closed}.items() if leaf.is_floating_point()}

    def gradients(self, wrt: tuple[str, ...]) -> dict[str, Array]:
        """What ``torch.autograd`` returns, of each input's shape with the result's in front.

        Raises:
            InputError: the Jacobian is too large.
            FunctionError: the backward pass raised.
        """
        leaves = [self.leaves[name] for name in wrt]
        shape = tuple(self.value.shape)
        check_size(self.call.text, shape, sum(leaf.numel() for leaf in leaves))
        rows: list[list[Array]] = [[] for _ in leaves]
        for element in self.value.reshape(-1) if shape else [self.value]:
            look()
            for place, found in enumerate(self._row(element, leaves)):
                rows[place].append(numpy_of(torch.zeros_like(leaves[place]) if found is None else found))
        return {
            name: np.array(row, dtype=numpy_of(leaf).dtype).reshape(shape + tuple(leaf.shape))
            for name, row, leaf in zip(wrt, rows, leaves, strict=True)
        }

    def _row(self, element: Any, leaves: list[Any]) -> Any:
        if not element.requires_grad:
            return [None] * len(leaves)
        try:
            with stage("PyTorch's gradient"):
                return torch.autograd.grad(element, leaves, retain_graph=True, allow_unused=True)
        except (KeyboardInterrupt, TimeLimit):
            raise
        except BaseException as error:  # a backward of the user's own raises what it likes
            raise FunctionError(
                f"the backward pass of {self.call.text} raises {type(error).__name__}: {said_by(error)}"
            ) from error


def called(call: Call, target: Any, arrays: Mapping[str, Array], prints: Any) -> Run:
    """Call a function once, eagerly, on leaves of its own.

    Raises:
        InputError: what it returns is not one tensor of floating numbers.
        FunctionError: it raised.
    """
    leaves = {name: tensor_of(array) for name, array in arrays.items()}
    for leaf in leaves.values():
        leaf.requires_grad_(leaf.is_floating_point())
    return Run(call, leaves, value_of(call, target, leaves, prints))


def value_of(
    call: Call,
    target: Any,
    leaves: Mapping[str, Any],
    prints: Any,
    watching: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Any:
    """What the function returns for inputs that it may write to; ``watching()`` is entered while it runs.

    Raises:
        InputError: it is not one tensor of floating numbers.
        FunctionError: it raised.
    """
    # a leaf itself may not be written to in place
    given = {name: leaf.clone() for name, leaf in leaves.items()}
    with (
        stage(f"the function {call.text}"),
        printing(prints) as borrowed,
        torch.enable_grad(),
        warnings.catch_warnings(),
    ):
        # it is we who want its gradient
        warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
        borrowed.take(getattr(inspect.unwrap(target), "__globals__", {}))
        with raising(call, leaves):
            with watching():
                returned = call(given)
            return checked(call, returned)


def checked(call: Call, returned: Any) -> Any:
    """The result, which must be one tensor of floating numbers."""
    if isinstance(returned, torch.Tensor):
        if returned.is_complex():
            raise InputError(f"{call.text} returns complex numbers ({returned.dtype}); take .real or .abs() of them")
        if not returned.is_floating_point():
            raise InputError(
                f"{call.text} returns a tensor of {returned.dtype}, which has no derivative; return floating numbers"
            )
        return returned
    one_result(call, returned, f"give one of them, such as lambda x: {call.text.partition('(')[0]}(x)[0]")
    kind = type(returned).__name__
    raise InputError(
        f"{call.text} returns {kind}, not a tensor; without .item(), .tolist() or float(...) it can be one"
    )


def tensor_of(array: Array) -> Any:
    """A tensor of its own with an array's numbers."""
    return torch.from_numpy(np.array(array))


def numpy_of(tensor: Any) -> Array:
    """A tensor's numbers as an array of its own."""
    dense = tensor.detach() if tensor.layout is torch.strided else tensor.detach().to_dense()
    plain = dense.resolve_conj().resolve_neg().cpu()
    plain = plain.float() if plain.dtype is torch.bfloat16 else plain  # which NumPy has not
    return np.array(plain.numpy(force=True))  # also of what PyTorch knows to be 0


# --- parameters that a function closes over ---------------------------------------------------------------------------


def parameters_of(value: Any, own: Mapping[str, Any]) -> list[Any]:
    """The leaf tensors that a result was computed from, beside the function's own inputs, by the order of their use."""
    known = {id(leaf) for leaf in own.values()}
    found: dict[int, Any] = {}
    for node in _nodes_behind(value):
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor) and variable.is_leaf and id(variable) not in known:
            found[id(variable)] = variable
    return list(found.values())


def has_users_own(value: Any) -> bool:
    """Whether a result was computed by an ``autograd.Function``."""
    return any(isinstance(node, torch.autograd.function.BackwardCFunction) for node in _nodes_behind(value))


def _nodes_behind(value: Any) -> Iterator[Any]:
    """The nodes of PyTorch's graph that lead to a result, the last first."""
    seen: set[Any] = set()
    waiting = [value.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        waiting += [parent for parent, _ in reversed(node.next_functions)]


class Named:
    """A callable that says itself which ``tensors`` it closes over, and what its last run called what it computed."""

    tensors: Mapping[str, Any]
    variables: Mapping[str, Any]


def named_tensors(target: Any) -> Iterator[tuple[str, Any]]:
    """The tensors that a function can reach, by the names its author gave: a module's parameters and buffers too."""
    if isinstance(target, Named):
        yield from target.tensors.items()
    owner = target if isinstance(target, torch.nn.Module) else getattr(target, "__self__", None)
    if isinstance(owner, torch.nn.Module):
        yield from owner.named_parameters()
        yield from owner.named_buffers()
    function = inspect.unwrap(getattr(target, "func", target))
    try:
        variables = inspect.getclosurevars(function)
    except TypeError:  # no function of Python's
        return
    for name, value in {**variables.globals, **variables.nonlocals}.items():
        yield from tensors_in(name, value)
        if inspect.isfunction(value) and value is not function:
            yield from _named_once(value)


def _named_once(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    variables = inspect.getclosurevars(function)
    for name, value in {**variables.globals, **variables.nonlocals}.items():
        yield from tensors_in(name, value)


def tensors_in(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The tensors of a variable: itself, those in a list or dict, or a module's by their own names."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, torch.nn.Module):
        yield from ((f"{name}.{inner}", each) for inner, each in value.named_parameters())
        yield from ((f"{name}.{inner}", each) for inner, each in value.named_buffers())
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from tensors_in(f"{name}[{key!r}]".replace("'", '"'), each)
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from tensors_in(f"{name}[{place}]", each)


def modules_of(target: Any) -> Iterator[Any]:
    """The modules whose buffers a call may write to."""
    owner = target if isinstance(target, torch.nn.Module) else getattr(target, "__self__", None)
    if isinstance(owner, torch.nn.Module):
        yield owner
    try:
        variables = inspect.getclosurevars(inspect.unwrap(getattr(target, "func", target)))
    except TypeError:
        return
    for value in {**variables.globals, **variables.nonlocals}.values():
        if isinstance(value, torch.nn.Module):
            yield value
