"""Functions that are run as their twins: the same code and names, but for those that take no tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from math import exp, hypot, log, sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy
import scipy.special
import scipy.stats
from numpy import zeros
from scipy.special import logsumexp
from scipy.stats import norm

import autodiff as ad
from autodiff.numpy_face import twins

X = np.array([0.3, 0.4, 1.2])
CALLS = SimpleNamespace(count=0)
FACTOR = 2.0


def _root_and_logarithm(v: Any) -> Any:
    return sqrt(v) + log(v, 10)


def _sines(x: Any, depth: int = 3) -> Any:
    return x if depth == 0 else math.sin(_sines(x, depth - 1))


def _closing() -> Callable[..., Any]:
    rate = 0.5

    def inner(v: Any, depth: int = 2) -> Any:
        return math.tanh(rate * v) if depth == 0 else inner(v, depth - 1)

    return lambda x: inner(x[0]) ** 2


class _Decay:
    rate = 2.0

    def at(self, x: Any) -> Any:
        return math.exp(-self.rate * x[0])

    def __call__(self, x: Any) -> Any:
        return math.cos(x[1]) * self.rate


def _filled(x: Any) -> Any:
    out = np.zeros(5)
    out[:2] = x[:2]
    for i in range(2, 5):
        out[i] = out[i - 1] * math.sin(out[i - 2]) + 0.1
    return out.sum()


def _kernel(x: Any) -> Any:
    k = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            k[i, j] = np.exp(-((x[i] - x[j]) ** 2))
    return np.linalg.slogdet(k + np.eye(3))[1]


def _added(x: Any) -> Any:
    total, rows = zeros(3), np.zeros((2, 3))
    for i in range(3):
        total += x[i] * np.array([1.0, i, i * i])
    rows[0] += x
    rows[:, 1] -= x[:2]
    np.add.at(total, [0, 1, 1], x)
    np.fill_diagonal(rows, x[0] ** 2)
    return total @ total + (rows**3).sum() + np.full(3, x[1]).sum()


def _template(x: Any) -> Any:
    s, m = np.array([1.0, 0.0, 2.0]), np.eye(3)
    s[1] = x[0] * 2
    m[0, 2] = s[1]
    return np.linalg.det(m * x) + s.sum()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "a function of the module's": lambda x: _root_and_logarithm(x[0]) * exp(-x[1]),
    "one that calls itself": lambda x: _sines(x[0]),
    "one that is closed over": _closing(),
    "a method": _Decay().at,
    "an object that is called": _Decay(),
    "a partial function": partial(lambda a, x: math.exp(a * x[0]), FACTOR),
    "several numbers": lambda x: math.fsum(x) + hypot(*x) + math.dist(x, [0.0, 1.0, 1.0]) + math.prod(x),
    "numbers alone": lambda x: math.exp(0.5) * math.pow(x[0], math.floor(2.5)) + math.log(x[1]),
    "questions": lambda x: sum(math.log1p(v) for v in x if math.isfinite(v) and v > 0.35),
    "a law with parameters": lambda x: scipy.stats.norm(loc=x[0], scale=math.exp(x[1])).logpdf(np.ones(2)).sum(),
    "a law with a point": lambda x: norm(0.5, 2.0).logcdf(x[0]),
    "a law of the package": lambda x: scipy.stats.gamma.logpdf(x, a=2.0, scale=x[0]).sum(),
    "entropies": lambda x: scipy.stats.entropy(x, [1.0, 2.0, 3.0]) + scipy.stats.entropy(x, base=2),
    "one of SciPy's by its name": lambda x: logsumexp(x) + scipy.special.logsumexp(2.0 * x),
    "elements": _filled,
    "elements of a matrix": _kernel,
    "additions": _added,
    "arrays of numbers": _template,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_gradient_is_that_of_the_function(name: str) -> None:
    f = FUNCTIONS[name]
    gradient = ad.grad(f)(X)
    for place, unit in enumerate(np.eye(3)):
        slope = (f(X + 1e-6 * unit) - f(X - 1e-6 * unit)) / 2e-6
        assert gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-8)
    assert ad.value_and_grad(f)(X)[0] == pytest.approx(f(X))


@pytest.mark.parametrize("transform", [ad.jacobian, ad.hessian, ad.elementwise_grad])
def test_every_transform_runs_it(transform: Any) -> None:
    def by_numpy(x: Any) -> Any:
        return np.exp(x[0] * x[1])

    def by_math(x: Any) -> Any:
        return math.exp(x[0] * x[1])

    np.testing.assert_allclose(transform(by_math)(X), transform(by_numpy)(X))


def test_with_something_else_that_is_returned() -> None:
    gradient, seen = ad.grad(lambda x: (math.exp(x), "seen"), has_aux=True)(0.0)
    assert (gradient, seen) == (1.0, "seen")


def test_a_function_that_needs_no_twin_is_run_once() -> None:
    def counted(x: Any) -> Any:
        CALLS.count += 1
        return np.exp(x)

    CALLS.count = 0
    ad.grad(counted)(1.0)
    assert CALLS.count == 1
    assert twins.prepared(counted) is counted


def test_the_names_of_the_module_are_those_of_now() -> None:
    def scaled(x: Any) -> Any:
        return math.exp(x) * FACTOR

    assert ad.grad(scaled)(0.0) == 2.0
    globals()["FACTOR"] = 3.0
    try:
        assert ad.grad(scaled)(0.0) == 3.0
    finally:
        globals()["FACTOR"] = 2.0


def test_nobody_elses_module_is_touched() -> None:
    before = math.exp, np.zeros, dict(globals())
    ad.grad(lambda x: _filled(x))(X)
    assert (math.exp, np.zeros) == before[:2]
    assert globals() == before[2]


def test_what_fails_in_its_twin_as_well_is_raised() -> None:
    held = SimpleNamespace(exp=math.exp)
    with pytest.raises(TypeError, match=r"math\.exp takes numbers alone"):
        ad.grad(lambda x: held.exp(x) + math.exp(x))(1.0)
