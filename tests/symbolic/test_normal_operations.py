"""Every operation that has a meaning: its closed form, at each of its samples, against the derivation's adjoints."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.evaluation.evaluate import Forward, forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.precision import mp
from symdiff.meaning.terms import Order, Pick
from tests.symbolic.closed_values import adjoint_values, closed, loop_values
from tests.symbolic.operation_programs import OperationProgram, operation_programs

LARGEST = {"qr": 0, "qr_packed": 0, "svd": 16, "svd_packed": 0}
"""Partials in a table, at most (150 for all others): their sums are nested too deep for loops in Python."""
UNNAMED = {"gammainc": ("x0",), "gammaincc": ("x0",)}
"""Operands by which the derivative has no name."""

DIVIDES = {
    "prod": "the product of the others is written as the whole over the one, which asks that it is not 0",
    "cumprod": "as prod",
    "prod_of_others": "as prod",
    "cofactors": "as det",
    "det": "the matrix of cofactors is written by the inverse, which asks for one",
    "log_ndtr": "0/0 where the density and the distribution both underflow",
    "hazard": "0/0 where the density and the distribution both underflow",
}


def _closed(program: OperationProgram, wrt: tuple[str, ...] | None = None) -> ClosedForms:
    with np.errstate(all="ignore"):
        return closed(program.program, wrt, **program.inputs)


def _small(program: OperationProgram) -> bool:
    """Whether the loops, which are in Python, end soon: real numbers, and tables of partials that are small."""
    if not all(np.isfinite(x).all() for x in program.inputs.values()):
        return False
    with np.errstate(all="ignore"):
        result = np.asarray(getattr(made := program.program(**program.inputs), "data", made))
    partials = result.size * max(np.size(x) for x in program.inputs.values())
    return 0 < partials <= LARGEST.get(program.operation.name, 150) and bool(np.isfinite(result).all())


PROGRAMS = list(operation_programs())


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_operation_has_a_closed_form(program: OperationProgram) -> None:
    forms = _closed(program)
    assert {said.values.get("operation") for said in forms.unsupported} <= UNNAMED.keys()
    unnamed = UNNAMED.get(program.operation.name, ())
    assert forms.general.keys() == {name for name in program.inputs if name not in unnamed}
    assert forms.backward
    assert forms.given is not None


@pytest.mark.parametrize("program", list(filter(_small, PROGRAMS)), ids=lambda program: program.name)
def test_the_closed_form_gives_the_adjoints(program: OperationProgram) -> None:
    forms = _closed(program)
    if forms.unsupported:
        forms = _closed(program, tuple(forms.general))
    with np.errstate(all="ignore"):
        run = forward(forms.derivation.program, Floats())
    if not _tied(forms, run):
        _agree(forms, program.operation.name)


def _agree(forms: ClosedForms, operation: str) -> None:
    with mp.workprec(160):
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
