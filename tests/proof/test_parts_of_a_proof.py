"""The pieces that proofs are made of: lengths, rounded numbers, domains, regions."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
import sympy as sp

from autodiff.declare.op import TABLE, Op, at
from autodiff.declare.samples import MATRIX, ROW
from symdiff.proof.domains import comparisons
from symdiff.proof.feasible import contradictory
from symdiff.proof.lengths import Length
from symdiff.proof.recorder import NotOnSymbols, Recorder
from symdiff.proof.regions import Undecided, bordered, compared
from symdiff.proof.rounded import numbers_in, read
from symdiff.proof.trial import trial_of

x, y = sp.symbols("x y", real=True)


def test_lengths_stay_letters_through_arithmetic() -> None:
    recorder = Recorder()
    symbol = recorder.leaf(np.zeros((3, 4)), "x")
    rows, columns = symbol.shape
    assert (rows, columns) == (3, 4)
    assert isinstance(rows, Length)
    n, m = rows.size.formula, columns.size.formula
    for made, formula in (
        (rows * columns, n * m), (prod(symbol.shape), n * m), (rows + 1, n + 1), (1 + rows, n + 1), (rows - 2, n - 2),
        (5 - rows, 5 - n), (2 * columns, 2 * m), (rows - columns, n - m),
    ):  # fmt: skip
        assert isinstance(made, Length)
        assert sp.expand(made.size.formula - formula) == 0
    assert not isinstance(rows // 2, Length)
    assert np.arange(rows).tolist() == [0, 1, 2]


def test_a_number_over_a_length_is_symbolic() -> None:
    recorder = Recorder()
    rows = recorder.leaf(np.zeros(3), "x").shape[0]
    made = 2 / rows
    assert recorder.elements[made.index].operation == "divide"


def test_a_length_of_one_is_a_number() -> None:
    assert not isinstance(Recorder().leaf(np.zeros((1, 2)), "x").shape[0], Length)


def test_symbols_refuse_what_only_numbers_can_answer() -> None:
    symbol = Recorder().leaf(np.zeros(3), "x")
    for ask in (bool, float, list, np.asarray, lambda s: s.tolist()):
        with pytest.raises(NotOnSymbols):
            ask(symbol)


def test_rounded_numbers_are_read() -> None:
    known = numbers_in([2**x, sp.sqrt(2 / sp.pi) * x, sp.pi * x / 180])
    assert read(0.6931471805599453, known) == sp.log(2)
    assert read(1.4426950408889634, known) == 1 / sp.log(2)
    assert read(1.5957691216057308, known) == 2 * sp.sqrt(2) / sp.sqrt(sp.pi)
    assert read(0.017453292519943295, known) == sp.pi / 180
    assert read(57.29577951308232, known) == 180 / sp.pi


def test_other_numbers_are_what_they_say() -> None:
    known = numbers_in([2**x])
    assert read(0.1, known) == sp.Rational(1, 10)
    assert read(1 / 3, known) == sp.Rational(1, 3)
    assert read(0.693147, known) == sp.Rational(693147, 1000000)
    assert read(0.6931471805599454, known).is_Rational  # one unit in the last place off
    assert read(0.6931471805599453, ()).is_Rational  # nothing to be the rounding of
    assert read(0.0, known) == 0


def test_domains_are_read_as_far_as_they_compare() -> None:
    assert comparisons("0 < x < 1") == (sp.Lt(0, x), sp.Lt(x, 1))
    assert comparisons("x > 0, y > 0") == (x > 0, y > 0)
    assert comparisons("x > 0, or y a whole number") == ()
    assert comparisons("x not 0, -1, -2, ...") == ()
    assert comparisons("") == ()
    assert comparisons("y > -1") == (y > -1,)


def test_contradictions_are_found() -> None:
    assert contradictory([x - 1, -x])
    assert contradictory([x - y, y - 2, 1 - x])
    assert not contradictory([x - y, y - 2, 3 - x])
    assert not contradictory([x**2 - 1, -x])
    assert contradictory([sp.Integer(-1)])


def test_regions_between_borders_are_compared() -> None:
    got = ((x > 0, sp.Integer(1)), (x <= 0, sp.Integer(0)))
    assert compared(got, ((x >= 0, sp.Integer(1)), (x < 0, sp.Integer(0))), ()).borders == (x,)
    assert compared(got, got, ()) == compared(got, got, ())
    assert not compared(got, got, ()).borders
    wrong = compared(got, ((sp.true, sp.Integer(1)),), ())
    assert [region.conditions for region in wrong.open] == [("x < 0",)]
    assert not compared(got, ((sp.true, sp.Integer(1)),), comparisons("x > 0")).open


def test_a_condition_without_an_outcome_is_not_passed_over() -> None:
    unknown = ((sp.Symbol("holds"), x),)
    with pytest.raises(Undecided):
        compared(unknown, (), ())


def test_a_border_reads_as_a_comparison() -> None:
    assert bordered(x - 64, 1) == "x > 64"
    assert bordered(x + 1, 0) == "x = -1"
    assert bordered(x - y, -1) == "x < y"


def test_a_trial_keeps_operands_called_g_apart_from_the_cotangent() -> None:
    trial = trial_of(_op("to_the_larger"), at(0.7, 0.3, -1.7))
    names = [element.name for element in trial.program.elements if element.name]
    assert sorted(names) == ["g", "h", "x", "y"]


def test_a_trial_sums_what_was_stretched() -> None:
    trial = trial_of(_op("multiply"), at(MATRIX, ROW))
    shapes = [trial.program.elements[c.index].shape for c in trial.cotangents if c.index is not None]
    assert shapes == [(3, 4), (4,)]


def _op(name: str) -> Op:
    found = TABLE[name]
    assert isinstance(found, Op)
    return found
