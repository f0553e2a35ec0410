"""Where a general formula holds: it is held against the numbers that the page shows, element by element."""

from __future__ import annotations

from functools import cached_property
from itertools import islice

import numpy as np
import sympy as sp

from symdiff.at_point import Point
from symdiff.closed_forms.records import Definition
from symdiff.meaning.terms import Pick
from symdiff.printing.tree import Math
from symdiff.viewing.at_the_point import close
from symdiff.viewing.writing import Writing

__all__ = ["Holding"]

CHECKED = 64
"""A general formula is held against up to so many elements."""

EFFORT = 50_000
"""So many parts of formulas are computed for that at most; sums over sums are long."""


class Holding:
    """The general formulas of one explanation, held against its numbers."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing

    def exceptions(
        self,
        index: int,
        letters: tuple[sp.Symbol, ...],
        formulas: tuple[sp.Expr, ...],
        more: tuple[Definition, ...] = (),
    ) -> tuple[Math, ...]:
        """The elements of an array at which a general formula for its adjoint is not what the page says it is."""
        point = self.writing.at_the_point
        names = {d.name for d in more if d.formula is not None}
        if index not in point.adjoints or (point.is_plain and not any(_may_fail(f, names) for f in formulas)):
            return ()
        if point.is_plain and not point.has_zeros:
            return ()
        shape = self.writing.evidence.program.elements[index].shape
        array = np.broadcast_to(np.asarray(point.adjoints[index]), shape)
        axes = self.writing.forms.shown(index)
        if len(axes) != len(letters):
            axes = tuple(axis for axis, length in enumerate(shape) if length != 1)
        if len(axes) != len(letters):
            return ()
        found: list[Math] = []
        effort = sum(self._parts(f) for f in (*formulas, *(d.formula for d in more if d.formula is not None)))
        for place in islice(np.ndindex(*shape), min(CHECKED, EFFORT // effort)):
            at = [place[axis] + 1 for axis in axes]
            value = float(array[place])
            if not np.isfinite(value) or not all(
                self._is(f, dict(zip(letters, at, strict=True)), value, more) for f in formulas
            ):
                found.append(self.writing.element(index, place))
        return tuple(found)

    def why_not(self, index: int, exceptions: tuple[Math, ...]) -> str:
        """Why a general formula does not hold at some elements."""
        if not exceptions:
            return ""
        if not np.isfinite(np.asarray(self.writing.at_the_point.adjoints[index])).all():
            return "infinite"
        tied = {tie.element for tie in self.writing.evidence.ties}
        if any(isinstance(self.writing.evidence.program.elements[k].meaning, Pick) for k in tied):
            return "tied"
        if not tied:
            return "zero"
        return "jump" if self.writing.at_the_point.jumps else "kink"

    def _is(self, formula: sp.Expr, letters: dict[sp.Symbol, int], value: float, more: tuple[Definition, ...]) -> bool:
        try:
            return close(self._point.once(formula, letters, more), value)
        except (ZeroDivisionError, ValueError, KeyError, IndexError, TypeError, NotImplementedError, StopIteration):
            return False

    def _parts(self, formula: sp.Basic) -> int:
        """How many parts of a formula are computed, those of a sum once for each of its terms."""
        inside = 1 + sum(map(self._parts, formula.args if not isinstance(formula, SUMS) else formula.args[:1]))
        if isinstance(formula, SUMS):
            for _, low, high in formula.limits:
                sizes = self.writing.forms.sizes
                low, high = (sizes.get(bound, bound) for bound in (low, high))
                whole = isinstance(low, int | sp.Integer) and isinstance(high, int | sp.Integer)
                inside *= max(int(high) - int(low) + 1, 1) if whole else max(sizes.values(), default=1)
        return inside

    @cached_property
    def _point(self) -> Point:
        assert self.writing.evidence.numbers is not None
        return Point(self.writing.forms, self.writing.evidence.numbers.bounded)


SUMS = (sp.Sum, sp.Product)


def _may_fail(formula: sp.Expr, names: set[str]) -> bool:
    """Whether a formula divides by something that is not a size, or is defined by others that may."""
    if any(str(symbol) in names for symbol in formula.free_symbols):
        return True
    return any(
        power.exp.could_extract_minus_sign() and not all(s.is_integer for s in power.base.free_symbols)
        for power in formula.atoms(sp.Pow)
    )
