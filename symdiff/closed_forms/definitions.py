"""What every kind of meaning says of an element at a position, in terms of the elements that it reads."""

from __future__ import annotations

from symdiff.algebra.forms import Form
from symdiff.closed_forms.elements import DEFINED, Elements, NoForm, Position
from symdiff.closed_forms.implicit import VALUES
from symdiff.closed_forms.moves import places
from symdiff.meaning.terms import MOVES, Decided, Element, Implicit, Opaque, Relation


def _moved(elements: Elements, element: Element, at: Position) -> Form:
    taken = places(elements, element, at)
    total = elements.algebra.zero
    for place in taken:
        total = total + elements.read(element.operands[0], place)
    return total / len(taken) if len(taken) > 1 else total


def _defined(elements: Elements, element: Element, at: Position) -> Form:
    assert isinstance(element.meaning, Implicit)
    make = VALUES.get(element.meaning.kind)
    if make is None:
        raise NoForm(element.meaning.kind)
    return make(elements, element, at)


def _unknown(elements: Elements, element: Element, at: Position) -> Form:
    raise NoForm(str(element.operation))


DEFINED.update(dict.fromkeys(MOVES, _moved))
DEFINED.update({Relation: Elements.relation_value, Implicit: _defined, Decided: _unknown, Opaque: _unknown})
