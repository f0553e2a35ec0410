"""Derivatives of the elementwise operations against mpmath: 4 ulp and what the condition number excuses."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.measured import worst_ulps
from autodiff.declare.op import TABLE, Op
from benchmarks.accuracy import ours, worst
from benchmarks.truth import ELEMENTARY, SPECIAL, Truth, Worst, error, grid, measure

POINTS = 2000
ALL = {**ELEMENTARY, **SPECIAL}
NO_DERIVATIVE = {"floor_divide", "sign", "floor", "ceil", "round", "trunc", "two_slopes"}
FAMILIES = {
    "arithmetic", "powers", "exponential", "logistic", "trigonometric", "sinc", "hyperbolic", "piecewise", "steps",
    "activations", "gelu", "special", "gamma", "bessel",
}  # fmt: skip
# Operands that only choose, or helpers whose accuracy is that of the rule that calls them.
ELSEWHERE = {"where", "clamp", "heaviside", "polygamma"}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # points beyond a domain, and overflow


@cache
def measured(name: str) -> list[Worst]:
    results = worst(name, ours, POINTS)
    assert results is not None
    return results


@pytest.mark.parametrize("name", ALL)
def test_derivatives_are_within_the_promise(name):
    for place, result in enumerate(measured(name)):
        assert result.counted > POINTS / 30, "the points hardly meet the domain"
        assert result.excess <= ALL[name].ulps, f"operand {place}: {result}"


VALUES = ["sigmoid", "softplus", "log_sigmoid", "silu", "gelu_tanh", "logaddexp", "logaddexp2", "sinc", "sech"]


@pytest.mark.parametrize("name", VALUES)
def test_our_own_kernels_have_accurate_values(name):
    points = grid(POINTS, TABLE[name].arity, ALL[name].special)
    result = measure(np.asarray(TABLE[name](*points)), ALL[name].value, ALL[name], points)
    assert result.excess <= 4.0, result


def test_every_elementwise_operation_is_measured():
    entries = {entry.name: entry for entry in TABLE.values() if isinstance(entry, Op) and entry.family in FAMILIES}
    public = {name for name, entry in entries.items() if entry.language}
    assert public - NO_DERIVATIVE - ELSEWHERE - set(ALL) == set()


@pytest.mark.parametrize("name", ALL)
def test_what_the_documentation_says_was_measured(name):
    found = max(result.excess for result in measured(name))
    assert found <= max(4.0, 2.0 * worst_ulps()[name])  # libraries of other machines round a little otherwise


def test_the_measure_sees_a_textbook_formula_fail():
    points = grid(400, 1, (0.0,))
    formula = 1.0 - np.tanh(points[0]) ** 2
    assert measure(formula, ELEMENTARY["tanh"].derivatives[0], ELEMENTARY["tanh"], points).excess > 1e3


def test_the_measure_sees_nan_and_overflow():
    truth = Truth(lambda x: x, (lambda x: x,))
    assert measure(np.array([np.nan]), truth.value, truth, (np.array([1.0]),)).excess == np.inf
    assert error(1.0, 1.0 + 2.0**-52) == pytest.approx(1.0)
    assert error(0.0, 5e-324) == pytest.approx(1.0)


PEERS_FAIL = [
    ("sigmoid", 37.43, 5.553e-17),  # 0 elsewhere, from 1 - y
    ("sinc", 1e-8, -(np.pi**2) * 1e-8 / 3),  # a third off, from (cos - sinc) / x
    ("tanh", 19.5, 4.0 * np.exp(-39.0)),
    ("arctan", 1e155, 1e-310),
    ("sinc", 0.0, 0.0),
]


@pytest.mark.parametrize(("name", "x", "want"), PEERS_FAIL)
def test_where_other_engines_are_wrong(name, x, want):
    assert float(ad.grad(ad.sum)(np.array(x))) == 1.0
    got = float(ad.grad(lambda t: ad.sum(TABLE[name](t)))(np.array([x]))[0])
    assert got == pytest.approx(want, rel=1e-3)


@pytest.mark.parametrize("name", [name for name in ALL if name != "copysign"])
def test_float32_stays_float32_and_accurate(name):
    truth, operation = ALL[name], TABLE[name]
    random = np.random.default_rng(3)
    points = tuple(random.uniform(0.05, 0.95, 40).astype(np.float32) for _ in range(operation.arity))
    if name == "arccosh":
        points = (points[0] + np.float32(1.0),)
    value = operation(*points)
    assert value.dtype == np.float32
    rules = [r for r in operation.rules if r is not None]
    for rule, true in zip(rules[-len(truth.derivatives) :], truth.derivatives, strict=True):
        got = np.asarray(rule(np.ones_like(value), value, *points, **operation.defaults))
        assert got.dtype == np.float32
        want = np.array([float(true(*place)) for place in zip(*(p.tolist() for p in points), strict=True)])
        np.testing.assert_allclose(np.broadcast_to(got, want.shape), want, rtol=2e-5, atol=2e-6)


def test_elements_beside_none_that_is_far_are_as_accurate():
    """The derivative of tanh is computed in another way where an element among them is far from 0."""
    points = np.concatenate([grid(POINTS, 1, (0.0,))[0], np.linspace(340.0, 380.0, 100)])
    few = np.concatenate([TABLE["sech_squared"](part) for part in np.array_split(points, 50)])
    result = measure(few, ALL["sech_squared"].value, ALL["sech_squared"], (points,))
    assert result.excess <= 4.0, result
    assert TABLE["sech_squared"](np.float32([1e30, -100.0, 0.0])).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.filterwarnings("error")
def test_numbers_whose_squares_overflow_overflow_nowhere():
    assert [ad.grad(ad.tanh)(x) for x in (400.0, -1e308, np.inf, 1e-310)] == [0.0, 0.0, 0.0, 1.0]
    for dtype, x in (("f2", 6e4), ("f4", 1e30), ("f8", 1e200)):
        far = np.array([[x, -x, 0.0], [-x, 0.0, x]], dtype)
        np.testing.assert_array_equal(ad.grad(lambda x: ad.tanh(x).sum())(far), far == 0)
        slope = ad.grad(lambda x: ad.cross_entropy(x, np.array([0, 1]), reduction="sum"))(far)
        np.testing.assert_array_equal(slope, [[0.0, 0.0, 0.0], [0.0, -1.0, 1.0]])
    few, many = np.array([-800.0, 19.1, 0.0]), np.linspace(-800.0, 800.0, 200_001)
    for x in (few, many):
        slope = ad.grad(lambda x: ad.tanh(x).sum())(x)
        truth = np.cosh(np.clip(x, -350, 350)) ** -2.0 * (abs(x) < 350)
        np.testing.assert_allclose(slope, truth, rtol=1e-12, atol=1e-300)


@pytest.mark.filterwarnings("error")
def test_the_cube_root_is_within_an_ulp_and_keeps_its_ends():
    points = grid(POINTS, 1, (0.0,))
    result = measure(np.asarray(ad.cbrt(*points)), ALL["cbrt"].value, ALL["cbrt"], points)
    assert result.excess <= 1.0, result
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0])
    np.testing.assert_array_equal(ad.cbrt(ends), ends)
    assert np.signbit(ad.cbrt(ends)).tolist()[3:] == [False, True]
