"""Axes and shapes: what an axis argument names, how a slice maps positions, which axes a reshape keeps together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from symdiff.meaning.sizes import Size, literal
from symdiff.meaning.vocabulary.declared import Operand

if TYPE_CHECKING:
    from symdiff.meaning.sizes import Unifier


def normalise_axes(axis: object, ndim: int) -> tuple[int, ...]:
    """``axis`` (None, int or a sequence, negative allowed) as a sorted tuple of axes."""
    if axis is None or ndim == 0:  # NumPy lets a number have the axes 0 and -1
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(sorted(int(a) % ndim for a in axes))


def count_size(x: Operand, axis: object) -> Size:
    """How many elements a reduction of ``x`` over ``axis`` takes together."""
    total = literal(1)
    for a in normalise_axes(axis, x.ndim):
        total = total * x.sizes[a]
    return total


def slice_map(size: Size, part: slice, unifier: Unifier) -> tuple[Size, Size, int]:
    """The length, first position and step of a slice; a bound counted from the end keeps the size's letter."""
    start, stop, step = part.indices(size.value)
    length = len(range(start, stop, step))
    if step > 0:
        first = literal(0) if part.start is None else bound(size, int(part.start), start)
        last = size if part.stop is None else bound(size, int(part.stop), stop)
    else:
        first = size - 1 if part.start is None else bound(size, int(part.start), start)
        last = literal(-1) if part.stop is None else bound(size, int(part.stop), stop)
    span = last - first if step > 0 else first - last
    if abs(step) == 1 and span.value == length:
        return span, first, step
    return (literal(length) if not span.symbolic else unifier.fresh(length)), first, step


def bound(size: Size, given: int, clipped: int) -> Size:
    if given < 0 and clipped == size.value + given:
        return size + given
    return literal(clipped)


def common_refinement(before: tuple[int, ...], after: tuple[int, ...]) -> list[tuple[list[int], list[int]]]:
    """Runs of axes of two shapes that hold the same elements.

    ``(2, 3, 4)`` and ``(6, 4)`` give ``[([0, 1], [0]), ([2], [1])]``.
    """
    if 0 in before or 0 in after:
        return [(list(range(len(before))), list(range(len(after))))]
    groups: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        left, right = [i] if i < len(before) else [], [j] if j < len(after) else []
        a, b = (before[i] if left else 1), (after[j] if right else 1)
        i, j = i + len(left), j + len(right)
        while a != b:
            if a < b:
                left.append(i)
                a, i = a * before[i], i + 1
            else:
                right.append(j)
                b, j = b * after[j], j + 1
        groups.append((left, right))
    return groups


def every_axis(parts: Sequence[Any], ndim: int) -> list[Any]:
    """The parts of an index with a slice for every axis that an ellipsis, or the end, leaves out."""
    used = sum(part is not None and part is not Ellipsis for part in parts)
    place = next((k for k, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:place], *[slice(None)] * (ndim - used), *parts[place + 1 :]]
