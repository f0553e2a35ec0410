"""Every operation that has a meaning: its closed form, at each of its samples, against the derivation's adjoints."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from autodiff.op import TABLE, Op
from symdiff.closed_form import ClosedForms
from symdiff.evaluate import Forward, forward
from symdiff.fields.floats import Floats
from symdiff.terms import Order, Pick
from tests.symbolic.closed_values import adjoint_values, closed, loop_values

LARGEST = 150
"""Partials in a table, at most: the loops are in Python."""
UNNAMED = {
    "polygamma": "the derivative by the order has no name",
    "gammainc": "the derivative by the parameter has no name",
    "gammaincc": "the derivative by the parameter has no name",
}

DIVIDES = {
    "prod": "the product of the others is written as the whole over the one, which asks that it is not 0",
    "det": "the matrix of cofactors is written by the inverse, which asks for one",
    "log_ndtr": "0/0 where the density and the distribution both underflow",
    "hazard": "0/0 where the density and the distribution both underflow",
}


def _program(op: Op, names: tuple[str, ...], params: Any) -> Any:
    def program(**inputs: Any) -> Any:
        operands = [inputs[name] for name in names]
        return op(tuple(operands), **params) if op.sequence else op(*operands, **params)

    return program


def _usable(op: Op, sample: Any) -> bool:
    """Real numbers in arrays that are small, and neither ties nor points outside the domain."""
    try:
        arrays = [np.asarray(operand, dtype=np.float64) for operand in sample.operands]
    except (TypeError, ValueError):
        return False  # masks, positions and lists of operands of several shapes
    whole = any(np.asarray(operand).dtype.kind != "f" for operand in sample.operands)
    if whole or not arrays or not all(array.size and np.isfinite(array).all() for array in arrays):
        return False
    with np.errstate(all="ignore"):
        result = np.asarray(op.forward(*arrays, **sample.params))
    small = 0 < result.size * max(array.size for array in arrays) <= LARGEST
    return small and result.dtype.kind == "f" and bool(np.isfinite(result).all())


def _has_meaning(op: Op, sample: Any) -> bool:
    return not _closed(op, sample).derivation.program.unsupported


def _closed(op: Op, sample: Any, wrt: tuple[str, ...] | None = None) -> ClosedForms:
    names = tuple(f"x{k}" for k in range(len(sample.operands)))
    return closed(_program(op, names, sample.params), wrt, **dict(zip(names, sample.operands, strict=True)))


SAMPLES = {
    op.name: found
    for op in TABLE.values()
    if isinstance(op, Op) and op.meaning is not None
    if (found := [sample for sample in op.samples if _usable(op, sample) and _has_meaning(op, sample)])
}


@pytest.mark.parametrize("name", SAMPLES)
def test_closed_form_of_the_operation(name: str) -> None:
    for sample in SAMPLES[name]:
        forms = _closed(TABLE[name], sample)
        if forms.unsupported:
            assert set(forms.unsupported) <= UNNAMED.keys()
            forms = _closed(TABLE[name], sample, tuple(forms.general))
        with np.errstate(all="ignore"):
            run = forward(forms.derivation.program, Floats())
        if not _tied(forms, run):
            _agree(forms, name)


def test_nearly_every_operation_is_reached() -> None:
    assert len(SAMPLES) > 150


def _agree(forms: ClosedForms, operation: str) -> None:
    with mpmath.workprec(160):
        for name in forms.general:
            want = adjoint_values(forms.derivation, name)
            wanted = np.array([float(w) for w in want.flat]).reshape(want.shape)
            if not np.isfinite(wanted).all():
                continue
            try:
                values = loop_values(forms, name)
            except ZeroDivisionError:
                assert operation in DIVIDES
                continue
            got = np.array([float(g) for g in values.flat]).reshape(want.shape)
            np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(wanted).max()))


def _tied(forms: ClosedForms, run: Forward) -> bool:
    """Whether two elements that a pick may choose are equal: their shares are a convention, not the formula's."""
    elements = forms.derivation.program.elements
    seen = [np.asarray(run.values[e.operands[0]]) for e in elements if isinstance(e.meaning, Pick | Order)]
    return any(len(np.unique(values)) < values.size for values in seen)
