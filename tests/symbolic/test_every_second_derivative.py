"""Second derivatives of every smooth operation: the engine's own backward pass, walked back, against the derivation
differentiated once more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symdiff.agreement.engine_hessians import engine_hessians
from symdiff.calculus.chain_rule import derive
from symdiff.closed_forms.closed_form import closed_forms
from symdiff.meaning.program import symbolic_program
from symdiff.second_order import second_order
from symdiff.tracing.function_trace import trace_function
from tests.symbolic.operation_programs import OperationProgram, differentiable, operation_programs

MOST = 8
"""Samples of more elements would have hundreds of entries."""


def _is_small(program: OperationProgram) -> bool:
    floats = [np.asarray(x) for x in program.inputs.values()]
    return sum(x.size for x in floats) <= MOST and all(np.isfinite(x).all() for x in floats)


SMOOTH = [p for p in operation_programs() if not getattr(p.operation, "kinks", ()) and _is_small(p)]
WITHOUT_FORMULA = {
    "eigh": "no general formula of a second derivative",
    "eigh_packed": "as eigh",
    "eigvalsh": "as eigh",
    "qr": "as eigh",
    "qr_packed": "as eigh",
    "svd": "as eigh",
    "svd_packed": "as eigh",
    "pinv": "as eigh",
    "cholesky": "as eigh",
    "recurrence": "as eigh",
    "gelu": "longer than what is written out; elementwise, and tested in tests/ops",
    "gelu_tanh": "as gelu",
    "dgelu": "as gelu",
    "hazard": "as gelu",
}
"""Where the page says that there is none; these second derivatives have other witnesses in tests/ops."""


def _second(program: OperationProgram) -> tuple[Any, Any, Any]:
    """The derived entries, their scales and the engine's, of the sum of a program's elements with uneven weights."""

    def weighted(**given: Any) -> Any:
        result = program.program(**given)
        return (result * np.cos(np.arange(result.size) + 0.5).reshape(result.shape)).sum()

    with np.errstate(all="ignore"):
        traced = trace_function(weighted, (), program.inputs, differentiable(program))
        found = second_order(closed_forms(derive(symbolic_program(traced.graph))))
        values = found.values
        return values, found.scales, engine_hessians(traced, tuple(values))


def test_most_operations_are_reached() -> None:
    assert len({p.operation.name for p in SMOOTH}) > 130


@pytest.mark.parametrize("program", SMOOTH, ids=lambda program: program.name)
def test_second_derivatives_agree(program: OperationProgram) -> None:
    values, scales, engine = _second(program)
    if program.operation.name not in WITHOUT_FORMULA:
        assert values
    for pair, derived in values.items():
        with np.errstate(all="ignore"):
            largest = max(float(np.max(s, initial=0.0, where=np.isfinite(s))) for s in scales.values())
            scale = np.maximum(np.maximum(np.abs(derived), scales[pair]), 1e-12 * largest)
            near = np.abs(engine[pair] - derived) <= 1e-9 * scale + 1e-300
        near |= ~np.isfinite(derived) | (~np.isfinite(engine[pair]) & (np.abs(derived) > 1e300))
        assert near.all(), f"{pair}: the engine gives {engine[pair][~near]}, the derivation {derived[~near]}"
