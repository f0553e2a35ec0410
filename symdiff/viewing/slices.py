"""The function along one element around a kink, to be drawn."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.verdict import Verdict
from symdiff.evaluation.evaluate import forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.picture.sketches import Slice
from symdiff.printing.numbers import short
from symdiff.printing.tree import Rounded
from symdiff.viewing.view import View
from symdiff.viewing.writing import Writing

__all__ = ["slice_at_kink"]

POINTS = 41
"""An odd number: the kink is one of them."""

LARGEST = 4096
"""Of programs with more elements no slice is computed."""


def slice_at_kink(writing: Writing, view: View) -> Slice | None:
    """Of the first element that stands at a kink; None where the function does nothing there."""
    evidence = writing.evidence
    program = evidence.program
    if not view.kinks or sum(element.size for element in program.elements) > LARGEST:
        return None
    at_kink = {name: np.argwhere(each.verdicts == Verdict.KINK) for name, each in evidence.report.inputs.items()}
    name = next((name for name, places in at_kink.items() if len(places)), None)
    if name is None:
        return None
    each, place = evidence.report.inputs[name], tuple(int(k) for k in at_kink[name][0])
    rank = len(evidence.traced.result.shape)
    out, here = place[:rank], place[rank:]
    index, values = program.inputs[name], np.array(evidence.traced.tensors[name].data, dtype=float)
    middle = float(values[here])
    reach = max(1.0, abs(middle) / 2)
    points: list[tuple[float, float]] = []
    with np.errstate(all="ignore"):
        for step in np.linspace(-1.0, 1.0, POINTS):
            moved = values.copy()
            moved[here] = middle + reach * step
            result = forward(program, Floats(), {index: moved}).values[program.result]
            shape = program.elements[program.result].shape
            points.append((float(moved[here]), float(np.broadcast_to(np.asarray(result), shape)[out])))
    finite = [y for _, y in points if np.isfinite(y)]
    if len(finite) < 3 or max(finite) == min(finite) or not np.isfinite([x for x, _ in points]).all():
        return None
    sides = float(each.left[place]), float(each.right[place])
    slopes = sides if not each.jumps[place] and np.isfinite(sides).all() else None
    shown = short(middle)
    written = writing.element(program.result, out)
    return Slice(
        writing.element(index, here), written, middle, shown.body if isinstance(shown, Rounded) else shown,
        tuple(points), slopes,
    )  # fmt: skip
