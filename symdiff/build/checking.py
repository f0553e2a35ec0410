"""Checks many cases: a line for each in their order, what is wrong in full, and JUnit's XML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from symdiff.build.build import Summary, Workers
from symdiff.build.case import Case
from symdiff.build.ledger import Entry
from symdiff.build.outcome import Outcome, Task, Wanted
from symdiff.build.progress import Progress
from symdiff.build.reading import Item
from symdiff.errors import printable
from symdiff.language.names import shown
from symdiff.output import whole_file
from symdiff.printing.markup import replace_unprintable
from symdiff.process import tell

__all__ = ["check"]


def check(items: Iterable[Item], workers: Workers, told: Progress, junit: Path | None, language: str = "en") -> int:
    """Check every case; the exit status is that of ``build``."""
    run = _Run(language)
    suite = Element("testsuite", name="symdiff")
    for item, outcome in run.in_order(items, workers):
        entry = Entry.of("", "", _title(item), outcome, {})
        run.summary.take(entry, item.origin, made=True)
        tell(_line(item, outcome))
        told.advance(made=True, ok=outcome.ok)
        if junit is not None:
            suite.append(_testcase(item, outcome))
    if junit is not None:
        with whole_file(junit) as file:
            file.write(_document(suite, run.summary))
    tell(_counted(run.summary))
    return run.summary.status


class _Run:
    """Outcomes come as they are ready; they are told in the order of the cases."""

    def __init__(self, language: str) -> None:
        self.summary = Summary()
        self._language = language
        self._items: dict[int, Item] = {}
        self._ready: dict[int, Outcome] = {}
        self._next = 0

    def in_order(self, items: Iterable[Item], workers: Workers) -> Iterator[tuple[Item, Outcome]]:
        for outcome in workers.outcomes(self._tasks(items)):
            self._ready[outcome.number] = outcome
            yield from self._due()
        yield from self._due()

    def _tasks(self, items: Iterable[Item]) -> Iterator[Task]:
        for item in items:
            self._items[item.number] = item
            if isinstance(item, Case):
                yield Task(item, Wanted(table=item.languages[0] if item.languages else self._language))
            else:
                self._ready[item.number] = Outcome(item.number, "wrong", item.reason)

    def _due(self) -> Iterator[tuple[Item, Outcome]]:
        while self._next in self._ready:
            yield self._items.pop(self._next), self._ready.pop(self._next)
            self._next += 1


def _title(item: Item) -> str:
    return shown(item.title, 200) if item.title else item.origin


def _line(item: Item, outcome: Outcome) -> str:
    """One row of the table; of what is not ok the whole report, or the reason, below it."""
    if outcome.ending != "made":
        return f"{'not made':<12} {'':>9}  {_title(item)}\n  {printable(outcome.reason)} ({item.origin})"
    row = f"{outcome.verdict:<12} {outcome.ulps:>9.3g}  {_title(item)}"
    if outcome.ok:
        return row
    return "\n".join([f"{row}  ({item.origin})", *(f"  {line}".rstrip() for line in outcome.table.split("\n"))])


def _counted(summary: Summary) -> str:
    counts = ", ".join(f"{number} {verdict}" for verdict, number in sorted(summary.verdicts.items()))
    failed = f"{summary.failed} not made" if summary.failed else ""
    return f"{summary.total} cases: {', '.join(part for part in (counts, failed) if part) or 'none'}"


# --- JUnit ------------------------------------------------------------------------------------------------------------


def _testcase(item: Item, outcome: Outcome) -> Element:
    """A case that is not ok is a failure, one that could not be checked an error."""
    case = Element("testcase", name=_xml(_title(item)), classname=_xml(item.origin.partition(", ")[0]))
    case.set("time", f"{outcome.seconds:.3f}")
    if outcome.ending != "made":
        SubElement(case, "error", type=outcome.ending, message=_xml(outcome.reason))
    elif not outcome.ok:
        failure = SubElement(case, "failure", type=outcome.verdict, message=_xml(outcome.table.partition("\n")[0]))
        failure.text = _xml(outcome.table)
    SubElement(case, "system-out").text = _xml(item.origin)
    return case


def _document(suite: Element, summary: Summary) -> bytes:
    suite.set("tests", str(summary.total))
    suite.set("failures", str(summary.disagreeing))
    suite.set("errors", str(summary.failed))
    suites = Element("testsuites")
    suites.append(suite)
    written: bytes = tostring(suites, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written + b"\n"


def _xml(text: str) -> str:
    """Text that XML can hold: control characters, for which it has no way to be written, are made visible."""
    return "\n".join(replace_unprintable(line) for line in text.split("\n"))
