"""The part of the campaigns that the tests run, and the faults that are known in it.

``python -m benchmarks.campaigns.bounded`` writes today's faults into tests/campaigns/known.json: to be run, and its
difference read, when something was mended. What takes too long depends on the machine and is not listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from benchmarks.campaigns import causes, kinks, networks, operations, orders, programs
from benchmarks.campaigns.case import Case
from benchmarks.campaigns.counts import Counts
from benchmarks.campaigns.run import chosen, run

KNOWN = Path(__file__).resolve().parents[2] / "tests" / "campaigns" / "known.json"
KINKS = ("relu", "relu less relu of minus", "product of leaky_relu", "max", "norm", "largest eigenvalue at I")
STRIDES = {networks: 37, operations: 211, orders: 67, programs: 67}


def cases() -> Iterator[Case]:
    """All small causes, and every N-th case of the others."""
    yield from (case for case in causes.cases() if not case.name.startswith(causes.SLOW))
    yield from (case for case in kinks.cases() if case.name in KINKS)
    for campaign, stride in STRIDES.items():
        yield from chosen(campaign.cases(), stride, first=3)


def faults(case: Case) -> list[tuple[str, str]]:
    """What is wrong with a case's verdicts: pairs (fault, which gradient of which case)."""
    found = run(case, Counts())
    return [(each.fault, f"{each.label}: {each.judged}") for each in found if each.fault]


def known() -> dict[str, list[str]]:
    """By fault, what has it."""
    found: dict[str, list[str]] = json.loads(KNOWN.read_text(encoding="utf-8"))
    return found


def main() -> None:
    found: dict[str, list[str]] = {}
    for case in cases():
        for fault, what in faults(case):
            if fault != "slow":
                found.setdefault(fault, []).append(what)
    ordered = {fault: sorted(found[fault]) for fault in sorted(found)}
    KNOWN.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print({fault: len(what) for fault, what in ordered.items()})


if __name__ == "__main__":
    main()
