"""The derivation's numbers: what is true here, how large its terms are, and what rounding could do to it.

The truth is evaluated with mpmath, its precision doubled until the rounded value stands still. Programs too large for
that are evaluated in extended precision; the elements of which the error bound leaves more than half an ulp open are
evaluated again with mpmath, as far as a bound on the work allows, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
from symdiff.evaluation.precision import mp
from symdiff.meaning.terms import Implicit, Relation

EXACT_WORK = 60_000
"""Up to so many scalar operations (times the result's elements) mpmath computes everything."""

REFINED_WORK = 25_000
"""So many formulas are evaluated again with mpmath for chosen elements of larger programs."""

FAILURES = 20
"""After so many elements that depend on too much for that, the others are left as they are."""

FIRST_BITS, LAST_BITS = 120, 2000


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of one derivation at its point; gradients have the result's shape in front of the input's.

    Of a large program (not ``exact``) so many elements were ``asked`` for again by their error bound, and so many of
    them ``refined`` with mpmath.
    """

    value: Array
    gradients: Mapping[str, Array]
    scales: Mapping[str, Array]
    bounds: Mapping[str, Array]
    bounded: Forward
    exact: bool
    elements: tuple[Array | None, ...]
    asked: int = 0
    refined: int = 0


def numbers(derivation: Derivation, unit: float) -> Numbers:
    """Evaluate a derivation at its point; ``unit`` is the rounding unit of the arithmetic that is judged."""
    exact = work(derivation) <= EXACT_WORK
    with np.errstate(all="ignore"):
        run, truth = _truth(derivation) if exact else _extended(derivation)
        bounded_field = Bounded(unit)
        bounded = forward(derivation.program, bounded_field)
        bounds = {name: each.error for name, each in _gradients(derivation, bounded).items()}
        scales = {
            name: each.scale for name, each in _gradients(derivation, forward(derivation.program, Scales())).items()
        }
        elements = tuple(run.field.to_float(values) for values in run.values)
        asked, refined = (0, 0) if exact else _refined(derivation, bounded, truth)
    program = derivation.program
    return Numbers(elements[program.result], truth, scales, bounds, bounded, exact, elements, asked, refined)


def _refined(derivation: Derivation, run: Forward, truth: dict[str, Array]) -> tuple[int, int]:
    """Evaluate again, in place, what extended precision may have left open: how many elements, and of how many not."""
    # only programs too large for mpmath as a whole come here
    from symdiff.evaluation.refinement import Refinement, TooMuch

    extended = Bounded(float(np.finfo(np.longdouble).eps) / 2, pairs=True)
    bounds = _gradients(derivation, forward(derivation.program, extended, choices=run))
    refinement = Refinement(derivation, run, REFINED_WORK)
    rank = len(derivation.program.elements[derivation.program.result].shape)
    asked = refined = failed = 0
    for name, found in truth.items():
        found = truth[name] = np.array(found)
        excess = bounds[name].error / np.spacing(np.abs(found))
        open_still = np.argwhere(excess > 0.5)
        asked += len(open_still)
        # the worst first, for as long as the work allows
        for at in open_still[np.argsort(-excess[excess > 0.5], kind="stable")[:REFINED_WORK]]:
            place = tuple(map(int, at))
            if failed > FAILURES:
                break
            try:
                refinement.spend()
                found[place] = refinement.adjoint(name, place[:rank], place[rank:])
                refined += 1
            except (TooMuch, RecursionError):
                failed += 1
    return asked, refined


def work(derivation: Derivation) -> int:
    """About how many scalar operations one evaluation takes, for every element of the result."""
    program = derivation.program
    total = 0
    for element in program.elements:
        total += int(np.prod(element.shape, dtype=np.int64))
        if isinstance(element.meaning, Relation):
            for term in element.meaning.terms:
                total += int(np.prod([size.value for size in term.box], dtype=np.int64))
        if isinstance(element.meaning, Implicit):
            # an elimination takes as many steps as the longest of its matrices has rows
            operands = [program.elements[k].shape for k in element.operands]
            total += sum(int(np.prod(shape, dtype=np.int64)) * max(shape, default=1) for shape in operands)
    return total * max(1, int(np.prod(program.elements[program.result].shape, dtype=np.int64)))


def gradients(derivation: Derivation, run: Forward) -> dict[str, Values]:
    """The adjoints of the inputs asked for, in the run's field; for an array result, stacked over its elements."""
    return _gradients(derivation, run)


def _gradients(derivation: Derivation, run: Forward) -> dict[str, Values]:
    program, field = derivation.program, run.field
    shape = program.elements[program.result].shape
    if not shape:
        return _one(derivation, run, None)
    rows = []
    for position in np.ndindex(*shape):
        seed = np.zeros(shape)
        seed[position] = 1.0
        rows.append(_one(derivation, run, field.load(seed)))
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


def _truth(derivation: Derivation) -> tuple[Forward, dict[str, Array]]:
    field = Exact()
    bits, previous = FIRST_BITS, None
    while True:
        with mp.workprec(bits):
            run = forward(derivation.program, field)
            found = {name: field.to_float(each) for name, each in _gradients(derivation, run).items()}
        if previous is not None and all(np.array_equal(found[k], previous[k], equal_nan=True) for k in found):
            return run, found
        if bits >= LAST_BITS:
            return run, found
        bits, previous = bits * 2, found


def _extended(derivation: Derivation) -> tuple[Forward, dict[str, Array]]:
    field = Extended()
    run = forward(derivation.program, field)
    return run, {name: field.to_float(each) for name, each in _gradients(derivation, run).items()}
