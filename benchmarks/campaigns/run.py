"""Running campaigns: case by case, in the same order and with the same numbers every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from benchmarks.campaigns import causes, kinks, networks, operations, orders, peers, programs
from benchmarks.campaigns.case import Case, Outcome
from benchmarks.campaigns.counts import Counts
from benchmarks.campaigns.differences import NoTruth
from benchmarks.campaigns.judge import Late, limited, outcomes

CAMPAIGNS: dict[str, Callable[[], Iterator[Case]]] = {
    each.NAME: each.cases for each in (causes, operations, networks, kinks, orders, programs, peers)
}
REFERENCE_SECONDS = 40.0
"""A case whose truth takes longer is left out; a check that is too slow is a fault, not left out."""


def run(case: Case, counts: Counts) -> list[Outcome]:
    """A case's checks, as far as they come in time; one without a truth is left out, and counted as such."""
    found: list[Outcome] = []
    try:
        with limited(REFERENCE_SECONDS):
            for outcome in (kinks.outcomes if case.campaign == kinks.NAME else outcomes)(case):
                found.append(outcome)
    except (NoTruth, ZeroDivisionError, ValueError, OverflowError, Late) as error:
        if not found:
            counts.leave_out(str(error) or type(error).__name__)
            return []
    counts.cases += 1
    for outcome in found:
        counts.add(outcome)
    return found


def chosen(cases: Iterable[Case], every: int = 1, only: str = "", first: int = 0) -> Iterator[Case]:
    """Every N-th case, of those whose label contains ``only``."""
    matching = (case for case in cases if only in case.label)
    return (case for number, case in enumerate(matching) if number % every == first)
