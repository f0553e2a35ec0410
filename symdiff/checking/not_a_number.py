"""Where a nan comes from in a gradient that has a value: an operation whose derivative is not finite; the way out."""

from __future__ import annotations

import numpy as np

import autodiff as ad
from symdiff.agreement.report import GradientReport
from symdiff.arrays import Array
from symdiff.checking.cotangents import Weighted
from symdiff.sentences import Said
from symdiff.tracing.building import Traced
from symdiff.tracing.graph import Node

__all__ = ["why_nan"]

SELECTING = ("where", "maximum", "minimum", "fmax", "fmin", "clip")


def why_nan(traced: Traced, report: GradientReport) -> Said | None:
    """What is said of a nan where a number is wanted; None where there is none, or no operation explains it."""
    if not any(bool((np.isnan(each.automatic) & np.isfinite(each.symbolic)).any()) for each in report.inputs.values()):
        return None
    nodes = traced.graph.nodes
    discards = next((node for node in nodes if node.op is not None and node.op.name in SELECTING), None)
    for node in nodes:
        place = None if node.op is None else _infinite(node, [nodes[k].value if k >= 0 else None for k in node.parents])
        if node.op is None or place is None:
            continue
        values: dict[str, str | Said] = {"operation": node.op.name, "at": f"{place:g}"}
        if discards is None or discards.op is None or discards.index < node.index:
            return Said("diagnosis.nan", values)
        return Said("diagnosis.nan.discarded", {**values, "selects": discards.op.name})
    return None


def _infinite(node: Node, operands: list[Array | None]) -> float | None:
    """An operand at which an operation's own derivative, or value, is not finite."""
    assert node.op is not None
    op, params = node.op, dict(node.params)
    for place, operand in enumerate(operands):
        if operand is None or operand.dtype.kind != "f" or op.name in SELECTING:
            continue

        def alone(x: Array, place: int = place) -> Array:
            given = list(operands)
            given[place] = x
            found: Array = op.bound(tuple(given), params)
            return found

        with np.errstate(all="ignore"):
            try:
                slope = np.asarray(ad.grad(Weighted(alone).as_function())(operand))
            except (ValueError, TypeError, ArithmeticError, RuntimeError):
                continue
        bad = ~np.isfinite(slope) & np.isfinite(operand)
        if bad.any():
            return float(np.asarray(operand)[bad].flat[0])
    return None
