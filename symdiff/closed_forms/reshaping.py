"""Reshapes as index maps: axes that hold the same elements in groups, each by one flat index at most."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.algebra.conditions import expanded
from symdiff.algebra.forms import Algebra, Form
from symdiff.meaning.sizes import Size
from symdiff.meaning.vocabulary.axes import common_refinement


def reshaped_index(
    algebra: Algebra,
    before: Sequence[Size],
    after: Sequence[Size],
    sizes: tuple[Sequence[Form], Sequence[Form]],
    index: Sequence[Form],
) -> tuple[Form, ...]:
    """The index in an array of the sizes ``before`` of the element at ``index`` of its reshape to ``after``.

    ``sizes`` are both shapes as forms.
    """
    long_before = [k for k, size in enumerate(before) if size.value != 1]
    long_after = [k for k, size in enumerate(after) if size.value != 1]
    found = [algebra.one] * len(before)
    shapes = tuple(before[k].value for k in long_before), tuple(after[k].value for k in long_after)
    for group_before, group_after in common_refinement(*shapes):
        inside = [long_before[k] for k in group_before]
        outside = [long_after[k] for k in group_after]
        flat = _flat(algebra, [index[k] for k in outside], [sizes[1][k] for k in outside])
        for axis, position in zip(inside, _split(algebra, flat, [sizes[0][k] for k in inside]), strict=True):
            found[axis] = position
    return tuple(found)


def _flat(algebra: Algebra, index: Sequence[Form], sizes: Sequence[Form]) -> Form:
    total = algebra.zero
    for position, size in zip(index, sizes, strict=True):
        total = expanded(total * size + position - 1)
    return total + 1


def _split(algebra: Algebra, flat: Form, sizes: Sequence[Form]) -> list[Form]:
    """The flat index as one index for each size: the last runs fastest."""
    parts: list[Form] = []
    for size in reversed(sizes[1:]):
        row = algebra.function("ceiling", flat / size)
        parts.append(expanded(flat - (row - 1) * size))
        flat = row
    return [flat, *reversed(parts)] if sizes else []
