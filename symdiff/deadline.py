"""A limit on time that is looked at between steps, thread by thread.

Nothing is interrupted: whoever does one step after another calls ``look``, which costs a tenth of a microsecond, and
whoever begins a stage says its name, so that the error tells what took so long.

>>> with Deadline(60.0).at_work(), stage("adding up"):
...     look()
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from symdiff.errors import InputError

__all__ = ["Deadline", "TimeLimit", "look", "stage"]


class TimeLimit(InputError):
    """The time that was given is over; the message says what it went into."""


@dataclass(slots=True)
class _Running:
    """A deadline while somebody works under it: when it ends, and how long each stage has taken."""

    deadline: Deadline
    outer: _Running | None
    ends: float
    stage: str = "reading the input"
    since: float = 0.0
    took: dict[str, float] = field(default_factory=dict)
    reached: TimeLimit | None = None

    def enter(self, name: str) -> None:
        now = monotonic()
        self.took[self.stage] = self.took.get(self.stage, 0.0) + now - self.since
        self.stage, self.since = name, now

    def is_under(self, deadline: Deadline) -> bool:
        return self.deadline is deadline or (self.outer is not None and self.outer.is_under(deadline))

    def give_up(self) -> TimeLimit:
        self.enter(self.stage)
        longest = max(self.took, key=self.took.__getitem__)
        self.reached = TimeLimit(
            f"the limit of {self.deadline.seconds:g} s was reached: {longest} took {self.took[longest]:.1f} s of it; "
            "use smaller inputs or a shorter program, or give more time with --timeout SECONDS (timeout= in Python)"
        )
        return self.reached


class _Now(threading.local):
    running: _Running | None = None


_NOW = _Now()


class Deadline:
    """So many seconds for one explanation, counted while somebody works on it; None for as many as it takes.

    Entered within another one, the one that ends first holds.

    Raises:
        InputError: the seconds are not a positive number.
        TimeLimit: when the block ends, if it was raised within and did not come out.
    """

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and not (isinstance(seconds, int | float) and seconds > 0):
            raise InputError(f"timeout={seconds!r}: give a positive number of seconds, or None for no limit")
        self.seconds = seconds
        self._spent = 0.0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Whoever works in the block does so under this limit."""
        outer, now = _NOW.running, monotonic()
        ends = now + (self.seconds or 0.0) - self._spent
        if self.seconds is None or (outer is not None and (outer.is_under(self) or outer.ends <= ends)):
            yield
            return
        running = _NOW.running = _Running(self, outer, ends, since=now)
        try:
            yield
        finally:
            _NOW.running = outer
            self._spent += monotonic() - now
        if running.reached is not None:
            raise running.reached  # somebody took it for an error of another kind, and went on without what is missing


def look() -> None:
    """Raises TimeLimit where the time is over."""
    running = _NOW.running
    if running is not None and monotonic() > running.ends:
        raise running.give_up()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """What is done meanwhile, as the subject of "took 3 s"; looks when it begins."""
    running = _NOW.running
    if running is None:
        yield
        return
    look()
    before = running.stage
    running.enter(name)
    try:
        yield
    finally:
        running.enter(before)
