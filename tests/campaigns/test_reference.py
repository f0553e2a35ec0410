"""The campaigns' reference: right values and gradients, what it allows, and that it knows neither of the two ways."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf

import autodiff as ad
import benchmarks.campaigns
from benchmarks.campaigns import networks, operations, orders, programs
from benchmarks.campaigns.arrays import lifted
from benchmarks.campaigns.case import Case
from benchmarks.campaigns.differences import NoTruth, allowed, places_of, truth
from benchmarks.campaigns.number import at_digits, evaluated
from benchmarks.campaigns.scalars import SCALARS

FOLDER = Path(next(iter(benchmarks.campaigns.__path__)))
UNIT = 2.0**-53
REFERENCE = ["number", "differences", "derivatives", "composites", "scalars", "arrays", "matrices", "table", "rounding"]


def gradient(function: Callable[..., Any], *inputs: Any) -> Any:
    arrays = [np.asarray(x, dtype=np.float64) for x in inputs]
    return truth(function, arrays, places_of(arrays, 10**6, np.random.default_rng(0)))


def floats(found: Any) -> list[list[float]]:
    return [[float(v) for v in row] for row in found.gradient]


@pytest.mark.parametrize("name", REFERENCE)
def test_the_reference_knows_neither_way(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {each for each in imported if each.split(".")[0] in ("autodiff", "symdiff", "benchmarks")}
    assert ours <= {f"benchmarks.campaigns.{each}" for each in REFERENCE} | {"benchmarks.campaigns"}


def test_only_check_gradients_is_asked() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("symdiff"):
                assert (path.name, node.module, [a.name for a in node.names]) == (
                    "judge.py",
                    "symdiff",
                    ["check_gradients"],
                )


@pytest.mark.parametrize("name", list(SCALARS))
def test_values_are_the_engines(name: str) -> None:
    """Two tables typed apart; where they differ one of the two is another function."""
    cases = [case for case in operations.elementwise() if case.name == name and case.kind in ("usual 1", "single 1")]
    assert len(cases) == 2
    for case in cases:
        assert_the_engines_value(case)


@pytest.mark.parametrize("module", [networks, orders, programs], ids=lambda module: module.NAME)
def test_values_of_programs_are_the_engines(module: Any) -> None:
    for case in list(module.cases())[:: 7 if module is programs else 5]:
        if not case.kind.startswith(("times", "float32", "shifted")):
            assert_the_engines_value(case)


def test_values_of_arrays_are_the_engines() -> None:
    for case in [*operations.of_lines(), *operations.of_matrices(), *operations.of_several()]:
        if case.kind.startswith("usual"):
            assert_the_engines_value(case)


def assert_the_engines_value(case: Case) -> None:
    with np.errstate(all="ignore"):
        got = case.function(ad, *case.inputs)
    with at_digits(50):
        want = evaluated(case.function, [lifted(x) for x in case.inputs])
        scale = max((abs(v) for v in want.reshape(-1)), default=mpf(1)) + 1
        off = [abs(mpf(float(g)) - w) / scale for g, w in zip(np.ravel(got), want.reshape(-1), strict=True)]
    assert max(off) < 1e-6, case.label
    assert np.shape(got) == want.shape, case.label


@pytest.mark.parametrize(
    ("function", "at", "derivative"),
    [
        (lambda m, x: m.tanh(x), 20.0, lambda x: mp.sech(x) ** 2),
        (lambda m, x: m.sigmoid(x), -700.0, lambda x: mp.exp(x) / (1 + mp.exp(x)) ** 2),
        (lambda m, x: m.cos(x), 1e-150, lambda x: -mp.sin(x)),
        (lambda m, x: m.sin(x), 1e300, mp.cos),
        (lambda m, x: (((1.0 + x) - 1.0) * 1e80) ** 2, 1e-80, lambda x: 2 * x * mpf(1e80) ** 2),
        (lambda m, x: m.gamma(x), 4.5, lambda x: mp.gamma(x) * mp.digamma(x)),
        (lambda m, x: m.ndtri(x), 1e-40, lambda x: mp.sqrt(2 * mp.pi) * mp.exp(_quantile() ** 2 / 2)),
        (lambda m, x: m.relu(x) - m.relu(-x), 0.0, lambda x: mpf(1)),
        (lambda m, x: x * x, 0.0, lambda x: mpf(0)),
        (lambda m, x: m.cosh(x / x), 3.0, lambda x: mpf(0)),
        (lambda m, x: m.grad(lambda z: m.exp(-z * z))(x), 0.5, lambda x: (4 * x * x - 2) * mp.exp(-x * x)),
    ],
)
def test_derivatives_of_numbers(function: Any, at: float, derivative: Any) -> None:
    found = gradient(function, at)
    assert found.is_smooth
    with at_digits(500):
        want = derivative(mpf(at))
        assert abs(found.gradient[0, 0] - want) <= abs(want) * mpf(10) ** -20


def _quantile() -> mpf:
    return mp.findroot(lambda y: mp.log(mp.erfc(-y / mp.sqrt(2)) / 2) - mp.log(mpf(1e-40)), -13.3)


def test_what_cancels_beyond_the_digits_is_no_zero() -> None:
    """Beside a gradient of 1, softmax has one of 1e-182: 110 digits call it 0."""
    found = gradient(lambda m, x: m.sum(m.softmax(x) * x), [-545.9, 1418.07, 1843.026])
    assert floats(found)[0][1] == pytest.approx(-1.1783517042799668e-182, rel=1e-12)


def test_gradients_of_matrices() -> None:
    a = np.array([[2.0, 1.0, 0.5], [0.25, 3.0, -1.0], [1.0, 0.0, 4.0]])
    inverse = np.linalg.inv(a)
    assert np.allclose(floats(gradient(lambda m, x: m.det(x), a))[0], (np.linalg.det(a) * inverse.T).ravel())
    assert np.allclose(floats(gradient(lambda m, x: m.trace(m.inv(x)), a))[0], -(inverse @ inverse).T.ravel())
    symmetric = a + a.T
    assert np.allclose(floats(gradient(lambda m, x: m.sum(m.eigvalsh(x) ** 2), symmetric))[0], 2 * symmetric.ravel())
    u, _, v = np.linalg.svd(a)
    assert np.allclose(floats(gradient(lambda m, x: m.norm(x, "nuc"), a))[0], (u @ v).ravel())


@pytest.mark.parametrize(
    ("function", "at", "smooth"),
    [
        (lambda m, x: m.sum(m.relu(x)), [0.0, 1.0], [False, True]),
        (lambda m, x: m.max(x), [2.0, 2.0, 1.0], [False, False, True]),
        (lambda m, x: m.norm(x), [0.0, 0.0], [False, False]),
        (lambda m, x: m.sum(m.abs(x) ** 3), [0.0, -1.0], [True, True]),
        (lambda m, x: m.sum(m.sort(x)), [1.0, 1.0], [True, True]),
    ],
)
def test_kinks_are_seen(function: Any, at: list[float], smooth: list[bool]) -> None:
    assert gradient(function, at).smooth.tolist() == [smooth]


def test_what_has_no_derivative_has_no_truth() -> None:
    with pytest.raises(NoTruth):
        gradient(lambda m, x: m.sqrt(m.abs(x)), 0.0)


@pytest.mark.parametrize(
    ("function", "at", "least", "most"),
    [
        (lambda m, x: m.sum(m.tanh(x)), [20.0], 10, 100),  # x moved by u is 40 u of the derivative
        (lambda m, x: m.sum(m.softmax(x) * np.array([1.0, 2, 3])), [-120.7, 150.3, -149.1], 50, 2000),
        (lambda m, x: x[0] * 3.0, [1.0], 3, 5),
        (lambda m, x: m.sin(x[0]), [1e10], 1e9, 1e12),
    ],
)
def test_what_is_allowed_in_units_of_the_derivative(function: Any, at: list[float], least: float, most: float) -> None:
    x = np.array(at)
    found = truth(function, [x], [(0, 0)])
    units = allowed(function, [x], found, 1, UNIT, 5e-324).off[0, 0] / (abs(float(found.gradient[0, 0])) * UNIT)
    assert least <= units <= most


def test_what_cancels_is_allowed_the_units_of_its_terms() -> None:
    x = np.array([40.0, 0.0, 1.0])
    function = lambda m, x: m.logsumexp(x) - x[0]  # p - 1, for p close to 1
    found = truth(function, [x], [(0, 0)])
    off = allowed(function, [x], found, 1, UNIT, 5e-324).off[0, 0]
    assert UNIT / 2 <= off <= 20 * UNIT
    assert abs(float(found.gradient[0, 0])) < UNIT


def test_what_is_allowed_is_drawn_the_same_every_time() -> None:
    x = [np.array([0.5, -1.5])]
    function = lambda m, x: m.prod(m.softmax(x))
    found = truth(function, x, [(0, 0), (0, 1)])
    first, second = (allowed(function, x, found, 5, UNIT, 5e-324).off for _ in range(2))
    assert first.tolist() == second.tolist()
    assert first.tolist() != allowed(function, x, found, 6, UNIT, 5e-324).off.tolist()
