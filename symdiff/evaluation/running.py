"""Running sums and products over arrays: forward in one pass, and back in one pass, without a division."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.fields.views import View, part

if TYPE_CHECKING:
    from symdiff.meaning.terms import Run, Term

Slots = Mapping[sp.Symbol, Values]


def running_values(field: Field, term: Term, formula: sp.Expr, slots: Slots) -> Values:
    """The running sums (or products) of a formula, one for each position of the output."""
    run = _run(term)
    values = _turned(field, _along(field, term, formula_value(field, formula, slots)), run)
    total = _products(field, values, run) if term.product else field.accumulate(values, run.outer)
    if run.strict:
        total = _moved_on(field, total, run.outer, 1.0 if term.product else 0.0)
    return _turned(field, total, run)


def running_adjoints(field: Field, term: Term, partial: sp.Expr, slots: Slots, adjoint: Values) -> Values:
    """What a running term sends back to each element that it reads, its axes those of the box's variables in order."""
    run = _run(term)
    own = _along(field, term, formula_value(field, partial, slots))
    sent = _turned(field, adjoint, run)
    if run.strict:
        sent = _moved_back(field, sent, run.outer)
    if term.product:
        factors = _turned(field, _along(field, term, formula_value(field, term.formula, slots)), run)
        before = _moved_on(field, _products(field, factors, run), run.outer, 1.0)
        total = field.multiply(before, _followed(field, sent, factors, run.outer))
    else:
        total = _reversed(field, field.accumulate(_reversed(field, sent, run.outer), run.outer), run.outer)
    values = field.multiply(own, _turned(field, total, run))
    return field.map(values, lambda a: np.moveaxis(a, run.outer, -1))


def reached(term: Term, alive: Mask | None) -> Mask:
    """Which of the elements that are read anything is sent to, by which of the results are ``alive``."""
    run = _run(term)
    shape = tuple(size.value for size in term.box[:-1])
    seen = np.ones(shape, dtype=bool) if alive is None else np.array(alive)
    towards = seen if run.onward else np.flip(seen, run.outer)
    found = np.logical_or.accumulate(towards, axis=run.outer)
    if run.strict:
        found = np.roll(found, 1, run.outer)
        found[(slice(None),) * run.outer + (0,)] = False
    found = found if run.onward else np.flip(found, run.outer)
    return np.moveaxis(found, run.outer, -1)


def recurrence(field: Field, b: Values, a: Values, axis: int) -> Values:
    """``s[k] = b[k] + a[k] * s[k - 1]`` along an axis, from 0."""
    back = _followed(field, _reversed(field, b, axis), _reversed(field, _moved_back(field, a, axis), axis), axis)
    return _reversed(field, back, axis)


def recurrence_pullback(
    field: Field, operands: Sequence[Values], result: Values, adjoint: Values, axis: int
) -> list[Values]:
    """From ``s[k] - a[k] s[k - 1] = b[k]``: the transpose of that system is a recurrence from the end."""
    sent = _followed(field, adjoint, operands[1], axis)
    return [sent, field.multiply(sent, _moved_on(field, result, axis, 0.0))]


def _run(term: Term) -> Run:
    assert term.run is not None
    return term.run


def _along(field: Field, term: Term, values: Values) -> Values:
    """Values over the box, which do not depend on the outer variable, with the inner one's axis in its place."""
    run = _run(term)
    box = tuple(1 if k == run.outer else size.value for k, size in enumerate(term.box))
    return field.map(values, lambda a: np.swapaxes(np.broadcast_to(a, box), run.outer, run.inner)[..., 0])


def _turned(field: Field, values: Values, run: Run) -> Values:
    return _reversed(field, values, run.outer) if run.onward else values


def _reversed(field: Field, values: Values, axis: int) -> Values:
    return field.map(values, lambda a: np.flip(a, axis))


def _products(field: Field, values: Values, run: Run) -> Values:
    return field.accumulate_product(values, run.outer)


def exclusive_product(field: Field, values: Values, axes: Sequence[int]) -> Values:
    """For each element the product over ``axes`` of all the others: of those before it and of those after it."""
    shape = field.shape(values)
    kept = [k for k in range(len(shape)) if k not in axes]
    order = [*kept, *axes]
    flat = field.map(values, lambda a: a.transpose(order).reshape([*(shape[k] for k in kept), -1]))
    last = len(kept)
    before = _moved_on(field, field.accumulate_product(flat, last), last, 1.0)
    after = _moved_on(field, field.accumulate_product(_reversed(field, flat, last), last), last, 1.0)
    others = field.multiply(before, _reversed(field, after, last))
    back = np.argsort(order)
    return field.map(others, lambda a: a.reshape([shape[k] for k in order]).transpose(back))


def _moved_on(field: Field, values: Values, axis: int, first: float) -> Values:
    """``values`` one place further along an axis, ``first`` at its beginning."""
    shape = field.shape(values)
    if shape[axis] == 0:
        return values
    edge = tuple(1 if k == axis else n for k, n in enumerate(shape))
    return field.joined([field.load(np.full(edge, first)), field.map(values, _part(axis, slice(None, -1)))], axis)


def _moved_back(field: Field, values: Values, axis: int) -> Values:
    shape = field.shape(values)
    if shape[axis] == 0:
        return values
    edge = tuple(1 if k == axis else n for k, n in enumerate(shape))
    return field.joined([field.map(values, _part(axis, slice(1, None))), field.zeros(edge)], axis)


def _part(axis: int, index: slice) -> View:
    return part(*(slice(None),) * axis, index)


def _followed(field: Field, sent: Values, factors: Values, axis: int) -> Values:
    """``s[k] = sent[k] + factors[k + 1] * s[k + 1]``: what comes back to a product of the first k factors."""
    n = field.shape(sent)[axis]
    if n == 0:
        return sent
    found = [field.map(sent, _part(axis, slice(n - 1, n)))]
    for k in range(n - 2, -1, -1):
        later = field.multiply(field.map(factors, _part(axis, slice(k + 1, k + 2))), found[-1])
        found.append(field.add(field.map(sent, _part(axis, slice(k, k + 1))), later))
    return field.joined(found[::-1], axis)
