"""The outcome of a comparison: arrays of verdicts and errors, the worst element, and words about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from symdiff.agreement.verdict import Verdict, worst_verdict
from symdiff.arrays import Array
from symdiff.printing.widths import pad, width_of
from symdiff.sentences import Said, Sentences, listed, sentences


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
        return worst_verdict(self.verdicts.reshape(-1).tolist())


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that is furthest off: the input's name, its index (from 0), what was got and wanted."""

    input: str
    index: tuple[int, ...]
    got: float
    want: float
    error_ulps: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The agreement of two gradients; ``ok`` for *agree*, *imprecise*, and *kink* with a valid subgradient.

    ``causes`` are the reasons as data, ``remarks`` what else must be told.
    """

    inputs: Mapping[str, InputReport]
    value: Array
    value_verdict: Verdict = Verdict.AGREE
    causes: tuple[Said, ...] = ()
    remarks: tuple[Said, ...] = ()
    unsupported: tuple[str, ...] = ()
    blame: str | None = None
    of: str = ""
    language: str = "en"
    strict: bool = False

    @property
    def verdict(self) -> Verdict:
        """The worst of the elements' verdicts and of the value's own."""
        return worst_verdict([self.value_verdict, *(each.verdict for each in self.inputs.values())])

    @property
    def ok(self) -> bool:
        """Whether the gradient may be used; a strict report takes nothing imprecise."""
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
        return min(found, key=lambda w: (w.verdict.rank, -_finite(w.error_ulps)), default=None)

    def _worst_of(self, name: str, each: InputReport) -> Worst:
        verdict = each.verdict
        errors = np.where(each.verdicts == verdict, np.nan_to_num(each.error_ulps, nan=np.inf), -1.0)
        index = tuple(int(k) for k in np.unravel_index(int(np.argmax(errors)), errors.shape))
        return Worst(
            name,
            index,
            float(each.automatic[index]),
            float(each.symbolic[index]),
            float(each.error_ulps[index]),
            verdict,
        )

    def raise_on_disagreement(self) -> None:
        """Raise AssertionError, whose text tells what is wrong, where, and by how much, unless the report is ok."""
        if not self.ok:
            raise AssertionError(self.failure())

    def failure(self) -> str:
        """What is wrong, where, and by how much, in a few lines."""
        told = [each.in_words(self.language) for each in self._failure()]
        first = f"{told[0]}: {self.of}" if self.of else told[0]
        return "\n".join([first, *(f"  {line}" for line in (*told[1:], *self.reasons)), "", str(self)])

    def _failure(self) -> list[Said]:
        said, worst = [Said(f"report.{self.verdict}")], self.worst
        if self.unsupported:
            said.append(Said("report.no_meaning", {"names": listed(self.unsupported)}))
        elif worst is not None and worst.verdict is not Verdict.AGREE:
            got = {"element": _element(worst), "got": repr(worst.got), "want": repr(worst.want)}
            off = {"ulps": f"{worst.error_ulps:.3g}", "explained": f"{self._explained(worst):.3g}"}
            said += [Said("report.worst", got), Said("report.off", off)]
        return said

    def _explained(self, worst: Worst) -> float:
        return float(self.inputs[worst.input].explained_ulps[worst.index])

    def __str__(self) -> str:
        return table(self)


def _element(worst: Worst) -> str:
    return f"{worst.input}[{', '.join(map(str, worst.index))}]" if worst.index else worst.input


def _finite(value: float) -> float:
    return value if np.isfinite(value) else 1e308


# --- the agreement table ----------------------------------------------------------------------------------------------

SHOWN = 16
"""How many elements of an input the table lists; the worst come first where there are more."""


def table(report: GradientReport) -> str:
    """One row an element: got, wanted, the error in ulps and the verdict; then the verdict of the whole."""
    words = sentences(report.language)
    rows = [tuple(words[f"report.head.{key}"] for key in ("element", "engine", "derived", "error", "verdict"))]
    notes: list[Said] = []
    for name, each in report.inputs.items():
        positions = _positions(each)
        rows += [_row(name, each, index, words) for index in positions]
        if each.automatic.size > len(positions):
            counts = {"name": name, "shown": str(len(positions)), "count": str(each.automatic.size)}
            notes.append(Said("report.shown", counts))
    widths = [max(width_of(row[k]) for row in rows) for k in range(5)]
    lines = [
        "  ".join(
            pad(cell, width, "l" if k in (0, 4) else "r")
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    total = sum(each.automatic.size for each in report.inputs.values())
    verdict = Said("report.verdict", {"verdict": Said(f"verdict.{report.verdict}")}, total)
    if report.unsupported:
        missing = Said("report.no_meaning", {"names": listed(report.unsupported)})
        verdict = Said("report.because", {"verdict": verdict, "why": missing})
    said = (*notes, *report.remarks, *report.causes, verdict)
    return "\n".join([*lines, *(each.in_words(report.language) for each in said)])


def _positions(each: InputReport) -> list[tuple[int, ...]]:
    if each.automatic.size <= SHOWN:
        return list(np.ndindex(each.automatic.shape))
    errors = np.nan_to_num(each.error_ulps, nan=1e299, posinf=1e299)
    rank = np.where(each.verdicts == Verdict.AGREE, 0.0, 1e300) + errors
    order = np.argsort(-rank.reshape(-1), kind="stable")[:SHOWN]
    return [tuple(int(k) for k in np.unravel_index(int(flat), each.automatic.shape)) for flat in order]


def _row(name: str, each: InputReport, index: tuple[int, ...], words: Sentences) -> tuple[str, ...]:
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    numbers = (f"{float(each.automatic[index]):.17g}", f"{float(each.symbolic[index]):.17g}")
    return element, *numbers, f"{float(each.error_ulps[index]):.3g}", words[f"verdict.{each.verdicts[index]}"]
