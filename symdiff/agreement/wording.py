"""A report as text: the table of both gradients, and, where something is wrong, the lines that lead to it."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.outcome import InputReport, Outcome, Worst
from symdiff.agreement.verdict import Verdict
from symdiff.sentences import sentences

SHOWN = 16
"""How many elements of an input the table lists; the worst come first where there are more."""

COLUMNS = ("element", "engine", "derived", "error", "verdict")


def failure_text(report: Outcome) -> str:
    """What is wrong, where, and by how much, and where to look for it."""
    say = _Says(report.language)
    misbehaves = report.verdict.ok and not all(finding.ok for finding in report.findings)
    words = say("report.wrong" if misbehaves else f"report.{report.verdict}")
    lines = [say("report.head", words=words, of=report.of) if report.of else say("report.head.bare", words=words)]
    found = [f"  {line}" for line in (*_worst_lines(report, say), *report.reasons)]
    found += [f"  {finding.said.in_words(report.language)}" for finding in report.findings if not finding.ok]
    if report.blame is not None:
        found.append(f"  {report.blame.said().in_words(report.language)}")
    lines += dict.fromkeys(found)
    for name, formula in report.formulas.items():
        lines.append(f"  {say('report.derived', input=name, formula=formula)}")
    if report.call:
        lines += [f"  {say('report.again')}", *(f"    {each}" for each in report.call.splitlines())]
    return "\n".join([*lines, "", str(report)])


class _Says:
    """Sentences of one language by their keys."""

    def __init__(self, language: str) -> None:
        self._sentences = sentences(language)

    def __call__(self, key: str, **values: object) -> str:
        return self._sentences[key].format_map(values)

    def count(self, key: str, number: int) -> str:
        """The sentence for a number."""
        return self._sentences.count(key, number).format_map({"count": number})


def _worst_lines(report: Outcome, say: _Says) -> list[str]:
    worst = report.worst
    if report.unsupported:
        return [say("report.no_meaning", names=", ".join(report.unsupported))]
    if worst is None or worst.verdict in (Verdict.AGREE, Verdict.UNSUPPORTED):
        return []
    at = say("report.worst.at", point=worst.point) if worst.point else ""
    lines = [say("report.worst", element=worst.element, got=repr(worst.got), want=repr(worst.want), at=at)]
    if np.isfinite(worst.got) and np.isfinite(worst.want):
        ratio = say("report.ratio", ratio=f"{worst.got / worst.want:.6g}") if worst.want else ""
        explained = "" if worst.point else say("report.explained", ulps=f"{_explained(report, worst):.3g}")
        lines.append(say("report.off", ulps=f"{worst.error_ulps:.3g}", explained=explained, ratio=ratio))
    counts = [(name, each.wrong, each.automatic.size) for name, each in report.inputs.items() if each.wrong]
    if counts:
        each = ", ".join(say("report.count.of", input=name, wrong=wrong, all=size) for name, wrong, size in counts)
        lines.append(say("report.count", counts=each))
    return lines


def _explained(report: Outcome, worst: Worst) -> float:
    return float(report.inputs[worst.input].explained_ulps[worst.index])


# --- the agreement table ----------------------------------------------------------------------------------------------


def table_text(report: Outcome) -> str:
    """One row an element: got, wanted, the error in ulps and the verdict; then the verdict of the whole."""
    say = _Says(report.language)
    columns = (report.judged if name == "engine" else name for name in COLUMNS)
    rows = [tuple(say(f"report.column.{name}") for name in columns)]
    notes: list[str] = []
    for name, each in report.inputs.items():
        positions = _positions(each)
        rows += [_row(name, each, index) for index in positions]
        if each.automatic.size > len(positions):
            notes.append(say("report.shown", input=name, shown=len(positions), all=each.automatic.size))
    widths = [max(len(row[k]) for row in rows) for k in range(len(COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if k in (0, 4) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    found = [finding.said.in_words(report.language) for finding in report.findings]
    return "\n".join([*lines, *notes, *report.notes, *dict.fromkeys((*report.reasons, *found)), _last(report, say)])


def _last(report: Outcome, say: _Says) -> str:
    total = sum(each.automatic.size for each in report.inputs.values())
    counted = say.count("report.elements", total)
    names = ", ".join(report.unsupported)
    unsupported = say("report.verdict.no_meaning", names=names) if names else ""
    return say("report.verdict", verdict=report.verdict, counted=counted) + unsupported


def _positions(each: InputReport) -> list[tuple[int, ...]]:
    if each.automatic.size <= SHOWN:
        return list(np.ndindex(each.automatic.shape))
    errors = np.nan_to_num(each.error_ulps, nan=1e299, posinf=1e299)
    rank = np.where(each.verdicts == Verdict.AGREE, 0.0, 1e300) + errors
    order = np.argsort(-rank.reshape(-1), kind="stable")[:SHOWN]
    return [tuple(int(k) for k in np.unravel_index(int(flat), each.automatic.shape)) for flat in order]


def _row(name: str, each: InputReport, index: tuple[int, ...]) -> tuple[str, ...]:
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    numbers = (f"{float(each.automatic[index]):.17g}", f"{float(each.symbolic[index]):.17g}")
    return element, *numbers, f"{float(each.error_ulps[index]):.3g}", str(each.verdicts[index])
