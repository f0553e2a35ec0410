"""The last steps of all: a general partial at one index, and the number that it is at the point."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symdiff.at_point import Point
from symdiff.closed_forms.closed_form import General
from symdiff.meaning.rule_steps import Rule, Step

__all__ = ["number_step"]


def number_step(point: Point, general: General, place: Mapping[sp.Symbol, int]) -> Step:
    """From a general partial to its number, for the index ``place`` (``{k: 1}`` is the first element).

    The result is the float next to the exact value, as sympy's Float of its 17 digits.
    """
    written = point.written(general.expression, place, general.definitions)
    value = sp.Float(point.value(general.expression, place, general.definitions), 17)
    index = Step(Rule.INDEX, general.expression, written)
    return Step(Rule.NUMBERS, written, value, (index,))
