"""``python -m benchmarks.campaigns [NAME ...]``: run them, print every fault and the counts."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.campaigns.case import Outcome
from benchmarks.campaigns.counts import Counts, kept, markdown, read, written_into
from benchmarks.campaigns.run import CAMPAIGNS, chosen, run

RECORDS = Path("build/campaigns")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CAMPAIGNS)}; all without")
    parser.add_argument("--every", type=int, default=1, help="only every N-th case")
    parser.add_argument("--only", default="", help="only cases whose label contains this")
    parser.add_argument("--records", type=Path, default=RECORDS, help="where the counts are kept, a file a campaign")
    parser.add_argument("--write", type=Path, help="write the table of all counts that are kept into this document")
    return parser.parse_args()


def main() -> int:
    asked = options()
    for name in asked.names or CAMPAIGNS:
        one_campaign(name, asked.every, asked.only, asked.records / f"{name}.json")
    paths = {name: asked.records / f"{name}.json" for name in CAMPAIGNS}
    found = {name: read(path) for name, path in paths.items() if path.exists()}
    table = markdown(found)
    print(table)
    if asked.write:
        written_into(asked.write, table)
    return 0


def one_campaign(name: str, every: int, only: str, record: Path) -> None:
    """Runs it and keeps its counts, now and then on the way as well."""
    every_case = list(CAMPAIGNS[name]())
    counts, start = Counts(planned=len(every_case)), time.perf_counter()
    for number, case in enumerate(chosen(every_case, every, only)):
        for outcome in run(case, counts):
            if outcome.fault:
                print(line(outcome), flush=True)
        if number % 25 == 0:
            kept(counts, record)
    kept(counts, record)
    print(f"{name}: {counts.checks} checks in {time.perf_counter() - start:.0f} s, {counts.faults}", flush=True)


def line(outcome: Outcome) -> str:
    reason = f" ({outcome.reasons[0]})" if outcome.reasons else ""
    return (
        f"{outcome.fault.upper()} {outcome.label}: {outcome.judged}: {outcome.verdict}, {outcome.detail}, "
        f"{outcome.seconds:.1f} s{reason}"
    )


if __name__ == "__main__":
    sys.exit(main())
