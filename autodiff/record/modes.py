"""Whether operations on tensors are recorded: not at all, as far as gradients need, or completely, for a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any

from .node import Node


@dataclass(frozen=True, slots=True, eq=False)
class Mode:
    """A way of recording.

    ``complete`` keeps every operand and value; ``transforming`` says that a transform runs, whose walk back is
    recorded too by the transforms inside it, so that it can differentiate them.
    """

    complete: bool = False
    transforming: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Recording(Mode):
    """A complete recording: the conditions are the ``if`` statements on tensors, with the branch that was taken."""

    complete: bool = True
    transforming: bool = True
    conditions: list[tuple[Node, bool]] = field(default_factory=list)


OFF = Mode()
ON = Mode()
INSIDE = Mode(transforming=True)

_MODE: ContextVar[Mode] = ContextVar("autodiff_mode", default=ON)

mode: Callable[[], Mode] = _MODE.get
"""Return the mode in force here."""

set_mode: Callable[[Mode], Token[Mode]] = _MODE.set
reset_mode: Callable[[Token[Mode]], None] = _MODE.reset


@contextmanager
def _switched(to: Mode) -> Iterator[Any]:
    token = set_mode(to)
    try:
        yield to
    finally:
        reset_mode(token)


def no_grad() -> Any:
    """Return a context manager (or decorator) under which nothing is recorded: results want no gradient.

    >>> w = ad.tensor([1.0, 2.0], requires_grad=True)
    >>> with ad.no_grad():
    ...     print((w * w).requires_grad)
    False
    """
    return _switched(OFF)


def enable_grad() -> Any:
    """Return a context manager (or decorator) that undoes a surrounding :func:`no_grad`.

    >>> w = ad.tensor([1.0, 2.0], requires_grad=True)
    >>> with ad.no_grad(), ad.enable_grad():
    ...     print((w * w).requires_grad)
    True
    """
    return _switched(ON)


def recording() -> Any:
    """Return a context manager under which every operation on a tensor is kept, with all operands and values.

    Masks, integers and piecewise constant results are kept too.  Yields the :class:`Recording`.
    """
    return _switched(Recording())
