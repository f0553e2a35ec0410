"""``python -m benchmarks.campaigns [NAME ...]``: run them, print every fault and the counts."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.campaigns import networks, operations, programs
from benchmarks.campaigns.case import Case, Counts, Outcome
from benchmarks.campaigns.differences import NoTruth
from benchmarks.campaigns.judge import Late, limited, outcomes

CAMPAIGNS: dict[str, Callable[[], Iterator[Case]]] = {
    each.NAME: each.cases for each in (operations, networks, programs)
}
REFERENCE_SECONDS = 60.0


def run(case: Case, counts: Counts) -> Iterator[Outcome]:
    """A case's checks; a case without a truth in time counts as left out."""
    try:
        with limited(REFERENCE_SECONDS):
            yield from list(outcomes(case))
    except (NoTruth, ZeroDivisionError, ValueError, OverflowError, Late) as error:
        counts.left_out += 1
        counts.why[f"{type(error).__name__}: {error}"[:60]] = case.label


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CAMPAIGNS)}; all without")
    parser.add_argument("--every", type=int, default=1, help="only every N-th case")
    parser.add_argument("--only", default="", help="only cases whose label contains this")
    parser.add_argument("--json", type=Path, help="write every fault and the counts to this file")
    options = parser.parse_args()
    all_counts: dict[str, Counts] = {}
    faults: list[Outcome] = []
    start = time.perf_counter()
    for name in options.names or CAMPAIGNS:
        counts = all_counts.setdefault(name, Counts())
        for number, case in enumerate(CAMPAIGNS[name]()):
            if number % options.every or options.only not in case.label:
                continue
            for outcome in run(case, counts):
                counts.add(outcome)
                if outcome.fault:
                    faults.append(outcome)
                    print(f"{outcome.fault.upper()} {outcome.label}: {outcome.judged}: {outcome.verdict}, {outcome.detail} {outcome.reasons[:1]} {outcome.seconds:.1f}s", flush=True)
        print(name, counts, f"{time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
