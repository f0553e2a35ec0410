"""What the engine returns where there is no derivative, or where a formula would make nan of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE

NAN, INF = float("nan"), float("inf")


def slopes(function: Callable[..., Any], *xs: float) -> list[float]:
    """The derivative in every argument; the cotangent is not 1, so that it cannot be forgotten."""
    _, pullback = ad.vjp(function, *(np.array(x, dtype=float) for x in xs))
    return [float(g) / 4.0 for g in pullback(4.0)]


AT_KINKS = [
    (ad.abs, (0.0,), [0.0]),
    (ad.relu, (0.0,), [0.0]),
    (ad.sign, (0.0,), [0.0]),
    (ad.leaky_relu, (0.0,), [0.505]),
    (ad.elu, (0.0,), [1.0]),
    (lambda x: ad.elu(x, alpha=0.5), (0.0,), [0.75]),
    (ad.selu, (0.0,), [0.5 * 1.0507009873554805 * (1.0 + 1.6732632423543772)]),
    (ad.hardtanh, (1.0,), [0.5]),
    (ad.hardtanh, (-1.0,), [0.5]),
    (lambda x: ad.clip(x, -1.0, 1.0), (1.0,), [1.0]),
    (lambda x: ad.clip(x, -1.0, 1.0), (-1.0,), [1.0]),
    (ad.maximum, (2.0, 2.0), [0.5, 0.5]),
    (ad.minimum, (2.0, 2.0), [0.5, 0.5]),
    (ad.fmax, (2.0, 2.0), [0.5, 0.5]),
    (ad.fmin, (2.0, 2.0), [0.5, 0.5]),
    (ad.maximum, (INF, INF), [0.5, 0.5]),
    (ad.fmax, (NAN, 2.0), [0.0, 1.0]),
    (ad.fmax, (2.0, NAN), [1.0, 0.0]),
    (ad.fmin, (NAN, 2.0), [0.0, 1.0]),
    (ad.hypot, (0.0, 0.0), [0.0, 0.0]),
    (ad.hypot, (1e-323, 1.5e-323), [2 / 13**0.5, 3 / 13**0.5]),  # whose length is rounded to 2e-323
    (TABLE["clamp"], (1.0, 2.0, 1.0), [0.0, 0.0, 1.0]),  # the upper of contradictory bounds holds
    (ad.xlogy, (2.0, 0.0), [-INF, INF]),
    (ad.xlogy, (0.0, 0.0), [-INF, 0.0]),
    (ad.xlog1py, (2.0, -1.0), [-INF, INF]),
    (ad.xlog1py, (0.0, -1.0), [-INF, 0.0]),
    (lambda x: 1.0 / (1.0 + ad.exp(x)), (800.0,), [0.0]),  # what overflowed meets a cotangent that is 0
    (lambda x: 1.0 / ad.cosh(x), (800.0,), [0.0]),
    (lambda x: 1.0 / ad.sinh(x), (-800.0,), [0.0]),
    (lambda x: 1.0 / (1.0 + ad.exp2(x)), (2000.0,), [0.0]),
    (lambda x: 1.0 / (2.0 + ad.expm1(x)), (800.0,), [0.0]),
    (ad.logaddexp, (-INF, -INF), [0.0, 0.0]),
    (ad.logaddexp, (-INF, 1.0), [0.0, 1.0]),
    (ad.logaddexp2, (-INF, -INF), [0.0, 0.0]),
    (ad.sinc, (0.0,), [0.0]),
    (ad.copysign, (0.0, -2.0), [0.0, 0.0]),
    (ad.copysign, (3.0, -0.0), [-1.0, 0.0]),
    (ad.remainder, (6.0, 2.0), [1.0, -3.0]),
    (ad.floor, (2.0,), [0.0]),
    (ad.ceil, (2.5,), [0.0]),
    (ad.round, (2.5,), [0.0]),
    (ad.trunc, (-2.0,), [0.0]),
    (ad.floor_divide, (7.0, 2.0), [0.0, 0.0]),
    (ad.heaviside, (0.0, 0.5), [0.0, 1.0]),
    (ad.heaviside, (2.0, 0.5), [0.0, 0.0]),
    (ad.nan_to_num, (NAN,), [0.0]),
    (ad.nan_to_num, (INF,), [0.0]),
    (ad.nan_to_num, (-INF,), [0.0]),
    (ad.nan_to_num, (3.0,), [1.0]),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("function", "xs", "want"), AT_KINKS)
def test_conventions(function: Callable[..., Any], xs: tuple[float, ...], want: list[float]) -> None:
    assert slopes(function, *xs) == pytest.approx(want, rel=1e-15, abs=0.0)


POWERS = [
    ((0.0, 0.0), [0.0, -INF]),  # 0**y jumps at y = 0
    ((0.0, 1.0), [1.0, 0.0]),
    ((0.0, 2.0), [0.0, 0.0]),
    ((0.0, 3.0), [0.0, 0.0]),
    ((0.0, 2.5), [0.0, 0.0]),
    ((0.0, 0.25), [INF, 0.0]),
    ((0.0, 0.5), [INF, 0.0]),
    ((1.0, 0.0), [0.0, 0.0]),
    ((4.0, -1.0), [-1.0 / 16.0, np.log(4.0) / 4.0]),
    ((1e-300, 1.001), [1.001 * 1e-300**0.001, 1e-300**1.001 * np.log(1e-300)]),
    ((1e10, 31.0), [31.0 * 1e10**30, INF]),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("xs", "want"), POWERS)
def test_powers_at_zero_and_at_the_ends_of_the_range(xs: tuple[float, float], want: list[float]) -> None:
    assert slopes(ad.power, *xs) == pytest.approx(want, rel=1e-14)


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 3, 4, 5, 2.0, 7.0])
def test_a_constant_exponent_brings_no_logarithm(exponent: float) -> None:
    x = np.array([-2.0, -0.5, 1.5])
    gradient = ad.grad(lambda t: ad.sum(t**exponent))(x)
    np.testing.assert_allclose(gradient, exponent * x ** (exponent - 1.0), rtol=1e-15)
    curvature = ad.grad(lambda t: ad.sum(ad.grad(lambda u: ad.sum(u**exponent))(t)))(x)
    np.testing.assert_allclose(curvature, exponent * (exponent - 1.0) * x ** (exponent - 2.0), rtol=1e-14)


def test_the_derivative_of_x_to_the_0_is_0_at_0() -> None:
    assert slopes(lambda x: x**0, 0.0) == [0.0]
    assert slopes(lambda x: x**0.0, 0.0) == [0.0]
    assert slopes(lambda x: x**1, 0.0) == [1.0]


def test_what_where_discards_sends_nothing_back() -> None:
    x = np.array([0.0, 4.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = ad.grad(lambda t: ad.sum(ad.where(t > 0.0, ad.log(t), 0.0)))(x)
        root = ad.grad(lambda t: ad.sum(ad.maximum(ad.sqrt(t), 1.0)))(x)
    np.testing.assert_array_equal(gradient, [0.0, 0.25])
    np.testing.assert_array_equal(root, [0.0, 0.25])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_cotangent_that_happens_to_be_0_is_no_structural_zero() -> None:
    assert np.isnan(slopes(lambda x: ad.sqrt(x) ** 2, 0.0)[0])
    assert slopes(ad.sqrt, 0.0) == [INF]
    assert slopes(ad.cbrt, 0.0) == [INF]


BOUNDS = [((-1.0, 1.0), [0.0, 1.0, 0.0]), ((None, 1.0), [1.0, 1.0, 0.0]), ((-1.0, None), [0.0, 1.0, 1.0])]


@pytest.mark.parametrize(("bounds", "want"), BOUNDS)
def test_clip_takes_bounds_as_numpy_does(bounds: tuple[Any, Any], want: list[float]) -> None:
    x = np.array([-2.0, 0.5, 3.0])
    low, high = bounds
    calls: list[Callable[[Any], Any]] = [
        lambda t: ad.clip(t, low, high),
        lambda t: ad.clip(t, min=low, max=high),
        lambda t: t.clip(low, high),
        lambda t: np.clip(t, low, high),
        lambda t: np.clip(t, a_min=low, a_max=high),
    ]
    for call in calls:
        np.testing.assert_array_equal(ad.grad(lambda t: ad.sum(call(t)))(x), want)  # noqa: B023 - called at once


def test_clip_between_tensors_and_between_contradictory_bounds() -> None:
    assert slopes(ad.clip, -2.0, -1.0, 1.0) == [0.0, 1.0, 0.0]
    assert slopes(ad.clip, 2.0, -1.0, 1.0) == [0.0, 0.0, 1.0]
    assert slopes(ad.clip, 0.0, -1.0, 1.0) == [1.0, 0.0, 0.0]
    for x in (0.0, 1.5, 3.0):
        assert float(ad.clip(x, 2.0, 1.0)) == float(np.clip(x, 2.0, 1.0)) == 1.0
        assert slopes(ad.clip, x, 2.0, 1.0) == [0.0, 0.0, 1.0]
        assert slopes(lambda t: ad.clip(t, 2.0, 1.0), x) == [0.0]


def test_sinc_at_whole_numbers_and_its_derivatives_at_zero() -> None:
    np.testing.assert_array_equal(ad.sinc(np.array([-3.0, 1.0, 1e15, 1e300])), 0.0)

    def derivative(order: int) -> Callable[[Any], Any]:
        function: Callable[[Any], Any] = ad.sinc
        for _ in range(order):
            function = ad.grad(function)
        return function

    # the coefficients of the series of sinc, times the factorials
    want = [1.0, 0.0, -(np.pi**2) / 3.0, 0.0, np.pi**4 / 5.0, 0.0, -(np.pi**6) / 7.0]
    got = [float(derivative(order)(np.array(0.0))) for order in range(7)]
    assert got == pytest.approx(want, rel=1e-14, abs=0.0)


def test_unsupported_derivatives_are_named() -> None:
    with pytest.raises(NotImplementedError, match="gammainc: the derivative in a is unsupported"):
        slopes(ad.gammainc, 2.0, 1.0)
    with pytest.raises(NotImplementedError, match="polygamma: the derivative in n is unsupported"):
        slopes(ad.polygamma, 2.0, 1.0)


def test_gelu_names_its_two_forms() -> None:
    x = np.array([-1.5, 0.5])
    tanh_form = 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    np.testing.assert_allclose(ad.gelu(x), tanh_form, rtol=1e-14)
    np.testing.assert_allclose(ad.gelu(x, approximate="none"), x * ad.ndtr(x), rtol=1e-15)
    with pytest.raises(ValueError, match='approximate is "tanh" or "none"'):
        ad.gelu(x, approximate="erf")


def test_the_bend_of_gelu_vanishes_far_out() -> None:
    far = np.array([1e200, -1e200, 60.0, -60.0])
    for form in ("tanh", "none"):
        bend = ad.grad(lambda x, form=form: ad.sum(ad.grad(lambda x: ad.sum(ad.gelu(x, approximate=form)))(x)))
        np.testing.assert_array_equal(bend(far), 0.0)


def test_lines_of_logarithms_of_nothing_send_nothing_back() -> None:
    x = np.array([[-INF, -INF], [0.0, 0.0], [-INF, 0.0]])
    want = [[0.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    np.testing.assert_array_equal(ad.grad(lambda x: ad.sum(ad.logsumexp(x, axis=1)))(x), want)
    np.testing.assert_array_equal(ad.grad(lambda x: ad.sum(ad.logsumexp(x, axis=0)))(x.T), np.transpose(want))
    assert np.isfinite(ad.hessian(lambda x: ad.sum(ad.logsumexp(x, axis=1)))(x)).all()


@pytest.mark.parametrize("p", [0.5, 1.5, 2, 3, 3.5, 8])
def test_norms_of_tiny_huge_and_vanishing_elements(p: float) -> None:
    gradient = ad.grad(lambda x: ad.norm(x, p))
    ordinary = gradient(np.array([1.0, -2.0]))
    np.testing.assert_allclose(gradient(np.array([1e-200, -2e-200])), ordinary, rtol=1e-13)
    np.testing.assert_allclose(gradient(np.array([1e200, -2e200])), ordinary, rtol=1e-13)
    np.testing.assert_array_equal(gradient(np.zeros(2)), [0.0, 0.0])
    np.testing.assert_allclose(gradient(np.array([0.0, 1.0, -2.0])), [0.0, *ordinary], rtol=1e-13)


def test_a_norm_of_negative_order_belongs_to_its_smallest_element() -> None:
    gradient = ad.grad(lambda x: ad.norm(x, -2))
    np.testing.assert_allclose(gradient(np.array([1.0, 2.0])), [8 / 5**1.5, 1 / 5**1.5])
    np.testing.assert_array_equal(gradient(np.array([0.0, 1.0, -2.0])), [0.0, 0.0, 0.0])
