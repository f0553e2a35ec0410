"""What the command's own process does with its streams, with signals, and where the time is over.

Only ``symdiff`` as a command touches any of these; nothing that is imported does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO

from symdiff.deadline import look
from symdiff.errors import InputError, printable

__all__ = ["ReaderLeft", "Terminated", "alarm", "complain", "forget", "own_process", "tell"]

GRACE, AGAIN = 1.0, 0.25  # seconds behind a deadline, and from one reminder to the next


class ReaderLeft(Exception):
    """Whoever read our output has seen enough."""


class Terminated(KeyboardInterrupt):
    """The process was told to end by a signal other than that of Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def own_process() -> None:
    """Signals unwind what is being done, so that nothing half-written stays; warnings of libraries stay theirs."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
            signal.signal(number, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Reminds of a deadline a second after it: one long step, or the user's own loop, does not look by itself."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda number, frame: look())
    signal.setitimer(signal.ITIMER_REAL, min(seconds, 1e6) + GRACE, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def tell(text: str | bytes, end: str = "\n") -> None:
    """Writes to standard output, at once; bytes as they are.

    Raises:
        InputError: it is closed, or cannot be written to.
        ReaderLeft: its other end is closed.
    """
    if sys.stdout is None:
        raise InputError("standard output is closed; leave it open, or send it to a file with > FILE")
    try:
        if isinstance(text, bytes):
            sys.stdout.buffer.write(text)
        else:
            sys.stdout.write(text + end)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderLeft from None
    except OSError as error:
        forget(sys.stdout)
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(f"standard output cannot be written to ({reason})") from None


def complain(message: str) -> None:
    """One line on standard error, where there is one."""
    write_error(f"symdiff: {printable(message)}\n")


def write_error(text: str) -> None:
    """Writes to standard error; where that is closed or full, nobody can be told."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def forget(stream: IO[str] | None) -> None:
    """Keeps the interpreter from writing what a broken stream still holds once more when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        assert stream is not None
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
