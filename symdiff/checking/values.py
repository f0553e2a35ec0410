"""The forward value, against that of the derivation: two functions may have one gradient."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.evidence import Evidence
from symdiff.agreement.findings import Finding
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.sentences import Said

__all__ = ["of_function", "of_program"]


def of_program(evidence: Evidence) -> Finding | None:
    """What to say of the traced program's own value, every operation of which was compared; None where it is wrong.

    What is wrong then is one of its operations, which a reason names.
    """
    if evidence.numbers is None or evidence.report.value_verdict is Verdict.DISAGREE:
        return None
    return _right(np.asarray(evidence.report.value))


def of_function(value: Array, evidence: Evidence) -> Finding | None:
    """What to say of the value of a function whose truth is another one; None where that has no value."""
    numbers = evidence.numbers
    if numbers is None or evidence.value_explained is None or not np.isfinite(numbers.value).all():
        return None
    want: Array = np.asarray(numbers.value)
    if value.shape != want.shape:
        return _wrong(str(value.shape), str(want.shape))
    off = ~(np.abs(value - want) <= evidence.value_explained())
    if not off.any():
        return _right(value)
    index = tuple(int(k) for k in np.argwhere(off)[0])
    got, wanted = repr(float(value[index])), repr(float(want[index]))
    if not index:
        return _wrong(got, wanted)
    values = {"got": got, "want": wanted, "place": str(list(index))}
    return Finding("value", False, Said("finding.value.element", values))


def _right(value: Array) -> Finding | None:
    if not np.isfinite(value).all():
        return None
    if value.ndim:
        return Finding("value", True, Said("finding.value.array", {"shape": str(value.shape)}))
    return Finding("value", True, Said("finding.value.ok", {"got": f"{float(value):.9g}"}))


def _wrong(got: str, want: str) -> Finding:
    return Finding("value", False, Said("finding.value.wrong", {"got": got, "want": want}))
