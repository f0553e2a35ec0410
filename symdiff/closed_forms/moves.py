"""Moves as forms: the positions in its operand that a move takes an element from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.forms import Form
from symdiff.closed_forms.elements import Elements, Position
from symdiff.closed_forms.reshaping import reshaped_index
from symdiff.meaning.terms import Element, Gather, Lookup, Order, Pick, Reshape


def places(elements: Elements, element: Element, at: Position) -> list[Position]:
    """The positions in its operand that a move takes the element at ``at`` from; several are averaged."""
    return PLACES[type(element.meaning)](elements, element, at)


def _reshaped(elements: Elements, element: Element, at: Position) -> list[Position]:
    (operand,) = element.operands
    before = elements.program.elements[operand].sizes
    shapes = elements.sizes(operand), elements.sizes(element.index)
    return [reshaped_index(elements.algebra, before, element.sizes, shapes, at)]


def _gathered(elements: Elements, element: Element, at: Position) -> list[Position]:
    tables = enumerate(_tables(elements, element))
    return [tuple(_table_entry(elements, element, axis, table, at) for axis, table in tables)]


def running_axes(elements: Elements, element: Element) -> dict[int, int]:
    """The axes of a gather's operand along which it takes all positions in order, and the gather's
    own axis that runs along; none for other moves.
    """
    if not isinstance(element.meaning, Gather):
        return {}
    shape = elements.program.elements[element.operands[0]].shape
    found: dict[int, int] = {}
    for axis, table in enumerate(_tables(elements, element)):
        running = _running(table)
        if running is not None and table.shape[running] == shape[axis] and running not in found.values():
            found[axis] = running
    return found


def _tables(elements: Elements, element: Element) -> tuple[np.ndarray, ...]:
    """The index array of a gather as one table for each axis of its operand."""
    assert isinstance(element.meaning, Gather)
    shape = elements.program.elements[element.operands[0]].shape
    return tuple(map(np.asarray, np.unravel_index(element.meaning.positions, shape))) if shape else ()


def _table_entry(elements: Elements, element: Element, axis: int, table: np.ndarray, at: Position) -> Form:
    running = _running(table)
    if running is not None:
        return at[running]
    shown = elements.shown(element.index)
    key = (element.index, axis)
    if key not in elements.lookups:
        squeezed = table.reshape([table.shape[k] for k in shown])
        elements.lookups[key] = Lookup(squeezed, tuple(range(squeezed.ndim)))
    return elements.algebra.make(ElementAtom, "table", elements.lookups[key], tuple(at[k] for k in shown))


def axis_of(elements: Elements, table: Lookup) -> int | None:
    """The axis of the operand that a table gives positions along."""
    for (_, axis), known in elements.lookups.items():
        if known is table:
            return axis
    reads = (read for element in elements.program.elements for term in element.terms for read in term.reads)
    found = (axis for read in reads for axis, index in enumerate(read.at) if index is table)
    return next(found, None)


def _extreme(elements: Elements, element: Element, at: Position) -> list[Position]:
    pick: Any = element.meaning
    axes, shown = _axes(elements, element, at)
    kept = iter([p for k, p in enumerate(at) if not (pick.keepdims and k in pick.axes)])
    return [tuple(_chosen(elements, element, k, shown) if k in pick.axes else next(kept) for k in axes)]


def _ordered(elements: Elements, element: Element, at: Position) -> list[Position]:
    order: Any = element.meaning
    axes, shown = _axes(elements, element, at)
    dropped = order.average and not order.keepdims
    rest = [*at[: order.axis], elements.algebra.one, *at[order.axis :]] if dropped else list(at)
    ranks = order.ranks if order.average and order.ranks is not None else (None,)
    return [
        tuple(_chosen(elements, element, k, shown, rank) if k == order.axis else rest[k] for k in axes)
        for rank in ranks
    ]


PLACES: Mapping[type, Callable[[Elements, Element, Position], list[Position]]] = {
    Reshape: _reshaped,
    Gather: _gathered,
    Pick: _extreme,
    Order: _ordered,
}
"""By kind of move the positions that it takes an element from."""


def _axes(elements: Elements, element: Element, at: Position) -> tuple[range, Position]:
    """The axes of a move's operand, and the position in those of its own axes that are shown."""
    axes = range(len(elements.program.elements[element.operands[0]].sizes))
    return axes, tuple(at[k] for k in elements.shown(element.index))


def _chosen(elements: Elements, element: Element, axis: int, shown: Position, rank: int | None = None) -> Form:
    return elements.algebra.make(ElementAtom, "chosen", (element.index, axis, rank), shown)


def _running(table: np.ndarray) -> int | None:
    """The axis along which a table only counts 0, 1, 2, ..., whatever the position along the others."""
    for axis, length in enumerate(table.shape):
        if length > 1 and np.array_equal(
            table, np.broadcast_to(_along(np.arange(length), axis, table.ndim), table.shape)
        ):
            return axis
    return None


def _along(values: np.ndarray, axis: int, ndim: int) -> np.ndarray:
    return values.reshape([-1 if k == axis else 1 for k in range(ndim)])
