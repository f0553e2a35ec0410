"""What a user's function prints: the library leaves the process's streams alone, the command line sends it to stderr.

A function is run several times, to see that it gives the same each time. Where nobody put a :class:`Once` in the place
of ``sys.stdout``, what it prints is printed each time: whose process it is decides on its streams, and other threads
write to them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

_REPEATED: ContextVar[bool] = ContextVar("symdiff_repeated", default=False)


@contextmanager
def saying_nothing() -> Iterator[None]:
    """Mark what is done here as a repetition, of which a :class:`Once` shows nothing."""
    token = _REPEATED.set(True)
    try:
        yield
    finally:
        _REPEATED.reset(token)


class Once:
    """A stream in the place of ``sys.stdout`` that hands on what is printed, but for repetitions."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        return len(text) if _REPEATED.get() else self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return False
