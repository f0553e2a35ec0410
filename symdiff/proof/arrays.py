"""Rules on whole arrays: in index notation for every length, element by element for the sample's, or at points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from autodiff.declare.op import Op, Sample
from symdiff.algebra.forms import TooLong
from symdiff.closed_forms.elements import NoForm
from symdiff.evaluation.evaluate import Unsupported
from symdiff.proof.exact_points import wrong_at
from symdiff.proof.expansion import Expansion, TooLarge
from symdiff.proof.forms import Forms
from symdiff.proof.outcome import Counterexample, Finding, Status
from symdiff.proof.trial import Cotangent, Trial, trial_of

POINTS = 3
CHOSEN = "other choices than the sample's"


def findings(op: Op, samples: Sequence[Sample] | None = None) -> list[Finding]:
    """The outcome for every operand in the structure of every sample."""
    seen: dict[str, None] = {}
    found: list[Finding] = []
    unproved: dict[str, str] = {}
    for sample in op.samples if samples is None else samples:
        structure = structure_of(op, sample)
        if structure not in seen:
            seen[structure] = None
            found += _of_sample(op, sample, structure, unproved)
            # one structure that is not proved is enough: the others are looked at in points
            unproved |= {f.operand: f.structure for f in found if f.status is Status.POINTS}
    return found


def structure_of(op: Op, sample: Sample) -> str:
    """A sample's shapes and static parameters; arrays of values that are alike in these are proved once."""
    operands, _ = op.binding.bind(sample.operands, dict(sample.params))
    shapes = " ".join("number" if not np.ndim(x) else str(np.shape(x)).replace(" ", "") for x in operands)
    params = ", ".join(f"{name}={_short(value)}" for name, value in sample.params.items())
    return f"{shapes} {params}".strip()


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 40 else text[:36] + " ..."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a cotangent right: for which borders and lengths it does, and whether any."""

    shown: bool
    off: tuple[str, ...] = ()
    fixed: bool = False
    reason: str = ""


def _of_sample(op: Op, sample: Sample, structure: str, unproved: Mapping[str, str]) -> list[Finding]:
    try:
        case = Case(structure, trial_of(op, sample), trial_of(op, sample, fixed=True))
    except (ValueError, TypeError) as error:
        return [Finding("", structure, Status.POINTS, f"it cannot run on symbols: {error}")]
    pairs = zip(case.trial.cotangents, case.fixed.cotangents, strict=True)
    return [case.finding(cotangent, same, unproved.get(cotangent.name, "")) for cotangent, same in pairs]


@dataclass(frozen=True)
class Case:
    """One structure: recorded with letters for its lengths, and with the numbers that they are."""

    structure: str
    trial: Trial
    fixed: Trial

    @cached_property
    def forms(self) -> Forms:
        return Forms(self.trial)

    @cached_property
    def fixed_forms(self) -> Forms:
        return Forms(self.fixed)

    @cached_property
    def expansion(self) -> Expansion:
        return Expansion(self.fixed)

    @cached_property
    def checked(self) -> Checked:
        return _checked(self.fixed)

    def finding(self, cotangent: Cotangent, same: Cotangent, unproved: str) -> Finding:
        """The outcome for one operand; ``same`` is its cotangent with fixed lengths.

        ``unproved`` is a structure in which it could not be proved already.
        """
        name, structure = cotangent.name, self.structure
        if self.trial.unsupported:
            return Finding(name, structure, Status.POINTS, f"{self.trial.unsupported} has no meaning")
        if name in self.checked.wrong:
            return Finding(name, structure, Status.REFUTED, counterexample=self.checked.wrong[name])
        if cotangent.index is None or same.index is None:
            return Finding(name, structure, Status.POINTS, cotangent.reason or same.reason)
        opaque = self.trial.opaque_in(cotangent.index)
        if opaque:
            return Finding(name, structure, Status.POINTS, f"{opaque} has no meaning")
        if unproved:
            return Finding(name, structure, Status.POINTS, f"as for {unproved} ({self.checked})")
        evidence = self._evidence(cotangent, same)
        if not evidence.shown:
            return Finding(name, structure, Status.POINTS, f"{evidence.reason} ({self.checked})")
        elements = self.fixed.program.elements
        lengths = tuple(sorted({n for e in elements if e.name for n in e.shape})) if evidence.fixed else ()
        off = tuple(dict.fromkeys(evidence.off + ((CHOSEN,) if self.trial.recorder.peeked else ())))
        return Finding(name, structure, Status.PROVED, off=off, fixed=lengths)

    def _evidence(self, cotangent: Cotangent, same: Cotangent) -> Evidence:
        first = _by_forms(lambda: self.forms, cotangent)
        if first.shown:
            return replace(first, fixed=_pinned(self.trial))
        again = _by_forms(lambda: self.fixed_forms, same)
        if again.shown:
            return replace(again, fixed=True)
        try:
            if self.expansion.agrees(same):
                return Evidence(True, (CHOSEN,) if self.expansion.chooses else (), fixed=True)
        except TooLarge as error:
            return Evidence(False, reason=first.reason or str(error))
        except (TypeError, ValueError, NotImplementedError, AttributeError, ZeroDivisionError):
            return Evidence(False, reason=first.reason or "its elements have no formulas")
        return Evidence(False, reason=first.reason or "the formulas could not be shown equal")


def _by_forms(made: Callable[[], Forms], cotangent: Cotangent) -> Evidence:
    try:
        forms = made()
        difference = forms.difference(cotangent)
    except NoForm as error:
        return Evidence(False, reason=str(error))
    except TooLong:
        return Evidence(False, reason="its formula is too long")
    return Evidence(not difference.terms, tuple(forms.off))


def _pinned(trial: Trial) -> bool:
    """Whether a length that was a letter had to become a number."""
    unifier = trial.recorder.unifier
    sizes = [size for e in trial.program.elements if e.name is not None for size in e.sizes if size.symbolic]
    return any(unifier.resolve(size.formula).is_Integer for size in sizes)


@dataclass(frozen=True, slots=True)
class Checked:
    """How many points were looked at, and by operand where its cotangent is wrong."""

    points: int
    wrong: Mapping[str, Counterexample]

    def __str__(self) -> str:
        return f"{self.points} points, 60 digits" if self.points else "no point could be evaluated either"


def _checked(trial: Trial) -> Checked:
    ready = tuple(c for c in trial.cotangents if c.index is not None and not trial.opaque_in(c.index))
    wrong: dict[str, Counterexample] = {}
    points = 0
    if not ready or trial.unsupported:
        return Checked(0, {})
    try:
        for point in wrong_at(trial, ready, POINTS):
            points += 1
            for name, counterexample in point.items():
                wrong.setdefault(name, counterexample)
    except (Unsupported, NotImplementedError, TypeError, ValueError, ZeroDivisionError, mpmath.mp.NoConvergence):
        return Checked(points, wrong)
    return Checked(points, wrong)
