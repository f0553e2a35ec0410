"""What a file's lines call PyTorch for, recorded while they run, so that it can be done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from symdiff.deadline import look
from symdiff.frameworks.pytorch.applying import applications

_READ_BY_IF = (torch.Tensor.__bool__,)


@dataclass(frozen=True)
class Computed:
    """In the place of an argument: what an earlier call gave."""

    tensor: int


@dataclass(frozen=True)
class Kept:
    """In the place of an argument: a leaf or a constant, with the numbers that it had then."""

    key: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Step:
    """One call: ``made`` are the tensors that it returned, ``written`` those that it wrote to in place."""

    function: Callable[..., Any]
    args: Any
    kwargs: Any
    made: tuple[int, ...]
    written: tuple[int, ...]
    memory: frozenset[int]
    """Where these tensors lie: what else lies where it wrote was written to as well."""
    with_grad: bool

    @property
    def is_branch(self) -> bool:
        """Whether an ``if`` read it."""
        return self.function in _READ_BY_IF

    def given(self, kind: type[Any]) -> list[Any]:
        """What stands for its arguments, of one kind."""
        return [each for each in tree_leaves((self.args, self.kwargs)) if isinstance(each, kind)]


@dataclass
class Record:
    """The calls that reach a leaf, in their order.

    A tensor is known by its id, which stays its own while ``alive`` holds it, and a leaf or constant by its version
    as well: a step of an optimizer makes another leaf of a weight.
    """

    steps: list[Step] = field(default_factory=list)
    leaves: dict[tuple[int, int], Any] = field(default_factory=dict)
    constants: dict[tuple[int, int], Any] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    alive: dict[int, Any] = field(default_factory=dict)
    computed: set[int] = field(default_factory=set)
    unseen: set[tuple[int, int]] = field(default_factory=set)
    """Arguments that require grad, and were computed by what was not seen: no constants."""

    def note(self, variables: Mapping[str, Any]) -> None:
        """The names that tensors bear now; the first one stays."""
        for name, value in list(variables.items()):
            if isinstance(value, torch.Tensor) and not name.startswith("_"):
                self.names.setdefault(id(value), name)
                self.alive[id(value)] = value

    def taken(self, value: Any) -> Any:
        """What stands for an argument: its numbers are kept as they are now."""
        if not isinstance(value, torch.Tensor):
            return value
        self.alive[id(value)] = value
        if id(value) in self.computed:
            return Computed(id(value))
        key = (id(value), _version(value))
        if value.requires_grad and not value.is_leaf:
            self.unseen.add(key)
        kept = self.leaves if value.is_leaf and value.requires_grad else self.constants
        if key not in kept:
            kept[key] = value.detach().clone()
        return Kept(key)

    def is_live(self, value: Any) -> bool:
        """Whether a tensor is a leaf that is differentiated, or computed from one."""
        return isinstance(value, torch.Tensor) and (value.requires_grad or id(value) in self.computed)

    def add(self, function: Any, args: Any, kwargs: Any, call: Callable[[], Any]) -> Any:
        """Call, and remember it where the result depends on a leaf; what cannot be is called as well."""
        tensors = [each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        # inside of vmap and its like tensors are no arrays, and their numbers nobody's
        inside = torch._C._functorch.peek_interpreter_stack() is not None
        if inside or not any(map(self.is_live, tensors)):
            return call()
        stands, before = None, [_version(each) for each in tensors]
        with suppress(NotImplementedError, RuntimeError):
            stands = tree_map(self.taken, (args, kwargs))
        result = call()
        if stands is not None:
            written = [each for each, version in zip(tensors, before, strict=True) if _version(each) != version]
            with suppress(NotImplementedError, RuntimeError):
                self._remember(function, stands, result, written)
        return result

    def _remember(self, function: Any, stands: Any, result: Any, written: list[Any]) -> None:
        made = [each for each in tree_leaves(result) if isinstance(each, torch.Tensor)]
        if function not in _READ_BY_IF and not any(map(_depends, (*written, *made))):
            return
        written = [each for each in written if _depends(each)]
        memory = frozenset(each.untyped_storage().data_ptr() for each in (*written, *made))
        ids = tuple(map(id, made)), tuple(map(id, written))
        self.steps.append(Step(function, stands[0], stands[1], *ids, memory, torch.is_grad_enabled()))
        self.alive.update((id(each), each) for each in (*written, *made))
        self.computed.update(id(each) for each in (*written, *made) if _depends(each))


def _version(tensor: Any) -> int:
    """How often a tensor was written to; under ``inference_mode`` nobody counts."""
    return 0 if tensor.is_inference() else int(tensor._version)


def _depends(tensor: Any) -> bool:
    """Whether PyTorch differentiates a tensor further back; whole numbers and truth values are chosen by it."""
    if tensor.is_floating_point() or tensor.is_complex():
        return bool(tensor.requires_grad and not tensor.is_leaf)
    return True


class Recorder(TorchFunctionMode):
    """Sees every function of PyTorch's that the file's lines call, as they call it."""

    def __init__(self, record: Record, variables: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self.record = record
        self.variables = variables

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        look()
        self.record.note(self.variables())
        kwargs = kwargs or {}
        return self.record.add(func, args, kwargs, lambda: func(*args, **kwargs))


@contextmanager
def recorded(record: Record, variables: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """Whatever this thread asks of PyTorch meanwhile is recorded; ``variables`` are the file's."""

    def applied(cls: Any, args: Any, kwargs: Any, call: Callable[[], Any]) -> Any:
        def again(*given: Any, **named: Any) -> Any:
            return cls.apply(*given, **named)

        return record.add(again, args, kwargs, call)

    with applications(applied), Recorder(record, variables):
        yield
