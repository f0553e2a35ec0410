"""From what was got at several points to what is wrong: the first hypothesis that explains it at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import prod

from symdiff.agreement.diagnosis.edges import (
    of_conditions,
    of_edges,
    of_edges_by_factors,
    of_local_derivatives,
    of_values,
)
from symdiff.agreement.diagnosis.hypotheses import (
    Hypothesis,
    of_arrangement,
    of_factors,
    of_one_factor,
    of_shapes,
    of_some_elements,
)
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.agreement.diagnosis.terms import of_long_terms, of_products, of_terms
from symdiff.agreement.verdict import Verdict
from symdiff.closed_forms.elements import NoForm
from symdiff.evaluation.evaluate import Unsupported
from symdiff.sentences import Said, listed

__all__ = ["diagnose"]

Kind = Callable[[str, Observed], Iterator[Hypothesis]]

WHOLE: tuple[Kind, ...] = (of_factors, of_arrangement)
PARTS: tuple[Kind, ...] = (
    of_some_elements,
    of_terms,
    of_edges,
    of_conditions,
    of_local_derivatives,
    of_products,
    of_values,
    of_edges_by_factors,
    of_long_terms,
)
LAST: tuple[Kind, ...] = (of_one_factor,)

LARGEST = 2_000_000
"""The parts of a program that holds up to so many numbers are looked at one by one."""


def diagnose(points: Sequence[Observed]) -> tuple[Said, ...]:
    """What is wrong with the gradient by each input that is wrong at the first point, where it can be seen.

    A sentence is said of an input only where it explains what was got at every point.
    """
    first = points[0]
    if first.evidence.numbers is None:
        return ()
    wrong = [name for name, each in first.evidence.report.inputs.items() if each.verdict is Verdict.DISAGREE]
    return _together([(name, said) for name in wrong if (said := _of_input(name, points)) is not None])


def _together(found: Sequence[tuple[str, Said]]) -> tuple[Said, ...]:
    """What is said of several inputs in the same words, once."""
    names: dict[Said, list[str]] = {}
    for name, said in found:
        names.setdefault(replace(said, values={**said.values, "name": ""}), []).append(name)
    return tuple(replace(said, values={**said.values, "name": listed(each)}) for said, each in names.items())


def _of_input(name: str, points: Sequence[Observed]) -> Said | None:
    parts = PARTS if _small(points[0]) else PARTS[:1]
    kinds = (of_shapes,) if name in points[0].misshapen else (*WHOLE, *parts, *LAST)
    for kind in kinds:
        try:
            for hypothesis in kind(name, points[0]):
                if all(_holds(hypothesis, name, each) for each in points):
                    return hypothesis.said
        except (NoForm, NotImplementedError, Unsupported):
            continue  # this program has no such formula
    return None


def _holds(hypothesis: Hypothesis, name: str, observed: Observed) -> bool:
    try:
        return hypothesis.holds(name, observed)
    except (KeyError, IndexError):
        return False  # at that point the program took another way


def _small(observed: Observed) -> bool:
    elements = observed.program.elements
    return sum(prod(each.shape) for each in elements) <= LARGEST
