"""Whether operations on tensors are recorded: not at all, as far as gradients need, or completely, for a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Node


@dataclass(slots=True, eq=False)
class Recording:
    """A complete recording: the conditions are the ``if`` statements on tensors, with the branch that was taken."""

    conditions: list[tuple[Node, bool]] = field(default_factory=list)


_MODE: ContextVar[bool | Recording] = ContextVar("autodiff_mode", default=True)

mode: Callable[[], bool | Recording] = _MODE.get
"""Return False (record nothing), True (what gradients need), or the :class:`Recording` in progress."""


@contextmanager
def switched(to: bool | Recording) -> Iterator[Any]:
    """Run a block in another mode."""
    token = _MODE.set(to)
    try:
        yield to
    finally:
        _MODE.reset(token)


def no_grad() -> Any:
    """Return a context manager (or decorator) under which nothing is recorded: results want no gradient."""
    return switched(False)


def enable_grad() -> Any:
    """Return a context manager (or decorator) that undoes a surrounding :func:`no_grad`."""
    return switched(True)


def recording() -> Any:
    """Return a context manager under which every operation on a tensor is kept, with all operands and values.

    Masks, integers and piecewise constant results are kept too.  Yields the :class:`Recording`.
    """
    return switched(Recording())
