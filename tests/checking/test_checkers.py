"""The table of benchmarks.checkers: ours is right in every row, and the score of mutants counts what it says."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from benchmarks import checkers
from benchmarks.checkers import CASES, Case

FEW = 12


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_ours_is_right_where_others_are_not(case: Case) -> None:
    ok, said = checkers.ours(case, diagnosis=bool(case.words))
    assert ok == case.right
    assert said.startswith(case.verdict)
    assert case.words in said


def test_the_table_has_a_row_for_every_case_and_a_column_for_every_checker() -> None:
    few = CASES[6:8]
    lines = list(checkers.table({"all": lambda case: True, "none": lambda case: False}, few))
    assert [line.split()[-3:] for line in lines] == [
        ["all", "none", "ours"],
        ["ok", "rejects", "kink"],
        ["passes", "catches", "disagree"],
    ]


def test_mutants_are_drawn_before_anybody_looks() -> None:
    first, again = ([each.name for each in checkers.drawn(FEW)] for _ in range(2))
    assert first == again
    assert len(set(first)) > FEW // 2


def test_a_few_mutants_are_caught_without_a_false_alarm() -> None:
    *_, counted, ours = checkers.score(FEW, {})
    assert counted.startswith(f"{FEW} mutants drawn")
    assert "(100.0 %), false alarms 0" in ours


def test_a_checker_that_takes_everything_has_the_score_of_nothing() -> None:
    *_, ours, everything = checkers.score(4, {"all": lambda case: True})
    assert everything.startswith("all         caught 0 (0.0 %), false alarms 0")
    assert ours.startswith("ours")


def test_a_mutant_is_left_out_by_its_digits_alone() -> None:
    found = {each.name: checkers._alike(each) for each in checkers.drawn(60)}
    assert {"", f"the same to {checkers.DIGITS} digits"} <= set(found.values())


def test_a_rule_that_differs_by_less_than_floats_show_is_another() -> None:
    each = next(each for each in checkers.drawn(60) if each.sample.params == {} and checkers._alike(each) == "")
    assert checkers._same_to_the_digits(each) in (False, None)
    mended = replace(each, mutant=replace(each.mutant, installed=nullcontext))
    assert checkers._same_to_the_digits(mended) in (True, None)
