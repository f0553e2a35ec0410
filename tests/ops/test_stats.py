"""Densities and distribution functions: SciPy's values, derivatives by differences, and the derivation's agreement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

import autodiff as ad
import symdiff
from autodiff import stats

X = np.array([-2.5, -0.3, 0.4, 1.7, 6.0])
POSITIVE = np.array([0.05, 0.4, 1.0, 3.5, 20.0])
UNIT = np.array([0.02, 0.3, 0.5, 0.97])
K = np.array([0, 1, 2, 5])

# name, method, points, parameters: all of them are differentiated by, but for the numbers of discrete ones
REAL: list[tuple[str, str, Any, tuple[float, ...]]] = [
    *[("norm", method, X, (0.3, 1.7)) for method in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")],
    *[("norm", method, UNIT, (0.3, 1.7)) for method in ("ppf", "isf")],
    *[("gamma", method, POSITIVE, (2.3, -0.5, 1.4)) for method in ("pdf", "logpdf")],
    *[("beta", method, UNIT, (2.3, 0.6, -0.1, 1.3)) for method in ("pdf", "logpdf")],
    *[("expon", method, POSITIVE, (-0.2, 1.4)) for method in ("pdf", "logpdf", "cdf", "sf")],
    ("expon", "ppf", UNIT, (0.2, 1.4)),
    *[("t", method, X, (3.5, 0.3, 1.7)) for method in ("pdf", "logpdf")],
    *[("laplace", method, X, (0.3, 1.7)) for method in ("pdf", "logpdf", "cdf")],
    *[("logistic", method, X, (0.3, 1.7)) for method in ("pdf", "logpdf", "cdf", "sf")],
    ("logistic", "ppf", UNIT, (0.3, 1.7)),
    *[("cauchy", method, X, (0.3, 1.7)) for method in ("pdf", "logpdf", "cdf")],
    *[("uniform", method, UNIT, (-0.5, 2.0)) for method in ("pdf", "logpdf", "cdf", "ppf")],
    *[("chi2", method, POSITIVE, (3.5,)) for method in ("pdf", "logpdf")],
    *[("lognorm", method, POSITIVE, (0.7, -0.2, 1.4)) for method in ("pdf", "logpdf")],
]
WHOLE: list[tuple[str, str, Any, tuple[float, ...], tuple[int, ...]]] = [
    *[("poisson", method, K, (1.7,), (0,)) for method in ("pmf", "logpmf", "cdf")],
    *[("bernoulli", method, K[:2], (0.3,), (0,)) for method in ("pmf", "logpmf")],
    *[("binom", method, K, (7, 0.3), (1,)) for method in ("pmf", "logpmf")],
]


def _ids(case: Any) -> str | None:
    return case if isinstance(case, str) else None


def assert_derivatives(f: Any, args: list[Any], places: range | tuple[int, ...]) -> None:
    """Compare the gradient of ``sum(f(*args))`` by the arguments at ``places`` with differences."""
    gradients = ad.grad(lambda *xs: np.sum(f(*xs)), tuple(places))(*args)
    for place, gradient in zip(places, gradients, strict=True):
        x = np.asarray(args[place], float)
        step = 1e-6 * np.maximum(np.abs(x), 1e-2)
        for position in np.ndindex(x.shape):
            h = np.zeros(x.shape)
            h[position] = step[position]
            ahead, behind = (np.sum(f(*args[:place], x + s * h, *args[place + 1 :])) for s in (1, -1))
            wanted = (ahead - behind) / (2 * step[position])
            np.testing.assert_allclose(np.asarray(gradient)[position], wanted, rtol=3e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "method", "x", "parameters"), REAL, ids=_ids)
def test_real_numbers(name: str, method: str, x: Any, parameters: tuple[float, ...]) -> None:
    ours = getattr(getattr(stats, name), method)
    theirs = getattr(getattr(scipy.stats, name), method)
    np.testing.assert_allclose(ours(x, *parameters), theirs(x, *parameters), rtol=1e-12, atol=1e-300)
    shapes = len(parameters) - 2 if name != "chi2" else len(parameters)
    np.testing.assert_allclose(ours(x, *parameters[:shapes]), theirs(x, *parameters[:shapes]), rtol=1e-12, atol=1e-300)
    assert_derivatives(ours, [x, *parameters], range(1 + len(parameters)))


@pytest.mark.parametrize(("name", "method", "k", "parameters", "places"), WHOLE, ids=_ids)
def test_whole_numbers(name: str, method: str, k: Any, parameters: tuple[Any, ...], places: tuple[int, ...]) -> None:
    ours = getattr(getattr(stats, name), method)
    theirs = getattr(getattr(scipy.stats, name), method)
    np.testing.assert_allclose(ours(k, *parameters), theirs(k, *parameters), rtol=1e-11)
    assert_derivatives(ours, [k, *parameters], tuple(place + 1 for place in places))


OUTSIDE = {
    "gamma": ([-1.0, 2.0], (2.0,)), "beta": ([-0.5, 0.5, 1.5], (2.0, 3.0)), "expon": ([-1.0, 2.0], ()),
    "uniform": ([-1.0, 0.5, 3.0], ()), "lognorm": ([-1.0, 0.0, 2.0], (0.5,)), "chi2": ([-1.0, 1.0], (3.0,)),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_of_the_support(name: str) -> None:
    x, parameters = OUTSIDE[name]
    ours, theirs = (getattr(getattr(module, name), "logpdf") for module in (stats, scipy.stats))  # noqa: B009
    np.testing.assert_allclose(ours(x, *parameters), theirs(x, *parameters), rtol=1e-12)
    for place in range(1 + len(parameters)):
        gradient = ad.jacobian(lambda *args: ours(*args), place)(np.array(x), *parameters)
        assert np.isfinite(gradient).all()


OTHER: list[tuple[str, Any, tuple[float, ...]]] = [
    ("poisson", [-1, 0.5, 2], (1.5,)),
    ("binom", [-1, 3, 8], (7, 0.3)),
    ("bernoulli", [-1, 2, 0.5], (0.4,)),
]


@pytest.mark.parametrize(("name", "k", "parameters"), OTHER, ids=_ids)
def test_other_numbers_than_whole_ones(name: str, k: Any, parameters: Any) -> None:
    ours, theirs = (getattr(getattr(module, name), "logpmf") for module in (stats, scipy.stats))  # noqa: B009
    np.testing.assert_allclose(ours(k, *parameters), theirs(k, *parameters), rtol=1e-12)


COV = np.array([[2.0, 0.3, -0.4], [0.3, 1.5, 0.2], [-0.4, 0.2, 1.1]])
MEAN = np.array([0.5, -0.2, 0.1])
VECTORS = np.array([[0.3, -1.0, 2.0], [1.0, 0.5, -0.3]])


@pytest.mark.parametrize("x", [VECTORS[0], VECTORS], ids=["one", "several"])
@pytest.mark.parametrize("cov", [COV, np.diag(COV), 1.7], ids=["matrix", "diagonal", "number"])
def test_normal_vectors(x: Any, cov: Any) -> None:
    f = stats.multivariate_normal.logpdf
    np.testing.assert_allclose(f(x, MEAN, cov), scipy.stats.multivariate_normal.logpdf(x, MEAN, cov), rtol=1e-12)
    assert_derivatives(f, [x, MEAN], (0, 1))
    if np.ndim(cov) < 2:
        assert_derivatives(f, [x, MEAN, cov], (2,))
    np.testing.assert_allclose(stats.multivariate_normal.pdf(x, MEAN, cov), np.exp(f(x, MEAN, cov)))


def test_the_covariance_has_the_gradient_of_a_symmetric_matrix() -> None:
    gradient = ad.grad(lambda c: stats.multivariate_normal.logpdf(VECTORS[0], MEAN, c))(COV)
    p = np.linalg.inv(COV)
    d = VECTORS[0] - MEAN
    np.testing.assert_allclose(gradient, 0.5 * (np.outer(p @ d, p @ d) - p), rtol=1e-10)
    with pytest.raises(ValueError, match=r"cov has shape \(2, 2\).*must be \(3, 3\)"):
        stats.multivariate_normal.logpdf(VECTORS, MEAN, COV[:2, :2])


def test_dirichlet_categorical_and_multinomial() -> None:
    x, alpha = np.array([0.2, 0.5, 0.3]), np.array([1.5, 0.7, 2.0])
    np.testing.assert_allclose(stats.dirichlet.logpdf(x, alpha), scipy.stats.dirichlet.logpdf(x, alpha), rtol=1e-12)
    columns = np.stack([x, x[::-1]], 1)
    wanted = scipy.stats.dirichlet.logpdf(columns, alpha)
    np.testing.assert_allclose(stats.dirichlet.logpdf(columns, alpha), wanted, rtol=1e-12)
    assert_derivatives(lambda a: stats.dirichlet.logpdf(x, a), [alpha], (0,))
    k, p = np.array([2, 0, 1]), np.array([[0.2, 0.5, 0.3], [0.1, 0.6, 0.3], [0.4, 0.4, 0.2]])
    np.testing.assert_allclose(stats.categorical.logpmf(k, p), np.log([0.3, 0.1, 0.4]))
    np.testing.assert_allclose(stats.categorical.pmf(k, logits=np.log(p)), [0.3, 0.1, 0.4])
    assert_derivatives(lambda q: stats.categorical.logpmf(k, logits=q), [p], (0,))
    with pytest.raises(TypeError, match="give one of the two"):
        stats.categorical.logpmf(k)
    counts = np.array([2, 3, 1])
    f = stats.multinomial.logpmf
    np.testing.assert_allclose(f(counts, 6, x), scipy.stats.multinomial.logpmf(counts, 6, x), rtol=1e-12)
    assert f(counts, 7, x) == -np.inf


AGREE = {
    "norm": lambda x, m, s: np.sum(stats.norm.logpdf(x, m, s)),
    "norm.cdf": lambda x, m, s: np.sum(stats.norm.cdf(x, m, s)),
    "gamma": lambda x, a, s: np.sum(stats.gamma.logpdf(x, a, 0.0, s)),
    "t": lambda x, d, s: np.sum(stats.t.logpdf(x, d, 0.0, s)),
    "expon": lambda x, m, s: np.sum(stats.expon.logpdf(x, 0.0, s) * m),
    "poisson": lambda x, m, s: np.sum(stats.poisson.logpmf(np.array([0, 2, 3]), x * m * s)),
    "categorical": lambda x, m, s: stats.categorical.logpmf(1, logits=x * m + s),
}


@pytest.mark.parametrize("name", AGREE)
def test_both_ways_agree(name: str) -> None:
    report = symdiff.check_gradients(AGREE[name], np.array([0.3, 1.2, 2.5]), 1.3, 0.7)
    assert report.verdict == "agree", str(report)
