"""The outcome of a comparison as data: arrays of verdicts and errors, the worst element, and what else was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from symdiff.agreement.findings import Blame, Elsewhere, Finding, KinkAt, NearestKink
from symdiff.agreement.verdict import Verdict, found_in, worst_verdict
from symdiff.arrays import Array, unravelled
from symdiff.sentences import Said

__all__ = ["InputReport", "Outcome", "Worst"]


@dataclass(frozen=True, slots=True)
class InputReport:
    """One input's gradient both ways: arrays of the input's shape (for an array result: the result's shape in front).

    ``error_ulps`` counts in ulps of the larger of the wanted value and the largest term summed for it, ``plain_ulps``
    in ulps of the wanted value alone, ``explained_ulps`` is what rounding can explain. ``left`` and ``right`` are
    one-sided derivatives where they were asked for, else nan. ``jumps`` says where the value itself jumps.
    """

    automatic: Array
    symbolic: Array
    error_ulps: Array
    plain_ulps: Array
    explained_ulps: Array
    verdicts: Array
    left: Array
    right: Array
    jumps: Array

    @property
    def verdict(self) -> Verdict:
        """The worst of its elements' verdicts."""
        return worst_verdict(found_in(self.verdicts))

    @property
    def wrong(self) -> int:
        """How many of its elements are not ok."""
        not_ok = [each for each in found_in(self.verdicts) if not Verdict(each).ok]
        return sum(int(np.count_nonzero(self.verdicts == each)) for each in not_ok)


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that is furthest off: the input's name, its index (from 0), what was got and wanted.

    ``point`` is empty at the point that was given; where the gradient is wrong at another one only, it is that one.
    """

    input: str
    index: tuple[int, ...]
    got: float
    want: float
    error_ulps: float
    verdict: Verdict
    point: str = ""

    @property
    def element(self) -> str:
        """The element as it is written in code: ``x[0, 1]``."""
        return f"{self.input}[{', '.join(map(str, self.index))}]" if self.index else self.input


@dataclass(frozen=True, slots=True)
class Outcome:
    """The agreement of two gradients; ``ok`` for *agree*, *imprecise*, and *kink* with a valid subgradient.

    ``causes`` are the reasons as data, ``remarks`` what else must be told, ``findings`` what was checked beside the
    numbers, ``elsewhere`` another point at which the gradient is wrong, ``blame`` the first operation whose own
    derivative is wrong. ``kinks`` are those that the point stands on, ``nearest_kink`` is how far
    the nearest is. ``formulas`` has by input the derivation's formula in one line, ``call`` what reproduces the
    check; ``judged`` says whose gradient it is: the "engine"'s or one that was "given".
    """

    inputs: Mapping[str, InputReport]
    value: Array
    value_verdict: Verdict = Verdict.AGREE
    causes: tuple[Said, ...] = ()
    remarks: tuple[Said, ...] = ()
    unsupported: tuple[str, ...] = ()
    blame: Blame | None = None
    of: str = ""
    language: str = "en"
    strict: bool = False
    findings: tuple[Finding, ...] = ()
    elsewhere: Elsewhere | None = None
    kinks: tuple[KinkAt, ...] = ()
    nearest_kink: NearestKink | None = None
    formulas: Mapping[str, str] = field(default_factory=dict)
    call: str = ""
    judged: str = "engine"

    @property
    def verdict(self) -> Verdict:
        """The worst of the elements' verdicts, of the value's own, and of what was found at other points."""
        other = [] if self.elsewhere is None else [Verdict.DISAGREE]
        return worst_verdict([self.value_verdict, *other, *(each.verdict for each in self.inputs.values())])

    @property
    def ok(self) -> bool:
        """Whether the gradient may be used; a strict report takes nothing imprecise."""
        if not all(finding.ok for finding in self.findings):
            return False
        return self.verdict.ok and not (self.strict and self.verdict is Verdict.IMPRECISE)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is what it is, in the report's language."""
        return tuple(cause.in_words(self.language) for cause in self.causes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else must be told, in the report's language."""
        return tuple(remark.in_words(self.language) for remark in self.remarks)

    @property
    def worst(self) -> Worst | None:
        """The worst element by verdict, then by error; None where there are no elements."""
        found = [self._worst_of(name, each) for name, each in self.inputs.items() if each.automatic.size]
        here = min(found, key=lambda w: (w.verdict.rank, -_finite(w.error_ulps)), default=None)
        there = self.elsewhere
        if there is None or here is None or here.verdict is Verdict.DISAGREE:
            return here
        return Worst(
            there.input, there.index, there.got, there.want, there.error_ulps, Verdict.DISAGREE, point=there.point
        )

    def _worst_of(self, name: str, each: InputReport) -> Worst:
        verdict = each.verdict
        errors = np.where(each.verdicts == verdict, np.nan_to_num(each.error_ulps, nan=np.inf), -1.0)
        index = unravelled(int(np.argmax(errors)), errors.shape)
        return Worst(
            name,
            index,
            float(each.automatic[index]),
            float(each.symbolic[index]),
            float(each.error_ulps[index]),
            verdict,
        )


def _finite(value: float) -> float:
    return value if np.isfinite(value) else 1e308
