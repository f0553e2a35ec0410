"""A bounded part of the campaigns: no fault that is not known, and every known one still to be mended.

When a known fault is gone, this fails as well: run ``python -m benchmarks.campaigns.bounded``, which lists those of
today, and see that its difference is what was meant.
"""

from __future__ import annotations

import pytest

from benchmarks.campaigns import bounded
from benchmarks.campaigns.case import FAULTS, Case

CASES = list(bounded.cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_verdicts(case: Case) -> None:
    listed = {
        (fault, each) for fault, what in bounded.known().items() for each in what if each.startswith(f"{case.label}: ")
    }
    everything = set(bounded.faults(case))
    found = {each for each in everything if each[0] != "slow"}
    assert not found - listed, "a wrong verdict that is not known"
    if everything == found:  # what was too slow on this machine says nothing
        assert not listed - found, "right by now: take it off the list (python -m benchmarks.campaigns.bounded)"


def test_what_is_known_is_run() -> None:
    labels = tuple(f"{case.label}: " for case in CASES)
    for fault, what in bounded.known().items():
        assert fault in FAULTS
        assert all(each.startswith(labels) for each in what)
