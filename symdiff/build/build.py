"""Many cases, one after the other or side by side: what is there stays, what is missing is made, and all is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from symdiff.build.case import Case, Wrong
from symdiff.build.keys import key_of
from symdiff.build.ledger import Entry, Ledger
from symdiff.build.naming import Names
from symdiff.build.outcome import Outcome, Task, Wanted
from symdiff.build.progress import Progress
from symdiff.build.reading import Item
from symdiff.language.names import shown

__all__ = ["Summary", "Target", "Workers", "build"]

LISTED = 50
"""So many cases that are not as they should be are listed at the end; the index, or the manifest, has all of them."""


class Workers(Protocol):
    """Whoever makes cases: processes of this machine, or a cluster."""

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes in the order in which they come; of the tasks, few are read ahead."""


class Target(Protocol):
    """What is made: a site or a corpus."""

    ledger: Ledger

    def wanted(self, case: Case) -> Wanted:
        """What is made of a case."""

    def expect(self, number: int, key: str) -> None:
        """A case comes next."""

    def known(self, key: str) -> Entry | None:
        """The entry of a case that is there and whole."""

    def put(self, task: Task, outcome: Outcome) -> Entry:
        """Take what was made of a case."""

    def passed(self, number: int) -> None:
        """Nothing more comes of a case that is there, or cannot be read."""

    def finish(self) -> None:
        """Nothing more comes at all."""

    def close(self) -> None:
        """Close all files, whether finished or not."""


@dataclass(slots=True)
class Summary:
    """What came of a run: how many were made and kept, verdicts, and what is not as it should be."""

    made: int = 0
    kept: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    listed: list[str] = field(default_factory=list)
    unlisted: int = 0

    @property
    def total(self) -> int:
        """All cases."""
        return self.made + self.kept + self.failed

    @property
    def disagreeing(self) -> int:
        """How many reports are not ok."""
        return sum(
            number for verdict, number in self.verdicts.items() if verdict in ("disagree", "undefined", "unsupported")
        )

    @property
    def status(self) -> int:
        """The exit status: 1 where a report is not ok, else 2 where a case could not be made."""
        return 1 if self.disagreeing else 2 if self.failed else 0

    def take(self, entry: Entry, origin: str, made: bool) -> None:
        """Count an entry, and list it where it is not as it should be."""
        if entry.ending != "made":
            self.failed += 1
            self._list(f"{_named(entry.title, origin)}: {_ENDED[entry.ending]}: {entry.reason}")
            return
        self.made += made
        self.kept += not made
        self.verdicts[entry.verdict] += 1
        if not entry.ok:
            self._list(f"{_named(entry.title, origin)}: {entry.verdict}")

    def _list(self, line: str) -> None:
        if len(self.listed) < LISTED:
            self.listed.append(line)
        else:
            self.unlisted += 1

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(self.verdicts.items()))
        failed = f"{self.failed} not made" if self.failed else ""
        told = ", ".join(part for part in (counts, failed) if part) or "nothing"
        lines = [f"{self.total} cases ({self.made} made now, {self.kept} as before): {told}", *self.listed]
        return "\n".join([*lines, *([f"and {self.unlisted} more"] if self.unlisted else [])])


def _named(title: str, origin: str) -> str:
    return f"{shown(title, 100)} ({origin})" if title and title != origin else origin


_ENDED: Mapping[str, str] = {
    "wrong": "wrong input",
    "raised": "the function raised",
    "time": "ended",
    "memory": "ended",
    "crashed": "ended",
    "ours": "failed",
}


def build(items: Iterable[Item], target: Target, workers: Workers, told: Progress, again: bool = False) -> Summary:
    """Make what is missing of the cases, or all of them ``again``; the order of the cases is that of the items."""
    run = _Run(target, told, again)
    for outcome in workers.outcomes(run.tasks(items)):
        run.take(outcome)
    target.finish()
    return run.summary


class _Run:
    def __init__(self, target: Target, told: Progress, again: bool) -> None:
        self.target, self.told, self.again = target, told, again
        self.summary = Summary()
        self._names = Names()
        self._waiting: dict[int, Task] = {}

    def tasks(self, items: Iterable[Item]) -> Iterator[Task]:
        """What is to be made; what is there, or cannot be, is counted on the way."""
        for item in items:
            if isinstance(item, Wrong):
                self._wrong(item)
            elif (task := self._task(item)) is not None:
                self._waiting[item.number] = task
                yield task

    def _task(self, case: Case) -> Task | None:
        name = self._names.take(case.name or case.title)
        wanted = self.target.wanted(case)
        key = key_of(case, name, _wanted(wanted))
        self.target.expect(case.number, key)
        entry = None if self.again else self.target.known(key)
        if entry is None:
            return Task(case, wanted, name, key)
        self._count(entry, case.origin, made=False)
        self.target.passed(case.number)
        return None

    def _wrong(self, wrong: Wrong) -> None:
        entry = Entry(f"wrong-{wrong.number}", "", wrong.title or wrong.origin, "wrong", reason=wrong.reason)
        self.target.expect(wrong.number, entry.key)
        self.target.ledger.add(entry)
        self._count(entry, wrong.origin, made=False)
        self.target.passed(wrong.number)

    def take(self, outcome: Outcome) -> None:
        """Keep what a worker made."""
        task = self._waiting.pop(outcome.number, None)
        if task is None:
            return  # a cluster may do a thing twice when a machine is lost
        self._count(self.target.put(task, outcome), task.case.origin, made=True)

    def _count(self, entry: Entry, origin: str, made: bool) -> None:
        self.summary.take(entry, origin, made)
        self.told.advance(made, entry.ok)


def _wanted(wanted: Wanted) -> list[Any]:
    return [wanted.documents, wanted.formulas, wanted.corpus]
