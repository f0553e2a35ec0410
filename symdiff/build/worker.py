"""The process that makes cases: it imports everything once, and makes one case after the other, within limits.

It talks with its parent over the pipes that are its standard input and output when it starts. What a user's function
prints goes nowhere. When the parent is gone it ends, at the latest when the limit for a case is over.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
import warnings
from collections.abc import Iterator
from os import _exit
from typing import IO

from symdiff.build.frames import PipeEnded, receive, send
from symdiff.build.outcome import Limits, Listing, Outcome, Task
from symdiff.process import alarm

__all__ = ["GRACE", "READY", "Reply", "main", "settle"]

READY = "ready"
GRACE = 5.0
"""Seconds behind the limit after which a case that does not look at it is ended with its process."""

GROWTH = 1 << 29
"""So many bytes more than at the start, and a fresh process goes on: caches of libraries are not to pile up."""

YOUNG = 200_000
"""So many objects more than were freed make the collector look for cycles."""

Reply = tuple[Outcome, bool]
"""How the case ended, and whether the process ends now, too."""


def main() -> None:
    """Makes cases until there are no more."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this process
    reading, writing = _own_pipes()
    with contextlib.suppress(PipeEnded):
        limits: Limits = receive(reading)
        _serve(reading, writing, limits)
    _exit(0)  # threads that a user's function left running do not keep the process


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes under numbers of their own; standard input and output are nobody's from now on."""
    reading, writing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    return reading, writing


def _serve(reading: IO[bytes], writing: IO[bytes], limits: Limits) -> None:
    from symdiff.build.making import done, listed  # sympy and all the rest: once

    warnings.simplefilter("ignore")
    settle()
    start = _resident()
    _limit_memory(limits.memory)
    send(writing, READY)
    while True:
        asked: Task | Listing = receive(reading)
        with _watched(limits.seconds):
            outcome = listed(asked, limits) if isinstance(asked, Listing) else done(asked, limits)
        last = outcome.ending in ("memory", "time") or _resident() - start > GROWTH
        send(writing, (outcome, last))
        if last:
            return


def settle() -> None:
    """What is in memory once everything is imported stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


@contextlib.contextmanager
def _watched(seconds: float | None) -> Iterator[None]:
    """The limit on time for one case: an alarm that our own code and a user's loop in Python obey.

    Behind it the watchdog of ``faulthandler``, which needs nobody's help, ends a process whose parent is gone.
    """
    if seconds is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds + 2 * GRACE, exit=True, file=2)
    try:
        with alarm(seconds):
            yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _limit_memory(mebibytes: float | None) -> None:
    """What is mapped now and so much more is the limit, where the system has one."""
    if mebibytes is None:
        return
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit = _mapped() + int(mebibytes * (1 << 20))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _mapped() -> int:
    return _pages(0)


def _resident() -> int:
    return _pages(1)


def _pages(field: int) -> int:
    """Bytes of this process in memory, by field of Linux's list; 0 elsewhere."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[field]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
