"""Numbers in the place of names: ``1/4 · 2x₂`` as ``1/4 · 2·1``."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.printing.breadth import breadth
from symdiff.printing.numbers import short
from symdiff.printing.record import fields_of
from symdiff.printing.tree import BigOperator, Call, Cases, Ellipsis, Math, Partial, Rounded, Symbol, Times

__all__ = ["LONGEST", "fits", "with_numbers"]

LONGEST = 40
"""So many signs a part of a line may have before names stand for what they are."""

LONGEST_NUMBERS = 60
"""So many signs a part that holds numbers alone may have."""


def fits(part: Math | None, most: int = LONGEST) -> bool:
    """Whether a part of a line is short enough to be read at a glance."""
    return part is not None and breadth(part) <= most


def with_numbers(part: Math | None, values: Mapping[Math, float]) -> Math | None:
    """A part of a line with a number for every name, to five digits; None where there is none, or it would be long."""
    if part is None:
        return None
    filled = _Filling(values)
    try:
        found = filled(part)
    except LookupError:
        return None
    if not filled.names or not fits(found, LONGEST_NUMBERS):
        return None
    return Rounded(found) if filled.rounded else found


class _Filling:
    def __init__(self, values: Mapping[Math, float]) -> None:
        self.values = values
        self.names = 0
        self.rounded = False

    def __call__(self, node: Math) -> Math:
        if isinstance(node, Symbol | Partial):
            number = short(self.values[node])
            self.names += 1
            self.rounded = self.rounded or isinstance(number, Rounded)
            return number.body if isinstance(number, Rounded) else number
        if isinstance(node, BigOperator | Cases | Ellipsis) or (isinstance(node, Call) and node.function == "argmax"):
            raise LookupError(type(node).__name__)
        if isinstance(node, Times):
            before = self.names
            factors = tuple(self(factor) for factor in node.factors)
            # numbers side by side are kept apart: 0.84 · (-0.65)
            return Times(factors, node.dot or self.names > before)
        fields = [self._field(getattr(node, name)) for name in fields_of(node)]
        return type(node)(*fields)

    def _field(self, value: object) -> object:
        if isinstance(value, tuple):
            return tuple(self._field(each) for each in value)
        return self(value) if isinstance(value, Math) else value
