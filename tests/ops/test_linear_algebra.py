"""Inverses, determinants and factorisations: singular matrices, stacks, what is not determined."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.differences import central
from tests.ops.refusals import refuses

SMALL = st.integers(1, 4).flatmap(lambda n: hnp.arrays(np.float64, (n, n), elements=st.integers(-3, 3).map(float)))


def cofactor(x: Any, i: int, j: int) -> float:
    minor = np.delete(np.delete(x, i, 0), j, 1)
    return float((-1) ** (i + j) * round(np.linalg.det(minor))) if minor.size else 1.0


@given(SMALL)
def test_the_gradient_of_det_is_the_cofactors_of_any_matrix(x: Any) -> None:
    n = len(x)
    expected = [[cofactor(x, i, j) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(ad.grad(ad.det)(x), expected, atol=1e-12 * max(1.0, np.abs(x).max() ** n))


@given(SMALL)
def test_the_second_derivative_of_det_of_any_matrix(x: Any) -> None:
    v = np.arange(1.0, x.size + 1).reshape(x.shape) / x.size

    def slope(t: Any) -> Any:
        return ad.sum(ad.grad(ad.det)(t) * v)

    # the cofactors are polynomials of low degree: central differences with a large step are nearly exact
    (want,) = central(slope, [x], step=1e-3)
    np.testing.assert_allclose(ad.grad(slope)(x), want, rtol=1e-4, atol=1e-3)


def test_the_third_derivative_of_det() -> None:
    x = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, -0.4], [-0.3, 0.6, 1.8]])

    def corner(t: Any) -> Any:
        return ad.grad(lambda s: ad.grad(ad.det)(s)[0, 0])(t)[1, 1]

    # d det / dx00 = x11 x22 - x12 x21, so by x11 it is x22, and by x22 that is 1
    expected = np.zeros((3, 3))
    expected[2, 2] = 1.0
    np.testing.assert_allclose(ad.grad(corner)(x), expected, atol=1e-13)


def test_det_and_inverse_to_the_last_bits_of_a_hilbert_matrix() -> None:
    n = 5
    x = np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])
    with mpmath.workdps(60):
        exact = mpmath.matrix(x.tolist())
        cofactors = mpmath.det(exact) * (exact**-1).T
        expected = np.array(cofactors.tolist(), dtype=float)
    # the condition number is 5e5
    np.testing.assert_allclose(ad.grad(ad.det)(x), expected, rtol=1e-9)


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (2, 1, 2, 2), (0, 2, 2), (1, 1), (0, 0)])
def test_stacks_of_matrices(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(6).normal(size=shape) + 3 * np.eye(shape[-1])
    for f in (ad.inv, ad.det, lambda t: ad.slogdet(t).logabsdet, lambda t: ad.solve(t, np.ones((shape[-1], 2)))):

        def value(t: Any, f: Any = f) -> Any:
            return ad.sum(f(t))

        (want,) = central(value, [x])
        np.testing.assert_allclose(ad.grad(value)(x), want, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 3), (3,)),
        ((3, 3), (3, 2)),
        ((2, 3, 3), (3,)),
        ((2, 3, 3), (3, 2)),
        ((3, 3), (2, 3, 4)),
        ((2, 1, 3, 3), (5, 3, 1)),
    ],
)
def test_solve_broadcasts_as_numpy_does(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)
    x, y = random.normal(size=a) + 3 * np.eye(3), random.normal(size=b)
    np.testing.assert_allclose(ad.solve(x, y), np.linalg.solve(x, y))

    def value(*xs: Any) -> Any:
        return ad.sum(ad.solve(*xs) ** 2)

    for got, want in zip(ad.grad(value, argnums=(0, 1))(x, y), central(value, [x, y]), strict=True):
        np.testing.assert_allclose(np.asarray(got), want, rtol=1e-6, atol=1e-8)


def test_what_is_singular_is_refused_in_one_line() -> None:
    x = ad.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    why = "the matrix is singular (its rows depend on each other), so it has no inverse"
    refuses(np.linalg.LinAlgError, f"inv: {why}", lambda: ad.inv(x))
    refuses(np.linalg.LinAlgError, f"solve: {why}", lambda: ad.solve(x, np.ones(2)))
    refuses(
        ValueError, "inv: x has shape (2, 3); it must be square matrices (..., n, n)", lambda: ad.inv(np.ones((2, 3)))
    )
    refuses(
        np.linalg.LinAlgError,
        "cholesky: the matrix is not positive definite, so it has no such factor",
        lambda: ad.cholesky(-np.eye(2)),
    )


def test_the_logarithm_of_a_vanishing_determinant_is_undefined_and_not_an_error() -> None:
    x = ad.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    result = ad.slogdet(x)
    assert result.logabsdet.item() == -np.inf
    result.logabsdet.backward()
    assert np.isnan(np.asarray(x.grad.data)).all()


def test_slogdet_where_det_overflows() -> None:
    x = np.diag(np.full(200, 100.0))
    assert ad.slogdet(x).logabsdet == pytest.approx(200 * np.log(100.0))
    np.testing.assert_allclose(ad.grad(lambda t: ad.slogdet(t)[1])(x), np.eye(200) / 100, rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, -1, -3])
def test_powers_of_a_matrix(n: int) -> None:
    x = np.array([[1.2, 0.3], [-0.4, 0.9]])
    np.testing.assert_allclose(ad.matrix_power(x, n), np.linalg.matrix_power(x, n), rtol=1e-13)
    slope = ad.grad(lambda t: ad.trace(ad.matrix_power(t, n)))(x)
    np.testing.assert_allclose(slope, n * np.linalg.matrix_power(x, n - 1).T, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 3), (1, 1)])
def test_factors_multiply_to_the_matrix_and_so_have_the_identity_as_derivative(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(8).normal(size=shape)
    weights = np.random.default_rng(9).normal(size=shape)

    def through_qr(t: Any) -> Any:
        q, r = ad.qr(t)
        return q @ r

    def through_svd(t: Any) -> Any:
        u, s, vh = ad.svd(t, full_matrices=False)
        return (u * ad.expand_dims(s, -2)) @ vh

    def through_pinv(t: Any) -> Any:
        return ad.pinv(ad.pinv(t))

    for f in (through_qr, through_svd, through_pinv):
        np.testing.assert_allclose(f(x), x, rtol=1e-10, atol=1e-12)
        slope = ad.grad(lambda t, f=f: ad.sum(f(t) * weights))(x)
        np.testing.assert_allclose(slope, weights, rtol=1e-8, atol=1e-9)


def test_symmetric_factorisations_give_back_the_symmetric_part() -> None:
    a = np.random.default_rng(10).normal(size=(4, 4))
    x = a @ a.T + np.eye(4)
    weights = np.random.default_rng(11).normal(size=(4, 4))

    def through_cholesky(t: Any) -> Any:
        lower = ad.cholesky(t)
        return lower @ ad.transpose(lower)

    def through_eigh(t: Any) -> Any:
        w, v = ad.eigh(t)
        return (v * w) @ ad.transpose(v)

    for f in (through_cholesky, through_eigh):
        np.testing.assert_allclose(f(x), x, rtol=1e-12)
        slope = ad.grad(lambda t, f=f: ad.sum(f(t) * weights))(x)
        np.testing.assert_allclose(slope, (weights + weights.T) / 2, rtol=1e-9, atol=1e-10)


def test_functions_of_equal_eigenvalues_are_smooth() -> None:
    x = np.eye(3)
    np.testing.assert_allclose(ad.grad(lambda t: ad.sum(ad.eigvalsh(t) ** 2))(x), 2 * x, atol=1e-15)
    np.testing.assert_allclose(ad.grad(lambda t: ad.sum(ad.eigh(t)[0] ** 3))(x), 3 * x, atol=1e-15)


def test_the_bases_that_a_matrix_does_not_determine_have_no_derivative() -> None:
    x = ad.tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(ValueError, match="pass full_matrices=False"):
        ad.svd(x)
    with pytest.raises(ValueError, match='mode is "reduced" or "r"'):
        ad.qr(x, mode="complete")


def test_results_have_numpys_names() -> None:
    x = np.array([[2.0, 0.5], [0.5, 1.0]])
    assert ad.slogdet(x)._fields == ("sign", "logabsdet")
    assert ad.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert ad.qr(x)._fields == ("Q", "R")
    assert ad.svd(x)._fields == ("U", "S", "Vh")
