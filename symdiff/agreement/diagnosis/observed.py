"""A gradient that was got, beside the one that is wanted, at one point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from symdiff.agreement.evidence import Evidence, rounding_unit
from symdiff.arrays import Array
from symdiff.at_point import Point
from symdiff.calculus.chain_rule import Contribution, Derivation
from symdiff.closed_forms.closed_form import ClosedForms, closed_forms
from symdiff.evaluation.evaluate import Forward, forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.truth import gradients
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element

__all__ = ["Observed", "step_name"]

SLACK = 2.0**14
"""So many rounding units of the largest term a formula may be off that is the same but for its rounding."""

LONGEST_NAME = 40


@dataclass(frozen=True)
class Observed:
    """One point: the evidence there, and what was got of whatever shape (``misshapen``)."""

    evidence: Evidence
    misshapen: Mapping[str, Array]

    @property
    def program(self) -> SymbolicProgram:
        """What was derived."""
        return self.evidence.program

    @property
    def derivation(self) -> Derivation:
        """How."""
        assert self.evidence.derivation is not None
        return self.evidence.derivation

    def got(self, name: str) -> Array:
        """What was got by an input."""
        return np.asarray(self.evidence.gradients[name], dtype=np.float64)

    def want(self, name: str) -> Array:
        """What is wanted: at a kink, or where a limit was taken, as the report has it."""
        return np.asarray(self.evidence.report.inputs[name].symbolic, dtype=np.float64)

    def scale(self, name: str) -> Array:
        """The largest terms that are summed for what is wanted."""
        assert self.evidence.numbers is not None
        return np.nan_to_num(self.evidence.numbers.scales[name])

    @cached_property
    def unit(self) -> float:
        """The rounding unit."""
        return rounding_unit(self.evidence.traced, self.evidence.gradients)

    def same(self, name: str, predicted: Array, got: Array | None = None) -> bool:
        """Whether what was got is what a hypothesis predicts, where it does (not nan), as far as rounding goes."""
        got = self.misshapen.get(name, self.got(name)) if got is None else got
        if predicted.shape != got.shape or np.isnan(predicted).all():
            return False
        largest = max(float(np.max(self.scale(name), initial=0.0)), float(np.max(np.abs(self.want(name)), initial=0.0)))
        asked = ~np.isnan(predicted)
        allowed = SLACK * self.unit * np.fmax(np.abs(predicted), largest * 2.0**-6)
        with np.errstate(invalid="ignore"):
            return bool(np.all((np.abs(predicted - got) <= allowed)[asked]))

    # --- the chain rule, otherwise ------------------------------------------------------------------------------------

    @cached_property
    def run(self) -> Forward:
        """The values, in extended precision, in the branches that the program takes."""
        assert self.evidence.numbers is not None
        with np.errstate(all="ignore"):
            return forward(self.program, Floats(np.longdouble), choices=self.evidence.numbers.bounded)

    def by_rule(self, contributions: Mapping[int, tuple[Contribution, ...]] | None = None) -> dict[str, Array]:
        """The gradients, with other contributions in the chain rule's sums where some are given."""
        derivation = self.derivation
        if contributions is not None:
            derivation = Derivation(derivation.program, derivation.order, {**derivation.contributions, **contributions})
        return self._gradients(derivation, self.run)

    def with_value(self, element: int, other: int) -> dict[str, Array]:
        """The gradients where the way back reads another value in the place of an element's; its own, transposed."""
        run = self.run
        values = list(run.values)
        values[element] = run.values[other]
        if element == other:
            values[element] = run.field.map(run.values[other], lambda array: array.T)
        swapped = Forward(run.field, values, run.sizes, run.conditions, run.sources, run.decided)
        return self._gradients(self.derivation, swapped)

    def with_mask(self, element: int, inverted: bool) -> dict[str, Array]:
        """The gradients where the way back through an element heeds its conditions the other way round, or not."""
        run = self.run
        conditions = {
            (index, number): ~mask if inverted else np.ones_like(mask)
            for (index, number), mask in run.conditions.items()
            if index == element
        }
        otherwise = replace(run, conditions={**run.conditions, **conditions})
        return self._gradients(self.derivation, otherwise)

    def _gradients(self, derivation: Derivation, run: Forward) -> dict[str, Array]:
        with np.errstate(all="ignore"):
            found = gradients(derivation, run)
            return {name: np.asarray(run.field.to_float(each), dtype=np.float64) for name, each in found.items()}

    @cached_property
    def base(self) -> dict[str, Array]:
        """The gradients by the chain rule as it is."""
        return self.by_rule()

    @cached_property
    def forms(self) -> ClosedForms:
        """The closed forms, whose letters are those of the page."""
        return closed_forms(self.derivation)

    @cached_property
    def point(self) -> Point:
        """The values of formulas here."""
        return Point(self.forms)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The lengths of axes by their letters."""
        return {str(letter): int(value) for letter, value in self.forms.sizes.items() if value > 1}


SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}


def step_name(program: SymbolicProgram, index: int, depth: int = 3) -> str:
    """An element as its author would write it: its name, or its operation with its operands."""
    element = program.elements[index]
    given = next((name for name, place in program.inputs.items() if place == index), element.name)
    if given:
        return given
    if element.operation is None:
        return "" if element.value is None else _number(element.value)
    written = _written(program, element, depth)
    return written if len(written) <= LONGEST_NAME else f"{element.operation}(...)"


def _written(program: SymbolicProgram, element: Element, depth: int) -> str:
    if not depth:
        return f"{element.operation}(...)"
    inner = [step_name(program, each, depth - 1) for each in element.operands]
    sign = SIGNS.get(element.operation or "")
    if sign is not None and len(inner) == 2:
        pairs = zip(element.operands, inner, strict=True)
        return f" {sign} ".join(_bracketed(program, each, text) for each, text in pairs)
    return f"{element.operation}({', '.join(dict.fromkeys(inner))})"


def _bracketed(program: SymbolicProgram, index: int, written: str) -> str:
    plain = program.elements[index].operation not in SIGNS or " " not in written
    return written if plain else f"({written})"


def _number(value: Any) -> str:
    array = np.asarray(value)
    return f"{float(array):g}" if not array.ndim else "array"
