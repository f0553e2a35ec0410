"""The agreement table in plain text."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.report import GradientReport, InputReport

SHOWN = 16
"""How many elements of an input the table lists; the worst come first where there are more."""


def table(report: GradientReport) -> str:
    """One row an element: got, wanted, the error in ulps and the verdict; then the verdict of the whole."""
    rows = [("element", "engine", "derived", "error in ulp", "verdict")]
    notes: list[str] = []
    for name, each in report.inputs.items():
        positions = _positions(each)
        rows += [_row(name, each, index) for index in positions]
        if each.automatic.size > len(positions):
            notes.append(f"{name}: the {len(positions)} worst of {each.automatic.size} elements")
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    lines = [
        "  ".join(
            cell.ljust(width) if k in (0, 4) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    total = sum(each.automatic.size for each in report.inputs.values())
    counted = f"{total} element{'' if total == 1 else 's'}"
    unsupported = f": no meaning is known for {', '.join(report.unsupported)}" if report.unsupported else ""
    verdict = f"verdict: {report.verdict} ({counted}){unsupported}"
    return "\n".join([*lines, *notes, *report.notes, *report.reasons, verdict])


def _positions(each: InputReport) -> list[tuple[int, ...]]:
    if each.automatic.size <= SHOWN:
        return list(np.ndindex(each.automatic.shape))
    rank = np.where(each.verdicts == "agree", 0.0, 1e300) + np.nan_to_num(each.error_ulps, nan=1e299, posinf=1e299)
    order = np.argsort(-rank.reshape(-1), kind="stable")[:SHOWN]
    return [tuple(int(k) for k in np.unravel_index(int(flat), each.automatic.shape)) for flat in order]


def _row(name: str, each: InputReport, index: tuple[int, ...]) -> tuple[str, str, str, str, str]:
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    numbers = (f"{float(each.automatic[index]):.17g}", f"{float(each.symbolic[index]):.17g}")
    return element, *numbers, f"{float(each.error_ulps[index]):.3g}", str(each.verdicts[index])
