"""A limit on the time of one explanation, looked at between its steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from symdiff.errors import InputError


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds


_DEADLINE: ContextVar[_Deadline | None] = ContextVar("symdiff_deadline", default=None)


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Limit what is done here to ``seconds``; None sets no limit, and leaves one that is set outside.

    Raises:
        InputError: the time is over at one of the :func:`checkpoint` calls inside; it says what took so long.
    """
    if seconds is None:
        yield
        return
    if not seconds > 0:
        raise InputError(f"timeout={seconds!r}: give a number of seconds above 0")
    token = _DEADLINE.set(_Deadline(seconds))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def checkpoint(doing: str) -> None:
    """Give up here if the time is over; ``doing`` says what is being done."""
    deadline = _DEADLINE.get()
    if deadline is not None and time.monotonic() > deadline.end:
        raise InputError(
            f"the time limit of {deadline.seconds:g} s is over while {doing}; "
            "explain a smaller program or smaller arrays, or give more time (--timeout, timeout=)"
        )
