"""The typed derivatives of matrix functions against those of their equations, by the implicit function theorem."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.evaluation.equations import SYSTEMS, adjoints, fits
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.implicit import FORWARD, PULLBACK, implicit_pullback
from symdiff.evaluation.precision import mp
from symdiff.meaning.terms import Implicit

LEADS = [(), (2,), (2, 1)]
KINDS = [(kind, n, lead) for kind in SYSTEMS for n in (1, 2, 3, 4) for lead in LEADS if (kind, n) != ("eigh", 4)]


def drawn(kind: str, n: int, lead: tuple[int, ...]) -> list[np.ndarray]:
    random = np.random.default_rng([n, len(lead), *map(ord, kind)])
    matrix = random.normal(size=(*lead, n, n))
    if kind in ("cholesky", "eigh"):
        matrix = matrix @ np.swapaxes(matrix, -1, -2) + np.eye(n)
    return [matrix, random.normal(size=(*lead, n, 2))] if kind == "solve" else [matrix]


@pytest.mark.parametrize(("kind", "n", "lead"), KINDS)
def test_typed_formulas_are_what_the_equation_says(kind: str, n: int, lead: tuple[int, ...]) -> None:
    field = Exact()
    with mp.workprec(250):
        operands = [field.load(each) for each in drawn(kind, n, lead)]
        result = FORWARD[kind](field, *operands)
        random = np.random.default_rng(n)
        adjoint = field.load(random.normal(size=np.shape(result)))
        assert fits(kind, [np.shape(each) for each in operands], np.shape(result))
        by_equation = adjoints(kind, operands, result, adjoint)
        assert by_equation is not None
        for got, want in zip(PULLBACK[kind](field, operands, result, adjoint), by_equation, strict=True):
            assert np.shape(got) == np.shape(want)
            largest = max(abs(each) for each in want.flat) or mp.mpf(1)
            assert max(abs(a - b) for a, b in zip(got.flat, want.flat, strict=True)) < largest * mp.mpf(2) ** -200


def test_one_right_hand_side_is_a_column() -> None:
    field, matrix, right = Exact(), np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -2.0])
    with mp.workprec(125):
        operands = [field.load(matrix), field.load(right)]
        result = FORWARD["solve"](field, *operands)
        by_matrix, by_right = adjoints("solve", operands, result, field.load(np.ones(2))) or []
    want = np.linalg.solve(matrix.T, np.ones(2))
    np.testing.assert_allclose(field.to_float(by_right), want, rtol=1e-15)
    np.testing.assert_allclose(field.to_float(by_matrix), -np.outer(want, np.linalg.solve(matrix, right)), rtol=1e-15)


def test_high_precision_asks_the_equation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged textbook formula damages no truth."""
    monkeypatch.setitem(PULLBACK, "inv", lambda field, operands, result, adjoint: [field.multiply(adjoint, result)])
    field, matrix = Exact(), np.array([[2.0, 1.0], [0.5, 3.0]])
    with mp.workprec(125):
        operands = [field.load(matrix)]
        result = FORWARD["inv"](field, *operands)
        adjoint = field.load(np.eye(2))
        found = field.to_float(implicit_pullback(field, Implicit("inv"), operands, result, adjoint, 0))
    turned = np.linalg.inv(matrix).T
    np.testing.assert_allclose(found, -turned @ turned, rtol=1e-14)


def test_equal_eigenvalues_determine_no_vectors() -> None:
    field = Exact()
    with mp.workprec(125):
        operands = [field.load(np.eye(2))]
        result = FORWARD["eigh"](field, *operands)
        assert adjoints("eigh", operands, result, field.load(np.ones((3, 2)))) is None


def test_larger_and_empty_matrices_have_the_typed_formulas() -> None:
    assert not fits("inv", [(5, 5)], (5, 5))
    assert not fits("det", [(5, 5)], ())
    assert not fits("inv", [(0, 0)], (0, 0))
    assert not fits("recurrence", [(3,)], (3,))
