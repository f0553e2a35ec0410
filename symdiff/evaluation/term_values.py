"""A term's formula over its box: in blocks where nothing is summed, as one contraction where something is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.formulas import Kept, formula_value
from symdiff.evaluation.fields.views import View, stretched
from symdiff.evaluation.running import exclusive_product, running_values
from symdiff.evaluation.strides import box_shape, variables_of
from symdiff.meaning.terms import Index, Term

Slots = Mapping[sp.Symbol, Values]


def term_values(
    field: Field,
    term: Term,
    formula: sp.Expr,
    slots: Slots,
    keep: Sequence[Index] | None = None,
    mask: Mask | None = None,
    again: Kept | None = None,
) -> Values:
    """A formula over a term's box, summed over the variables that ``keep`` does not have (by default: the output).

    The axes of the result are the box variables of ``keep`` in order. ``again`` keeps what does not vary.
    """
    if term.run is not None and keep is None:
        return running_values(field, term, formula, slots)
    box = box_shape(term)
    kept = variables_of(term.out if keep is None else keep)
    summed = [v for v in range(len(box)) if v not in kept]
    if term.product and keep is None:
        values = field.map(formula_value(field, formula, slots), stretched(box))
        for v in reversed(summed):
            values = field.product(values, v)
        return values
    if not summed or mask is not None:
        values = formula_value(field, formula, slots, again)
        if mask is not None:
            values = field.select(mask, values)
        return field.sum(field.map(values, stretched(box)), tuple(summed))
    return _contract(field, formula, slots, box, kept, summed)


def product_partial(field: Field, term: Term, sent: sp.Expr, slots: Slots) -> Values:
    """``sent``, which is ``ybar * df/ds``, times the product of all the other factors, without a division."""
    box = box_shape(term)
    axes = [v for v in range(len(box)) if v not in term.kept]
    factors = field.map(formula_value(field, term.formula, slots), stretched(box))
    return field.multiply(exclusive_product(field, factors, axes), formula_value(field, sent, slots))


def _contract(
    field: Field, formula: sp.Expr, slots: Slots, box: tuple[int, ...], kept: list[int], summed: list[int]
) -> Values:
    """A sum of products as one einsum: factors that read the same axes are multiplied first."""
    groups: dict[tuple[int, ...], list[sp.Expr]] = {}
    for factor in sp.Mul.make_args(formula):
        found = {k for symbol in factor.free_symbols for k in _long_axes(field, slots[symbol], box)}
        groups.setdefault(tuple(sorted(found)), []).append(factor)
    operands, labels = [], []
    for axes, factors in sorted(groups.items(), key=lambda item: len(item[0])):
        values = formula_value(field, sp.Mul(*factors, evaluate=False) if len(factors) > 1 else factors[0], slots)
        lead = len(box) - len(field.shape(values))
        drop = tuple(k - lead for k in range(lead, len(box)) if k not in axes)
        operands.append(field.map(values, _squeezed(drop)))
        labels.append(list(axes))
    used = {k for axes in labels for k in axes}
    repeats = int(np.prod([box[k] for k in summed if k not in used], dtype=np.int64))
    values = field.einsum(labels, operands, [k for k in kept if k in used])
    if repeats != 1:
        values = field.multiply(values, field.number(sp.Integer(repeats)))
    # axes that nothing reads are stretched to their length
    shape = tuple(box[k] if k in used else 1 for k in kept)
    full = tuple(box[k] for k in kept)
    if field.shape(values) == full:
        return values
    return field.map(values, lambda a: np.broadcast_to(np.reshape(a, shape), full))


def _squeezed(axes: tuple[int, ...]) -> View:
    return lambda array: np.squeeze(array, axis=axes) if np.ndim(array) else array


def _long_axes(field: Field, values: Values, box: tuple[int, ...]) -> list[int]:
    shape = field.shape(values)
    lead = len(box) - len(shape)
    return [lead + k for k, length in enumerate(shape) if length != 1]
