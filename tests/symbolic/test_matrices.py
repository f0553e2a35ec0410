"""Linear algebra in every field: against NumPy's, on stacks, at singular matrices, and against its own equations."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symdiff.evaluation.fields.base import Field
from symdiff.evaluation.fields.bounded import Bounded
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.expressions import Expressions
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.matrices import (
    cholesky,
    cofactor_change,
    cofactors,
    determinant,
    eigenvectors,
    inverse,
    solution,
)
from symdiff.evaluation.precision import mp

FIELDS = [Floats(), Floats(np.longdouble), Bounded(), Exact()]
RNG = np.random.default_rng(7)
STACK = RNG.normal(size=(2, 3, 4, 4))
LARGE = RNG.normal(size=(8, 8))
SINGULAR = np.vstack([LARGE[:-1], LARGE[0] + LARGE[1]])


def adjugate(matrix: np.ndarray) -> np.ndarray:
    """The cofactors by the definition, from NumPy's determinants of minors."""
    n = len(matrix)
    rest = [[k for k in range(n) if k != gone] for gone in range(n)]
    minors = [[np.linalg.det(matrix[np.ix_(rest[i], rest[j])]) for j in range(n)] for i in range(n)]
    return np.array(minors) * (-1.0) ** np.add.outer(np.arange(n), np.arange(n))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_systems_and_determinants_of_stacks(field: Field) -> None:
    right = RNG.normal(size=(2, 3, 4, 2))
    loaded = field.load(STACK)
    np.testing.assert_allclose(field.to_float(inverse(field, loaded)), np.linalg.inv(STACK), rtol=1e-9)
    found = field.to_float(solution(field, loaded, field.load(right)))
    np.testing.assert_allclose(found, np.linalg.solve(STACK, right), rtol=1e-9)
    np.testing.assert_allclose(field.to_float(determinant(field, loaded)), np.linalg.det(STACK), rtol=1e-9)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
@pytest.mark.parametrize("matrix", [LARGE, SINGULAR, np.zeros((7, 7)), STACK[0, 0]], ids=["8", "singular", "0", "4"])
def test_cofactors(field: Field, matrix: np.ndarray) -> None:
    with mp.workprec(200):
        found = field.to_float(cofactors(field, field.load(matrix)))
    np.testing.assert_allclose(found, adjugate(matrix), rtol=1e-6, atol=1e-10)


def test_a_determinant_is_0_where_a_column_is() -> None:
    matrix = LARGE.copy()
    matrix[:, 3] = 0.0
    assert float(Floats().to_float(determinant(Floats(), matrix))) == 0.0


def test_cofactors_change_as_their_differences_do() -> None:
    matrix, direction = STACK[0, 0], STACK[1, 1]
    step = 1e-6
    want = (adjugate(matrix + step * direction) - adjugate(matrix - step * direction)) / (2 * step)
    np.testing.assert_allclose(cofactor_change(Floats(), matrix, direction), want, rtol=1e-6, atol=1e-8)


def test_symbols_are_eliminated_without_an_order() -> None:
    letters = np.array(sp.symbols("a:9"), dtype=object).reshape(3, 3)
    found = inverse(Expressions(), letters)
    whole = np.array(sp.Matrix(letters).inv().tolist(), dtype=object)
    assert all(sp.cancel(got - want) == 0 for got, want in zip(found.flat, whole.flat, strict=True))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_factors_solve_their_equations(field: Field) -> None:
    symmetric = STACK @ np.swapaxes(STACK, -1, -2)
    with mp.workprec(200):
        lower = field.to_float(cholesky(field, field.load(symmetric)))
        values, vectors = (field.to_float(each) for each in eigenvectors(field, field.load(symmetric), 4))
    np.testing.assert_allclose(lower, np.linalg.cholesky(symmetric), atol=1e-12)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(symmetric), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(symmetric @ vectors, vectors * values[..., None, :], atol=1e-11)


def test_eigenvectors_reach_the_precision_of_their_field() -> None:
    field, symmetric = Exact(), LARGE + LARGE.T
    with mp.workprec(300):
        values, vectors = eigenvectors(field, field.load(symmetric), 6)
        product = field.einsum([[0, 1], [1, 2]], [field.load(symmetric), vectors], [0, 2])
        assert max(abs(x) for x in (product - vectors * values[None, :]).flat) < mp.mpf(10) ** -80


def test_a_repeated_eigenvalue_is_no_division_by_0() -> None:
    values, vectors = eigenvectors(Floats(), np.eye(3), 2)
    assert np.isfinite(vectors).all()
    np.testing.assert_array_equal(values, np.ones(3))
