"""grad, value_and_grad, vjp, jvp, jacobian, hessian and hvp: values, nesting, and wrong uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.record.modes import mode

X = np.array([0.3, -1.2, 0.7])


def test_value_and_grad_of_the_opening_example() -> None:
    value, gradient = ad.value_and_grad(lambda x: (x * x).mean())(np.arange(4.0))
    assert value == 3.5
    assert type(value) is np.float64
    assert type(gradient) is np.ndarray
    np.testing.assert_array_equal(gradient, [0.0, 0.5, 1.0, 1.5])


def test_integers_become_floating_numbers() -> None:
    np.testing.assert_array_equal(ad.grad(lambda x: (x**3).sum())([1, 2, 3]), [3.0, 12.0, 27.0])
    assert ad.grad(lambda x: x * 3_000_000_000 * x)(3_000_000_000) == 1.8e19
    assert ad.grad(lambda x, k: x[k] * 2.0, 0)(np.ones(3), 1).tolist() == [0.0, 2.0, 0.0]


def test_float32_stays() -> None:
    value, gradient = ad.value_and_grad(lambda x: np.tanh(x * x).sum())(X.astype(np.float32))
    assert value.dtype == gradient.dtype == np.float32


def test_several_arguments() -> None:
    da, db = ad.grad(lambda a, b: (a * np.sin(b)).sum(), (0, 1))(X, 2.0)
    np.testing.assert_allclose(da, np.full(3, np.sin(2.0)))
    assert db == pytest.approx(X.sum() * np.cos(2.0))
    assert ad.grad(lambda a, b: a * b, -1)(2.0, 5.0) == 2.0
    (only,) = ad.grad(lambda a, b: a * b, (1,))(2.0, 5.0)
    assert only == 2.0


def test_keywords_reach_the_function() -> None:
    assert ad.grad(lambda x, *, n: x**n)(2.0, n=3) == 12.0


def test_a_result_that_does_not_depend_on_the_input() -> None:
    np.testing.assert_array_equal(ad.grad(lambda x: 1.0)(X), np.zeros(3))
    np.testing.assert_array_equal(ad.grad(lambda x: np.floor(x).sum())(X), np.zeros(3))
    assert ad.hessian(lambda x: x.sum())(X).tolist() == np.zeros((3, 3)).tolist()


def test_tensors_in_tensors_out() -> None:
    x = ad.tensor(X)
    assert isinstance(ad.grad(lambda x: (x * x).sum())(x), ad.Tensor)
    assert isinstance(ad.value_and_grad(lambda x: (x * x).sum())(x)[0], ad.Tensor)


@pytest.mark.parametrize("order", range(6))
def test_nested_to_any_order(order: int) -> None:
    f: Any = np.sin
    for _ in range(order):
        f = ad.grad(f)
    cycle = (np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x))
    assert f(0.7) == pytest.approx(cycle[order % 4](0.7), rel=1e-14)


def test_the_inner_variable_is_not_confused_with_the_outer() -> None:
    # d/dx [x * d/dy (x * y)] = d/dx [x * x], although both are at the same number.
    assert ad.grad(lambda x: x * ad.grad(lambda y: x * y)(x))(3.0) == 6.0
    assert ad.grad(lambda x: x * ad.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_a_transform_inside_sees_outer_tensors_in_its_closure() -> None:
    def outer(x: Any) -> Any:
        return ad.grad(lambda y: (y**2 * x).sum())(np.array([2.0]))[0]

    assert ad.grad(outer)(3.0) == 4.0


def test_an_inner_gradient_under_an_outer_hessian() -> None:
    h = ad.hessian(lambda x: (ad.grad(lambda y: (y**3).sum())(x) ** 2).sum())(np.array([1.0, 2.0]))
    np.testing.assert_allclose(h, np.diag([108.0, 432.0]))  # (9 x^4)'' = 108 x^2


def test_vjp_can_be_pulled_many_times() -> None:
    value, pullback = ad.vjp(lambda x, w: np.tanh(x) * w, X, 2.0)
    np.testing.assert_allclose(value, np.tanh(X) * 2)
    for g in np.eye(3):
        dx, dw = pullback(g)
        np.testing.assert_allclose(dx, g * 2 / np.cosh(X) ** 2)
        assert dw == pytest.approx(g @ np.tanh(X))
    with pytest.raises(RuntimeError, match=r"the gradient has shape \(2,\)"):
        pullback(np.ones(2))


def test_jvp_is_the_directional_derivative() -> None:
    v = np.array([1.0, 0.5, -2.0])
    value, tangent = ad.jvp(lambda x: np.exp(x) * x[0], (X,), (v,))
    np.testing.assert_allclose(value, np.exp(X) * X[0])
    np.testing.assert_allclose(tangent, np.exp(X) * (v * X[0] + v[0]))
    value, tangent = ad.jvp(lambda a, b: (a * b).sum(), (X, X), (v, v))
    assert tangent == pytest.approx(2 * X @ v)
    with pytest.raises(ValueError, match=r"point and direction 0 have shapes \(3,\) and \(2,\)"):
        ad.jvp(np.sin, (X,), (np.ones(2),))
    with pytest.raises(TypeError, match="jvp: 1 points but 2 directions"):
        ad.jvp(np.sin, (X,), (X, X))


def test_jacobian_has_the_shape_of_the_result_and_of_the_input() -> None:
    w = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(ad.jacobian(lambda x: w @ x)(X), w)
    assert ad.jacobian(lambda x: np.outer(x, x))(X).shape == (3, 3, 3)
    assert ad.jacobian(lambda x: x.sum())(X).shape == (3,)
    assert ad.jacobian(lambda x: x * np.ones((0, 3)))(X).shape == (0, 3, 3)
    left, right = ad.jacobian(lambda a, b: a * b, (0, 1))(X, 2.0)
    np.testing.assert_array_equal(left, 2 * np.eye(3))
    np.testing.assert_array_equal(right, X)


def test_hessian_and_its_product_with_a_vector() -> None:
    def f(x: Any) -> Any:
        return np.exp(x[0] * x[1]) + x[2] ** 3 * x[0]

    h = ad.hessian(f)(X)
    e = np.exp(X[0] * X[1])
    want = np.array([
        [X[1] ** 2 * e, e * (1 + X[0] * X[1]), 3 * X[2] ** 2],
        [e * (1 + X[0] * X[1]), X[0] ** 2 * e, 0],
        [3 * X[2] ** 2, 0, 6 * X[2] * X[0]],
    ])  # fmt: skip
    np.testing.assert_allclose(h, want, rtol=1e-14)
    v = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(ad.hvp(f)(X, v), want @ v, rtol=1e-14)
    with pytest.raises(ValueError, match=r"hvp: the vector has shape \(2,\), argument 0 \(3,\)"):
        ad.hvp(f)(X, np.ones(2))


def test_jacobian_of_jacobian() -> None:
    third = ad.jacobian(ad.hessian(lambda x: (x**4).sum()))(np.array([1.0, 2.0]))
    assert third.shape == (2, 2, 2)
    assert third[1, 1, 1] == pytest.approx(48.0)
    assert np.count_nonzero(third) == 2


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ad.grad(lambda x: x * x)(X), r"<lambda> returned shape \(3,\); a gradient is of one number"),
        (lambda: ad.grad(lambda x: (x, x))(X), r"<lambda> returned tuple .*; it must return one tensor"),
        (lambda: ad.grad(lambda x: None)(X), "returned NoneType None"),
        (lambda: ad.grad(np.sin, 1)(1.0), "argnums=1: sin was called with 1 positional argument"),
        (lambda: ad.grad(np.sin)("text"), "sin: argument 0 is str 'text'"),
        (lambda: ad.grad(np.sin)(1j), "sin: argument 0 is complex 1j"),
        (lambda: ad.grad(lambda x: x)([[1.0], [1.0, 2.0]]), "argument 0 is list"),
    ],
)
def test_wrong_uses_are_named(call: Any, error: str) -> None:
    with pytest.raises(TypeError, match=error):
        call()


def test_the_mode_is_restored_after_an_error() -> None:
    before = mode()
    with pytest.raises(ZeroDivisionError):
        ad.grad(lambda x: 1 / 0)(1.0)
    assert mode() is before


def test_wrapped_functions_keep_their_name() -> None:
    def energy(x: Any) -> Any:
        """The energy."""
        return x * x

    assert ad.grad(energy).__name__ == "energy"
    assert ad.grad(energy).__doc__ == "The energy."


def energy(x: Any, y: Any) -> Any:
    return (x**2 * np.sin(y)).sum() + (y**3).sum()


def test_second_derivatives_by_several_arguments() -> None:
    x, y = np.array([0.3, -1.2]), np.array([0.8, 0.5])
    (xx, xy), (yx, yy) = ad.hessian(energy, (0, 1))(x, y)
    np.testing.assert_allclose(xx, np.diag(2 * np.sin(y)), rtol=1e-14)
    np.testing.assert_allclose(xy, np.diag(2 * x * np.cos(y)), rtol=1e-14)
    np.testing.assert_allclose(yx, xy.T, rtol=1e-14)
    np.testing.assert_allclose(yy, np.diag(6 * y - x**2 * np.sin(y)), rtol=1e-14)
    v, w = np.array([1.0, 2.0]), np.array([-0.5, 3.0])
    along = ad.hvp(energy, (0, 1))(x, y, (v, w))
    np.testing.assert_allclose(along[0], xx @ v + xy @ w, rtol=1e-13)
    np.testing.assert_allclose(along[1], yx @ v + yy @ w, rtol=1e-13)
    np.testing.assert_allclose(ad.hvp(energy, -1)(x, y, w), yy @ w, rtol=1e-13)


@pytest.mark.parametrize(
    ("argnums", "kind", "words"),
    [
        ([0, 1.5], TypeError, "the number or the name"),
        ((0, 0), ValueError, "twice"),
        ((0, -2), ValueError, "twice"),
        (True, TypeError, "the number or the name of an argument"),
        ((0, 2), TypeError, "called with 2 positional arguments"),
    ],
)
def test_argnums_that_name_no_arguments(argnums: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        ad.grad(energy, argnums)(np.ones(2), np.ones(2))


def test_hvp_needs_one_vector_for_each_argument() -> None:
    with pytest.raises(TypeError, match="1 vectors for 2 arguments"):
        ad.hvp(energy, (0, 1))(np.ones(2), np.ones(2), (np.ones(2),))


def test_whole_numbers_of_any_size_become_floating_numbers() -> None:
    assert ad.value_and_grad(lambda x: x * x)(10**30) == (1e30 * 1e30, 2e30)
    assert ad.grad(lambda x: (x * x).sum())([10**30, 2]).tolist() == [2e30, 4.0]
    value, slope = ad.value_and_grad(lambda x: (x * x * x).sum())(np.array([100, 120], np.int8))
    assert (value, slope.tolist()) == (2728000.0, [30000.0, 43200.0])


CLOSED_OVER = {
    "grad": (lambda x: x * ad.grad(lambda y: x * y)(2.0), 3.0),
    "value_and_grad's gradient": (lambda x: x * ad.value_and_grad(lambda y: x * y)(2.0)[1], 3.0),
    "value_and_grad's value": (lambda x: ad.value_and_grad(lambda y: x * y)(2.0)[0], 2.0),
    "a value without the argument": (lambda x: ad.value_and_grad(lambda y: x * x)(2.0)[0], 3.0),
    "vjp": (lambda x: x * ad.vjp(lambda y: x * y, 2.0)[1](1.0)[0], 3.0),
    "vjp's value": (lambda x: ad.vjp(lambda y: x * y, 2.0)[0], 2.0),
    "jvp": (lambda x: x * ad.jvp(lambda y: x * y, [2.0], [1.0])[1], 3.0),
    "jacobian": (lambda x: ad.sum(x * ad.jacobian(lambda y: x * y)(np.ones(2))), 6.0),
    "hessian": (lambda x: ad.hessian(lambda y: x * y**3)(2.0), 12.0),
    "hvp": (lambda x: ad.hvp(lambda y: x * y**3)(2.0, 1.0), 12.0),
}


@pytest.mark.parametrize("name", CLOSED_OVER)
def test_a_transform_passes_on_what_its_function_closes_over(name):
    f, want = CLOSED_OVER[name]
    x = ad.tensor(1.5, requires_grad=True)
    f(x).backward()
    assert x.grad.item() == want
    assert ad.grad(f)(1.5) == want


def test_a_transform_under_no_grad_passes_nothing_on():
    x = ad.tensor(1.5, requires_grad=True)
    with ad.no_grad():
        assert not isinstance(ad.grad(lambda y: x * y)(2.0), ad.Tensor)
