"""The general form in which every declaration is stated: terms over a box of indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sympy as sp

from symdiff.meaning.formula import exact
from symdiff.meaning.sizes import Size, as_size
from symdiff.meaning.terms import (
    Affine,
    Decided,
    Implicit,
    Index,
    Lookup,
    Read,
    Relation,
    Run,
    Term,
    constant,
    slot,
    variable,
)
from symdiff.meaning.vocabulary.declared import Declared, Operand, Stated

if TYPE_CHECKING:
    from symdiff.meaning.sizes import Unifier


class General:
    """Terms, formulas and programs."""

    def __init__(self, unifier: Unifier) -> None:
        self._unifier = unifier

    def variables(self, count: int) -> list[Affine]:
        """The first ``count`` variables of a box."""
        return [variable(number) for number in range(count)]

    def term(
        self,
        out: Sequence[Index | int],
        reads: Sequence[tuple[Operand, Sequence[Index | int]]],
        formula: str | float | sp.Expr,
        box: Sequence[Size | int],
        product: bool = False,
        run: Run | None = None,
    ) -> Term:
        """One relation term; whole numbers among the positions are constants, and a number may be the formula."""
        if isinstance(formula, int | float):
            expression = exact(formula)
        else:
            expression = formula if isinstance(formula, sp.Basic) else _SLOT_FORMULAS[formula]
        return Term(
            tuple(map(_index, out)),
            tuple(Read(operand.place, tuple(map(_index, at))) for operand, at in reads),
            expression,
            tuple(map(as_size, box)),
            product=product,
            run=run,
        )

    def formula(self, text: str) -> Stated:
        """The general element as a text in the operands' names."""
        return Stated(text, False, {})

    def program(self, text: str, **names: object) -> Stated:
        """The result as a program of other operations, in the operands' names and ``names``."""
        return Stated(text, True, names)

    def relation(self, sizes: Sequence[Size | int], *terms: Term) -> Declared:
        """A result of the given sizes whose terms add up."""
        return Declared(tuple(map(as_size, sizes)), Relation(terms))

    def shaped(self, shape: Sequence[int]) -> Operand:
        """A stand-in of literal sizes, to ask for a map that is then read the other way."""
        return Operand(0, tuple(map(as_size, shape)))

    def same(self, *sizes: Size) -> Size:
        """One size for axes that the operation ties together."""
        first = sizes[0]
        for other in sizes[1:]:
            first = self._unifier.unify(first, other)
        return first

    def implicit(self, kind: str, sizes: Sequence[Size], **options: object) -> Declared:
        """Defined by the equation that ``symdiff.evaluation.implicit`` knows as ``kind``."""
        return Declared(tuple(sizes), Implicit(kind, tuple(sorted(options.items()))))

    def decided(self, kind: str, sizes: Sequence[Size | int], **options: object) -> Declared:
        """Piecewise constant, by the rule that ``symdiff.evaluation.decided`` knows as ``kind``."""
        return Declared(tuple(map(as_size, sizes)), Decided(kind, tuple(sorted(options.items()))))


def _index(position: Index | int) -> Index:
    return position if isinstance(position, Affine | Lookup) else constant(int(position))


_SLOT_FORMULAS: dict[str, sp.Expr] = {
    "s0": slot(0),
    "s0*s1": slot(0) * slot(1),
    "s0*s1*s2": slot(0) * slot(1) * slot(2),
}
