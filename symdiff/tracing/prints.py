"""What a traced function prints: it goes to standard error, once, however often the function is called.

Standard output is the document's, and the process's streams belong to everybody: they are never replaced. Meanwhile the
user's own modules read another ``print``, which for every other thread is Python's. What is written in another way
(``sys.stdout.write``, a subprocess) goes where it goes.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["Borrowed", "printing"]


class _Mode(threading.local):
    """Where this thread prints while a function is traced, and what standard output was then."""

    traced = False
    stream: IO[str] | None = None
    stdout: Any = None


_MODE = _Mode()
_LOCK = threading.Lock()
_BORROWERS: dict[int, int] = {}  # id of a module's names -> how many traces have put our print there


def _print(*values: object, file: Any = None, **options: Any) -> None:
    ours = _MODE.traced and sys.stdout is _MODE.stdout and (file is None or file is sys.stdout)
    if not ours:
        builtins.print(*values, file=file, **options)
    elif _MODE.stream is not None:
        builtins.print(*values, file=_MODE.stream, **options)


class Borrowed:
    """The modules whose ``print`` one trace has put ours in the place of."""

    def __init__(self) -> None:
        self._found: dict[int, dict[str, Any]] = {}

    def take(self, names: dict[str, Any]) -> None:
        """Puts our ``print`` among a module's names, where it has none of its own."""
        if id(names) in self._found:
            return
        with _LOCK:
            if "print" in names and names["print"] is not _print:
                return
            self._found[id(names)] = names
            _BORROWERS[id(names)] = _BORROWERS.get(id(names), 0) + 1
            names["print"] = _print

    def give_back(self) -> None:
        """Takes it out again where no other trace needs it."""
        with _LOCK:
            for key, names in self._found.items():
                _BORROWERS[key] -= 1
                if not _BORROWERS[key]:
                    del _BORROWERS[key]
                    if names.get("print") is _print:
                        del names["print"]
            self._found.clear()


@contextmanager
def printing(stream: IO[str] | None) -> Iterator[Borrowed]:
    """In this thread the user's code prints to ``stream``, in the modules that are taken."""
    before = _MODE.traced, _MODE.stream, _MODE.stdout
    borrowed = Borrowed()
    _MODE.traced, _MODE.stream, _MODE.stdout = True, stream, sys.stdout
    try:
        yield borrowed
    finally:
        _MODE.traced, _MODE.stream, _MODE.stdout = before
        borrowed.give_back()
