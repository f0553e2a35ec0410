"""Elementwise rules: proved on numbers, for every value, and so for arrays of every shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from autodiff.declare.op import TABLE, Op, Sample
from symdiff.meaning.formula import NotAFormula
from symdiff.proof.domains import comparisons
from symdiff.proof.numbers import disagreement, points_near
from symdiff.proof.outcome import Finding, Status
from symdiff.proof.pieces import NotScalar, Piece, Pieces
from symdiff.proof.regions import Undecided, bordered, compared
from symdiff.proof.rounded import numbers_in
from symdiff.proof.trial import Cotangent, Trial, trial_of


def findings(op: Op) -> tuple[list[Finding], dict[float, str]]:
    """The outcome for every operand with every set of static parameters among the samples, and the numbers read."""
    found: list[Finding] = []
    numbers: dict[float, str] = {}
    for sample in _by_params(op):
        trial = _trial(op, sample)
        numbers |= {value: str(number) for value, number in trial.recorder.read_as.items()}
        structure = ", ".join(f"{name}={value!r}" for name, value in sample.params.items())
        uneven = _uneven(op, sample, trial)
        for cotangent in trial.cotangents:
            finding = _finding(op, sample, trial, cotangent, structure)
            if uneven and finding.status is Status.PROVED:
                finding = replace(finding, status=Status.POINTS, reason=uneven)
            found.append(finding)
    return found, numbers


def _uneven(op: Op, sample: Sample, trial: Trial) -> str:
    """Why what was proved on numbers may not hold for arrays: the rule does something else there; "" where it does not.

    A rule that takes the same elementwise steps for arrays as for numbers takes them at every element by itself.
    """
    scalar = _steps(trial_of(op, sample, trial.recorder.known, fit=False))
    for name, _, _ in scalar:
        used = TABLE.get(str(name))
        if isinstance(used, Op) and not used.elementwise:
            return f"the rule uses {used.name}, which is not elementwise"
    for other in op.samples:
        if repr(sorted(other.params.items())) != repr(sorted(sample.params.items())):
            continue
        floating = tuple(np.asarray(x) if np.asarray(x).dtype == bool else np.asarray(x, float) for x in other.operands)
        if _steps(trial_of(op, Sample(floating, other.params), trial.recorder.known, fit=False)) != scalar:
            shapes = ", ".join(str(np.shape(x)) for x in floating)
            return f"the rule takes other steps for shapes {shapes} than for numbers"
    return ""


def _steps(trial: Trial) -> list[tuple[object, ...]]:
    """What the rules compute, element by element: the operations in order, with the formulas of their elements."""
    found: list[tuple[object, ...]] = []
    for element in trial.program.elements[trial.program.result + 1 :]:
        formulas = [(str(term.formula), str(term.condition)) for term in element.terms]
        found.append((element.operation, element.operands, formulas))
    return found


def is_uneven(op: Op) -> bool:
    """Whether a rule is not one that does the same at every element by itself."""
    return any(_uneven(op, sample, _trial(op, sample)) for sample in _by_params(op))


def _by_params(op: Op) -> Iterator[Sample]:
    """One sample on numbers for each set of static parameters."""
    seen: set[str] = set()
    for sample in op.samples:
        key = repr(sorted(sample.params.items()))
        if key not in seen:
            seen.add(key)
            yield Sample(tuple(map(_one, sample.operands)), sample.params)


def _one(operand: Any) -> Any:
    array = np.asarray(operand)
    return array.reshape(-1)[0] if array.dtype == bool else np.float64(array.reshape(-1)[0])


def _trial(op: Op, sample: Sample) -> Trial:
    """The trial, its numbers read beside those that the meaning and its derivative hold."""
    trial = trial_of(op, sample)
    try:
        pieces = Pieces(trial)
        formulas = [e for _, e in pieces.value()]
        formulas += [e for c in trial.cotangents for _, e in pieces.derived(c.operand)]
    except (NotScalar, NotAFormula):
        return trial
    known = numbers_in(formulas)
    return trial_of(op, sample, known) if known else trial


def _finding(op: Op, sample: Sample, trial: Trial, cotangent: Cotangent, structure: str) -> Finding:
    name = cotangent.name
    if cotangent.index is None:
        return Finding(name, structure, Status.POINTS, f"the rule of {name}: {cotangent.reason}")
    pieces = Pieces(trial)
    opaque = trial.unsupported or trial.opaque_in(cotangent.index)
    if opaque:
        return Finding(name, structure, Status.POINTS, f"{opaque} has no meaning")
    try:
        got, wanted = pieces.said(cotangent), pieces.derived(cotangent.operand)
    except NotScalar as error:
        return Finding(name, structure, Status.POINTS, str(error))
    return _compared(op, trial, cotangent, got, wanted, structure)


def _compared(
    op: Op, trial: Trial, cotangent: Cotangent, got: tuple[Piece, ...], wanted: tuple[Piece, ...], structure: str
) -> Finding:
    name = cotangent.name
    domain = comparisons(op.domain)
    values = Pieces(trial).value()
    try:
        comparison = compared(got, wanted, domain, _masks(trial))
    except Undecided as error:
        reason = str(error)
    else:
        if not comparison.open:
            return Finding(name, structure, Status.PROVED, off=tuple(bordered(b, 0) for b in comparison.borders))
        where = " and ".join(comparison.open[0].conditions)
        reason = f"not shown equal where {where}" if where else "the formulas could not be shown equal"
    checked = 0
    for point in points_near(_letters(trial), op.samples, op.binding, domain):
        outcome = disagreement(point, got, wanted, values)
        if outcome is None:
            continue
        checked += 1
        if callable(outcome):
            return Finding(name, structure, Status.REFUTED, counterexample=outcome(name))
    return Finding(name, structure, Status.POINTS, f"{reason} ({checked} points, 60 digits)")


def _masks(trial: Trial) -> tuple[sp.Symbol, ...]:
    """The letters of operands that are truth values."""
    leaves = [e for e in trial.program.elements if e.meaning is None and e.name is not None]
    pieces = Pieces(trial)
    return tuple(pieces.letter(e.index) for e in leaves if e.value is not None and e.value.dtype == bool)


def _letters(trial: Trial) -> Mapping[str, sp.Symbol]:
    pieces = Pieces(trial)
    elements = trial.program.elements
    leaves = [e for e in elements if e.meaning is None and e.name is not None]
    return {str(e.name): pieces.letter(e.index) for e in leaves}
