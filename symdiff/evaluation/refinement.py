"""Chosen elements of large programs with mpmath: only what they depend on is evaluated, each of it once.

What an element is made of is followed from element to element. A bound on the number of formulas evaluated keeps the
cost of a chosen element apart from the size of the program: an element that depends on more of it is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from symdiff.arrays import flat, unravelled
from symdiff.calculus.chain_rule import Contribution, Derivation, ThroughTerm
from symdiff.calculus.contributions import BAR
from symdiff.evaluation.evaluate import Forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.precision import mp, settled
from symdiff.meaning.terms import MOVES, Affine, Element, Index, Lookup, Move, Relation, Term, slot

Place = tuple[int, ...]


class TooMuch(ValueError):
    """An element depends on more than may be evaluated, or through something that has no elements of its own."""


class Refinement:
    """Adjoints of single elements, for conditions and picks as ``run`` decided them.

    ``budget`` is the number of formulas that may be evaluated altogether.
    """

    def __init__(self, derivation: Derivation, run: Forward, budget: int) -> None:
        self.derivation, self.run, self.left = derivation, run, budget

    def adjoint(self, name: str, row: Place, place: Place) -> float:
        """The partial of the result's element ``row`` by an input's element, rounded once.

        Raises:
            TooMuch: the budget does not suffice.
        """
        index = self.derivation.program.inputs[name]

        def stands(before: Any, now: Any) -> bool:
            if not mp.isfinite(now):
                return float(now) == float(before) or bool(mp.isnan(now) and mp.isnan(before))
            # what no float holds is rounded to the same 0 whatever it is; a 0 may be all that is left of a difference
            held = bool(float(now)) and bool(np.isfinite(float(now)))
            return float(now) == float(before) if held else bool(now and abs(now - before) <= abs(now) * 2.0**-20)

        return float(settled(lambda: _Precision(self, row).adjoint(index, place), stands))

    def spend(self) -> None:
        """Count one formula."""
        self.left -= 1
        if self.left < 0:
            raise TooMuch


def dependence(derivation: Derivation) -> dict[str, int]:
    """By input about how many formulas one of its partials depends on, at two precisions.

    What is read over the variables of a box that the place does not fix is counted as read at different places, up to
    the number of elements there are.
    """
    program = derivation.program
    sizes = [int(np.prod(element.shape, dtype=np.int64)) for element in program.elements]
    return {name: 2 * _formulas(derivation, program.inputs[name], sizes) for name in program.wrt}


def _formulas(derivation: Derivation, start: int, sizes: Sequence[int]) -> int:
    program, total = derivation.program, 0
    adjoints, values = [0] * len(sizes), [0] * len(sizes)
    adjoints[start] = 1
    for index in reversed(derivation.order):
        for contribution in derivation.contributions.get(index, ()) if adjoints[index] else ():
            consumer = contribution.consumer
            if not isinstance(contribution, ThroughTerm):
                adjoints[consumer] = min(sizes[consumer], adjoints[consumer] + adjoints[index])
                continue
            term, fixed = contribution.term, _variables(contribution.at)
            total += adjoints[index] * _points(term, set(range(len(term.box))) - fixed)
            sent = adjoints[index] * _points(term, _variables(term.out) - fixed)
            adjoints[consumer] = min(sizes[consumer], adjoints[consumer] + sent)
            for read in term.reads:
                operand = program.elements[consumer].operands[read.operand]
                more = adjoints[index] * _points(term, _variables(read.at) - fixed)
                values[operand] = min(sizes[operand], values[operand] + more)
    for element in reversed(program.elements):
        needed = values[element.index]
        if not needed or element.meaning is None:
            continue
        if not isinstance(element.meaning, Relation):
            for operand in element.operands:
                values[operand] = min(sizes[operand], values[operand] + needed)
            continue
        for term in element.meaning.terms:
            fixed = _variables(term.out)
            total += needed * _points(term, set(range(len(term.box))) - fixed)
            for read in term.reads:
                operand = element.operands[read.operand]
                more = needed * _points(term, _variables(read.at) - fixed)
                values[operand] = min(sizes[operand], values[operand] + more)
    return total


def _variables(at: Sequence[Index]) -> set[int]:
    return {v for index in at for v in index.variables}


def _points(term: Term, variables: set[int]) -> int:
    """Over how many points some variables of a box run."""
    count = 1
    for v in variables:
        count *= term.box[v].value
    return count


class _Precision:
    """Elements at one precision, remembered."""

    def __init__(self, whole: Refinement, row: Place) -> None:
        self.whole, self.row = whole, row
        self.program = whole.derivation.program
        self.field = Exact()
        self.sizes = {symbol: mp.mpf(float(size)) for symbol, size in _sizes(whole.run).items()}
        self._values: dict[tuple[int, Place], Any] = {}
        self._adjoints: dict[tuple[int, Place], Any] = {}

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self, index: int, place: Place) -> Any:
        key = (index, place)
        if key not in self._values:
            element = self.program.elements[index]
            make = _VALUES.get(type(element.meaning))
            if make is None:
                raise TooMuch
            self._values[key] = make(self, element, place)
        return self._values[key]

    def leaf(self, element: Element, place: Place) -> Any:
        assert element.value is not None
        return mp.mpf(float(element.value[place]))

    def related(self, element: Element, place: Place) -> Any:
        total = mp.mpf(0)
        for number, term in enumerate(element.terms):
            if term.run is not None:
                raise TooMuch
            parts = [
                formula_value(self.field, term.formula, self.slots(element, term, box))
                for box in self.boxes(term, term.out, place)
                if self.holds(element, number, box)
            ]
            total += mp.fprod(parts) if term.product else mp.fsum(parts)
        return total

    def holds(self, element: Element, number: int, box: Place) -> bool:
        mask = self.whole.run.conditions.get((element.index, number))
        return mask is None or bool(mask[box])

    def slots(self, element: Element, term: Term, box: Place) -> dict[Any, Any]:
        self.whole.spend()
        read = {
            slot(k): self.value(element.operands[each.operand], _at(each.at, box)) for k, each in enumerate(term.reads)
        }
        return {**self.sizes, **read}

    def boxes(self, term: Term, at: Sequence[Index], place: Place) -> Iterator[Place]:
        """The points of a term's box whose index maps ``at`` are at a place."""
        maps = list(zip(at, place, strict=True))
        ranges: list[Sequence[int]] = [range(size.value) for size in term.box]
        for index, position in maps:
            if len(index.variables) == 1:
                (v,) = index.variables
                ranges[v] = [step for step in _solutions(index, position) if step in ranges[v]]
        # of maps of several variables the longest is solved for
        solved = {max(index.variables, key=lambda v: len(ranges[v])) for index, _ in maps if len(index.variables) > 1}
        free = [(0,) if v in solved else steps for v, steps in enumerate(ranges)]
        if int(np.prod([len(each) for each in free], dtype=np.float64)) > self.whole.left:
            raise TooMuch
        for point in product(*free):
            box = _completed(list(point), solved, maps)
            if all(box[v] in ranges[v] for v in solved) and _at(at, box) == place:
                yield box

    def moved(self, element: Element, place: Place) -> Any:
        (operand,) = element.operands
        shape = self.program.elements[operand].shape
        taken = self.whole.run.sources[element.index].taken(place)
        return mp.fsum(weight * self.value(operand, unravelled(position, shape)) for weight, position in taken)

    # --- adjoints -----------------------------------------------------------------------------------------------------

    def adjoint(self, index: int, place: Place) -> Any:
        key = (index, place)
        if key not in self._adjoints:
            if index == self.program.result:
                self._adjoints[key] = mp.mpf(place == self.row)
            else:
                sent = self.whole.derivation.contributions.get(index, ())
                self._adjoints[key] = mp.fsum(self.sent(contribution, index, place) for contribution in sent)
        return self._adjoints[key]

    def sent(self, contribution: Contribution, index: int, place: Place) -> Any:
        """What one consumer sends to an element."""
        consumer = self.program.elements[contribution.consumer]
        if isinstance(contribution, ThroughTerm):
            return self.through_term(consumer, contribution, place)
        if not isinstance(consumer.meaning, Move):
            raise TooMuch
        position = flat(place, self.program.elements[index].shape)
        given = self.whole.run.sources[consumer.index].given(position)
        return mp.fsum(weight * self.adjoint(consumer.index, at) for weight, at in given)

    def through_term(self, consumer: Element, contribution: ThroughTerm, place: Place) -> Any:
        term, partial = contribution.term, contribution.partial
        if term.product or term.run is not None:
            raise TooMuch
        which = next(k for k, other in enumerate(consumer.terms) if other is term)
        parts = []
        for box in self.boxes(term, contribution.at, place):
            if not self.holds(consumer, which, box):
                continue
            bar = self.adjoint(consumer.index, _at(term.out, box))
            if bar:
                parts.append(formula_value(self.field, BAR * partial, {**self.slots(consumer, term, box), BAR: bar}))
        return mp.fsum(parts)


_VALUES: Mapping[type, Callable[[_Precision, Element, Place], Any]] = {
    type(None): _Precision.leaf,
    Relation: _Precision.related,
    **dict.fromkeys(MOVES, _Precision.moved),
}


def _sizes(run: Forward) -> dict[Any, float]:
    return {symbol: float(run.field.to_float(size)) for symbol, size in run.sizes.items()}


def _solutions(index: Index, position: int) -> list[int]:
    """The steps of its one variable at which an index map is at a position."""
    if isinstance(index, Lookup):
        return [int(step) for step in np.flatnonzero(index.table.reshape(-1) == position)]
    ((_, coefficient),) = index.terms
    step, rest = divmod(position - index.const.value, coefficient)
    return [] if rest else [step]


def _completed(box: list[int], solved: set[int], maps: Sequence[tuple[Index, int]]) -> Place:
    """A point with the variables in ``solved`` found from the maps that contain them."""
    for index, position in maps:
        if isinstance(index, Affine) and len(index.terms) > 1:
            variable, coefficient = next((v, c) for v, c in index.terms if v in solved)
            others = sum(c * box[v] for v, c in index.terms if v != variable)
            box[variable] = (position - index.const.value - others) // coefficient
    return tuple(box)


def _at(indices: Sequence[Index], box: Sequence[int]) -> Place:
    """Index maps at a point of the box."""
    return tuple(_position(index, box) for index in indices)


def _position(index: Index, box: Sequence[int]) -> int:
    if isinstance(index, Lookup):
        return int(index.table[tuple(box[v] for v in index.variables)])
    return index.const.value + sum(coefficient * box[v] for v, coefficient in index.terms)
