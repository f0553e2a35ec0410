"""What was found as documents: a report's page, and its JSON, from the derivation's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from symdiff.agreement.evidence import Evidence
from symdiff.agreement.report import GradientReport
from symdiff.deadline import stage
from symdiff.explained.explained import Explained
from symdiff.formats import FORMATS
from symdiff.sentences import Said, told
from symdiff.turns import turn

__all__ = ["DerivationPages", "formulas_in_text"]


@dataclass(frozen=True)
class DerivationPages:
    """Writes reports on the derivation of ``evidence``; nothing of it is worked out before it is asked for."""

    evidence: Evidence

    def __call__(self, report: GradientReport, form: str, language: str) -> str:
        """The document in a format of ``symdiff.formats``."""
        # what shows formulas is imported by those who look at them
        from symdiff.pages.report_blocks import report_document
        from symdiff.viewing.detail import detailed

        own = report if report.inputs.keys() == self.evidence.report.inputs.keys() else self.evidence.report
        with turn(), stage("writing the report"):
            explained = Explained(replace(self.evidence, report=own))
            view = detailed(explained)
            if form == "json":
                return _json(FORMATS[form].print(explained, detailed(explained, whole=True)), report)
            return FORMATS[form].print(report_document(view, report, language))


def formulas_in_text(evidence: Evidence) -> dict[str, str]:
    """By input the derivation's formula in one line of text, with the names that it uses."""
    from symdiff.printing.plain import plain
    from symdiff.printing.tree import Chain
    from symdiff.viewing.general import general_rows

    if evidence.derivation is None:
        return {}
    with turn(), stage("writing the formula"):
        rows = general_rows(Explained(evidence, detail="result"))
        return {name: "; ".join(plain(Chain(row)) for row in each) for name, each in rows.items() if each}


def _json(text: str, report: GradientReport) -> str:
    """The document of the contract, and what the check found beside it."""
    written: dict[str, Any] = json.loads(text)
    written["verdict"] = str(report.verdict)
    written["check"] = {
        "ok": report.ok,
        "judged": report.judged,
        "worst": _worst(report),
        "causes": [
            {"key": cause.key, "values": {name: told(each) for name, each in cause.values.items()}}
            for cause in report.causes
        ],
        "findings": [
            {"what": each.what, "ok": each.ok, "said": each.said.in_words(report.language)} for each in report.findings
        ],
        "blame": None if report.blame is None else _of(report.blame, report.language),
        "kinks": [_of(each, report.language) for each in report.kinks],
        "formulas": dict(report.formulas),
        "call": report.call,
    }
    return json.dumps(written, ensure_ascii=False, indent=2) + "\n"


def _worst(report: GradientReport) -> dict[str, Any] | None:
    worst = report.worst
    return None if worst is None else {**_of(worst, report.language), "verdict": str(worst.verdict)}


def _of(found: Any, language: str) -> dict[str, Any]:
    """A frozen record of plain values, its numbers as JSON has them, its sentences in words."""
    from symdiff.pages.json_document import finite

    def plain_value(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(plain_value, value))
        if isinstance(value, Said):
            return told(value, language)
        return finite(value) if isinstance(value, float) else value

    return {name: plain_value(getattr(found, name)) for name in found.__dataclass_fields__}
