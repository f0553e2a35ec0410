"""Functions that take no tensors: a transform runs them all the same, or names them and what is written instead."""

from __future__ import annotations

import math
import re
from math import exp as exponential
from typing import Any

import numpy as np
import pytest
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.spatial.distance
import scipy.special
import scipy.stats

import autodiff as ad

X = np.array([0.5, 1.5, 2.0])
M = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.0]])

FUNCTIONS: dict[str, Any] = {
    "norm.cdf": lambda x: scipy.stats.norm.cdf(x[0], 0, x[1]),
    "gamma": lambda x: np.sum(scipy.stats.gamma.logpdf(x, 2.0)),
    "poisson": lambda x: scipy.stats.poisson.pmf(2, x[0]),
    "frozen": lambda x: scipy.stats.norm(x[0], 1.0).logpdf(0.3),
    "vectors": lambda x: scipy.stats.multivariate_normal.logpdf(X, x, M),
    "median": lambda x: scipy.stats.gamma.ppf(x[0], 2.0),
    "cholesky": lambda x: np.sum(scipy.linalg.cholesky(M * x[0])),
    "triangular": lambda x: np.sum(scipy.linalg.solve_triangular(M, x)),
    "cho_factor": lambda x: np.sum(np.triu(scipy.linalg.cho_factor(M * x[0])[0])),
    "cho_solve": lambda x: np.sum(scipy.linalg.cho_solve((M, True), x)),
    "solve": lambda x: np.sum(scipy.linalg.solve(M, x)),
    "expm": lambda x: np.sum(scipy.linalg.expm(M * x[0])),
    "logsumexp": scipy.special.logsumexp,
    "interp1d": lambda x: scipy.interpolate.interp1d([0, 1, 2.0], x)(0.5),
    "cdist": lambda x: np.sum(scipy.spatial.distance.cdist(x[:, None], M[:, :1])),
    "rfft": lambda x: np.sum(np.abs(scipy.fft.rfft(x))),
    "quad": lambda x: scipy.integrate.quad(lambda t: t * x[0], 0.0, 1.0)[0],
    "filter": lambda x: np.sum(scipy.ndimage.gaussian_filter(x, 1.0)),
    "math.exp": lambda x: math.exp(x[0]),
    "its name": lambda x: exponential(x[0]),
    "math.pow": lambda x: 2.0 * math.pow(x[0], 3),
    "math.erf": lambda x: math.erf(x[0] / math.sqrt(2.0)),
    "math.lgamma": lambda x: math.lgamma(x[0]),
    "math.atan2": lambda x: math.atan2(x[0], x[1]),
}

SAID = {
    "norm.cdf": "scipy.stats.norm.cdf .* write autodiff.stats.norm.cdf",
    "gamma": "scipy.stats.gamma.logpdf .* autodiff.stats.gamma.logpdf",
    "poisson": "scipy.stats.poisson.pmf .* autodiff.stats.poisson.pmf",
    "frozen": "scipy.stats.norm.logpdf .* autodiff.stats.norm.logpdf",
    "vectors": "scipy.stats.multivariate_normal.logpdf .* autodiff",
    "median": "scipy.stats.gamma.ppf .* autodiff.stats.gamma has its density",
    "cholesky": "scipy.linalg.cholesky .* write np.linalg.cholesky",
    "triangular": "scipy.linalg.solve_triangular .* autodiff.linalg.solve_t",
    "cho_factor": "scipy.linalg.cho_factor .* autodiff.linalg.cho_factor",
    "cho_solve": "scipy.linalg.cho_solve .* autodiff.linalg.cho_solve",
    "solve": "scipy.linalg.solve .* autodiff.linalg.solve",
    "expm": "scipy.linalg.expm does not take tensors",
    "logsumexp": "scipy.special.logsumexp .* autodiff.logsumexp",
    "interp1d": "scipy.interpolate.interp1d .* np.interp",
    "cdist": "scipy.spatial.distance.cdist .*norm",
    "rfft": "scipy.fft.rfft .* autodiff.fft.rfft",
    "quad": "scipy.integrate.quad does not take tensors",
    "filter": "scipy.ndimage.gaussian_filter does not take",
    "math.exp": "math.exp takes numbers alone .* write np.exp",
    "its name": "math.exp takes numbers alone .* write np.exp",
    "math.pow": "math.pow takes numbers alone .* write np.power",
    "math.erf": "math.erf .* write autodiff.erf",
    "math.lgamma": "math.lgamma .* write autodiff.gammaln",
    "math.atan2": "math.atan2 .* write np.arctan2",
}
"""Patterns of what is said of each."""

WORDS = {name: (FUNCTIONS[name], words) for name, words in SAID.items()}


class Held:
    """Calls a function that is no name of its module's: it is run as it stands."""

    def __init__(self, f: Any) -> None:
        self.f = f

    def __call__(self, x: Any) -> Any:
        return self.f(x)


@pytest.mark.parametrize("name", WORDS)
def test_the_first_line_names_the_function_and_ours(name: str) -> None:
    f, words = WORDS[name]
    with pytest.raises(TypeError) as caught:
        ad.grad(Held(f))(X)
    first = str(caught.value).split("\n")[0]
    assert re.match(words, first), first


NOT_OURS = ("median", "expm", "interp1d", "cdist", "quad", "filter", "logsumexp")


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_nothing_stands_in_for_is_named_by_a_transform(name: str) -> None:
    f, words = WORDS[name]
    with pytest.raises(TypeError, match=words):
        ad.grad(f)(X)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in NOT_OURS])
def test_a_transform_runs_what_ours_stands_in_for(name: str) -> None:
    f, _ = WORDS[name]
    gradient = ad.grad(f)(X)
    for place, unit in enumerate(np.eye(3)):
        slope = (f(X + 1e-6 * unit) - f(X - 1e-6 * unit)) / 2e-6
        assert gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", ["triangular", "cho_solve", "math.exp"])
def test_it_is_said_without_a_transform_as_well(name: str) -> None:
    f, words = WORDS[name]
    with pytest.raises(TypeError, match=words):
        f(ad.tensor(X, requires_grad=True) * 1.0)


WHAT_IS_OURS = {  # every name that an error gives as the way out is one that there is
    "autodiff.stats.norm.cdf": ad.stats.norm.cdf,
    "autodiff.linalg.cho_solve": ad.linalg.cho_solve,
    "autodiff.logsumexp": ad.logsumexp,
}


@pytest.mark.parametrize("name", WHAT_IS_OURS)
def test_the_way_out_is_there(name: str) -> None:
    assert callable(WHAT_IS_OURS[name])


def test_what_asks_only_whether_is_answered() -> None:
    def f(x: Any) -> Any:
        return 0.0 * x if math.isnan(x) or not math.isfinite(x) else x * x

    assert ad.grad(f)(3.0) == 6.0


def test_scipys_functions_that_carry_on_with_tensors_still_do() -> None:
    np.testing.assert_allclose(ad.grad(lambda x: scipy.integrate.simpson(x**2))(X), X * [2 / 3, 8 / 3, 2 / 3])
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(scipy.signal.convolve(x, X)))(X), np.full(3, 4.0))
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(scipy.linalg.toeplitz(x)))(X), [3.0, 4.0, 2.0])


def test_an_error_of_the_users_own_stays_as_it_is() -> None:
    def f(x: Any) -> Any:
        return scipy.integrate.quad(lambda t: t + "a", 0.0, 1.0)[0] * x

    with pytest.raises(TypeError, match="unsupported operand"):
        ad.grad(f)(1.0)


def test_what_scipy_says_of_constants_stays_as_it_is() -> None:
    def f(x: Any) -> Any:
        return np.sum(scipy.linalg.solve_triangular(M, np.ones(2))) * x

    with pytest.raises(ValueError, match="shapes"):
        ad.grad(f)(1.0)


def test_numpys_exp_is_not_taken_for_maths() -> None:
    assert ad.grad(lambda x: np.exp(x) * float(np.exp(0.0)))(0.0) == 1.0
    with pytest.raises(TypeError, match=r"float\(\) of a tensor"):
        ad.grad(lambda x: float(x))(1.0)
