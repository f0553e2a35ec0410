"""From a Derivation to numbers, over whole arrays, in any field.

Forward values and adjoints are evaluated term by term: every read is a strided view, factors are grouped by their
indices, sums are contractions, and results are added through a view of the output. No delta is ever a matrix, and what
is only stretched along an axis (the adjoint of a sum) stays as short as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Protocol

import numpy as np
import sympy as sp

from symdiff.calculus.chain_rule import Derivation, Through, ThroughTerm
from symdiff.calculus.contributions import Sending, merged, sending
from symdiff.deadline import look
from symdiff.evaluation.decided import decided
from symdiff.evaluation.element_sums import ElementSum, pull_mask
from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.formulas import Kept, where_holds
from symdiff.evaluation.moves import Sources, sources
from symdiff.evaluation.running import exclusive_product, running_adjoints
from symdiff.evaluation.running import reached as reached_by_run
from symdiff.evaluation.strides import box_shape, positions_of, read_view, strided
from symdiff.evaluation.term_values import product_partial, term_values
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import (
    MOVES,
    Decided,
    Element,
    Implicit,
    Move,
    Opaque,
    Relation,
    Term,
    slot,
)

__all__ = ["Forward", "Unsupported", "backward", "exclusive_product", "forward", "positions_of", "slots_of"]


SMALL = 4096
"""Up to so many elements formulas in pieces are looked at for nan."""


@dataclass(slots=True)
class Forward:
    """The values of every element in one field, and the choices that were made on the way.

    ``conditions`` holds, by (element, term), where a term applies; ``picks`` by element what a pick chose.
    """

    field: Field
    values: list[Values]
    sizes: Mapping[sp.Symbol, Values]
    conditions: dict[tuple[int, int], Mask] = made_by(default_factory=dict)
    sources: dict[int, Sources] = made_by(default_factory=dict)
    """By move where it takes its elements from."""
    decided: dict[int, np.ndarray] = made_by(default_factory=dict)
    """By decided element its numbers."""
    moves: Moves | None = None
    again: dict[tuple[int, int, int], Kept] | None = None
    """By consumer, term and slot what a walk back computes that the next one, of another seed, need not."""
    seen: dict[tuple[int, int], Values] = made_by(default_factory=dict)
    """By consumer and place among its operands what is read in place of a value, where moves say so."""

    @property
    def chose(self) -> bool:
        """Whether anything may have been chosen by its value: where nothing was, all formulas hold at every point."""
        return bool(self.conditions or self.sources or self.decided)

    def read_by(self, consumer: Element) -> list[Values]:
        """The values of an element's operands, as the element reads them."""
        if not self.seen:
            return [self.values[k] for k in consumer.operands]
        return [self.seen.get((consumer.index, place), self.values[k]) for place, k in enumerate(consumer.operands)]


class Moves(Protocol):
    """What moves numbers on the way, to see what that does: by nothing where an element is exact."""

    def value(self, element: Element, values: Values) -> Values:
        """The value of an element, moved."""

    def read(self, consumer: Element, place: int, values: Values) -> Values | None:
        """A consumer's operand as it is read; None for the value itself."""

    def cotangent(self, element: Element, values: Values) -> Values:
        """The cotangent of an element, moved."""


class Unsupported(ValueError):
    """A value was asked of an operation without a meaning."""


def forward(
    program: SymbolicProgram,
    field: Field,
    inputs: Mapping[int, Values] | None = None,
    choices: Forward | None = None,
    moves: Moves | None = None,
) -> Forward:
    """Evaluate every element of a program.

    ``inputs`` replaces the values of leaves by index; ``choices`` replays the conditions and picks of another
    evaluation instead of deciding them in this field; ``moves`` moves what is computed, and the cotangents on the way
    back.
    """
    inputs = inputs or {}
    run = Forward(
        field, [], {symbol: field.number(sp.Integer(value)) for symbol, value in _size_values(program).items()}
    )
    run.moves = moves
    if choices is not None:
        run.conditions, run.sources, run.decided = choices.conditions, choices.sources, choices.decided
    for element in program.elements:
        look()
        if element.index in inputs:
            run.values.append(inputs[element.index])
        elif element.meaning is None:
            assert element.value is not None
            run.values.append(field.load(np.asarray(element.value, dtype=np.float64)))
        else:
            if moves is not None:
                for place, k in enumerate(element.operands):
                    moved = moves.read(element, place, run.values[k])
                    if moved is not None:
                        run.seen[element.index, place] = moved
            run.values.append(FORWARD[type(element.meaning)](run, element, run.read_by(element)))
        if moves is not None:
            run.values[-1] = moves.value(element, run.values[-1])
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
    if run.moves is not None:
        adjoints[program.result] = run.moves.cotangent(result, adjoints[program.result])
    live: dict[int, Mask | None] = {program.result: None}
    for index in derivation.order:
        if index != program.result:
            _gather(derivation, run, index, adjoints, live if careful else None)
    return adjoints


# --- forward, one function a kind of meaning --------------------------------------------------------------------------


def _relation_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    field, terms = run.field, element.terms
    total = ElementSum(field, element.shape)
    for number, term in enumerate(terms):
        slots = slots_of(run, term, operands)
        if term.condition is not None and (element.index, number) not in run.conditions:
            holds = where_holds(field, term.condition, slots)
            run.conditions[element.index, number] = np.broadcast_to(holds, box_shape(term))
        if term.formula == 0 and len(terms) > 1:
            continue
        values = term_values(field, term, term.formula, slots)
        if term.condition is not None:
            values = field.select(run.conditions[element.index, number], values)
        total.add(term, term.out, values)
    uncovered = _uncovered(run, element)
    if uncovered is not None:
        total.add_all(field.load(np.where(uncovered, np.nan, 0.0)))
    return total.values()


def _uncovered(run: Forward, element: Element) -> Mask | None:
    """Where no piece of a small elementwise formula holds, since what it asks about is nan."""
    terms = element.terms
    pieces = all(term.condition is not None and element.stands_beside(term) for term in terms)
    if not pieces or element.size > SMALL:
        return None
    covered = np.logical_or.reduce([run.conditions[element.index, number] for number in range(len(terms))])
    return None if np.all(covered) else ~np.broadcast_to(covered, element.shape)


def _move_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    if element.index not in run.sources:
        run.sources[element.index] = sources(run.field, element, operands[0])
    return run.sources[element.index].of(run.field, operands[0])


def _implicit_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Implicit)
    # few programs have an equation
    from symdiff.evaluation.implicit import implicit_forward

    return implicit_forward(run.field, element.meaning, operands)


def _decided_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    assert isinstance(element.meaning, Decided)
    if element.index not in run.decided:
        run.decided[element.index] = run.field.to_float(decided(run.field, element.meaning, operands))
    return run.field.load(run.decided[element.index])


def _opaque_forward(run: Forward, element: Element, operands: Sequence[Values]) -> Values:
    raise Unsupported(element.operation)


FORWARD: dict[type, Callable[[Forward, Element, Sequence[Values]], Values]] = {
    Relation: _relation_forward,
    **dict.fromkeys(MOVES, _move_forward),
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
    element = derivation.program.elements[index]
    total = ElementSum(run.field, element.shape, marks=live is not None)
    contributions = derivation.contributions[index]
    for contribution in merged(contributions) if run.field.merges else contributions:
        consumer = derivation.program.elements[contribution.consumer]
        alive = live[consumer.index] if live is not None else None
        adjoint = adjoints[consumer.index]
        if isinstance(contribution, Through):
            total.add_all(_send_back(run, consumer, contribution, adjoint))
            if live is not None:
                shape = run.field.shape(run.values[consumer.operands[contribution.operand]])
                total.mark(pull_mask(consumer, run.sources.get(consumer.index), shape, alive))
        else:
            _add_contribution(run, consumer, contribution, adjoint, total, alive)
    adjoints[index] = total.values() if run.moves is None else run.moves.cotangent(element, total.values())
    if live is not None:
        live[index] = total.mask()


def _add_contribution(
    run: Forward,
    consumer: Element,
    contribution: ThroughTerm,
    adjoint: Values,
    total: ElementSum,
    alive: Mask | None,
) -> None:
    """What one consumer sends back through one of its terms."""
    look()
    field, term = run.field, contribution.term
    # where numbers are moved, a partial is not read off the moved result: that loses digits which a good rule keeps
    sent = sending(contribution, run.moves is None and _whole_term(consumer, term))
    slots = slots_of(run, term, run.read_by(consumer))
    at = contribution.at
    if term.run is not None:
        found = reached_by_run(term, alive)
        values = running_adjoints(field, term, sent.partial, slots, adjoint)
        total.add(term, at, values if found.all() else field.select(found, values), found)
        return
    slots[sent.bar] = read_view(field, adjoint, term.out, term, short=True)
    if sent.result is not None:
        slots[sent.result] = read_view(field, run.values[consumer.index], term.out, term)
    mask = _contribution_mask(run, consumer, term, alive)
    if term.product:
        values = product_partial(field, term, sent.whole, slots)
    else:
        idle = mask is None or (term.condition is None and _harmless(field, sent, slots))
        values = term_values(
            field, term, sent.whole, slots, at, None if idle else mask, _kept(run, consumer, term, sent)
        )
    total.add(term, at, values, mask)


def _kept(run: Forward, consumer: Element, term: Term, sent: Sending) -> Kept | None:
    if run.again is None or run.moves is not None:
        return None
    return run.again.setdefault((consumer.index, id(term), sent.slot), Kept(sent.bar))


def _whole_term(consumer: Element, term: Term) -> bool:
    """Whether a term alone makes every element of its consumer, summing nothing."""
    return len(consumer.terms) == 1 and term.condition is None and consumer.stands_beside(term)


def _harmless(field: Field, sent: Sending, slots: Mapping[sp.Symbol, Values]) -> bool:
    """Whether an adjoint that is 0 sends 0 back: a polynomial of finite numbers cannot make it nan."""
    if not sent.polynomial:
        return False
    read = [slots[symbol] for symbol in sent.partial.free_symbols]
    with np.errstate(over="ignore"):
        return all(field.all_finite(values) for values in read)


def _contribution_mask(run: Forward, consumer: Element, term: Term, alive: Mask | None) -> Mask | None:
    mask: Mask | None = None
    if term.condition is not None:
        number = next(k for k, other in enumerate(consumer.terms) if other is term)
        mask = run.conditions[consumer.index, number]
    if alive is not None:
        seen = strided(alive, term.out, term)
        mask = seen if mask is None else mask & seen
    return mask


def _send_back(run: Forward, consumer: Element, contribution: Through, adjoint: Values) -> Values:
    field, meaning = run.field, consumer.meaning
    if isinstance(meaning, Move):
        return run.sources[consumer.index].back(field, adjoint)
    if isinstance(meaning, Implicit):
        from symdiff.evaluation.implicit import implicit_pullback

        operands = run.read_by(consumer)
        return implicit_pullback(field, meaning, operands, run.values[consumer.index], adjoint, contribution.operand)
    raise Unsupported(consumer.operation)


# --- what terms read --------------------------------------------------------------------------------------------------


def slots_of(run: Forward, term: Term, operands: Sequence[Values]) -> dict[sp.Symbol, Values]:
    """What every symbol of a term's formula stands for: sizes, and operands as they are read."""
    field = run.field
    read = {slot(k): read_view(field, operands[r.operand], r.at, term) for k, r in enumerate(term.reads)}
    return dict(run.sizes) | read


def _size_values(program: SymbolicProgram) -> dict[sp.Symbol, int]:
    return {
        size.formula: size.value for element in program.elements for size in element.sizes if size.formula.is_Symbol
    }
