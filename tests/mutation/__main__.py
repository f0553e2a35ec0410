"""Damages every vjp rule in turn and says what the fast witnesses did not notice.

    python -m tests.mutation [NAME ...] [--survivors FILE]

The exit status is 0 where at least 99 % of the mutants are caught and every survivor has its reason in
``survivors.py``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from autodiff.declare.op import Op

from .mutants import Mutant, mutants, operations
from .survivors import REASONS
from .witnesses import objection, witnesses

WANTED = 0.99


def caught(op: Op) -> Iterator[tuple[Mutant, str]]:
    """Every mutant of an operation with what the first witness against it said, "" where none did."""
    checks = witnesses(op)
    for mutant in mutants(op):
        with mutant.installed():
            first = next((what for what in map(objection, checks) if what), "")
        yield mutant, first


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="the operations to damage; all by default")
    names = parser.parse_args().names
    start = time.perf_counter()
    total, survivors = 0, []
    for op in operations():
        if names and op.name not in names:
            continue
        for mutant, first in caught(op):
            total += 1
            if not first:
                survivors.append(str(mutant))
                print(f"survived: {mutant}", flush=True)
                print(f"  because {REASONS.get(str(mutant), '???')}")
    share = 1 - len(survivors) / total
    seconds = time.perf_counter() - start
    print(f"{total} mutants, {len(survivors)} survived: {share:.2%} caught, in {seconds:.0f} s")
    return 0 if share >= WANTED and all(name in REASONS for name in survivors) else 1


if __name__ == "__main__":
    sys.exit(main())
