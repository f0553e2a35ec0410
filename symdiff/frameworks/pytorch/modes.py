"""What is watched while PyTorch traces: where gradients were switched off, ``if`` on tensors, values that left it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import disable_proxy_modes_tracing, get_proxy_mode, get_proxy_slot
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_LEAVING = frozenset({torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.__array__, torch.Tensor.__dlpack__})


@dataclass
class Watched:
    """What was seen: nodes that an ``if`` read with the branch taken, and how values left PyTorch."""

    conditions: list[tuple[Any, bool]] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)
    """What ``.item()``, ``float(...)`` and ``if`` read, in their order: constants, to PyTorch's gradient as well."""
    no_grad: bool = False
    """Whether the user switched gradients off: not PyTorch itself, as it does inside ``autograd.Function.forward``."""


class Calls(TorchFunctionMode):
    """Sees what does not reach the dispatcher: ``no_grad`` and its like, and ``numpy()``."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self.watched = watched

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch._C._set_grad_enabled:  # PyTorch's own name for what no_grad calls
            inside_forward = not torch.is_grad_enabled() and not self.watched.no_grad
            if not inside_forward:
                self.watched.no_grad = not args[0]
        elif func in _LEAVING:
            self.watched.escapes.append(func.__name__)
        return func(*args, **(kwargs or {}))


class Operations(TorchDispatchMode):
    """Sees every aten operation: what ran without gradients is cut off, and numbers read from tensors are noted."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self.watched = watched

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        aten = torch.ops.aten
        if func is aten._local_scalar_dense.default:
            return self._read(func, args)
        if func is aten.equal.default:
            with disable_proxy_modes_tracing():  # a truth value, which nothing is differentiated by
                return func(*args)
        if func is aten.detach.default and not torch.is_grad_enabled() and not self.watched.no_grad:
            return aten.alias.default(*args)  # inside an autograd.Function, whose backward is its own
        found = func(*args, **(kwargs or {}))
        if self.watched.no_grad and not func._schema.is_mutable:
            return _cut(found)
        return found

    def _read(self, func: Any, args: Any) -> Any:
        node = node_of(args[0])
        with disable_proxy_modes_tracing():
            value = func(*args)
        self.watched.numbers.append(value)
        if node is not None and isinstance(value, bool):
            self.watched.conditions.append((node, value))
        return value


class SameNumbers(TorchDispatchMode):
    """Gives a call the numbers that another one read."""

    def __init__(self, numbers: Sequence[Any]) -> None:
        super().__init__()
        self.numbers = iter(numbers)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        value = func(*args, **(kwargs or {}))
        return next(self.numbers, value) if func is torch.ops.aten._local_scalar_dense.default else value


def _cut(found: Any) -> Any:
    if isinstance(found, torch.Tensor):
        return torch.ops.aten.detach.default(found) if found.is_floating_point() else found
    return type(found)(map(_cut, found)) if type(found) in (list, tuple) else found


def node_of(value: Any) -> Any:
    """The traced node behind a tensor, while it is traced; None where there is none."""
    mode = get_proxy_mode()
    if mode is None or not isinstance(value, torch.Tensor):
        return None
    found = get_proxy_slot(_unwrapped(value), mode.tracer, None)
    proxy = getattr(found, "proxy", None)
    return getattr(proxy, "node", None)


def _unwrapped(value: Any) -> Any:
    functorch = torch._C._functorch  # nothing public says what is inside
    while functorch.is_functorch_wrapped_tensor(value):
        if functorch.is_functionaltensor(value):
            torch._sync(value)  # writes to its views reach it
        value = functorch.get_unwrapped(value)
    return value
