"""Where moves that depend on given positions, or on values, take their elements from."""

from __future__ import annotations

import numpy as np

from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.forms import Form
from symdiff.closed_forms.elements import Elements, Position
from symdiff.meaning.terms import Element, Gather, Lookup, Order, Pick, Relation


def gathered(elements: Elements, element: Element, at: Position) -> Position:
    """The position in its operand that a gather takes the element at ``at`` from."""
    return tuple(
        _table_entry(elements, element, axis, table, at) for axis, table in enumerate(_tables(elements, element))
    )


def running_axes(elements: Elements, element: Element) -> dict[int, int]:
    """The axes of a gather's operand along which it takes all positions in order, and the gather's
    own axis that runs along.
    """
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
    terms = [t for e in elements.program.elements if isinstance(e.meaning, Relation) for t in e.meaning.terms]
    found = (k for t in terms for read in t.reads for k, index in enumerate(read.at) if index is table)
    return next(found, None)


def chosen(elements: Elements, element: Element, at: Position) -> list[Position]:
    """The positions in its operand that a pick or a sort takes the element at ``at`` from; several are averaged."""
    meaning = element.meaning
    axes = range(len(elements.program.elements[element.operands[0]].sizes))
    shown = tuple(at[k] for k in elements.shown(element.index))
    if isinstance(meaning, Pick):
        kept = iter([p for k, p in enumerate(at) if not (meaning.keepdims and k in meaning.axes)])
        return [tuple(_chosen(elements, element, k, shown) if k in meaning.axes else next(kept) for k in axes)]
    assert isinstance(meaning, Order)
    dropped = meaning.average and not meaning.keepdims
    rest = [*at[: meaning.axis], elements.algebra.one, *at[meaning.axis :]] if dropped else list(at)
    ranks = meaning.ranks if meaning.average and meaning.ranks is not None else (None,)
    return [
        tuple(_chosen(elements, element, k, shown, rank) if k == meaning.axis else rest[k] for k in axes)
        for rank in ranks
    ]


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
