"""Containers of arrays as arguments of the transforms, arguments by name, and what comes beside the number."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import autodiff as ad


@dataclass
class Layer:
    W: Any
    b: Any
    units: int = 3


Pair = namedtuple("Pair", "w b")
GIVEN = [(np.ones(2),), {"k": 3.0, "name": "x"}, Layer(np.ones((2, 1)), 0.0), Pair(1.0, 2.0)]


def loss(p):
    return np.sum(p[0][0] ** 2) * p[1]["k"] + p[2].W.sum() * p[2].units + p[3].b * p[2].b


def test_a_gradient_has_the_form_of_its_argument():
    value, gradient = ad.value_and_grad(loss)(GIVEN)
    assert value == 12.0
    np.testing.assert_array_equal(gradient[0][0], [6.0, 6.0])
    assert gradient[1] == {"k": 2.0, "name": None}
    np.testing.assert_array_equal(gradient[2].W, [[3.0], [3.0]])
    assert (gradient[2].b, gradient[2].units) == (2.0, None)
    assert gradient[3] == Pair(0.0, 0.0)
    assert type(gradient[3]) is Pair


def test_containers_go_through_every_transform():
    product = lambda p: p["a"] * p["b"]
    point = {"a": np.array([1.0, 2.0]), "b": 2.0}
    jacobian = ad.jacobian(product)(point)
    np.testing.assert_array_equal(jacobian["a"], 2.0 * np.eye(2))
    np.testing.assert_array_equal(jacobian["b"], [1.0, 2.0])
    value, slope = ad.jvp(product, [point], [{"a": np.array([1.0, 0.0]), "b": 1.0}])
    np.testing.assert_array_equal(value, [2.0, 4.0])
    np.testing.assert_array_equal(slope, [3.0, 2.0])
    _, pullback = ad.vjp(product, point)
    np.testing.assert_array_equal(pullback(np.array([1.0, 0.0]))[0]["b"], 1.0)
    with pytest.raises(ValueError, match="must be equal"):
        ad.jvp(product, [point], [{"a": np.zeros(3), "b": 1.0}])


def test_second_derivatives_along_containers():
    point, along = {"a": np.array([1.0, 2.0]), "b": 2.0}, {"a": np.array([1.0, 0.0]), "b": 1.0}
    product = ad.hvp(lambda p: np.sum(p["a"] ** 3) * p["b"])(point, along)
    np.testing.assert_array_equal(product["a"], [15.0, 12.0])
    assert product["b"] == 3.0
    with pytest.raises(ValueError, match=r"the vector has shape \(3,\), \(\), argument 0 \(2,\), \(\)"):
        ad.hvp(lambda p: np.sum(p["a"]))(point, {"a": np.zeros(3), "b": 1.0})
    with pytest.raises(TypeError, match=r"take the Hessian by its vector: .*autodiff\.flatten"):
        ad.hessian(lambda p: np.sum(p["a"] ** 3))(point)
    vector, unflatten = ad.flatten(point)
    hessian = ad.hessian(lambda v: np.sum(unflatten(v)["a"] ** 3) * unflatten(v)["b"])(vector)
    np.testing.assert_array_equal(hessian @ [1.0, 0.0, 1.0], [15.0, 12.0, 3.0])


def test_tensors_in_containers_keep_their_gradients():
    w = ad.tensor([1.0, 2.0], requires_grad=True)
    ad.grad(lambda p: (p["w"] ** 3).sum())({"w": w})["w"].sum().backward()
    np.testing.assert_array_equal(w.grad.data, [6.0, 12.0])


def test_lists_of_numbers_are_arrays():
    np.testing.assert_array_equal(ad.grad(lambda x: np.sum(x**2))([1, 2, 3]), [2.0, 4.0, 6.0])


def test_flatten_and_back():
    vector, unflatten = ad.flatten(GIVEN)
    np.testing.assert_array_equal(vector, [1, 1, 3, 1, 1, 0, 1, 2])
    assert unflatten(vector)[2].units == 3
    np.testing.assert_array_equal(ad.grad(lambda v: loss(unflatten(v)))(vector), [6, 6, 2, 3, 3, 2, 0, 0])
    with pytest.raises(ValueError, match=r"shape \(3,\); it must have \(8,\)"):
        unflatten(np.zeros(3))


def test_arguments_by_name():
    f = lambda x, y: x * y * y
    assert ad.grad(f, argnums="y")(2.0, 3.0) == 12.0
    assert ad.grad(f, argnums="y")(2.0, y=3.0) == 12.0
    assert ad.grad(f, argnums=["y", 0])(2.0, 3.0) == (12.0, 9.0)
    assert ad.hessian(f, ["x", "y"])(2.0, 3.0)[0][1] == 6.0
    with pytest.raises(TypeError, match="has the arguments x, y"):
        ad.grad(f, argnums="z")(2.0, 3.0)


def test_what_comes_beside_the_number_is_handed_through():
    f = lambda x: (x * x, {"twice": 2 * x})
    gradient, aux = ad.grad(f, has_aux=True)(3.0)
    assert gradient == 6.0
    assert float(aux["twice"].detach().numpy()) == 6.0
    (value, _), gradient = ad.value_and_grad(f, has_aux=True)(3.0)
    assert (value, gradient) == (9.0, 6.0)
    with pytest.raises(TypeError, match="returns a pair"):
        ad.grad(lambda x: x * x, has_aux=True)(3.0)


def test_elementwise_derivatives():
    np.testing.assert_allclose(ad.elementwise_grad(np.tanh)(np.array([0.0, 1.0])), 1 - np.tanh([0.0, 1.0]) ** 2)
    second = ad.elementwise_grad(ad.elementwise_grad(np.sin))
    np.testing.assert_allclose(second(np.array([0.3, 1.0])), -np.sin([0.3, 1.0]))
