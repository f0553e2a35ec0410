"""What may be wrong with one step of the chain rule: a term is missing, or its sign is wrong, or a derivative is left
out, or the value of another step is read in the place of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp

from symdiff.agreement.diagnosis.factors import Factor, factors_near
from symdiff.agreement.diagnosis.hypotheses import Hypothesis, Predict, ratio_of, said_of_factor
from symdiff.agreement.diagnosis.observed import Observed, step_name
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Contribution, ThroughTerm
from symdiff.deadline import look
from symdiff.sentences import Said

__all__ = ["of_conditions", "of_edges", "of_edges_by_factors", "of_local_derivatives", "of_values"]

MOST = 150
"""Up to so many edges, and so many pairs of steps, are tried."""


def edges(observed: Observed) -> list[tuple[int, int]]:
    """Every step that sends something back, with what it sends it to: (to, from)."""
    found = observed.derivation.contributions
    return [
        (target, consumer)
        for target in observed.derivation.order
        for consumer in dict.fromkeys(each.consumer for each in found[target])
    ][:MOST]


def of_edges(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """What goes back along one edge is left out, or has the wrong sign."""
    for said, through, factor in _off_edges(name, observed):
        if factor is None or factor.kind == "sign":
            yield Hypothesis(said, _scaled(name, through, factor))


def of_edges_by_factors(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """What goes back along one edge is off by a factor."""
    for said, through, factor in _off_edges(name, observed):
        if factor is not None and factor.kind != "sign":
            yield Hypothesis(said, _scaled(name, through, factor))


def _off_edges(name: str, observed: Observed) -> Iterator[tuple[Said, Predict, Factor | None]]:
    """By edge the factors that it may be off by; None where it is missing."""
    program, whole = observed.program, observed.base[name]
    for target, consumer in edges(observed):
        look()
        through = _through(name, target, consumer)
        part = through(observed)
        if part is None or not np.any(part) or np.array_equal(part, whole):
            continue  # that is nothing, or everything, which has been tried
        missing = ratio_of(observed.got(name) - whole, part)
        if missing is None or not np.isfinite(missing):
            continue
        step, to = step_name(program, consumer), step_name(program, target)
        names: dict[str, str | Said] = {"name": name, "step": step, "to": to}
        if abs(1.0 + missing) < 2.0**-20:
            yield Said("diagnosis.edge.missing", names), through, None
            continue
        for factor in factors_near(1.0 + missing, observed.sizes, observed.unit):
            yield said_of_factor("diagnosis.edge", names, factor, observed), through, factor


def _through(name: str, target: int, consumer: int) -> Predict:
    """What reaches an input through one edge."""

    def predict(at: Observed) -> Array | None:
        contributions = at.derivation.contributions.get(target, ())
        rest = tuple(each for each in contributions if each.consumer != consumer)
        if len(rest) == len(contributions):
            return None
        # what gets nothing at all has no sum
        kept = rest or tuple(_times(each, sp.Integer(0)) for each in contributions if isinstance(each, ThroughTerm))
        if not kept:
            return None
        found = at.by_rule({target: kept})
        return at.base[name] - found[name]

    return predict


def _times(contribution: ThroughTerm, factor: sp.Expr) -> ThroughTerm:
    return replace(contribution, partial=factor * contribution.partial)


def _scaled(name: str, through: Predict, factor: Factor | None) -> Predict:
    def predict(at: Observed) -> Array | None:
        part = through(at)
        scale = 0.0 if factor is None else factor.value(at.sizes)
        return None if part is None else at.base[name] + (scale - 1.0) * part

    return predict


def of_local_derivatives(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """The derivative of one step is left out of the product: what comes to it is passed on as it is."""
    program = observed.program
    for target, consumer in edges(observed):
        look()
        contributions = [each for each in observed.derivation.contributions[target] if each.consumer == consumer]
        if len(contributions) != 1 or not isinstance(contributions[0], ThroughTerm) or contributions[0].partial == 1:
            continue
        names = {"name": name, "step": step_name(program, consumer), "to": step_name(program, target)}
        yield Hypothesis(Said("diagnosis.derivative.missing", names), _passed_on(name, target, consumer))


def _passing(contribution: Contribution) -> Contribution:
    """An edge whose partial is 1."""
    return replace(contribution, partial=sp.Integer(1)) if isinstance(contribution, ThroughTerm) else contribution


def _passed_on(name: str, target: int, consumer: int) -> Predict:
    def predict(at: Observed) -> Array | None:
        contributions = at.derivation.contributions.get(target, ())
        changed = tuple(_passing(each) if each.consumer == consumer else each for each in contributions)
        return at.by_rule({target: changed})[name]

    return predict


def of_conditions(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """One step's mask is left out, or is the other way round: a relu that passes on what it should stop."""
    program = observed.program
    for target, consumer in edges(observed):
        look()
        found = [each for each in observed.derivation.contributions[target] if each.consumer == consumer]
        if len(found) != 1 or not isinstance(found[0], ThroughTerm) or found[0].term.condition is None:
            continue
        names = {"name": name, "step": step_name(program, consumer)}
        for key, inverted in (("missing", False), ("other", True)):
            yield Hypothesis(Said(f"diagnosis.condition.{key}", names), _masked(name, consumer, inverted))


def _masked(name: str, element: int, inverted: bool) -> Predict:
    return lambda at: at.with_mask(element, inverted)[name]


def of_values(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """On the way back the value of one step is read where another's belongs."""
    program = observed.program
    counted = sorted(program.needed())
    tried = 0
    for element in counted:
        for other in counted:
            shape = program.elements[element].shape
            square = len(shape) == 2 and shape[0] == shape[1]
            if shape != program.elements[other].shape or (element == other and not square):
                continue
            tried += 1
            if tried > MOST:
                return
            look()
            names = {"name": name, "step": step_name(program, element), "other": step_name(program, other)}
            key = "diagnosis.value.transposed" if element == other else "diagnosis.value"
            yield Hypothesis(Said(key, names), _with_value(name, element, other))


def _with_value(name: str, element: int, other: int) -> Predict:
    def predict(at: Observed) -> Array | None:
        elements = at.program.elements
        if max(element, other) >= len(elements) or elements[element].shape != elements[other].shape:
            return None
        if element == other and len(set(elements[element].shape)) != 1:
            return None
        return at.with_value(element, other)[name]

    return predict
