"""What every kind of meaning says of an element at a position, in terms of the elements that it reads."""

from __future__ import annotations

from symdiff.algebra.forms import Form
from symdiff.closed_forms.elements import DEFINED, Elements, NoForm, Position
from symdiff.closed_forms.implicit import VALUES
from symdiff.closed_forms.moves import chosen, gathered
from symdiff.closed_forms.reshaping import reshaped_index
from symdiff.meaning.terms import Decided, Element, Gather, Implicit, Opaque, Order, Pick, Relation, Reshape


def _reshaped(elements: Elements, element: Element, at: Position) -> Form:
    (operand,) = element.operands
    before = elements.program.elements[operand].sizes
    shapes = elements.sizes(operand), elements.sizes(element.index)
    return elements.read(operand, reshaped_index(elements.algebra, before, element.sizes, shapes, at))


def _gathered(elements: Elements, element: Element, at: Position) -> Form:
    return elements.read(element.operands[0], gathered(elements, element, at))


def _picked(elements: Elements, element: Element, at: Position) -> Form:
    places = chosen(elements, element, at)
    total = elements.algebra.zero
    for place in places:
        total = total + elements.read(element.operands[0], place)
    return total / len(places)


def _defined(elements: Elements, element: Element, at: Position) -> Form:
    assert isinstance(element.meaning, Implicit)
    make = VALUES.get(element.meaning.kind)
    if make is None:
        raise NoForm(element.meaning.kind)
    return make(elements, element, at)


def _unknown(elements: Elements, element: Element, at: Position) -> Form:
    raise NoForm(str(element.operation))


DEFINED.update(
    {
        Relation: Elements.relation_value,
        Reshape: _reshaped,
        Gather: _gathered,
        Pick: _picked,
        Order: _picked,
        Implicit: _defined,
        Decided: _unknown,
        Opaque: _unknown,
    }
)
