"""What was found as JSON: arrays as nested lists, formulas as text, numbers that are not finite as strings."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from symdiff.agreement.report import GradientReport, InputReport
from symdiff.arrays import Array
from symdiff.explained.explained import Explained
from symdiff.printing.ascii import ascii_text
from symdiff.printing.tree import Chain, Math
from symdiff.viewing.view import KinkView, StepView, View


def json_document(explained: Explained, view: View) -> str:
    """The document of the contract, and beside it kinks, reasons and named intermediates where there are any."""
    return json.dumps(json_data(explained, view), ensure_ascii=False, indent=2)


def json_data(explained: Explained, view: View) -> dict[str, Any]:
    """The same as objects and lists, for those who write more beside it."""
    report = explained.report
    written: dict[str, Any] = {
        "expression": explained.expression,
        "value": nested(np.asarray(explained.value), finite),
        "verdict": report.verdict,
        "inputs": {name: _input(explained, view, name, each) for name, each in report.inputs.items()},
        "steps": [
            *(_step("forward", step) for step in view.forward),
            *(_step("backward", step) for step in view.backward),
        ],
    }
    if view.by_rules and explained.forms is not None:
        from symdiff.closed_forms.steps import derivation_steps

        written["rules"] = {name: step.as_json() for name, step in derivation_steps(explained.forms).items()}
    if view.hessians:
        written["second"] = [
            {"by": [each.first, each.second], "general": ascii_text(each.general[1]) if len(each.general) > 1 else None}
            for each in view.hessians
        ]
    if view.kinks:
        written["kinks"] = [_kink(kink) for kink in view.kinks]
    if explained.claims:
        written["claims"] = [_claim(each, explained.language) for each in explained.claims]
    if report.reasons:
        written["reasons"] = list(report.reasons)
    if report.unsupported:
        written["unsupported"] = list(report.unsupported)
    notes = [note.said.in_words(explained.language) for note in explained.evidence.traced.graph.notes]
    if notes:
        written["notes"] = notes
    return written


def _input(explained: Explained, view: View, name: str, each: InputReport) -> dict[str, Any]:
    values = explained.evidence.traced.tensors[name].data
    gradient = next(gradient for gradient in view.gradients if gradient.name == name)
    partials, beyond = explained.partials[name], gradient.beyond
    return {
        "shape": list(values.shape),
        "values": nested(np.asarray(values), finite),
        "general": ascii_text(gradient.general[-1]) if gradient.general else None,
        "matrix": None if explained.matrix is None else explained.matrix[name],
        **({"beyond": {beyond.what: beyond.count, "most": beyond.most}} if beyond is not None else {}),
        "where": [ascii_text(Chain(row)) for row in gradient.definitions],
        "partials": None if partials is None else nested(partials, _formula(explained)),
        "symbolic": nested(each.symbolic, finite),
        "automatic": nested(each.automatic, finite),
        "error_ulps": nested(each.error_ulps, finite),
        "verdicts": nested(each.verdicts, str),
    }


def _claim(report: GradientReport, language: str) -> dict[str, str]:
    return {"verdict": str(report.verdict), "said": report.causes[0].in_words(language)}


def _formula(explained: Explained) -> Callable[[Any], str]:
    symbols = explained.symbols
    return lambda expression: ascii_text(symbols.tree(expression))


def nested(array: Array, write: Callable[[Any], Any]) -> Any:
    """An array as nested lists, each element written by ``write``."""
    if array.ndim > 1:
        return [nested(part, write) for part in array]
    return [write(each) for each in array] if array.ndim else write(array.item())


def finite(value: float) -> float | str:
    """A number, or the string that stands for it where JSON has none."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _step(way: str, step: StepView) -> dict[str, Any]:
    written: dict[str, Any] = {"way": way, "code": step.code}
    if step.general:
        written["general"] = _chain(step.general)
    written["lines"] = [_chain(row) for row in step.rows]
    if step.hidden:
        written["hidden"] = step.hidden
    return written


def _chain(row: tuple[Math, ...]) -> str:
    return ascii_text(Chain(row))


def _kink(kink: KinkView) -> dict[str, Any]:
    return {
        "element": kink.code,
        "operation": kink.operation,
        "left": finite(kink.left),
        "right": finite(kink.right),
        "returned": finite(kink.returned),
        "jump": kink.jump,
    }
