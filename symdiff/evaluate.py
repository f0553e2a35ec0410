"""From a Derivation to numbers, over whole arrays, in any field.

Forward values and adjoints are evaluated term by term: every read is a strided view, factors are grouped by their
indices, sums are contractions, and results are added through a view of the output. No delta is ever a matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from numpy.lib.stride_tricks import as_strided

from symdiff.calculus import Contribution, Derivation
from symdiff.decided import decided
from symdiff.fields.base import Field, Mask, Values
from symdiff.fields.floats import Floats
from symdiff.fields.views import View, part
from symdiff.implicit import implicit_forward, implicit_pullback
from symdiff.meaning import SymbolicProgram
from symdiff.picks import pick_forward, pick_pullback
from symdiff.running import reached as reached_by_run
from symdiff.running import running_adjoints, running_values
from symdiff.terms import (
    Affine,
    Decided,
    Element,
    Gather,
    Implicit,
    Index,
    Lookup,
    Opaque,
    Order,
    Pick,
    Relation,
    Reshape,
    Term,
    slot,
    variable,
)


@dataclass(slots=True)
class Forward:
    """The values of every element in one field, and the choices that were made on the way.

    ``conditions`` holds, by (element, term), where a term applies; ``picks`` by element what a pick chose.
    """

    field: Field
    values: list[Values]
    sizes: Mapping[sp.Symbol, Values]
    conditions: dict[tuple[int, int], Mask] = made_by(default_factory=dict)
    picks: dict[int, Any] = made_by(default_factory=dict)


class Unsupported(ValueError):
    """A value was asked of an operation without a meaning."""


def forward(
    program: SymbolicProgram,
    field: Field,
    inputs: Mapping[int, Values] | None = None,
    choices: Forward | None = None,
) -> Forward:
    """Evaluate every element of a program.

    ``inputs`` replaces the values of leaves by index; ``choices`` replays the conditions and picks of another
    evaluation instead of deciding them in this field.
    """
    inputs = inputs or {}
    run = Forward(
        field, [], {symbol: field.number(sp.Integer(value)) for symbol, value in _size_values(program).items()}
    )
    if choices is not None:
        run.conditions, run.picks = choices.conditions, choices.picks
    for element in program.elements:
        if element.index in inputs:
            run.values.append(inputs[element.index])
        elif element.meaning is None:
            assert element.value is not None
            run.values.append(field.load(np.asarray(element.value, dtype=np.float64)))
        else:
            operands = [run.values[k] for k in element.operands]
            run.values.append(_FORWARD[type(element.meaning)](run, element, operands))
    return run


def backward(
    derivation: Derivation, run: Forward, seed: Values | None = None, careful: bool = True
) -> dict[int, Values]:
    """The adjoint of every element in ``derivation.order``; ``seed`` is the result's (ones of its shape for None).

    ``careful`` keeps what a condition or a pick discards out of the sums altogether, so that it cannot bring in a nan.
    """
    field, program = run.field, derivation.program
    result = program.elements[program.result]
    adjoints: dict[int, Values] = {program.result: field.load(np.ones(result.shape)) if seed is None else seed}
    live: dict[int, Mask | None] = {program.result: None}
    for index in derivation.order:
        if index != program.result:
            _gather(derivation, run, index, adjoints, live if careful else None)
    return adjoints


# --- forward, one function a kind of meaning --------------------------------------------------------------------------


def _relation_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Relation)
    field, terms = run.field, element.meaning.terms
    total: Values | None = None
    for number, term in enumerate(terms):
        slots = slots_of(run, term, operands)
        values = term_values(field, term, term.formula, slots)
        if term.condition is not None:
            key = (element.index, number)
            if key not in run.conditions:
                run.conditions[key] = np.broadcast_to(field.condition(term.condition, slots), _box_shape(term))
            values = field.select(run.conditions[key], values)
        whole = len(terms) == 1 and _is_identity(term, element)
        if whole or (total is None and _is_identity(term, element) and term.condition is not None):
            total = field.map(values, _stretched_copy(element.shape))
            continue
        if total is None:
            total = field.zeros(element.shape)
        add_through(field, total, term, term.out, values)
    assert total is not None
    return total


def _reshape_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    return run.field.map(operands[0], lambda a: np.reshape(a, element.shape))


def _gather_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Gather)
    positions = element.meaning.positions
    return run.field.map(operands[0], lambda a: np.reshape(a, -1)[positions])


def _pick_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    if element.index not in run.picks:
        run.picks[element.index] = pick_forward(run.field, element.meaning, operands[0])
    return run.picks[element.index].of(run.field, operands[0])


def _implicit_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Implicit)
    return implicit_forward(run.field, element.meaning, operands)


def _decided_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Decided)
    if element.index not in run.picks:
        run.picks[element.index] = run.field.to_float(decided(run.field, element.meaning, operands))
    return run.field.load(run.picks[element.index])


def _opaque_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    raise Unsupported(element.operation)


_FORWARD: dict[type, Callable[[Forward, Element, Sequence[Values]], Values]] = {
    Relation: _relation_forward,
    Reshape: _reshape_forward,
    Gather: _gather_forward,
    Pick: _pick_forward,
    Order: _pick_forward,
    Implicit: _implicit_forward,
    Decided: _decided_forward,
    Opaque: _opaque_forward,
}


# --- backward ---------------------------------------------------------------------------------------------------------


def _gather(
    derivation: Derivation,
    run: Forward,
    index: int,
    adjoints: dict[int, Values],
    live: dict[int, Mask | None] | None,
) -> None:
    """Add up an element's contributions; ``live`` tracks which adjoints anything was sent to."""
    field = run.field
    element = derivation.program.elements[index]
    total = field.zeros(element.shape)
    reached: Mask | None = None if live is None else np.zeros(element.shape, dtype=bool)
    for contribution in derivation.contributions[index]:
        consumer = derivation.program.elements[contribution.consumer]
        alive = live[consumer.index] if live is not None else None
        if contribution.term is None:
            sent = _send_back(run, consumer, contribution, adjoints[consumer.index])
            field.add_into(total, lambda a: a, sent)
            if live is not None:
                _mark(reached, _pull_mask(run, consumer, contribution, alive))
        else:
            _add_contribution(run, consumer, contribution, adjoints[consumer.index], total, alive, reached)
    adjoints[index] = total
    if live is not None:
        live[index] = None if reached is None or reached.all() else reached


def _add_contribution(
    run: Forward,
    consumer: Element,
    contribution: Contribution,
    adjoint: Values,
    total: Values,
    alive: Mask | None,
    reached: Mask | None,
) -> None:
    field, term = run.field, contribution.term
    assert term is not None
    assert contribution.slot is not None
    assert contribution.partial is not None
    operands = [run.values[k] for k in consumer.operands]
    slots = slots_of(run, term, operands)
    bar = sp.Symbol("ybar", real=True)
    slots[bar] = read_view(field, adjoint, term.out, term)
    at = term.reads[contribution.slot].at
    if term.run is not None:
        values = running_adjoints(field, term, contribution.partial, slots, adjoint)
        found = reached_by_run(term, alive)
        add_through(field, total, term, at, values if found.all() else field.select(found, values))
        if reached is not None:
            _mark_at(reached, term, at, found)
        return
    mask = _contribution_mask(run, consumer, contribution, alive)
    if term.product:
        values = _product_partial(field, term, contribution, slots, bar)
    else:
        values = term_values(field, term, bar * contribution.partial, slots, keep=at, mask=mask)
    add_through(field, total, term, at, values)
    if reached is not None:
        here = np.ones(_box_shape(term), dtype=bool) if mask is None else np.broadcast_to(mask, _box_shape(term))
        _mark_through(reached, term, at, here)


def _contribution_mask(run: Forward, consumer: Element, contribution: Contribution, alive: Mask | None) -> Mask | None:
    term = contribution.term
    assert term is not None
    assert isinstance(consumer.meaning, Relation)
    mask: Mask | None = None
    if term.condition is not None:
        number = next(k for k, other in enumerate(consumer.meaning.terms) if other is term)
        mask = run.conditions[consumer.index, number]
    if alive is not None:
        seen = _strided(alive, term.out, term)
        mask = seen if mask is None else mask & seen
    return mask


def _send_back(run: Forward, consumer: Element, contribution: Contribution, adjoint: Values) -> Values:
    field, meaning = run.field, consumer.meaning
    operand = run.values[consumer.operands[contribution.operand]]
    shape = field.shape(operand)
    if isinstance(meaning, Reshape):
        return field.map(adjoint, lambda a: np.reshape(a, shape))
    if isinstance(meaning, Gather):
        total = field.zeros(shape)
        field.add_at(total, meaning.positions.reshape(-1), field.map(adjoint, lambda a: np.reshape(a, -1)))
        return total
    if isinstance(meaning, Pick | Order):
        return pick_pullback(field, run.picks[consumer.index], adjoint, shape)
    if isinstance(meaning, Implicit):
        operands = [run.values[k] for k in consumer.operands]
        return implicit_pullback(field, meaning, operands, run.values[consumer.index], adjoint, contribution.operand)
    raise Unsupported(consumer.operation)


def _product_partial(
    field: Field, term: Term, contribution: Contribution, slots: Mapping[sp.Symbol, Values], bar: sp.Symbol
) -> Values:
    """``ybar * df/ds`` times the product of all the other factors, without a division."""
    box = _box_shape(term)
    axes = [v for v in range(len(box)) if v not in term.kept]
    factors = field.map(field.formula(term.formula, slots), lambda a: np.broadcast_to(a, box))
    others = exclusive_product(field, factors, axes)
    own = field.formula(bar * contribution.partial, slots)
    return field.multiply(others, own)


def exclusive_product(field: Field, values: Values, axes: Sequence[int]) -> Values:
    """For each element the product over ``axes`` of all the others."""
    shape = field.shape(values)
    kept = [k for k in range(len(shape)) if k not in axes]
    order = [*kept, *axes]
    flat = field.map(values, lambda a: a.transpose(order).reshape([shape[k] for k in kept] + [-1]))
    count = field.shape(flat)[-1]
    before, after = field.load(np.ones(field.shape(flat))), field.load(np.ones(field.shape(flat)))
    for k in range(1, count):
        _set(field, before, k, field.multiply(_at(field, before, k - 1), _at(field, flat, k - 1)))
        _set(field, after, count - 1 - k, field.multiply(_at(field, after, count - k), _at(field, flat, count - k)))
    back = np.argsort(order)
    return field.map(field.multiply(before, after), lambda a: a.reshape([shape[k] for k in order]).transpose(back))


def _at(field: Field, values: Values, k: int) -> Values:
    return field.map(values, lambda a: a[..., k])


def _set(field: Field, target: Values, k: int, values: Values) -> None:
    field.add_into(target, lambda a: a[..., k], field.add(values, field.load(-np.ones(()))))


# --- terms over arrays ------------------------------------------------------------------------------------------------


def term_values(
    field: Field,
    term: Term,
    formula: sp.Expr,
    slots: Mapping[sp.Symbol, Values],
    keep: Sequence[Index] | None = None,
    mask: Mask | None = None,
) -> Values:
    """A formula over a term's box, summed over the variables that ``keep`` (the output's positions by default) does not
    have.

    The axes of the result are the box variables of ``keep`` in order.
    """
    if term.run is not None and keep is None:
        return running_values(field, term, formula, slots)
    box = _box_shape(term)
    kept = _variables(term.out if keep is None else keep)
    summed = [v for v in range(len(box)) if v not in kept]
    if term.product and keep is None:
        values = field.map(field.formula(formula, slots), lambda a: np.broadcast_to(a, box))
        for v in reversed(summed):
            values = field.product(values, v)
        return values
    if not summed or mask is not None:
        values = field.formula(formula, slots)
        if mask is not None:
            values = field.select(mask, values)
        values = field.map(values, lambda a: np.broadcast_to(a, box))
        return field.sum(values, tuple(summed))
    return _contract(field, formula, slots, box, kept, summed)


def _contract(
    field: Field,
    formula: sp.Expr,
    slots: Mapping[sp.Symbol, Values],
    box: tuple[int, ...],
    kept: list[int],
    summed: list[int],
) -> Values:
    """A sum of products as one einsum: factors that read the same axes are multiplied first."""
    groups: dict[tuple[int, ...], list[sp.Expr]] = {}
    for factor in sp.Mul.make_args(formula):
        found = {k for symbol in factor.free_symbols for k in _long_axes(field, slots[symbol], box)}
        groups.setdefault(tuple(sorted(found)), []).append(factor)
    operands, labels = [], []
    for axes, factors in sorted(groups.items(), key=lambda item: len(item[0])):
        values = field.formula(sp.Mul(*factors, evaluate=False) if len(factors) > 1 else factors[0], slots)
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
    return field.map(values, lambda a: np.broadcast_to(np.reshape(a, shape), full))


def _stretched_copy(shape: tuple[int, ...]) -> View:
    return lambda array: np.array(np.broadcast_to(array, shape))


def _squeezed(axes: tuple[int, ...]) -> View:
    return lambda array: np.squeeze(array, axis=axes) if np.ndim(array) else array


def _long_axes(field: Field, values: Values, box: tuple[int, ...]) -> list[int]:
    shape = field.shape(values)
    lead = len(box) - len(shape)
    return [lead + k for k, length in enumerate(shape) if length != 1]


def slots_of(run: Forward, term: Term, operands: Sequence[Values]) -> dict[sp.Symbol, Values]:
    """What every symbol of a term's formula stands for: sizes, and operands as they are read."""
    field = run.field
    read = {slot(k): read_view(field, operands[r.operand], r.at, term) for k, r in enumerate(term.reads)}
    return dict(run.sizes) | read


def read_view(field: Field, values: Values, at: Sequence[Index], term: Term) -> Values:
    """An operand as it is read over the box of a term: axes that it does not depend on have length 1."""
    return field.map(values, lambda a: _strided(a, at, term))


def _strided(array: np.ndarray, at: Sequence[Index], term: Term) -> np.ndarray:
    box = _box_shape(term)
    if all(isinstance(index, Affine) for index in at):
        offset, strides = _layout(array, at, len(box))
        used = set(_variables(at))
        shape = tuple(n if v in used else 1 for v, n in enumerate(box))
        if 0 in shape or array.size == 0:
            return np.empty(shape, dtype=array.dtype)
        base = array[tuple(slice(o, None) for o in offset)] if offset else array
        return as_strided(base, shape, [strides[v] if v in used else 0 for v in range(len(box))], writeable=False)
    taken: np.ndarray = array[tuple(positions_of(index, box) for index in at)]
    return taken


def _layout(array: np.ndarray, at: Sequence[Index], ndim: int) -> tuple[list[int], list[int]]:
    strides = [0] * ndim
    offset = []
    for index, stride in zip(at, array.strides, strict=True):
        assert isinstance(index, Affine)
        offset.append(index.const.value)
        for v, coefficient in index.terms:
            strides[v] += coefficient * stride
    return offset, strides


def positions_of(index: Index, box: tuple[int, ...]) -> np.ndarray:
    """An index map as an array of positions that broadcasts over the box."""
    if isinstance(index, Lookup):
        shape = [1] * len(box)
        for v in index.variables:
            shape[v] = box[v]
        return index.table.reshape(shape)
    total = np.full([1] * len(box), index.const.value)
    for v, coefficient in index.terms:
        total = total + coefficient * np.arange(box[v]).reshape([-1 if k == v else 1 for k in range(len(box))])
    return total


def add_through(field: Field, target: Values, term: Term, at: Sequence[Index], values: Values) -> None:
    """Add ``values``, whose axes are the box variables in ``at``, at those positions of ``target``."""
    box = _box_shape(term)
    kept = _variables(at)
    if any(box[v] == 0 for v in kept):
        return
    if not all(isinstance(index, Affine) for index in at):
        flat = _flat_positions(field.shape(target), at, box, kept)
        field.add_at(
            target,
            flat.reshape(-1),
            field.map(values, lambda a: np.broadcast_to(a, [box[v] for v in kept]).reshape(-1)),
        )
        return
    shared = [index.variables for index in at if len(index.variables) > 1]
    loops = sorted({min(group, key=lambda v: box[v]) for group in shared for _ in [0]} | _more_than_two(shared, box))
    rest = [v for v in kept if v not in loops]
    for position in np.ndindex(*(box[v] for v in loops)):
        fixed = dict(zip(loops, position, strict=True))
        piece = field.map(values, part(*(fixed.get(v, slice(None)) for v in kept), ...))
        field.add_into(target, partial(_write_view, at=at, box=box, rest=rest, fixed=fixed), piece)


def _more_than_two(shared: Sequence[tuple[int, ...]], box: tuple[int, ...]) -> set[int]:
    """Of windows over several variables all but the longest are looped over, so that no view overlaps itself."""
    return {v for group in shared for v in sorted(group, key=lambda v: box[v])[:-1]}


def _write_view(
    array: np.ndarray, at: Sequence[Index], box: tuple[int, ...], rest: list[int], fixed: Mapping[int, int]
) -> np.ndarray:
    _, strides = _layout(array, at, len(box))
    offset = [
        index.const.value + sum(c * fixed[v] for v, c in index.terms if v in fixed)
        for index in at
        if isinstance(index, Affine)
    ]
    base = array[tuple(slice(o, None) for o in offset)] if offset else array
    return as_strided(base, [box[v] for v in rest], [strides[v] for v in rest])


def _flat_positions(shape: tuple[int, ...], at: Sequence[Index], box: tuple[int, ...], kept: list[int]) -> np.ndarray:
    places = np.broadcast_arrays(*(positions_of(index, box) for index in at))
    flat = np.ravel_multi_index(places, shape)
    full = np.broadcast_to(flat, [box[v] if v in kept else 1 for v in range(len(box))])
    return full.reshape([box[v] for v in kept])


def _mark_through(reached: Mask, term: Term, at: Sequence[Index], here: Mask) -> None:
    kept = _variables(at)
    summed = tuple(v for v in range(len(term.box)) if v not in kept)
    _mark_at(reached, term, at, np.logical_or.reduce(here, axis=summed) if summed else here)


def _mark_at(reached: Mask, term: Term, at: Sequence[Index], found: Mask) -> None:
    """Mark the positions ``at`` where ``found``, whose axes are the box variables in them, holds."""
    counts = reached.astype(np.float64)
    add_through(Floats(), counts, term, at, found.astype(np.float64))
    np.greater(counts, 0, out=reached)


def _pull_mask(run: Forward, consumer: Element, contribution: Contribution, alive: Mask | None) -> Mask:
    """Which elements of an operand a move or pick sends anything to."""
    floats = Floats()
    ones = np.ones(consumer.shape) if alive is None else alive.astype(np.float64)
    meaning = consumer.meaning
    shape = run.field.shape(run.values[consumer.operands[contribution.operand]])
    if isinstance(meaning, Implicit):
        return np.ones(shape, dtype=bool)
    if isinstance(meaning, Pick | Order):
        return np.asarray(pick_pullback(floats, run.picks[consumer.index], ones, shape) != 0)
    if isinstance(meaning, Reshape):
        return np.asarray(ones.reshape(shape) != 0)
    total = np.zeros(shape)
    assert isinstance(meaning, Gather)
    np.add.at(total.reshape(-1), meaning.positions.reshape(-1), ones.reshape(-1))
    return np.asarray(total != 0)


def _mark(reached: Mask | None, more: Mask) -> None:
    if reached is not None:
        reached |= more


def _variables(at: Sequence[Index]) -> list[int]:
    return sorted({v for index in at for v in index.variables})


def _box_shape(term: Term) -> tuple[int, ...]:
    return tuple(size.value for size in term.box)


def _is_identity(term: Term, element: Element) -> bool:
    return term.out == tuple(_identity(len(element.sizes))) and len(term.box) == len(element.sizes)


def _identity(ndim: int) -> list[Affine]:
    return [variable(k) for k in range(ndim)]


def _size_values(program: SymbolicProgram) -> dict[sp.Symbol, int]:
    return {
        size.formula: size.value for element in program.elements for size in element.sizes if size.formula.is_Symbol
    }
