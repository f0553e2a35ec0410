"""Moves as numbers: where in its operand each element was taken from, and the way back.

What was decided by values on the way forward is kept for the way back. Ties are shared evenly by an extreme, and kept
in order of position by a sort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from symdiff.arrays import Place, flat, unravelled
from symdiff.evaluation.fields.base import Field, Values
from symdiff.meaning.terms import Element, Gather, Move, Order, Pick, Reshape

Shape = tuple[int, ...]


class Sources(Protocol):
    """Where a move takes its elements from: ``y[place] = sum of weight * x.flat[position]``."""

    def of(self, field: Field, operand: Values) -> Values:
        """The result."""

    def back(self, field: Field, adjoint: Values) -> Values:
        """The adjoint of the operand: what was taken gets it, by its weight; the rest get nothing."""

    def taken(self, place: Place) -> Iterable[tuple[float, int]]:
        """The weights and flat positions that the element at a place is the sum of."""

    def given(self, position: int) -> Iterable[tuple[float, Place]]:
        """The weights and places of the elements that are taken from a flat position."""

    def edges(self) -> Iterable[tuple[int, Place, float]]:
        """Every flat position with a place that is, or might have been, taken from it, and the weight."""


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The same elements in the same order."""

    before: Shape
    after: Shape

    def of(self, field: Field, operand: Values) -> Values:
        return field.map(operand, lambda a: np.reshape(a, self.after))

    def back(self, field: Field, adjoint: Values) -> Values:
        return field.map(adjoint, lambda a: np.reshape(a, self.before))

    def taken(self, place: Place) -> Iterable[tuple[float, int]]:
        return ((1.0, flat(place, self.after)),)

    def given(self, position: int) -> Iterable[tuple[float, Place]]:
        return ((1.0, unravelled(position, self.after)),)

    def edges(self) -> Iterable[tuple[int, Place, float]]:
        return ((k, place, 1.0) for k, place in enumerate(np.ndindex(*self.after)))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Elements at given positions of the flattened operand, which has the shape ``before``."""

    positions: np.ndarray
    before: Shape

    def of(self, field: Field, operand: Values) -> Values:
        return field.map(operand, lambda a: np.reshape(a, -1)[self.positions])

    def back(self, field: Field, adjoint: Values) -> Values:
        total = field.zeros(self.before)
        field.add_at(total, self.positions.reshape(-1), field.map(adjoint, lambda a: np.reshape(a, -1)))
        return total

    def taken(self, place: Place) -> Iterable[tuple[float, int]]:
        return ((1.0, int(self.positions[place])),)

    def given(self, position: int) -> Iterable[tuple[float, Place]]:
        return ((1.0, tuple(map(int, at))) for at in np.argwhere(self.positions == position))

    def edges(self) -> Iterable[tuple[int, Place, float]]:
        return ((int(k), place, 1.0) for place, k in np.ndenumerate(self.positions))


@dataclass(frozen=True, slots=True)
class Sorted:
    """For each element of the result the flat positions it was taken from, with their weights, along a last axis."""

    positions: np.ndarray
    weights: np.ndarray
    before: Shape

    def of(self, field: Field, operand: Values) -> Values:
        line = field.map(operand, lambda a: np.reshape(a, -1))
        if self.positions.shape[-1] == 1:
            return field.map(line, lambda a: a[self.positions[..., 0]])
        taken = field.select(self.weights != 0, field.map(line, lambda a: a[self.positions]))
        return field.sum(field.multiply(taken, field.load(self.weights)), (self.positions.ndim - 1,))

    def back(self, field: Field, adjoint: Values) -> Values:
        total = field.zeros(self.before)
        for k in range(self.positions.shape[-1]):
            weight = self.weights[..., k]
            if weight.any():
                uneven = bool(np.any((weight != 0) & (weight != 1)))
                sent = field.select(weight != 0, field.multiply(adjoint, field.load(weight)) if uneven else adjoint)
                field.add_at(total, self.positions[..., k].reshape(-1), field.map(sent, lambda a: np.reshape(a, -1)))
        return total

    def taken(self, place: Place) -> Iterable[tuple[float, int]]:
        pairs = zip(self.weights[place], self.positions[place], strict=True)
        return ((float(weight), int(position)) for weight, position in pairs if weight)

    def given(self, position: int) -> Iterable[tuple[float, Place]]:
        places = np.argwhere((self.positions == position) & (self.weights != 0))
        return ((float(self.weights[tuple(at)]), tuple(map(int, at[:-1]))) for at in places)

    def edges(self) -> Iterable[tuple[int, Place, float]]:
        weights = ((at, position, self.weights[at]) for at, position in np.ndenumerate(self.positions))
        return ((int(position), at[:-1], float(weight)) for at, position, weight in weights if weight)


@dataclass(frozen=True, slots=True)
class Shares:
    """The winners over some axes: ``first`` is the flat position of the first, ``weights`` have the operand's shape."""

    first: np.ndarray
    weights: np.ndarray
    axes: tuple[int, ...]
    keepdims: bool
    shared: bool = True

    def of(self, field: Field, operand: Values) -> Values:
        return field.map(operand, lambda a: np.reshape(a, -1)[self.first])

    def back(self, field: Field, adjoint: Values) -> Values:
        shape = self.weights.shape
        kept = [1 if k in self.axes else n for k, n in enumerate(shape)]
        spread = field.map(adjoint, lambda a: np.broadcast_to(np.reshape(a, kept), shape))
        weighted = field.multiply(spread, field.load(self.weights)) if self.shared else spread
        return field.select(self.weights != 0, weighted)

    def taken(self, place: Place) -> Iterable[tuple[float, int]]:
        return ((1.0, int(self.first[place])),)

    def given(self, position: int) -> Iterable[tuple[float, Place]]:
        place = unravelled(position, self.weights.shape)
        weight = float(self.weights[place])
        return ((weight, self._result(place)),) if weight else ()

    def edges(self) -> Iterable[tuple[int, Place, float]]:
        weights = enumerate(np.ndenumerate(self.weights))
        return ((k, self._result(place), float(weight)) for k, (place, weight) in weights)

    def _result(self, place: Place) -> Place:
        if self.keepdims:
            return tuple(0 if k in self.axes else p for k, p in enumerate(place))
        return tuple(p for k, p in enumerate(place) if k not in self.axes)


Keys = Callable[[], np.ndarray]
"""The operand's values as they are compared."""


SOURCES: Mapping[type[Move], Callable[[Any, Shape, Shape, Keys], Sources]] = {
    Reshape: lambda move, before, after, keys: Reshaped(before, after),
    Gather: lambda move, before, after, keys: Gathered(move.positions, before),
    Pick: lambda move, before, after, keys: shares(keys(), move),
    Order: lambda move, before, after, keys: ordered(keys(), move),
}
"""By kind of move its sources, from the move, the shapes of its operand and of its result, and the operand's keys."""


def sources(field: Field, element: Element, operand: Values) -> Sources:
    """Where an element is taken from; where that depends on values, by those of ``operand``."""

    def keys() -> np.ndarray:
        found = field.order(operand)
        if found.dtype == object and np.any(found != found):
            # nan has a place among floats (an extreme is nan, a sort puts it last), and none among other numbers
            return found.astype(np.float64)
        return found

    assert isinstance(element.meaning, Move)
    return SOURCES[type(element.meaning)](element.meaning, field.shape(operand), element.shape, keys)


def shares(keys: np.ndarray, meaning: Pick, tied: np.ndarray | None = None) -> Shares:
    """The winners of an extreme; ``tied`` marks further elements that count as equal to the winner."""
    axes = meaning.axes
    kept = [k for k in range(keys.ndim) if k not in axes]
    order = [*kept, *axes]
    turned = keys.transpose(order)
    moved = turned.reshape([keys.shape[k] for k in kept] + [-1])
    winner = (np.argmax if meaning.kind == "max" else np.argmin)(moved, axis=-1)
    equal = np.asarray(moved == np.take_along_axis(moved, winner[..., np.newaxis], -1), dtype=bool)
    if tied is not None:
        equal |= tied.transpose(order).reshape(moved.shape)
    number = np.count_nonzero(equal, axis=-1, keepdims=True)
    shared = bool((number > 1).any())
    weights = equal / np.maximum(number, 1) if shared else equal.astype(np.float64)
    weights = weights.reshape(turned.shape).transpose(np.argsort(order))
    first = _flat_positions(winner, keys.shape, kept, axes)
    if meaning.keepdims:
        first = first.reshape([1 if k in axes else keys.shape[k] for k in range(keys.ndim)])
    return Shares(first, weights, axes, meaning.keepdims, shared)


def _flat_positions(winner: np.ndarray, shape: tuple[int, ...], kept: list[int], axes: tuple[int, ...]) -> np.ndarray:
    """Positions in the flattened operand of places in its lines over ``axes``."""
    if not shape:
        return np.zeros((), dtype=np.intp)
    inside = np.unravel_index(winner, [shape[k] for k in axes])
    outside = np.indices([shape[k] for k in kept], sparse=True)
    where = dict(zip(kept, outside, strict=True)) | dict(zip(axes, inside, strict=True))
    return np.asarray(np.ravel_multi_index(np.broadcast_arrays(*(where[k] for k in range(len(shape)))), shape))


def ordered(keys: np.ndarray, meaning: Order) -> Sorted:
    """The positions that a stable sort takes the elements from."""
    axis = meaning.axis
    order = np.argsort(keys, axis=axis, kind="stable")
    positions = np.take_along_axis(np.arange(keys.size).reshape(keys.shape), order, axis)
    if meaning.ranks is not None:
        positions = np.take(positions, meaning.ranks, axis=axis)
    if not meaning.average:
        return Sorted(positions[..., np.newaxis], np.ones((*positions.shape, 1)), keys.shape)
    return _averaged(keys, positions, meaning)


def _averaged(keys: np.ndarray, positions: np.ndarray, meaning: Order) -> Sorted:
    axis = meaning.axis
    everything = np.moveaxis(np.arange(keys.size).reshape(keys.shape), axis, -1)
    flat = keys.reshape(-1)
    weights = np.zeros(everything.shape)
    picked = np.moveaxis(positions, axis, -1)
    for rank in range(picked.shape[-1]):
        equal = np.asarray(flat[everything] == np.asarray(flat[picked[..., rank]])[..., np.newaxis], dtype=bool)
        weights += equal / np.maximum(equal.sum(-1, keepdims=True), 1) / picked.shape[-1]
    if keys.dtype != object:
        # a line with a nan has a nan in its middle
        missing = np.isnan(flat[everything])
        number = missing.sum(-1, keepdims=True)
        weights = np.where(number > 0, missing / np.maximum(number, 1), weights)
    if meaning.keepdims:
        everything, weights = np.expand_dims(everything, axis), np.expand_dims(weights, axis)
    return Sorted(everything, weights, keys.shape)
