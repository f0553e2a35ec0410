"""The sum of what terms or consumers give to one array, and which of its elements anything was given to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.moves import Sources
from symdiff.evaluation.strides import add_through, as_whole, box_shape, covers, mark_through, variables_of
from symdiff.meaning.terms import Element, Index, Term


class ElementSum:
    """Adds contributions up; the first that meets every element is taken as it is, without a sum."""

    def __init__(self, field: Field, shape: tuple[int, ...], marks: bool = False) -> None:
        self._field, self._shape = field, shape
        self._total: Values | None = None
        self._owned = False
        self._reached: Mask | None = np.zeros((), dtype=bool) if marks else None

    def add(self, term: Term, at: Sequence[Index], values: Values, found: Mask | None = None) -> None:
        """Add ``values``, whose axes are the box variables in ``at``, where ``found`` (None: everywhere) holds."""
        if covers(term, at, self._shape):
            self.add_all(as_whole(self._field, values, at, self._shape))
        else:
            add_through(self._field, self._writable(), term, at, values)
        if self._reached is None or self._everywhere():
            return
        if found is None and covers(term, at, self._shape):
            self._reached = np.ones((), dtype=bool)
            return
        mark_through(self._marks(), term, at, _seen(term, at, found))

    def add_all(self, values: Values) -> None:
        """Add values of the element's own shape."""
        if self._total is None:
            self._total = values
        elif self._owned:
            self._field.add_into(self._total, lambda a: a, values)
        else:
            # a sum of two numbers is no array yet
            self._total, self._owned = self._field.map(self._field.gathered(self._total, values), np.asarray), True

    def mark(self, found: Mask) -> None:
        """Note to which elements something was sent."""
        if self._reached is not None and not self._everywhere():
            self._marks()[...] |= found

    def values(self) -> Values:
        """The sum."""
        return self._field.zeros(self._shape) if self._total is None else self._total

    def mask(self) -> Mask | None:
        """Where anything was sent; None for everywhere."""
        return None if self._reached is None or self._everywhere() else np.broadcast_to(self._reached, self._shape)

    def _everywhere(self) -> bool:
        return self._reached is not None and bool(self._reached.all())

    def _marks(self) -> Mask:
        assert self._reached is not None
        if self._reached.shape != self._shape or not self._reached.flags.writeable:
            self._reached = np.array(np.broadcast_to(self._reached, self._shape))
        return self._reached

    def _writable(self) -> Values:
        if not self._owned:
            total = self._field.zeros(self._shape)
            if self._total is not None:
                self._field.add_into(total, lambda a: a, self._total)
            self._total, self._owned = total, True
        return self._total


def _seen(term: Term, at: Sequence[Index], found: Mask | None) -> Mask:
    """``found`` over the variables in ``at``: where it holds for any of the others."""
    box, kept = box_shape(term), variables_of(at)
    if found is None or found.ndim != len(box):
        return np.broadcast_to(True if found is None else found, [box[v] for v in kept])
    summed = tuple(v for v in range(len(box)) if v not in kept)
    seen = np.logical_or.reduce(found, axis=summed) if summed else found
    return np.broadcast_to(seen, [box[v] for v in kept])


def pull_mask(consumer: Element, sources: Sources | None, shape: tuple[int, ...], alive: Mask | None) -> Mask:
    """Which elements of an operand, of the given shape, a move (by its sources) or an equation sends anything to."""
    if sources is None:
        return np.ones(shape, dtype=bool)
    ones = np.ones(consumer.shape) if alive is None else alive.astype(np.float64)
    return np.asarray(sources.back(Floats(), ones) != 0)
