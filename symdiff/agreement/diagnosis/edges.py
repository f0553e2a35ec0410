"""What may be wrong with one step of the chain rule: a term that is missing, a sign, a derivative left out, the value of
another step read in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp

from symdiff.agreement.diagnosis.factors import factors_near
from symdiff.agreement.diagnosis.hypotheses import Hypothesis, Predict, ratio_of, said_of_factor
from symdiff.agreement.diagnosis.observed import Observed, step_name
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Contribution
from symdiff.deadline import look
from symdiff.sentences import Said

__all__ = ["of_edges", "of_local_derivatives", "of_values"]

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
    """What goes back along one edge is left out, has the wrong sign, or is off by a factor."""
    program, got = observed.program, observed.got(name)
    for target, consumer in edges(observed):
        look()
        through = _through(name, target, consumer)
        part = through(observed)
        if part is None or not np.any(part):
            continue
        whole = observed.base[name]
        if np.array_equal(part, whole):
            continue  # that is everything, and has been tried
        missing = ratio_of(got - whole, part)
        if missing is None or not np.isfinite(missing):
            continue
        scale = 1.0 + missing
        names: dict[str, str | Said] = {"name": name, "step": step_name(program, consumer), "to": step_name(program, target)}
        if abs(scale) < 2.0**-20:
            yield Hypothesis(Said("diagnosis.edge.missing", names), _scaled(name, through, 0.0))
            continue
        for factor in factors_near(scale, observed.sizes, observed.unit):
            said = said_of_factor("diagnosis.edge", names, factor, observed)
            yield Hypothesis(said, _scaled(name, through, factor.value(observed.sizes)))


def _through(name: str, target: int, consumer: int) -> Predict:
    """What reaches an input through one edge."""

    def predict(at: Observed) -> Array | None:
        contributions = at.derivation.contributions.get(target, ())
        rest = tuple(each for each in contributions if each.consumer != consumer)
        if len(rest) == len(contributions):
            return None
        # what gets nothing at all has no sum
        kept = rest or tuple(_times(each, sp.Integer(0)) for each in contributions if each.partial is not None)
        if not kept:
            return None
        found = at.by_rule({target: kept})
        return at.base[name] - found[name]

    return predict


def _times(contribution: Contribution, factor: sp.Expr) -> Contribution:
    assert contribution.partial is not None
    return replace(contribution, partial=factor * contribution.partial)


def _scaled(name: str, through: Predict, scale: float) -> Predict:
    def predict(at: Observed) -> Array | None:
        part = through(at)
        return None if part is None else at.base[name] + (scale - 1.0) * part

    return predict


def of_local_derivatives(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """The derivative of one step is left out of the product: what comes to it is passed on as it is."""
    program = observed.program
    for target, consumer in edges(observed):
        look()
        contributions = [each for each in observed.derivation.contributions[target] if each.consumer == consumer]
        if len(contributions) != 1 or contributions[0].partial is None or contributions[0].partial.is_number:
            continue
        names = {"name": name, "step": step_name(program, consumer), "to": step_name(program, target)}
        yield Hypothesis(Said("diagnosis.derivative.missing", names), _passed_on(name, target, consumer))


def _passed_on(name: str, target: int, consumer: int) -> Predict:
    def predict(at: Observed) -> Array | None:
        contributions = at.derivation.contributions.get(target, ())
        changed = tuple(
            replace(each, partial=sp.Integer(1)) if each.consumer == consumer and each.partial is not None else each
            for each in contributions
        )
        return at.by_rule({target: changed})[name]

    return predict


def of_values(name: str, observed: Observed) -> Iterator[Hypothesis]:
    """On the way back the value of one step is read where another's belongs."""
    program = observed.program
    counted = sorted(program.needed())
    tried = 0
    for element in counted:
        for other in counted:
            if element == other or program.elements[element].shape != program.elements[other].shape:
                continue
            tried += 1
            if tried > MOST:
                return
            look()
            names = {"name": name, "step": step_name(program, element), "other": step_name(program, other)}
            yield Hypothesis(Said("diagnosis.value", names), _with_value(name, element, other))


def _with_value(name: str, element: int, other: int) -> Predict:
    return lambda at: at.with_value(element, other)[name] if len(at.program.elements) > max(element, other) else None
