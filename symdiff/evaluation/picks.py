"""Moves whose map depends on the values: the extreme element over axes, and sorting.

What was chosen on the way forward is kept for the way back. Ties are shared evenly by an extreme, and kept in order of
position by a sort.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symdiff.evaluation.fields.base import Field, Values
from symdiff.meaning.terms import Meaning, Order, Pick


@dataclass(frozen=True, slots=True)
class Chosen:
    """For each element of the result the flat positions it was taken from, with their weights, along a last axis."""

    positions: np.ndarray
    weights: np.ndarray

    def of(self, field: Field, operand: Values) -> Values:
        """The result: the weighted mean of what was chosen."""
        flat = field.map(operand, lambda a: np.reshape(a, -1))
        if self.positions.shape[-1] == 1:
            return field.map(flat, lambda a: a[self.positions[..., 0]])
        taken = field.select(self.weights != 0, field.map(flat, lambda a: a[self.positions]))
        return field.sum(field.multiply(taken, field.load(self.weights)), (self.positions.ndim - 1,))


@dataclass(frozen=True, slots=True)
class Shares:
    """The winners over some axes, as a weight for every element of the operand."""

    first: np.ndarray
    weights: np.ndarray
    axes: tuple[int, ...]
    keepdims: bool
    shared: bool = True

    def of(self, field: Field, operand: Values) -> Values:
        flat = field.map(operand, lambda a: np.reshape(a, -1))
        return field.map(flat, lambda a: a[self.first])


def pick_forward(field: Field, meaning: Meaning | None, operand: Values) -> Chosen | Shares:
    """Decide, by the values of ``operand``, what a pick chooses."""
    keys = field.order(operand)
    if keys.dtype == object and np.any(keys != keys):
        # nan has a place among floats (an extreme is nan, a sort puts it last), and none among other numbers
        keys = keys.astype(np.float64)
    if isinstance(meaning, Pick):
        return shares(keys, meaning)
    assert isinstance(meaning, Order)
    return ordered(keys, meaning)


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


def ordered(keys: np.ndarray, meaning: Order) -> Chosen:
    """The positions that a stable sort takes the elements from."""
    axis = meaning.axis
    order = np.argsort(keys, axis=axis, kind="stable")
    positions = np.take_along_axis(np.arange(keys.size).reshape(keys.shape), order, axis)
    if meaning.ranks is not None:
        positions = np.take(positions, meaning.ranks, axis=axis)
    if not meaning.average:
        return Chosen(positions[..., np.newaxis], np.ones((*positions.shape, 1)))
    return _averaged(keys, positions, meaning)


def _averaged(keys: np.ndarray, positions: np.ndarray, meaning: Order) -> Chosen:
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
    return Chosen(everything, weights)


def pick_pullback(field: Field, choice: Any, adjoint: Values, shape: tuple[int, ...]) -> Values:
    """The adjoint of a pick's operand: what was chosen gets it, by its weight; the rest get nothing."""
    if isinstance(choice, Shares):
        kept = [1 if k in choice.axes else n for k, n in enumerate(shape)]
        spread = field.map(adjoint, lambda a: np.broadcast_to(np.reshape(a, kept), shape))
        weighted = field.multiply(spread, field.load(choice.weights)) if choice.shared else spread
        return field.select(choice.weights != 0, weighted)
    total = field.zeros(shape)
    for k in range(choice.positions.shape[-1]):
        weight = choice.weights[..., k]
        if weight.any():
            sent = field.multiply(adjoint, field.load(weight)) if _uneven(weight) else adjoint
            field.add_at(
                total,
                choice.positions[..., k].reshape(-1),
                field.map(field.select(weight != 0, sent), lambda a: np.reshape(a, -1)),
            )
    return total


def _uneven(weights: np.ndarray) -> bool:
    return bool(np.any((weights != 0) & (weights != 1)))
