"""One structure element by element: every operand's elements are letters, and the lengths are those of the sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from symdiff.evaluation.evaluate import Forward, backward, forward
from symdiff.evaluation.fields.base import Values
from symdiff.evaluation.fields.expressions import Expressions
from symdiff.evaluation.fields.floats import Floats
from symdiff.meaning.terms import Decided, Element, Implicit, slot
from symdiff.proof.trial import Cotangent, Trial
from symdiff.proof.vanishing import vanishes

MOST_ELEMENTS = 130
LONGEST = 12_000
MOST_ROWS = 3
ITERATED = frozenset({"eigh"})
"""Equations whose solution is no formula of finitely many steps."""


class TooLarge(ValueError):
    """The formulas of the elements are too long to compare."""


def _asks(element: Element, moved: set[int]) -> bool:
    """Whether a condition in an element's formula depends on elements that may move."""
    conditions = [(term, term.condition) for term in element.terms if term.condition is not None]
    return any(
        slot(number) in condition.free_symbols and element.operands[read.operand] in moved
        for term, condition in conditions
        for number, read in enumerate(term.reads)
    )


def _check(element: Element) -> None:
    """Refuse equations whose solution in letters does not end, or is too long."""
    meaning = element.meaning
    if not isinstance(meaning, Implicit):
        return
    if meaning.kind in ITERATED:
        raise TooLarge(f"{element.operation} is found by iteration, which letters do not end")
    rows = min(element.shape[-2:], default=0)
    if meaning.kind != "recurrence" and rows > MOST_ROWS:
        raise TooLarge(f"{element.operation} of {rows} rows is too long in letters")


class Letters(Expressions):
    """Formulas in letters, every one of which counts as a finite number."""

    def to_float(self, values: Values) -> np.ndarray:
        return np.asarray(np.frompyfunc(_as_float, 1, 1)(values), dtype=np.float64)


def _as_float(value: Any) -> float:
    return 1.0 if isinstance(value, sp.Basic) and value.free_symbols else float(value)


class Expansion:
    """The elements of the rule's and of the derived cotangents, in letters.

    Comparisons and picks come out as they do in the sample.
    """

    def __init__(self, trial: Trial) -> None:
        elements = trial.program.elements
        leaves = [e for e in elements if e.meaning is None and e.name is not None]
        if sum(int(np.prod(e.shape)) for e in leaves) > MOST_ELEMENTS:
            raise TooLarge("there are too many elements to write each out")
        for element in elements:
            _check(element)
        self.trial = trial
        letters = {e.index: _letters(str(e.name), e.value) for e in leaves}
        with np.errstate(all="ignore"):
            numbers = forward(trial.program, Floats(), {trial.g: np.ones(elements[trial.g].shape)})
        self.run: Forward = forward(trial.program, Letters(), letters, numbers)
        self.adjoints: Mapping[int, Values] = backward(trial.derivation, self.run, careful=False)

    @property
    def chooses(self) -> bool:
        """Whether something in it was decided by the operands' values, as they are in the sample."""
        elements = self.trial.program.elements
        moved = {e.index for e in elements if e.meaning is None and e.name is not None and e.index != self.trial.g}
        for element in elements:
            if moved.intersection(element.operands):
                moved.add(element.index)
                if element.by_values or isinstance(element.meaning, Decided) or _asks(element, moved):
                    return True
        return False

    def agrees(self, cotangent: Cotangent) -> bool:
        """Whether both are the same at every element.

        Raises:
            TooLarge: the elements' formulas are too long.
        """
        assert cotangent.index is not None
        got = np.asarray(self.run.values[cotangent.index], dtype=object)
        shape = self.trial.program.elements[cotangent.operand].shape
        wanted = self.adjoints.get(cotangent.operand, np.full(shape, sp.Integer(0), dtype=object))
        left = LONGEST
        for a, b in zip(np.ravel(got), np.ravel(np.asarray(wanted, dtype=object)), strict=True):
            difference = sp.Integer(0) + a - b
            if difference == 0:
                continue
            left -= int(sp.count_ops(difference))
            if left < 0:
                raise TooLarge("the elements' formulas are too long")
            if not vanishes(difference):
                return False
        return True


def _letters(name: str, value: Any) -> np.ndarray:
    """One letter for each element of an operand; truth values and whole numbers stay what they are."""
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return np.asarray(np.frompyfunc(lambda v: sp.Integer(int(v)), 1, 1)(array), dtype=object)
    made = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        made[place] = sp.Symbol("_".join([name, *map(str, place)]), real=True)
    return made
