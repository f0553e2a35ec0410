"""Where branches meet: comparisons and picks that rounding could turn, and steps that stand at a jump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symdiff.agreement.findings import NearestKink
from symdiff.arrays import Array
from symdiff.evaluation.decided import CONVENTIONS
from symdiff.evaluation.evaluate import Forward, slots_of
from symdiff.evaluation.fields.base import Mask, Values
from symdiff.evaluation.fields.bounded import Bounded, Interval
from symdiff.evaluation.fields.formulas import formula_value, where_holds
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Decided, Element, Implicit, Order, Pick, Relation, Term, slot

_STEPS = (sp.floor, sp.ceiling, sp.sign, sp.Abs)


@dataclass(frozen=True, slots=True)
class Tie:
    """An element of the program in which branches meet; ``exact`` where the values are equal, not only close."""

    element: int
    operation: str
    exact: bool


def ties_and_nearest(program: SymbolicProgram, run: Forward) -> tuple[tuple[Tie, ...], NearestKink | None]:
    """The ties in a run of bounded floats, of what the result depends on, and the nearest of what is no tie."""
    assert isinstance(run.field, Bounded)
    noticing = _Noticing(run.field.unit)
    moving = _moving(program)
    counted = program.needed() & moving
    found = []
    nearest: NearestKink | None = None
    for element in program.elements:
        if element.index in counted:
            noticing.near = noticing.exact = False
            noticing.gap = np.inf
            _look(element, run, noticing, moving)
            if noticing.near:
                found.append(Tie(element.index, element.operation or "", noticing.exact))
            if noticing.gap < (np.inf if nearest is None else nearest.distance):
                nearest = NearestKink(element.operation or "", noticing.gap)
    return tuple(found), nearest


def _moving(program: SymbolicProgram) -> frozenset[int]:
    """The elements that depend on what is differentiated by: constants that are equal stay so."""
    moving = {program.inputs[name] for name in program.wrt}
    for element in program.elements:
        if moving.intersection(element.operands):
            moving.add(element.index)
    return frozenset(moving)


class _Noticing(Bounded):
    """Bounded floats that notice when what they compare cannot be told apart."""

    near = False
    exact = False
    gap = np.inf

    def less(self, a: Values, b: Values) -> Mask:
        self.notice(a, b)
        return super().less(a, b)

    def equal(self, a: Values, b: Values) -> Mask:
        self.notice(a, b)
        return super().equal(a, b)

    def notice(self, a: Values, b: Values) -> None:
        with np.errstate(all="ignore"):
            self.near = self.near or bool(np.any(super().close(a, b)))
            self.exact = self.exact or bool(np.any((a.value == b.value) & (a.error + b.error == 0)))
            apart = np.abs(a.value - b.value)
            if np.size(apart):
                self.gap = min(
                    self.gap, float(np.fmin.reduce(np.asarray(apart, dtype=float), axis=None, initial=np.inf))
                )


def _look(element: Element, run: Forward, noticing: _Noticing, moving: frozenset[int]) -> None:
    operands = [run.values[k] for k in element.operands]
    if isinstance(element.meaning, Relation):
        for term in element.terms:
            steps, cuts = term.formula.atoms(*_STEPS), term.formula.atoms(sp.atan2)
            if term.condition is None and not steps and not cuts:
                continue
            asked = set().union(*(each.free_symbols for each in (*steps, *cuts, term.condition) if each is not None))
            if not any(slot(k) in asked and element.operands[r.operand] in moving for k, r in enumerate(term.reads)):
                continue
            slots = slots_of(run, term, operands)
            condition = None if term.condition is None else term.condition.xreplace(_same_reads(element, term))
            if condition is not None and condition not in (sp.true, sp.false):
                where_holds(noticing, condition, slots)
            for step in steps:
                at = formula_value(noticing, step.args[0], slots)
                border = np.zeros(()) if isinstance(step, sp.Abs | sp.sign) else np.round(at.value)
                noticing.notice(at, Interval(border, np.zeros(())))
            for cut in cuts:
                # the angle jumps where a point crosses the negative axis
                y, x = (formula_value(noticing, part, slots) for part in cut.args)
                noticing.notice(Interval(np.where(x.value < 0, y.value, np.nan), y.error), Interval(0.0, np.zeros(())))
    elif isinstance(element.meaning, Implicit) and element.meaning.kind == "eigh":
        # eigenvalues come in order: the first row of what is packed
        packed = run.values[element.index]
        _look_at_order(Interval(packed.value[..., 0, :], packed.error[..., 0, :]), Order(-1), noticing)
    elif isinstance(element.meaning, Decided):
        if element.meaning.kind in CONVENTIONS:
            return
        _look_at_decision(operands[0], dict(element.meaning.options).get("axis"), noticing)
    elif isinstance(element.meaning, Pick):
        _look_at_extreme(operands[0], element.meaning, noticing)
    elif isinstance(element.meaning, Order):
        _look_at_order(operands[0], element.meaning, noticing)


def _same_reads(element: Element, term: Term) -> dict[sp.Symbol, sp.Symbol]:
    """One name for what a term reads twice: of ``maximum(x, x)`` no branches meet."""
    first: dict[object, int] = {}
    return {
        slot(k): slot(first.setdefault((element.operands[read.operand], read.at), k))
        for k, read in enumerate(term.reads)
    }


def _look_at_extreme(operand: Values, meaning: Pick, noticing: _Noticing) -> None:
    kept = [k for k in range(np.ndim(operand.value)) if k not in meaning.axes]

    def lines(array: Array) -> Array:
        flat = array.transpose([*kept, *meaning.axes])
        return flat.reshape([array.shape[k] for k in kept] + [-1])

    values, errors = lines(operand.value), lines(operand.error)
    best = (np.argmax if meaning.kind == "max" else np.argmin)(values, axis=-1)[..., np.newaxis]
    top = Interval(np.take_along_axis(values, best, -1), np.take_along_axis(errors, best, -1))
    others = np.arange(values.shape[-1]) != best
    noticing.notice(Interval(np.where(others, values, np.nan), errors), top)


def _look_at_decision(operand: Values, axis: Any, noticing: _Noticing) -> None:
    """Positions change where two elements are equal, signs where one is 0."""
    if axis is None or not np.ndim(operand.value):
        operand, axis = Interval(operand.value.reshape(-1), operand.error.reshape(-1)), 0
    noticing.notice(operand, Interval(np.zeros(()), np.zeros(())))
    if isinstance(axis, int):
        _look_at_order(operand, Order(axis), noticing)


def _look_at_order(operand: Values, meaning: Order, noticing: _Noticing) -> None:
    order = np.argsort(operand.value, axis=meaning.axis, kind="stable")
    values, errors = (
        np.moveaxis(np.take_along_axis(array, order, meaning.axis), meaning.axis, -1)
        for array in (operand.value, operand.error)
    )
    noticing.notice(Interval(values[..., 1:], errors[..., 1:]), Interval(values[..., :-1], errors[..., :-1]))
