"""NumPy's less common functions on tensors: gradients by differences."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import autodiff as ad

RNG = np.random.default_rng(0)
X, V = RNG.normal(size=(4, 5)), RNG.normal(size=(5, 3))
GAPS = X.copy()
GAPS[1, 2] = GAPS[3, 0] = np.nan
ZEROS = np.zeros(4)
PLACES = np.array([0.0, 1.0, 3.0, 4.0, 6.0])


def weighted(y: Any) -> Any:
    """One number of an array (or of several), in which every element counts differently."""
    if isinstance(y, list | tuple):
        return sum(weighted(each) for each in y)
    return np.sum(y * np.cos(np.arange(np.size(y))).reshape(np.shape(y)))


def after(change: Any) -> Any:
    """What an array is once ``change`` has been made in it."""

    def changed(y: Any, *args: Any) -> Any:
        change(y, *args)
        return y

    return changed


FUNCTIONS: dict[str, Any] = {
    "gradient of a row": lambda x: np.gradient(x[0]),
    "gradient over all axes": np.gradient,
    "gradient with a spacing": lambda x: np.gradient(x, 0.3, axis=1),
    "gradient with spacings": lambda x: np.gradient(x, 0.3, PLACES),
    "gradient over places": lambda x: np.gradient(x, PLACES, axis=1),
    "gradient over two axes": lambda x: np.gradient(x, 2.0, axis=(0, 1)),
    "gradient with better edges": lambda x: np.gradient(x, edge_order=2),
    "gradient with better edges over places": lambda x: np.gradient(x, PLACES, axis=-1, edge_order=2),
    "gradient by the places": lambda x: np.gradient(X[0], np.cumsum(x[1] ** 2 + 1.0)),
    "gradient of two": lambda x: np.gradient(x[:2], axis=0),
    "cross": lambda x: np.cross(x[:, :3], V[:4]),
    "cross along an axis": lambda x: np.cross(x[:3], X[1:], axis=0),
    "cross with axes": lambda x: np.cross(x[:3].T, X[:3], axisb=0),
    "cross with all axes": lambda x: np.cross(x[:3], X[1:], 0, 0, 0),
    "einsum of lists": lambda x: np.einsum(x, [0, 1], V, [1, 2], [0, 2]),
    "einsum of lists without a result": lambda x: np.einsum(x, [0, 1], V, [1, 2]),
    "einsum of lists in order": lambda x: np.einsum(x, [4, 2]),
    "einsum of lists with dots": lambda x: np.einsum(x, [Ellipsis, 1], V, [1, 2], [Ellipsis, 2]),
    "einsum of lists to a number": lambda x: np.einsum(x, [0, 1], []),
    "sums of stretches": lambda x: np.add.reduceat(x[0], [0, 3, 1]),
    "sums of stretches along an axis": lambda x: np.add.reduceat(x, np.array([0, 2, 2]), axis=1),
    "products of stretches": lambda x: np.multiply.reduceat(x, [0, 2], axis=1),
    "largest of stretches": lambda x: np.maximum.reduceat(x, [0, 2], 1),
    "add.at": lambda x: after(np.add.at)(x[1] * 1.0, np.array([0, 0, 2]), x[0, :3]),
    "add.at of a number": lambda x: after(np.add.at)(np.zeros_like(x), (slice(None), 1), 2.0 * x[0, 0]),
    "subtract.at": lambda x: after(np.subtract.at)(x[1] * 1.0, [0, 0], x[0, :2]),
    "multiply.at": lambda x: after(np.multiply.at)(x[1] * 1.0, [0, 2, 0], x[0, :3]),
    "angle": lambda x: np.angle(x) * x,
    "angle in degrees": lambda x: np.angle(x, deg=True) * x,
    "real_if_close": lambda x: np.real_if_close(x) ** 2,
    "atleast_2d of several": lambda x: [a * a for a in np.atleast_2d(x[0], x)],
    "atleast_3d of several": lambda x: [a * a for a in np.atleast_3d(x[0, 0], x)],
    "vectorize": lambda x: np.vectorize(lambda a, b: a * b if a > 0 else b - a)(x, x[0]),
    "vectorize with a signature": lambda x: np.vectorize(lambda row: np.sum(row**2), signature="(n)->()")(x),
    "vectorize with what is excluded": lambda x: np.vectorize(lambda a, k=2: a**k, excluded=["k"])(x, k=3),
    "reshape by columns": lambda x: np.reshape(x, (2, 10), order="F"),
    "a method reshapes by columns": lambda x: x.reshape((10, 2), order="F"),
    "ravel by columns": lambda x: np.ravel(x, order="F"),
    "methods in a row by columns": lambda x: x.flatten("F") * x.ravel(order="F"),
    "diff with ends": lambda x: np.diff(x, prepend=0.0, append=x[:, :1]),
    "full_like": lambda x: np.full_like(x, x[0, 0]) * x,
    "full_like of another shape": lambda x: np.full_like(x, x[0], shape=(2, 5)),
    "insert a number": lambda x: np.insert(x, 1, 0.5, axis=0),
    "insert elements": lambda x: np.insert(x[0], [1, 1, 4], x[1, :3]),
    "insert a row": lambda x: np.insert(x, 2, x[0] ** 2, axis=0),
    "resize": lambda x: np.resize(x, (7, 4)),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x, [0, 1]) * x,
    "geomspace": lambda x: np.geomspace(1.0, x[0, 0] ** 2 + 1.0, 5),
    "logspace": lambda x: np.logspace(x[0, 0], 1.0, 4),
    "ldexp": lambda x: np.ldexp(x, np.arange(5)),
    "unwrap": lambda x: np.unwrap(4.0 * x),
    "the dtype that it has": lambda x: np.mean(x, dtype=np.float64) * np.cumsum(x, axis=1, dtype=float),
    "eigh of the upper triangle": lambda x: np.linalg.eigh(x[:3, :3] + 3.0 * np.diag([1.0, 2.0, 3.0]), UPLO="U"),
    "eigvalsh of the lower triangle": lambda x: np.linalg.eigvalsh(x[:3, :3], UPLO="L"),
    "cholesky's upper factor": lambda x: np.linalg.cholesky(x @ x.T + np.eye(4), upper=True),
    "tensorinv": lambda x: np.linalg.tensorinv((x[:, :4] + 3.0 * np.eye(4)).reshape(2, 2, 4), ind=2),
    "tensorsolve": lambda x: np.linalg.tensorsolve((x[:, :4] + 3.0 * np.eye(4)).reshape(4, 2, 2), x[:, 4]),
    "rfft2": lambda x: np.abs(np.fft.rfft2(x)) ** 2,
    "there and back": lambda x: np.fft.irfftn(np.fft.rfftn(x) * 2.0, s=(4, 5), axes=(0, 1)),
    "positions that are not 0": lambda x: x[x.nonzero()] ** 2,
    "vectorize to pairs": lambda x: np.vectorize(lambda a: (a * 2.0, a**2))(x)[1],
}  # fmt: skip

KEPT = ("nansum", "nanmin", "nanstd", "nanmedian")
MISSING: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("nanmean", "nansum", "nanmax", "nanmin", "nanstd", "nanvar", "nanprod")},
    **{f"{name} along an axis": partial(getattr(np, name), axis=1) for name in ("nanmean", "nanmax", "nanprod")},
    **{f"{name}, axes kept": partial(getattr(np, name), axis=0, keepdims=True) for name in KEPT},
    "nanvar with ddof": lambda x: np.nanvar(x, axis=1, ddof=1),
    "nanstd with ddof": lambda x: np.nanstd(x, ddof=1),
    "nanmedian": np.nanmedian,
    "nanmedian along an axis": lambda x: np.nanmedian(x, axis=1),
    "nanquantile": lambda x: np.nanquantile(x, 0.3),
    "nanquantiles along an axis": lambda x: np.nanquantile(x, [0.3, 0.6], axis=1),
    "nanpercentile": lambda x: np.nanpercentile(x, 30, axis=0, keepdims=True),
    "nancumsum": lambda x: np.nancumsum(x, axis=1),
    "nancumprod": np.nancumprod,
    "nan_to_num": lambda x: np.nan_to_num(x) ** 2,
    "nan_to_num with a number": lambda x: np.nan_to_num(x, nan=3.0) ** 2,
}  # fmt: skip

CASES = [
    *[pytest.param(f, X, id=name) for name, f in FUNCTIONS.items()],
    *[pytest.param(f, x, id=f"{name}-{of}") for name, f in MISSING.items() for of, x in (("all", X), ("gaps", GAPS))],
]


@pytest.mark.parametrize(("f", "x"), CASES)
def test_it_is_what_numpy_computes_and_its_gradient_is_the_slope(f: Any, x: Any) -> None:
    value, gradient = ad.value_and_grad(lambda x: weighted(f(x)))(x)
    np.testing.assert_allclose(value, weighted(f(x)), rtol=1e-13)
    for position in np.ndindex(x.shape):
        if np.isnan(x[position]):
            assert gradient[position] == 0.0
            continue
        step = np.zeros(x.shape)
        step[position] = 1e-6
        slope = (weighted(f(x + step)) - weighted(f(x - step))) / 2e-6
        np.testing.assert_allclose(gradient[position], slope, rtol=1e-6, atol=1e-7)


def test_infinities_become_numbers_that_do_not_move() -> None:
    x = np.array([1.5, np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(ad.nan_to_num(x, nan=2.0, posinf=3.0, neginf=-3.0), [1.5, 3.0, -3.0, 2.0])
    np.testing.assert_array_equal(ad.nan_to_num(x), np.nan_to_num(x))
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(np.nan_to_num(x, posinf=2.0)))(x), [1.0, 0.0, 0.0, 0.0])


def test_a_row_without_a_number_has_none() -> None:
    x = np.array([[np.nan, np.nan], [1.0, 2.0]])
    np.testing.assert_array_equal(ad.nanmax(x, axis=1), [np.nan, 2.0])
    np.testing.assert_array_equal(ad.nanmin(x, axis=1), [np.nan, 1.0])


REFUSED = {
    r"np\.gradient: 2 spacings for 1 axes": lambda x: np.gradient(x, 1.0, 2.0, axis=0)[0, 0],
    r"np\.gradient: the places have shape \(3,\); axis 0 of shape \(4, 5\) has 4": lambda x: np.gradient(
        x, np.arange(3.0), axis=0
    )[0, 0],
    r"np\.gradient: axis 0 .* is too short": lambda x: np.gradient(x[:2], axis=0, edge_order=2)[0, 0],
    "or each operand is followed by the list of its axes": lambda x: np.einsum(x, x),
    "np.zeros_like": lambda x: after(np.add.at)(ZEROS, [0, 0], x[0, :2])[0],
    "the elements of an input": lambda x: after(np.add.at)(x, 0, 1.0)[0, 0],
    "would lose the gradient": lambda x: np.sum(np.fromiter((v for v in x[0]), float)),
    "leave the otypes out": lambda x: np.sum(np.vectorize(lambda a: a * 2.0, otypes=[float])(x)),
    r"reduceat: the indices are 0 \.\.\. 3": lambda x: np.add.reduceat(x, [0, 4])[0, 0],
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused_says_why(words: str) -> None:
    with pytest.raises((TypeError, ValueError, IndexError), match=words):
        ad.grad(REFUSED[words])(X)
