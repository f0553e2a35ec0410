"""Which steps of a long program a page shows: the first of their kind, and the last ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from symdiff.closed_forms.readable.costs import FIRST, FOLDED, LAST, LONG_PROGRAM
from symdiff.meaning.program import SymbolicProgram

__all__ = ["Fold", "folded"]

Kind = Hashable

GAP = 8
"""Fewer steps than this are not worth a sentence that says that they are left out."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps that a page leaves out, by their elements; ``alike`` where each is of a kind that is shown."""

    elements: tuple[int, ...]
    alike: bool


def folded(program: SymbolicProgram, steps: Sequence[int]) -> tuple[int | Fold, ...]:
    """The elements whose steps are shown, in their order, with a fold in the place of those that are not.

    What a step does and what it does it with makes its kind. Of up to ``FOLDED`` steps all are shown, and of up to
    ``LONG_PROGRAM`` if most are of a kind of their own. Of more the first of each kind are, as far as ``FIRST`` goes,
    and the ``LAST``: of a loop its first turn or two, and the end of its last.
    """
    kinds = [_kind(program, index) for index in steps]
    if len(steps) <= FOLDED or (len(steps) <= LONG_PROGRAM and 2 * len(set(kinds)) > len(steps)):
        return tuple(steps)
    known: set[Kind] = set()
    shown: list[bool] = []
    for kind in kinds:
        new = kind not in known and sum(shown) < FIRST
        if new:
            known.add(kind)
        shown.append(new)
    shown[-LAST:] = [True] * LAST
    known.update(kinds[-LAST:])
    return tuple(_folds(steps, kinds, _without_gaps(shown), known))


def _folds(
    steps: Sequence[int], kinds: Sequence[Kind], shown: Sequence[bool], known: set[Kind]
) -> Iterator[int | Fold]:
    for seen, group in groupby(range(len(steps)), key=shown.__getitem__):
        places = list(group)
        if seen:
            yield from (steps[place] for place in places)
        else:
            yield Fold(tuple(steps[place] for place in places), all(kinds[place] in known for place in places))


def _without_gaps(shown: Sequence[bool]) -> list[bool]:
    """The same with what lies between two that are shown shown, too, where that is little."""
    found: list[bool] = []
    for seen, group in groupby(shown):
        places = list(group)
        found += [seen or len(places) < GAP] * len(places)
    return found


def _kind(program: SymbolicProgram, index: int) -> Kind:
    element = program.elements[index]
    return element.operation, element.shape, tuple(program.elements[k].operation for k in element.operands)
