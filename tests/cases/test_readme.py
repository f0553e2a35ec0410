"""What the README promises to NumPy's users: every line of its table, and its calls of SciPy's optimisers, are run."""

from __future__ import annotations

import math
import re
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats

import autodiff as ad

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
X = np.array([0.5, -1.5, 2.0, 0.25])
M = np.array([[2.0, 0.3], [0.3, 1.5]])

Row = Callable[[], None]
ROWS: dict[str, Row] = {}
"""What tests each line of the table, by the beginning of its first cell."""


def row(beginning: str) -> Callable[[Row], Row]:
    def register(test: Row) -> Row:
        ROWS[beginning] = test
        return test

    return register


def assert_slope(f: Callable[[Any], Any], x: Any = X) -> None:
    gradient = ad.grad(f)(x)
    for k, step in enumerate(1e-6 * np.eye(x.size)):
        slope = (f(x + step.reshape(x.shape)) - f(x - step.reshape(x.shape))) / 2e-6
        np.testing.assert_allclose(gradient.ravel()[k], slope, rtol=1e-5, atol=1e-7)


def assert_refused(f: Callable[[Any], Any], words: str, kind: type[Exception] = TypeError) -> None:
    with pytest.raises(kind, match=words):
        ad.grad(f)(X)


@row("NumPy's functions, operators")
def _numpy() -> None:
    assert_slope(lambda x: np.sum(np.exp(x), where=X > 0.0) + x[::-1][1:] @ x[:-1] + np.linalg.norm(x))
    assert_slope(lambda x: np.linalg.det(x.reshape(2, 2)) + np.sum(np.abs(np.fft.rfft(x)) ** 2))
    assert_slope(lambda x: np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(X)) ** 2))


@row("`np.array([[c, -s], [s, c]])`")
def _arrays_of_tensors() -> None:
    def rotated(x: Any) -> Any:
        c, s = np.cos(x[0]), np.sin(x[0])
        return np.sum((np.array([[c, -s], [s, c]]) @ x[1:3]) * np.array([1.0, 3.0]))

    assert_slope(rotated)
    assert_slope(lambda x: np.mean([x[0] * x[1], x[2], 3.0]) + np.sum(np.stack([x, x * x])))
    assert_slope(lambda x: np.sum(np.asarray(x) ** 2) + np.sum(np.vectorize(lambda v: v * v if v > 0 else v)(x)))


@row("`y = np.zeros_like(x); y[i] = v")
def _assignments() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x)
        for k in range(3):
            y[k] = x[k] * x[k + 1]
        y[x < 0] = 0.0
        y += x
        np.add.at(y, [0, 0, 1], x[:3])
        return np.sum(y * y)

    assert_slope(f)


@row("`a = np.zeros(n); a[i] = v`")
def _plain_zeros() -> None:
    def f(x: Any) -> Any:
        a = np.zeros(3)
        a[0] = x[0] ** 2
        a += x[:3]
        return np.sum(a * a)

    def outside(x: Any) -> Any:
        M[0] = x[:2]
        return np.sum(M)

    assert_slope(f)
    assert_refused(outside, r"np\.zeros_like\(x, shape=n\)")


@row("`v = y[1:]; y[1] = 3.0`")
def _stale() -> None:
    def f(x: Any) -> Any:
        y = x * 2.0
        v = y[1:]
        y[1] = 3.0
        return np.sum(v)

    assert_refused(f, "does not show them", RuntimeError)


@row("`np.nanmean`, `np.nansum`")
def _missing() -> None:
    gaps = np.array([1.0, np.nan, -2.0])
    np.testing.assert_allclose(
        ad.grad(lambda x: np.nanmean(x**2) + np.nansum(x) + np.nanmax(x))(gaps), [3.0, 0.0, -1.0]
    )
    np.testing.assert_allclose(ad.grad(lambda x: np.sum(np.nan_to_num(x) ** 2))(gaps), [2.0, 0.0, -4.0])


Pair = namedtuple("Pair", "w b")


@dataclass
class Layer:
    w: Any
    b: Any


@row("lists, tuples, dicts")
def _containers() -> None:
    for given in ([X, 0.5], (X, 0.5), {"w": X, "b": 0.5}, Pair(X, 0.5), Layer(X, 0.5), [{"w": X}, (0.5,)]):
        vector, unflatten = ad.flatten(given)
        gradient = ad.grad(lambda p: np.sum(ad.flatten(p)[0] if isinstance(p, float) else _total(p)))(given)
        assert type(gradient) is type(given)
        np.testing.assert_allclose(ad.flatten(gradient)[0], 2.0 * vector)
        assert type(unflatten(vector)) is type(given)


def _total(p: Any) -> Any:
    if isinstance(p, Layer):
        p = [p.w, p.b]
    if isinstance(p, list | tuple | dict):
        return sum(_total(each) for each in (p.values() if isinstance(p, dict) else p))
    return np.sum(p**2)


@row("`if`, `for`, `while`")
def _branches() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for v in x:
            total = total + (v * v if v > 0 else -v)
        while total < 10.0:
            total = total * 2.0
        return total

    assert_slope(f)


@row("the functions of `scipy.special`")
def _special() -> None:
    special = scipy.special
    assert_slope(
        lambda x: np.sum(special.expit(x) + special.gammaln(x**2 + 1) + special.erf(x) + special.xlogy(x, 2.0))
    )


@row("`scipy.stats.norm.cdf(x)`")
def _stats() -> None:
    assert_slope(lambda x: np.sum(scipy.stats.norm.cdf(x) + scipy.stats.t.logpdf(x, 3.0)))
    assert_slope(lambda x: np.sum(ad.stats.norm.cdf(x, 0.3, 2.0) + ad.stats.t.logpdf(x, 3.0, 0.1, 2.0)))
    np.testing.assert_allclose(ad.stats.norm.cdf(X, 0.3, 2.0), scipy.stats.norm.cdf(X, 0.3, 2.0))


@row("`scipy.linalg.solve_triangular`")
def _linalg() -> None:
    assert_slope(lambda x: np.sum(scipy.linalg.solve_triangular(M, x[:2])))
    assert_slope(lambda x: np.sum(scipy.linalg.cho_solve(scipy.linalg.cho_factor(M * x[0]), x[:2])))
    assert_slope(lambda x: np.sum(ad.linalg.cho_solve(ad.linalg.cho_factor(M * x[0]), x[:2])))
    assert_slope(lambda x: np.sum(ad.linalg.solve_triangular(M * x[0], x[:2], lower=True)))


@row("`scipy.integrate.simpson`")
def _made_of_numpy() -> None:
    assert_slope(lambda x: scipy.integrate.simpson(x**2) + np.sum(scipy.signal.convolve(x, X) ** 2))


@row("`math.exp(x)` and the others")
def _of_math() -> None:
    assert_slope(lambda x: math.exp(x[0]) + math.atan2(x[1], x[2]) * math.sqrt(2.0))


@row("`float(x)`, and `math.exp(x)`")
def _numbers() -> None:
    assert_refused(lambda x: float(x[0]), r"np\.exp")
    with pytest.raises(TypeError, match=r"np\.exp"):
        math.exp(ad.tensor(0.5, requires_grad=True))


@row("`x.view(2, 3)`")
def _pytorch() -> None:
    def f(x: Any) -> Any:
        x = ad.asarray(x)
        return x.view(2, 2).permute(1, 0).unsqueeze(0).clamp(-1.0, 1.0).norm() + x.clone().pow(2).matmul(x)

    assert_slope(lambda x: f(x) if isinstance(x, ad.Tensor) else f(x).item())


def table() -> list[str]:
    """The first cells of the README's table for NumPy's users."""
    (found,) = re.findall(r"\| in your code \| \|\n\|---\|---\|\n((?:\|.*\n)+)", README)
    return [line.split(" | ")[0].removeprefix("| ") for line in found.splitlines()]


@pytest.mark.parametrize("line", table())
def test_every_line_of_the_table_holds(line: str) -> None:
    (test,) = [test for beginning, test in ROWS.items() if line.startswith(beginning)]
    test()


def test_no_line_is_tested_that_is_not_there() -> None:
    assert len(ROWS) == len(table())


def test_scipys_optimisers_are_called_as_the_readme_calls_them() -> None:
    (block,) = re.findall(r"```python\n(from scipy\.optimize import .*?)```", README, re.DOTALL)
    centre = np.array([1.0, -2.0, 0.5])

    def f(x: Any) -> Any:
        return np.sum((x - centre) ** 2 * np.array([1.0, 2.0, 3.0])) + 0.1 * np.sum((x - centre) ** 4)

    names = {
        "ad": ad,
        "f": f,
        "x0": np.zeros(3),
        "residuals": lambda x: (x - centre) * np.array([1.0, 2.0, 3.0]),
        "parameters": {"w": np.zeros(2), "b": 0.0},
        "loss": lambda p: np.sum((p["w"] - centre[:2]) ** 2) + (p["b"] - centre[2]) ** 2,
    }
    calls = [line for line in block.splitlines() if line.startswith(("minimize(", "least_squares("))]
    assert len(calls) == 5
    results = re.sub(r"^(minimize|least_squares)\(", r"found[len(found)] = \1(", block, flags=re.MULTILINE)
    found: dict[int, Any] = {}
    exec(results, names | {"found": found})  # noqa: S102 - the README is ours
    assert len(found) == 5
    in_a_vector, _ = ad.flatten({"w": centre[:2], "b": centre[2]})
    for k, result in found.items():
        wanted = in_a_vector if k == 4 else centre
        assert result.success, result
        np.testing.assert_allclose(result.x, wanted, atol=1e-4)
