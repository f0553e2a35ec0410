"""The chain rule in forms: what each consumer sends back to a general element, and what that adds up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symdiff.algebra.fold import known_result
from symdiff.algebra.forms import Form, Variable
from symdiff.algebra.sums import delta, summed
from symdiff.calculus.chain_rule import Contribution, Derivation, Through, ThroughTerm
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.closed_forms.implicit import ADJOINTS
from symdiff.closed_forms.indexing import run_holds, solved_box
from symdiff.closed_forms.moves import places, running_axes
from symdiff.closed_forms.reshaping import reshaped_index
from symdiff.closed_forms.translate import NotScalar, translated
from symdiff.meaning.terms import MOVES, Element, Implicit, Opaque, Reshape


@dataclass(frozen=True, slots=True)
class Sent:
    """One edge of the chain rule: the whole contribution in the consumer's named adjoint, and its local partial.

    ``out`` is the consumer's position (but for an equation, where it is any), ``summed`` the variables that are summed
    over, and ``slots`` what the formula of a relation term reads.
    """

    consumer: int
    whole: Form
    local: Form | None
    out: Position = ()
    slots: Mapping[sp.Symbol, Form] = field(default_factory=dict)
    summed: tuple[Variable, ...] = ()


def sent_back(elements: Elements, derivation: Derivation, index: int, at: Position) -> list[Sent]:
    """What every consumer of an element sends back to its position ``at``."""
    found = []
    for contribution in derivation.contributions[index]:
        consumer = elements.program.elements[contribution.consumer]
        try:
            found.append(_sent(elements, consumer, contribution, at))
        except NotScalar as error:
            raise NoForm(str(consumer.operation)) from error
    return found


def _sent(elements: Elements, consumer: Element, contribution: Contribution, at: Position) -> Sent:
    if isinstance(contribution, ThroughTerm):
        return _through_term(elements, consumer, contribution, at)
    return SENDERS[type(consumer.meaning)](elements, consumer, contribution, at)


def _through_term(elements: Elements, consumer: Element, contribution: ThroughTerm, at: Position) -> Sent:
    algebra, term = elements.algebra, contribution.term
    box = solved_box(algebra, elements.size, term, contribution.at, at)
    slots = elements.slots(consumer, term, box)
    for symbol in contribution.partial.free_symbols:
        if symbol not in slots:
            slots[symbol] = elements.symbol(symbol)
    out = box.positions(algebra, elements.size, term.out)
    local = translated(algebra, contribution.partial, slots)
    if term.product:
        local = local * elements.read(consumer.index, out) / translated(algebra, term.formula, slots)
    elif not elements.transparent(consumer):
        local = known_result(local, translated(algebra, term.formula, slots), elements.read(consumer.index, out))
    local = local * elements.condition(term, slots)
    if term.run is not None:
        local = local * run_holds(algebra, term.run, box)
    bar = elements.named("adjoint", consumer.index, out)
    kept = algebra.bracket(local, 1) if len(local.terms) > 1 else local
    whole = summed(algebra, box.summed, bar * kept * box.holds)
    return Sent(consumer.index, whole, local * box.holds, out, slots, box.summed)


def _through_reshape(elements: Elements, consumer: Element, contribution: Through, at: Position) -> Sent:
    target = elements.program.elements[consumer.operands[0]]
    shapes = elements.sizes(consumer.index), elements.sizes(target.index)
    place = reshaped_index(elements.algebra, consumer.sizes, target.sizes, shapes, at)
    return Sent(consumer.index, elements.named("adjoint", consumer.index, place), elements.algebra.one, place)


def _through_move(elements: Elements, consumer: Element, contribution: Through, at: Position) -> Sent:
    algebra = elements.algebra
    general = list(elements.general(consumer.index))
    running = running_axes(elements, consumer)
    for axis, along in running.items():
        general[along] = at[axis]
    here = tuple(general)
    taken = places(elements, consumer, here)
    total = algebra.zero
    for place in taken:
        local = algebra.one
        for axis, (position, source) in enumerate(zip(at, place, strict=True)):
            if axis not in running:
                local = local * delta(algebra, position - source)
        total = total + local
    return _over(elements, consumer, here, total / len(taken) if len(taken) > 1 else total, at)


def _over(elements: Elements, consumer: Element, here: Position, local: Form, at: Position) -> Sent:
    """The consumer's adjoint times ``local``, summed over its positions ``here`` as far as ``at`` does not fix them."""
    bar = elements.named("adjoint", consumer.index, here)
    given = {v for p in at for v in p.free}
    variables = sorted({v for p in here for v in p.free} - given, key=lambda v: v.number)
    whole = summed(elements.algebra, variables, bar * local)
    return Sent(consumer.index, whole, local, here, summed=tuple(variables))


def _through_equation(elements: Elements, consumer: Element, contribution: Through, at: Position) -> Sent:
    assert isinstance(consumer.meaning, Implicit)
    rule = ADJOINTS.get(consumer.meaning.kind)
    if rule is None:
        raise NoForm(consumer.meaning.kind)
    bar = lambda place: elements.named("adjoint", consumer.index, place)
    return Sent(consumer.index, rule(elements, consumer, contribution.operand, at, bar), None)


def _unknown(elements: Elements, consumer: Element, contribution: Through, at: Position) -> Sent:
    raise NoForm(str(consumer.operation))


SENDERS: dict[type, Callable[[Elements, Element, Through, Position], Sent]] = {
    **dict.fromkeys(MOVES, _through_move),
    Reshape: _through_reshape,
    Implicit: _through_equation,
    Opaque: _unknown,
}
