"""The calls that a function of PyTorch's made, each by itself: its Functions, and PyTorch's own functions."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import Parameter, Signature
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten

from symdiff.deadline import look
from symdiff.frameworks.pytorch.applying import applications
from symdiff.frameworks.pytorch.calling import numpy_of
from symdiff.frameworks.single import Place, Single, users_line

__all__ = ["Calls", "calls_seen"]

MOST = 400
"""So many calls are remembered."""

_WRITES = (torch.Tensor.__setitem__,)


class Calls:
    """What was called, in its order, at copies of the numbers that it was called with.

    With ``users_alone`` only what has a backward pass of the user's.
    """

    def __init__(self, users_alone: bool) -> None:
        self.users_alone = users_alone
        self.found: list[Single] = []

    def apply(self, cls: Any, args: Any, kwargs: Any, call: Callable[[], Any]) -> Any:
        """A Function of the user's is applied."""
        place, copied = users_line(), _copied((args, kwargs))
        result = call()

        def function(*given: Any, **named: Any) -> Any:
            return cls.apply(*given, **named)

        names = _names_of(cls.forward, skipped=0 if _has_own_context(cls) else 1)
        self._add(cls.__name__, function, copied, result, names, True, place, _written(cls))
        return result

    def call(self, function: Any, args: Any, kwargs: Any) -> Any:
        """A function of PyTorch's is called."""
        look()
        if self.users_alone or len(self.found) >= MOST:
            return function(*args, **kwargs)
        place, before = users_line(), [each._version for each in tree_leaves((args, kwargs)) if _is_tensor(each)]
        copied = _copied((args, kwargs))
        result = function(*args, **kwargs)
        after = [each._version for each in tree_leaves((args, kwargs)) if _is_tensor(each)]
        if before == after and function not in _WRITES:
            name = getattr(function, "__name__", type(function).__name__)
            self._add(name, function, copied, result, _names_of(function, 0), False, place, Place())
        return result

    def _add(
        self, name: str, function: Any, copied: Any, result: Any, names: Sequence[str], is_users: bool,
        called: Place, written: Place,
    ) -> None:  # fmt: skip
        if not any(_is_tensor(each) and each.requires_grad for each in tree_leaves(result)):
            return
        leaves, _ = tree_flatten(copied)
        moving = [place for place, each in enumerate(leaves) if _is_differentiated(each)]
        if not moving:
            return
        alone = _Alone(name, function, copied, moving, names)
        arrays = tuple(numpy_of(leaves[place]) for place in moving)
        holds = any(_is_tensor(each) and each.ndim for place, each in enumerate(leaves) if place not in moving)
        self.found.append(Single(name, alone, alone.pull, arrays, is_users, called, written, holds))


class _Alone:
    """A call as a function of those of its tensors that are differentiated."""

    def __init__(self, name: str, function: Any, copied: Any, moving: Sequence[int], names: Sequence[str]) -> None:
        self.__name__ = name
        self._function, self._copied, self._moving = function, copied, moving
        count = len(copied[0])
        by_place = [names[place] if place < min(count, len(names)) else "" for place in moving]
        known = all(by_place) and len(set(by_place)) == len(by_place) and len(tree_leaves(copied[0])) == count
        default = ["x"] if len(moving) == 1 else [f"x_{k}" for k in range(1, len(moving) + 1)]
        self.__signature__ = Signature(
            [Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in (by_place if known else default)]
        )
        self._last: tuple[tuple[bytes, ...], Any, Any] | None = None

    def __call__(self, *tensors: Any) -> Any:
        leaves, spec = tree_flatten(self._copied)
        filled = [each.clone() if _is_tensor(each) else each for each in leaves]
        for place, tensor in zip(self._moving, tensors, strict=True):
            filled[place] = tensor
        args, kwargs = tree_unflatten(filled, spec)
        return self._function(*args, **kwargs)

    def pull(self, cotangent: Any, *tensors: Any) -> Any:
        """What is sent back to each tensor; asked the same again, along the same graph again."""
        key = tuple(numpy_of(each).tobytes() for each in (*tensors, *filter(_is_tensor, tree_leaves(cotangent))))
        if self._last is None or self._last[0] != key:
            inputs = [each.detach().clone().requires_grad_() for each in tensors]
            with torch.enable_grad():
                self._last = key, inputs, self(*(each.view_as(each) for each in inputs))
        _, inputs, result = self._last
        pairs = [
            (each, weight)
            for each, weight in zip(tree_leaves(result), tree_leaves(cotangent), strict=False)
            if _is_tensor(each) and each.requires_grad
        ]
        outputs, weights = zip(*pairs, strict=True)
        found = torch.autograd.grad(outputs, inputs, weights, retain_graph=True, allow_unused=True)
        sent = tuple(torch.zeros_like(x) if each is None else each for x, each in zip(inputs, found, strict=True))
        return sent if len(sent) > 1 else sent[0]


class _Mode(TorchFunctionMode):
    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self.calls = calls

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self.calls.call(func, args, kwargs or {})


@contextmanager
def calls_seen(calls: Calls) -> Iterator[None]:
    """Whatever this thread calls meanwhile is remembered."""
    with applications(calls.apply), _Mode(calls):
        yield


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor)


def _is_differentiated(value: Any) -> bool:
    return _is_tensor(value) and value.requires_grad and value.is_floating_point()


def _copied(given: Any) -> Any:
    """Arguments with copies of their tensors."""

    def copy(value: Any) -> Any:
        if not _is_tensor(value):
            return value
        return value.detach().clone().requires_grad_(value.requires_grad)

    return tree_map(copy, given)


def _names_of(function: Any, skipped: int) -> list[str]:
    """The names of a function's parameters by place; none where it does not say them."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
    except (TypeError, ValueError):
        return []
    return [each.name for each in parameters if each.kind is not Parameter.VAR_POSITIONAL]


def _has_own_context(cls: Any) -> bool:
    return cls.setup_context is not torch.autograd.Function.setup_context


def _written(cls: Any) -> Place:
    """Where a Function's backward pass returns; where it begins, if it returns in several places."""
    code = getattr(inspect.unwrap(cls.backward), "__code__", None)
    if code is None:
        return Place()
    lines = {
        each.positions.lineno
        for each in dis.get_instructions(code)
        if each.opname == "RETURN_VALUE" and each.positions is not None
    }
    line = lines.pop() if len(lines) == 1 else None
    return Place(code.co_filename, line or code.co_firstlineno)
