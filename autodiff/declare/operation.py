"""What an entry of the table of operations has, and the table itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from importlib import import_module
from inspect import Signature, signature
from typing import Any

import numpy as np

from .samples import Kink, Sample

TABLE: dict[str, Operation] = {}
"""Every public operation by name, aliases included; filled by ``autodiff.ops``."""


BY_NAME = ("",)
"""Says that an operation answers for those functions of NumPy that have its name or one of its aliases."""


class Described:
    """What has room for a docstring, a name and a module of its own."""


@dataclass(kw_only=True, slots=True, eq=False, repr=False)
class Operation(Described, ABC):
    """What an entry of the table has, whether it is one block or composed of other operations."""

    forward: Callable[..., Any] = field(kw_only=False)
    name: str = ""
    latex: str = ""
    samples: Sequence[Sample] = ()
    kinks: Sequence[Kink] = ()
    domain: str = ""
    aliases: Sequence[str] = ()
    numpy: Sequence[str] = BY_NAME
    method: bool = False
    language: bool = True
    extra: str = ""

    def __post_init__(self) -> None:
        update_wrapper(self, self.forward)  # its docstring, name and module
        self.name = self.name or self.forward.__name__
        self.samples = tuple(self.samples)
        self.kinks = tuple(self.kinks)
        self.aliases = (self.aliases,) if isinstance(self.aliases, str) else tuple(self.aliases)
        if self.numpy is BY_NAME:
            self.numpy = _numpy_names((self.name, *self.aliases))

    @property
    def family(self) -> str:
        """The last part of the name of the module it stands in."""
        return self.forward.__module__.rpartition(".")[2]

    @abstractmethod
    def __call__(self, *args: Any, **params: Any) -> Any:
        """Compute, or record when an argument is a tensor."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.name}{self.__signature__}>"

    @property
    def __signature__(self) -> Signature:
        return signature(self.forward)

    def __reduce__(self) -> tuple[Any, ...]:
        return _attribute, (self.forward.__module__, self.forward.__name__)


class Function(Operation):
    """A function composed of operations, which needs no stable form, rule or meaning of its own."""

    __slots__ = ()

    def __call__(self, *args: Any, **params: Any) -> Any:
        return self.forward(*args, **params)


def function(**fields: Any) -> Callable[[Callable[..., Any]], Function]:
    """Declare a function composed of operations; the fields are those of :class:`Operation`."""
    return lambda forward: Function(forward, **fields)


def _numpy_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of ``names`` that NumPy has; its ``linalg`` namesakes only where there is no other."""
    found = [name if hasattr(np, name) else f"linalg.{name}" for name in names]
    return tuple(name for name in found if hasattr(np, name) or hasattr(np.linalg, name.removeprefix("linalg.")))


def _attribute(module: str, name: str) -> Any:
    return getattr(import_module(module), name)
