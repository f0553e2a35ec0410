"""The derivation's numbers: what is true here, how large its terms are, and how sure that is.

Cheap first: the derivation is evaluated in the platform's extended precision, with a running bound on what that may be
off. Elements that the bound leaves open by more than half an ulp, and all that are not finite, are evaluated with
mpmath, its precision doubled until the rounded value stands still: the whole program where it is small, otherwise the
elements alone, as far as a bound on the work allows; how many were left is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import Forward, backward, forward
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.bounded import Bounded
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.extended import Extended
from symdiff.evaluation.fields.scaled import Scales
from symdiff.evaluation.fields.views import part
from symdiff.evaluation.precision import PRECISIONS, at_precision, mp, settled
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Implicit

EXACT_WORK = 60_000
"""Up to so many scalar operations (times the result's elements) mpmath computes everything where it must."""

REFINED_WORK = 25_000
"""So many formulas are evaluated again with mpmath for chosen elements of larger programs."""

ASKED = 50
"""Of elements that depend on so much that fewer than this could be evaluated again, none is, unless fewer are asked."""

FAILURES = 20
"""After so many elements that depend on too much for that, the others are left as they are."""

TO_THE_BIT = 4_000
"""Programs of so many operations have every partial to half an ulp, with mpmath where extended precision is not enough.

Of larger ones extended precision is enough where its error bound, which is the worst case of n roundings, lies within
``WORST_CASE`` ulps of the largest term that is summed for a partial, and leaves ``DIGITS`` of the partial itself: the
error is a small part of the bound.
"""

CANCELS = 2.0**30
"""Scales in floats that are so much larger than a partial may be what cancelled in a formula."""

DIGITS = 2.0**-40
WORST_CASE = 2.0


WIDE = float(np.finfo(np.longdouble).eps) < 2.0**-60
"""Whether the platform's extended precision is finer than double precision."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one derivation at its point; gradients have the result's shape in front of the input's.

    ``doubts`` bound what the gradients may be off themselves: nothing where mpmath or the bound settled them.
    ``elements`` are the values of the program's elements. Of a large program (not ``small``) so many elements were
    ``asked`` for again by their error bound, and so many of them ``refined`` with mpmath.
    """

    value: Array
    gradients: Mapping[str, Array]
    scales: Mapping[str, Array]
    doubts: Mapping[str, Array]
    bounded: Forward
    small: bool
    elements: tuple[Array | None, ...]
    asked: int = 0
    refined: int = 0


def numbers(derivation: Derivation, unit: float) -> Numbers:
    """Evaluate a derivation at its point; ``unit`` is the rounding unit of the arithmetic that is judged."""
    program = derivation.program
    small = work(derivation) <= EXACT_WORK
    asked = refined = 0
    with np.errstate(all="ignore"):
        bounded = forward(program, Bounded(unit, pairs=True))
        scales = _scales(derivation, Scales())
        doubts = {name: np.zeros(each.shape) for name, each in scales.items()}
        largest = scales if work(derivation) > TO_THE_BIT else {}
        settled = _in_extended(derivation, largest) if WIDE or not small else None
        if settled is not None and (not small or not settled.open_still):
            run, found, doubts = settled.run, settled.gradients, settled.doubts
            if settled.open_still:
                asked, refined = _refined(derivation, bounded, settled)
        else:
            run, found = _in_mpmath(derivation, {} if settled is None else settled.doubts)
        given = [None if element.meaning is not None else element.value for element in program.elements]
        elements = tuple(
            run.field.to_float(values) if value is None or value.dtype != np.float64 else value
            for values, value in zip(run.values, given, strict=True)
        )
        if small and any(_doubtful(scales[name], found[name]) for name in found):
            exact = at_precision(PRECISIONS[-1], lambda: _scales(derivation, Scales(Exact())))
            scales = {name: np.fmin(scales[name], each) for name, each in exact.items()}
    return Numbers(elements[program.result], found, scales, doubts, bounded, small, elements, asked, refined)


def _scales(derivation: Derivation, field: Scales) -> dict[str, Array]:
    found = gradients(derivation, forward(derivation.program, field))
    return {name: np.asarray(each.scale, dtype=np.float64) for name, each in found.items()}


def _doubtful(scale: Array, found: Array) -> bool:
    """Whether scales may be what cancels within a formula, in floats: these are not summed by any operation."""
    return bool(np.any((scale > CANCELS * np.abs(found)) & (found != 0)))


@dataclass(slots=True)
class _Extended:
    """A run in extended precision; ``doubts`` bound its errors, ``open`` says where they are too large."""

    run: Forward
    gradients: dict[str, Array]
    doubts: dict[str, Array]
    open: dict[str, Array]

    @property
    def open_still(self) -> bool:
        return any(bool(each.any()) for each in self.open.values())


def _in_extended(derivation: Derivation, largest: Mapping[str, Array]) -> _Extended:
    """A run in extended precision; ``largest`` are the largest terms summed, where these are what counts."""
    field = Extended()
    run = forward(derivation.program, field)
    found = {name: _own(field.to_float(each)) for name, each in gradients(derivation, run).items()}
    certified = Bounded(float(np.finfo(np.longdouble).eps) / 2, pairs=True)
    bounds = gradients(derivation, forward(derivation.program, certified, choices=run))
    doubts = {name: _without_nan(each.error) for name, each in bounds.items()}
    open_still = {name: _open(each, doubts[name], largest.get(name)) for name, each in found.items()}
    return _Extended(run, found, doubts, open_still)


def _own(array: Array) -> Array:
    """An array that may be written to."""
    return array if array.flags.writeable and array.flags.owndata else np.array(array)


def _without_nan(errors: Array) -> Array:
    errors = np.asarray(errors)
    return np.where(np.isnan(errors), np.inf, errors) if np.isnan(np.max(errors, initial=0.0)) else errors


def _open(found: Array, doubts: Array, largest: Array | None) -> Array:
    """Where numbers are not finite, or a bound leaves more open than may be."""
    size = np.abs(found)
    still: Array = ~(doubts <= 0.5 * np.spacing(size)) | ~np.isfinite(found)
    if largest is not None and still.any():
        within = WORST_CASE * np.spacing(np.fmax(size, np.nan_to_num(largest)))
        still &= ~(doubts <= np.fmin(within, DIGITS * size)) | ~np.isfinite(found)
    return still


def _refined(derivation: Derivation, run: Forward, settled: _Extended) -> tuple[int, int]:
    """Evaluate again, in place, what extended precision left open: how many elements, and of how many not."""
    # only programs too large for mpmath as a whole come here
    from symdiff.evaluation.refinement import Refinement, TooMuch, dependence

    refinement = Refinement(derivation, run, REFINED_WORK)
    costs = dependence(derivation)
    wanted = sum(int(each.sum()) for each in settled.open.values())
    affordable = REFINED_WORK // min(ASKED, max(1, wanted))
    rank = len(derivation.program.elements[derivation.program.result].shape)
    asked = refined = failed = 0
    for name, found in settled.gradients.items():
        doubts = settled.doubts[name] = _own(settled.doubts[name])
        mask = settled.open[name]
        open_still = np.argwhere(mask)
        asked += len(open_still)
        if costs[name] > affordable:
            continue
        # the worst first, for as long as the work allows
        excess = (doubts / np.spacing(np.abs(found)))[mask]
        for at in open_still[np.argsort(-excess, kind="stable")[:REFINED_WORK]]:
            place = tuple(map(int, at))
            if failed > FAILURES:
                break
            try:
                refinement.spend()
                found[place] = refinement.adjoint(name, place[:rank], place[rank:])
                doubts[place] = 0.0
                refined += 1
            except (TooMuch, RecursionError):
                failed += 1
    return asked, refined


def work(derivation: Derivation) -> int:
    """About how many scalar operations one evaluation takes, for every element of the result."""
    program = derivation.program
    total = 0
    for element in program.elements:
        total += element.size
        for term in element.terms:
            total += int(np.prod([size.value for size in term.box], dtype=np.int64))
        if isinstance(element.meaning, Implicit):
            # an elimination takes as many steps as the longest of its matrices has rows
            operands = [program.elements[k].shape for k in element.operands]
            total += sum(int(np.prod(shape, dtype=np.int64)) * max(shape, default=1) for shape in operands)
    return total * max(1, int(np.prod(program.elements[program.result].shape, dtype=np.int64)))


def gradients(derivation: Derivation, run: Forward) -> dict[str, Values]:
    """The adjoints of the inputs asked for, in the run's field; for an array result, stacked over its elements."""
    program, field = derivation.program, run.field
    shape = program.elements[program.result].shape
    if not shape:
        return _one(derivation, run, None)
    rows = []
    run.again = {} if work(derivation) <= EXACT_WORK else None  # of larger programs it would fill the memory
    for position in np.ndindex(*shape):
        seed = np.zeros(shape)
        seed[position] = 1.0
        rows.append(_one(derivation, run, field.load(seed)))
    run.again = None
    return {name: _stacked(field, [row[name] for row in rows], shape) for name in program.wrt}


def _one(derivation: Derivation, run: Forward, seed: Values | None) -> dict[str, Values]:
    program, field = derivation.program, run.field
    adjoints = backward(derivation, run, seed)
    return {
        name: adjoints.get(program.inputs[name], field.zeros(program.elements[program.inputs[name]].shape))
        for name in program.wrt
    }


def _stacked(field: Field, rows: list[Values], shape: tuple[int, ...]) -> Values:
    inner = field.shape(rows[0]) if rows else ()
    total = field.zeros((len(rows), *inner))
    for place, row in enumerate(rows):
        field.add_into(total, part(slice(place, place + 1)), row)
    return field.map(total, lambda a: a.reshape((*shape, *inner)))


_Exactly: TypeAlias = tuple[Forward, dict[str, Values], dict[str, Array]]
"""A run, its gradients, and these rounded."""


def _in_mpmath(derivation: Derivation, doubts: Mapping[str, Array]) -> tuple[Forward, dict[str, Array]]:
    """The run and the gradients at the precision at which the rounded gradients stand still.

    What two precisions share is taken only where it is a number: a 0 may be all that is left of a difference, unless
    the bound (``doubts``) says that it is one.
    """
    field = Exact()

    def compute() -> _Exactly:
        run = forward(derivation.program, field)
        exact = gradients(derivation, run)
        return run, exact, {name: field.to_float(each) for name, each in exact.items()}

    def stands(before: _Exactly, now: _Exactly) -> bool:
        same = all(np.array_equal(each, before[2][name], equal_nan=True) for name, each in now[2].items())
        same = same and all(_same_beyond(each, before[1][name], now[2][name]) for name, each in now[1].items())
        return same and all(_is_settled(each, doubts.get(name)) for name, each in now[1].items())

    run, _, found = settled(compute, stands)
    return run, found


def settled_values(program: SymbolicProgram, choices: Forward) -> list[Array]:
    """The value of every element of a small program, in the branches of ``choices``, each rounded once."""
    field = Exact()

    def compute() -> tuple[list[Values], list[Array]]:
        values = forward(program, field, choices=choices).values
        return values, [field.to_float(each) for each in values]

    def stands(before: tuple[list[Values], list[Array]], now: tuple[list[Values], list[Array]]) -> bool:
        same = all(map(np.array_equal, now[1], before[1])) and all(map(_same_beyond, now[0], before[0], now[1]))
        return same and all(_is_settled(each, None) for each in now[0])

    return settled(compute, stands)[1]


def values_in_doubt(program: SymbolicProgram, choices: Forward) -> list[Array]:
    """By how much the values of ``Numbers.elements`` of a large program may be off, at most."""
    certified = forward(program, Bounded(float(np.finfo(np.longdouble).eps) / 2, pairs=True), choices=choices)
    return [
        np.where(np.isnan(each.error), np.inf, np.broadcast_to(each.error, np.shape(each.value)))
        for each in certified.values
    ]


def _same_beyond(now: Values, before: Values, rounded: Array) -> bool:
    """Whether numbers that no float holds, rounded to 0 or an infinity, are about the same at two precisions."""
    beyond = (rounded == 0) | np.isinf(rounded)
    if not beyond.any():
        return True
    pairs = zip(np.asarray(now)[beyond].flat, np.asarray(before)[beyond].flat, strict=True)
    return all(a == b or not mp.isfinite(a) or abs(a - b) <= abs(a) * 2.0**-20 for a, b in pairs)


def _is_settled(values: Values, doubts: Array | None) -> bool:
    """Whether no value is 0, but for those that are known to be, infinite or nan."""
    zero = np.asarray(values == 0, dtype=bool)
    if doubts is not None:
        zero &= doubts > 0
    return not zero.any() and bool(np.all(_FINITE(values)))


_FINITE = np.frompyfunc(lambda x: mp.isfinite(x), 1, 1)
