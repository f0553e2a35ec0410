"""A report as text: the table of both gradients, and, where something is wrong, the lines that lead to it."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.outcome import InputReport, Outcome, Worst
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import unravelled
from symdiff.printing.widths import pad, width_of
from symdiff.sentences import Said, Sentences, listed, sentences

SHOWN = 16
"""How many elements of an input the table lists; the worst come first where there are more."""

COLUMNS = ("element", "engine", "derived", "error", "verdict")


def failure_text(report: Outcome) -> str:
    """What is wrong, where, and by how much, and where to look for it."""
    found = [
        *worst_said(report),
        *report.causes,
        *(each.said() for each in report.kinks),
        *(each.said for each in report.findings if not each.ok),
    ]
    if report.blame is not None:
        found.append(report.blame.said())
    found += [Said("report.derived", {"name": name, "formula": each}) for name, each in report.formulas.items()]
    found += [Said("report.again")] if report.call else []
    first, *told = dict.fromkeys(each.in_words(report.language) for each in (_head(report), *found))
    code = [f"    {each}" for each in report.call.splitlines()]
    return "\n".join([first, *(f"  {line}" for line in told), *code, "", str(report)])


def _head(report: Outcome) -> Said:
    misbehaves = report.verdict.ok and not all(finding.ok for finding in report.findings)
    said = Said("report.misbehaves" if misbehaves else f"report.{report.verdict}")
    return Said("report.because", {"verdict": said, "why": report.of}) if report.of else said


def worst_said(report: Outcome) -> list[Said]:
    """The worst element, how far it is off, and how many others are wrong."""
    worst = report.worst
    if report.unsupported:
        return [Said("report.no_meaning", {"names": listed(report.unsupported)})]
    if worst is None or worst.verdict in (Verdict.AGREE, Verdict.UNSUPPORTED):
        return []
    got: dict[str, str | Said] = {"element": worst.element, "got": repr(worst.got), "want": repr(worst.want)}
    said = [Said("report.worst.elsewhere", {**got, "point": worst.point}) if worst.point else Said("report.worst", got)]
    if np.isfinite(worst.got) and np.isfinite(worst.want):
        said.append(_off(report, worst))
        said += [Said("report.ratio", {"ratio": f"{worst.got / worst.want:.6g}"})] if worst.want else []
    counts = [
        Said("report.count", {"name": name, "wrong": str(each.wrong)}, each.automatic.size)
        for name, each in report.inputs.items()
        if each.wrong
    ]
    return [*said, Said("report.counts", {"counts": listed(counts)})] if counts else said


def _off(report: Outcome, worst: Worst) -> Said:
    ulps = f"{worst.error_ulps:.3g}"
    if worst.point:
        return Said("report.off.elsewhere", {"ulps": ulps})
    explained = float(report.inputs[worst.input].explained_ulps[worst.index])
    return Said("report.off", {"ulps": ulps, "explained": f"{explained:.3g}"})


# --- the agreement table ----------------------------------------------------------------------------------------------


def _column(name: str, words: Sentences) -> str:
    """A column's head; the name of a framework is no word of a language."""
    key = f"report.head.{name}"
    return words[key] if key in words else name  # noqa: SIM401 - no dictionary


def table_text(report: Outcome) -> str:
    """One row an element: got, wanted, the error in ulps and the verdict; then the verdict of the whole."""
    words = sentences(report.language)
    columns = (report.judged if name == "engine" else name for name in COLUMNS)
    rows = [tuple(_column(name, words) for name in columns)]
    notes: list[Said] = []
    for name, each in report.inputs.items():
        positions = _positions(each)
        rows += [_row(name, each, index, words) for index in positions]
        if each.automatic.size > len(positions):
            counts = {"name": name, "shown": str(len(positions)), "count": str(each.automatic.size)}
            notes.append(Said("report.shown", counts))
    widths = [max(width_of(row[k]) for row in rows) for k in range(len(COLUMNS))]
    lines = [
        "  ".join(
            pad(cell, width, "l" if k in (0, 4) else "r")
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    found = [each.said for each in report.findings]
    kinks = [each.said() for each in report.kinks]
    if report.nearest_kink is not None and report.nearest_kink.distance:
        kinks.append(report.nearest_kink.said())
    said = dict.fromkeys((*notes, *report.remarks, *report.causes, *kinks, *found, _last(report)))
    return "\n".join([*lines, *(each.in_words(report.language) for each in said)])


def _last(report: Outcome) -> Said:
    total = sum(each.automatic.size for each in report.inputs.values())
    verdict = Said("report.verdict", {"verdict": Said(f"verdict.{report.verdict}")}, total)
    if not report.unsupported:
        return verdict
    missing = Said("report.no_meaning", {"names": listed(report.unsupported)})
    return Said("report.because", {"verdict": verdict, "why": missing})


def _positions(each: InputReport) -> list[tuple[int, ...]]:
    if each.automatic.size <= SHOWN:
        return list(np.ndindex(each.automatic.shape))
    errors = np.nan_to_num(each.error_ulps, nan=1e299, posinf=1e299)
    rank = np.where(each.verdicts == Verdict.AGREE, 0.0, 1e300) + errors
    order = np.argsort(-rank.reshape(-1), kind="stable")[:SHOWN]
    return [unravelled(int(flat), each.automatic.shape) for flat in order]


def _row(name: str, each: InputReport, index: tuple[int, ...], words: Sentences) -> tuple[str, ...]:
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    numbers = (f"{float(each.automatic[index]):.17g}", f"{float(each.symbolic[index]):.17g}")
    return element, *numbers, f"{float(each.error_ulps[index]):.3g}", words[f"verdict.{each.verdicts[index]}"]
