"""How far a long run has come: a bar on a terminal, plain lines where nobody watches."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, Any

from symdiff.process import write_error

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

__all__ = ["Progress", "progress"]

EVERY = 10.0
"""Seconds between two plain lines."""


class Progress(AbstractContextManager["Progress"]):
    """Plain lines on standard error, one every ten seconds."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.done = self.made = self.wrong = 0
        self._began = self._told = monotonic()

    def __exit__(self, *error: object) -> None:
        return None

    def advance(self, made: bool, ok: bool) -> None:
        """One more case is there, made now or before, and as it should be or not."""
        self.done += 1
        self.made += made
        self.wrong += not ok
        self.show()

    def show(self) -> None:
        """Tell how far it has come, where it is time to."""
        if monotonic() - self._told >= EVERY:
            self._told = monotonic()
            write_error(f"{self.words()}\n")

    def words(self) -> str:
        """``1200 of 10000, 48.3 a second, 3 not ok, 3 min left``."""
        words = f"{self.done} of {self.total}" if self.total else f"{self.done}"
        words += self.so_far()
        return words + (f", {_span((self.total - self.done) / self.rate)} left" if self.total and self.made else "")

    def so_far(self) -> str:
        """The rate, and how many are not as they should be."""
        return (f", {self.rate:.1f} a second" if self.made else "") + (f", {self.wrong} not ok" if self.wrong else "")

    @property
    def rate(self) -> float:
        """How many were made in a second."""
        return self.made / max(monotonic() - self._began, 1e-9)


class _Bar(Progress):
    """A bar with the rate and the time that remains."""

    def __init__(self, total: int | None) -> None:
        super().__init__(total)
        self._bar = _bar()
        self._task: Any = self._bar.add_task("", total=total, rate="")

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def show(self) -> None:
        self._bar.update(self._task, completed=self.done, rate=self.so_far().removeprefix(", "))


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def progress(total: int | None) -> Progress:
    """What tells how far a run has come, where standard error goes."""
    return _Bar(total) if sys.stderr is not None and sys.stderr.isatty() else Progress(total)
