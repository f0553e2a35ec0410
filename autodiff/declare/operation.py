"""What an entry of the table of operations has, and the table itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import update_wrapper
from importlib import import_module
from inspect import Signature, signature
from typing import Any

import numpy as np

from .samples import Kink, Sample

TABLE: dict[str, Operation] = {}
"""Every public operation by name, aliases included; filled by ``autodiff.ops``."""


class Operation(ABC):
    """What an entry of the table has, whether it is one block or composed of other operations."""

    __slots__ = (
        "__dict__", "aliases", "domain", "extra", "forward", "kinks", "language", "latex", "method", "name", "numpy",
        "samples",
    )  # fmt: skip

    def __init__(
        self,
        forward: Callable[..., Any],
        *,
        name: str = "",
        latex: str = "",
        samples: Sequence[Sample] = (),
        kinks: Sequence[Kink] = (),
        domain: str = "",
        aliases: Sequence[str] = (),
        numpy: Sequence[str] | None = None,
        method: bool = False,
        language: bool = True,
        extra: str = "",
    ) -> None:
        update_wrapper(self, forward)  # its docstring, name and module
        self.forward = forward
        self.name = name or forward.__name__
        self.latex = latex
        self.samples = tuple(samples)
        self.kinks = tuple(kinks)
        self.domain = domain
        self.aliases = (aliases,) if isinstance(aliases, str) else tuple(aliases)
        self.numpy = _numpy_names((self.name, *self.aliases)) if numpy is None else tuple(numpy)
        self.method = method
        self.language = language
        self.extra = extra

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
