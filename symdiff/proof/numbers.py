"""Two lists of pieces at rational points, in 60 digits."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from autodiff.declare.op import Sample
from symdiff.proof.outcome import Counterexample
from symdiff.proof.pieces import Piece

DIGITS = 60
TOLERANCE = sp.Rational(1, 10**45)
"""Relative; what is left of 60 digits where a formula cancels."""
SMALLEST = sp.Rational(1, 2**1074)
"""The smallest float: what lies below it on both sides is 0 to the engine."""

Point = Mapping[sp.Symbol, sp.Rational]


def points_near(
    letters: Mapping[str, sp.Symbol], samples: Sequence[Sample], binding: Any, domain: Sequence[sp.Basic]
) -> Iterator[Point]:
    """Rational points near the samples' own numbers, the same ones every time."""
    draw = random.Random(20)
    for sample in samples:
        arrays = [np.asarray(operand, dtype=float).reshape(-1) for operand in sample.operands]
        for place in range(min(max(map(len, arrays), default=0), 4)):
            for spread in (Fraction(0), Fraction(1, 16)):
                point = {letter: sp.Rational(draw.randint(2, 9), 2) for letter in letters.values()}
                for number, array in enumerate(arrays):
                    name = binding.operand_name(number)
                    if name in letters and len(array):
                        value = _short(array[place % len(array)])
                        value *= 1 + spread * Fraction(draw.randint(-1000, 1000), 1000)
                        point[letters[name]] = sp.Rational(value.numerator, value.denominator)
                if all(condition.xreplace(point) == sp.true for condition in domain):
                    yield point


def _short(value: Any) -> Fraction:
    """The number that a person would write for a sample's float; as large as it is at least in order."""
    number = float(value)
    return Fraction(repr(number)) if np.isfinite(number) else Fraction(1)


def disagreement(
    point: Point, got: Sequence[Piece], wanted: Sequence[Piece], values: Sequence[Piece]
) -> Callable[[str], Counterexample] | bool | None:
    """How both differ at a point: False where they agree, None where the operation itself has no finite value."""
    if not _finite(_at(values, point)):
        return None
    a, b = _at(got, point), _at(wanted, point)
    if a is None or b is None or not _finite(b):
        return None
    if not _finite(a):
        return _counterexample(point, a, b)
    size = max(abs(a), abs(b))
    if abs(a - b) <= TOLERANCE * size or size < SMALLEST:
        return False
    return _counterexample(point, a, b)


def _counterexample(point: Point, got: sp.Expr, wanted: sp.Expr) -> Callable[[str], Counterexample]:
    at = {str(letter): _written(value) for letter, value in point.items()}
    return lambda operand: Counterexample(operand, at, _written(got), _written(wanted))


def _written(value: sp.Expr) -> str:
    if value.is_Rational and value.q < 10**6:
        return str(value)
    return repr(float(value)) if value.is_finite and value.is_real else str(sp.N(value, 17))


def _at(pieces: Sequence[Piece], point: Point) -> sp.Expr | None:
    """The value of the pieces whose condition holds at a point; 0 where none does."""
    total: sp.Expr = sp.Integer(0)
    for condition, expression in pieces:
        holds = condition.xreplace(dict(point))
        if holds == sp.true:
            total += _number(expression.xreplace(dict(point)))
        elif holds != sp.false:
            return None
    return total


def _number(value: sp.Expr) -> sp.Expr:
    """A value in digits, nan outside of a function's domain."""
    try:
        return sp.N(value, DIGITS)
    except (ValueError, ZeroDivisionError, TypeError):
        return sp.nan


def _finite(value: sp.Expr | None) -> bool:
    return value is not None and bool(value.is_real) and bool(value.is_finite)
