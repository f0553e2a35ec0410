"""Which operation is to blame for a wrong gradient of our engine: each is checked by itself, from the result back."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff.record.node import Node
from symdiff.agreement.evidence import evidence
from symdiff.agreement.findings import Blame
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.checking.call import Call
from symdiff.checking.cotangents import Weighted
from symdiff.deadline import TimeLimit, look
from symdiff.errors import InputError
from symdiff.tracing.source_lines import Lines, lines_watched, operations_of
from symdiff.tracing.trace import trace
from symdiff.turns import turn

__all__ = ["first_wrong"]

MOST = 400
"""Up to so many operations are checked one by one."""

DIFFERENCES = 1e-4
"""A derivative that differences of float64 values differ from by more than this part is wrong."""


def first_wrong(function: str | Callable[..., Any], call: Call, wrt: Sequence[str] | None) -> Blame | None:
    """The first operation on the way back whose own derivative is wrong, with the line that called it."""
    with lines_watched() as lines:
        traced = trace(function, call.args, call.named, wrt)
    for node in operations_of(traced.result.node)[:MOST]:
        look()
        try:
            found = _blamed(node)
        except TimeLimit:
            raise
        except (InputError, ArithmeticError, ValueError, TypeError):
            continue  # by itself, at these operands, it says nothing
        if found is not None:
            return _placed(found, node, lines)
    return None


def _placed(found: Blame, node: Node, lines: Lines) -> Blame:
    file, line, source = lines.of(node)
    return Blame(
        found.operation,
        found.operand,
        found.index,
        found.got,
        found.want,
        os.path.basename(file),
        line,
        source,
        found.by,
    )


def _blamed(node: Node) -> Blame | None:
    """What is wrong with an operation's own derivative at its operands, if anything is."""
    op, operands = node.op, [None if each is None else _array(each) for each in node.args or ()]
    names = [op.binding.operand_name(place) for place in range(len(operands))]
    moving = [
        place
        for place, (each, parent) in enumerate(zip(operands, node.parents, strict=True))
        if parent is not None and parent.requires_grad and each is not None and each.dtype.kind == "f"
    ]
    if not moving:
        return None

    def alone(*arrays: Any) -> Any:
        given = list(operands)
        for place, array in zip(moving, arrays, strict=True):
            given[place] = array
        return op.bound(tuple(given), dict(node.params))

    alone.__name__ = op.name
    traced = trace(Weighted(alone).as_function(), [operands[place] for place in moving])
    with turn():
        report = evidence(traced).report
    named = dict(zip(traced.graph.wrt, (names[place] for place in moving), strict=True))
    if report.verdict is Verdict.UNSUPPORTED:
        return _by_differences(op.name, alone, [np.asarray(operands[place]) for place in moving], report, named)
    if report.verdict is not Verdict.DISAGREE or report.value_verdict is Verdict.DISAGREE:
        return None
    worst = report.worst
    assert worst is not None
    return Blame(op.name, named[worst.input], worst.index, worst.got, worst.want)


def _array(value: Any) -> Array:
    return np.asarray(getattr(value, "data", value))


def _by_differences(
    name: str, alone: Callable[..., Any], arrays: list[Array], report: GradientReport, named: dict[str, str]
) -> Blame | None:
    """An operation without a meaning, against central differences of its own values."""
    scalar = Weighted(alone).as_function()
    for place, (key, each) in enumerate(report.inputs.items()):
        got = np.asarray(each.automatic, dtype=np.float64)
        want = np.zeros(got.shape)
        for index in np.ndindex(got.shape):
            look()
            want[index] = _slope(scalar, arrays, place, index)
        off = np.abs(got - want) > DIFFERENCES * (np.abs(want) + float(np.max(np.abs(want), initial=0.0)) + 1e-8)
        if off.any():
            index = tuple(int(k) for k in np.argwhere(off)[0])
            return Blame(name, named[key], index, float(got[index]), float(want[index]), by="differences")
    return None


def _slope(scalar: Callable[..., Any], arrays: list[Array], place: int, index: tuple[int, ...]) -> float:
    step = 6e-6 * max(1.0, abs(float(arrays[place][index])))
    values = []
    for sign in (1.0, -1.0):
        moved = [np.array(each, dtype=np.float64) for each in arrays]
        moved[place][index] += sign * step
        values.append(float(scalar(*moved)))
    return (values[0] - values[1]) / (2 * step)
