"""What may be wrong with how one step is read on the way back: turned round, without a constant, counted instead of
summed, picked by everybody, summed over the other axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod

import numpy as np

from symdiff.agreement.diagnosis.edges import MOST, edges
from symdiff.agreement.diagnosis.hypotheses import Hypothesis
from symdiff.agreement.diagnosis.observed import Observed, step_name
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Contribution, ThroughTerm
from symdiff.evaluation.evaluate import Forward, forward
from symdiff.evaluation.moves import Shares
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Relation, slot
from symdiff.sentences import Said

__all__ = ["of_axes", "of_constants", "of_counts", "of_picks", "of_turned_values"]

Gradients = dict[str, Array]


def _of(name: str, key: str, names: dict[str, str], predict: Callable[[Observed], Gradients | None]) -> Hypothesis:
    def by_input(at: Observed) -> Array | None:
        found = predict(at)
        return None if found is None else found[name]

    return Hypothesis(Said(key, {"name": name, **names}), by_input)


def of_constants(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """A constant that is added is forgotten: the gradient is that of the function without it."""
    program = observed.program
    for element in program.elements:
        constant = _added(program, element.index)
        if constant:
            yield _of(name, "diagnosis.without", {"constant": f"{constant:g}"}, _without(element.index))


def _added(program: SymbolicProgram, index: int) -> float:
    """The constant that a step adds to its operand; 0 where that is not what it does."""
    element = program.elements[index] if index < len(program.elements) else None
    if element is None or not isinstance(element.meaning, Relation) or len(element.operands) != 1:
        return 0.0
    terms = element.meaning.terms
    same_shape = program.elements[element.operands[0]].shape == element.shape
    if len(terms) != 1 or terms[0].condition is not None or not same_shape:
        return 0.0
    constant = terms[0].formula - slot(0)
    return float(constant) if constant.is_number else 0.0


def _without(index: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        if not _added(at.program, index):
            return None

        def run() -> Forward:
            (operand,) = at.program.elements[index].operands
            with np.errstate(all="ignore"):
                return forward(at.program, at.run.field, {index: at.run.values[operand]}, at.run)

        return at.otherwise(("without", index), run)

    return predict


def of_turned_values(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """One step reads an operand transposed, or all steps read a value in reversed order."""
    program = observed.program
    needed = sorted(program.needed())
    for index in needed[:MOST]:
        step = program.elements[index]
        for place, operand in enumerate(step.operands):
            shape = program.elements[operand].shape
            if len(shape) == 2 and shape[0] == shape[1]:
                names = {"step": step_name(program, index), "other": step_name(program, operand)}
                yield _of(name, "diagnosis.read.transposed", names, _turned(index, place))
    for index in needed[:MOST]:
        if len(program.elements[index].shape) == 1 and program.elements[index].shape[0] > 1:
            names = {"step": step_name(program, index)}
            yield _of(name, "diagnosis.value.reversed", names, _reversed(index))


def _turned(index: int, place: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        elements = at.program.elements
        if index >= len(elements) or place >= len(elements[index].operands):
            return None
        operand = elements[index].operands[place]
        if len(set(elements[operand].shape)) != 1 or len(elements[operand].shape) != 2:
            return None

        def run() -> Forward:
            here = at.run
            return replace(here, seen={(index, place): here.field.map(here.values[operand], lambda array: array.T)})

        return at.otherwise(("turned", index, place), run)

    return predict


def _reversed(index: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        if index >= len(at.program.elements) or len(at.program.elements[index].shape) != 1:
            return None
        return at.otherwise(
            ("reversed", index), lambda: _with(at.run, index, at.run.field.map(at.run.values[index], np.flip))
        )

    return predict


def _with(run: Forward, index: int, value: object) -> Forward:
    values = list(run.values)
    values[index] = value
    return replace(run, values=values)


def of_counts(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """Where a sum belongs, how many were summed is read."""
    program = observed.program
    for index in sorted(program.needed()):
        count = _count(program, index)
        if count:
            letter = next((n for n, size in observed.sizes.items() if size == count), str(count))
            names = {"step": step_name(program, index), "other": letter}
            yield _of(name, "diagnosis.value", names, _counted(index))


def _count(program: SymbolicProgram, index: int) -> int:
    """How many numbers each element of a sum adds up; 0 where it is none."""
    element = program.elements[index]
    if element.operation != "sum" or len(element.operands) != 1:
        return 0
    return prod(program.elements[element.operands[0]].shape) // max(prod(element.shape), 1)


def _counted(index: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        count = _count(at.program, index) if index < len(at.program.elements) else 0
        if not count:
            return None
        shape = at.program.elements[index].shape
        return at.otherwise(
            ("counted", index), lambda: _with(at.run, index, at.run.field.load(np.full(shape, float(count))))
        )

    return predict


def of_picks(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """What only the extreme element should get is passed on to every one."""
    for index, choice in observed.run.sources.items():
        if isinstance(choice, Shares):
            yield _of(name, "diagnosis.pick", {"step": step_name(observed.program, index)}, _for_all(index))


def _for_all(index: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        choice = at.run.sources.get(index)
        if not isinstance(choice, Shares):
            return None
        everybody = replace(choice, weights=np.ones_like(choice.weights))
        return at.otherwise(("picked", index), lambda: replace(at.run, sources={**at.run.sources, index: everybody}))

    return predict


def of_axes(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """What comes back through a square matrix is summed over the other axis."""
    program = observed.program
    for target, consumer in edges(observed):
        if _crossed(observed, target, consumer) is not None:
            names = {"step": step_name(program, consumer), "to": step_name(program, target)}
            yield _of(name, "diagnosis.axis", names, _over_the_other(target, consumer))


def _over_the_other(target: int, consumer: int) -> Callable[[Observed], Gradients | None]:
    def predict(at: Observed) -> Gradients | None:
        crossed = _crossed(at, target, consumer)
        return None if crossed is None else at.by_rule(target, crossed)

    return predict


def _crossed(at: Observed, target: int, consumer: int) -> tuple[Contribution, ...] | None:
    """The contributions to a target with one consumer's cotangent read across; None where that says nothing."""
    contributions = at.derivation.contributions.get(target, ())
    element = at.program.elements[consumer] if consumer < len(at.program.elements) else None
    if element is None or len(element.shape) != 2 or len(set(element.shape)) != 1 or element.shape[0] < 2:
        return None
    if not isinstance(element.meaning, Relation):
        return None
    changed = False
    crossed: list[Contribution] = []
    for each in contributions:
        if each.consumer != consumer or not isinstance(each, ThroughTerm) or each.term.condition is not None:
            crossed.append(each)
            continue
        read = {v for index in each.at for v in index.variables}
        if len(each.term.box) != 2 or len(read) == 2:
            crossed.append(each)  # nothing is summed
            continue
        changed = True
        crossed.append(replace(each, term=replace(each.term, out=each.term.out[::-1])))
    return tuple(crossed) if changed else None
