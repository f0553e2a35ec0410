"""Tensors: making them, looking at them, operators, methods, and conversions that would lose a gradient."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE
from autodiff.record.modes import mode

A = np.array([[0.5, -1.4], [2.2, 0.1], [-0.8, 1.3]])


@pytest.fixture
def x() -> ad.Tensor:
    return ad.tensor(A, requires_grad=True)


def test_attributes(x: ad.Tensor) -> None:
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((3, 2), 2, 6, np.float64, 3)
    assert x.requires_grad
    assert x.is_leaf
    assert x.grad_fn is None
    assert (x * x).grad_fn == "MulBackward0"
    assert not (x * x).is_leaf
    np.testing.assert_array_equal(x.T.data, A.T)
    np.testing.assert_array_equal(x.mT.data, A.T)
    with pytest.raises(ValueError, match=r"\.mT: a tensor of shape \(2,\) has no matrices"):
        _ = x[0].mT


@pytest.mark.parametrize("values", [[1, 2], 3, True, np.array([1], np.int32)])
def test_integers_cannot_require_a_gradient(values: Any) -> None:
    with pytest.raises(TypeError, match=r"only floating numbers have gradients, not .*; write them with a point"):
        ad.tensor(values, requires_grad=True)


@pytest.mark.parametrize("values", [[[1.0], [1.0, 2.0]], "text", None, [{}], object()])
def test_what_is_no_array_of_numbers(values: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"tensor\(\.\.\.\)"):
        ad.tensor(values)


def test_a_list_of_tensors_is_stacked_with_gradients() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    y = ad.tensor([x[0] * 2.0, x[1]])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 1.0])


CREATED = {
    "arange": (ad.arange(1.0, 2.0, 0.25), np.arange(1.0, 2.0, 0.25)),
    "linspace": (ad.linspace(0, 1, 5), np.linspace(0, 1, 5)),
    "zeros": (ad.zeros((2, 3)), np.zeros((2, 3))),
    "ones": (ad.ones(2, dtype=np.float32), np.ones(2, np.float32)),
    "full": (ad.full((2,), 7.0), np.full((2,), 7.0)),
    "eye": (ad.eye(2, 3, k=1), np.eye(2, 3, 1)),
    "zeros_like": (ad.zeros_like(ad.tensor(A)), np.zeros_like(A)),
    "ones_like": (ad.ones_like([1.0, 2.0]), np.ones(2)),
    "full_like": (ad.full_like(A, 2.0), np.full_like(A, 2.0)),
    "asarray": (ad.asarray([1, 2]), np.asarray([1, 2])),
}


@pytest.mark.parametrize(("made", "expected"), CREATED.values(), ids=CREATED)
def test_creation(made: ad.Tensor, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(made.data, expected)
    assert made.dtype == expected.dtype
    assert not made.requires_grad


def test_full_of_a_tensor_keeps_its_gradient() -> None:
    x = ad.tensor(2.0, requires_grad=True)
    ad.full((2, 3), x).sum().backward()
    assert x.grad.item() == 6.0


BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: np.abs(a) ** b,
    "divmod": lambda a, b: divmod(a, b)[1],
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@pytest.mark.parametrize("operator", BINARY.values(), ids=BINARY)
@pytest.mark.parametrize("other", [2, 1.5, True, np.float64(0.7), np.array([0.5, 2.0]), [1.0, 2.0]], ids=str)
def test_operators_agree_with_numpy(operator: Any, other: Any) -> None:
    x = ad.tensor(A, requires_grad=True)
    array = np.asarray(other) if isinstance(other, list) else other
    for got, want in ((operator(x, other), operator(A, array)), (operator(other, x), operator(array, A))):
        assert isinstance(got, ad.Tensor)
        np.testing.assert_array_equal(got.data, want)
        assert got.dtype == want.dtype


def test_unary_operators() -> None:
    x = ad.tensor(A, requires_grad=True)
    np.testing.assert_array_equal((-x).data, -A)
    np.testing.assert_array_equal((+x).data, A)
    np.testing.assert_array_equal(abs(x).data, abs(A))
    np.testing.assert_array_equal(round(x).data, A.round())
    np.testing.assert_array_equal(round(x, 1).data, A.round(1))
    np.testing.assert_array_equal(math.floor(x).data, np.floor(A))
    np.testing.assert_array_equal((~(x > 0)).data, ~(A > 0))


def test_masks_join_and_numbers_do_not(x: ad.Tensor) -> None:
    np.testing.assert_array_equal(((x > 0) & (x < 1)).data, (A > 0) & (A < 1))
    np.testing.assert_array_equal(((A > 0) | (x < 1)).data, (A > 0) | (A < 1))
    np.testing.assert_array_equal(((x > 0) ^ True).data, (A > 0) ^ True)
    with pytest.raises(TypeError, match="join masks"):
        _ = x & x
    with pytest.raises(TypeError, match="join masks"):
        _ = 2 ^ x


def test_matrix_products(x: ad.Tensor) -> None:
    np.testing.assert_allclose((x @ A.T).data, A @ A.T)
    np.testing.assert_allclose((A.T @ x).data, A.T @ A)
    with pytest.raises(ValueError, match=r"matmul: \(3, 2\) @ \(3, 2\) needs 2 = 3"):
        _ = x @ x


def test_every_method_answers_like_the_function() -> None:
    x = ad.tensor(A)
    for name in ("sum", "mean", "prod", "max", "min"):
        assert getattr(x, name)().item() == TABLE[name](x).item()
        np.testing.assert_array_equal(getattr(x, name)(axis=0).data, getattr(A, name)(axis=0))
    assert x.reshape(2, 3).shape == x.reshape((2, 3)).shape == (2, 3)
    assert x.reshape(-1).shape == x.flatten().shape == (6,)
    assert x.transpose().shape == x.transpose(1, 0).shape == x.transpose((1, 0)).shape == (2, 3)
    assert x.astype(np.float32).dtype == np.float32
    assert x.copy() is not x


def test_astype_keeps_the_gradient_of_floating_numbers(x: ad.Tensor) -> None:
    y = x.astype(np.float32)
    y.sum().backward()
    assert x.grad.dtype == np.float64
    assert not x.astype(np.int64).requires_grad


def test_iteration_and_membership(x: ad.Tensor) -> None:
    rows = list(x)
    assert [row.shape for row in rows] == [(2,)] * 3
    assert 2.2 in x
    assert 7.0 not in x
    for broken in (len, iter):
        with pytest.raises(TypeError):
            broken(ad.tensor(1.0))


@pytest.mark.parametrize("number", [math.exp, float, complex], ids=["math.exp", "float", "complex"])
def test_numbers_that_would_lose_the_gradient(number: Any) -> None:
    with pytest.raises(TypeError, match=r"would lose the gradient .*np\.exp.*\.item\(\)"):
        number(ad.tensor(1.0, requires_grad=True))
    assert number(ad.tensor(1.0)) == number(1.0)


def test_numbers_without_gradient() -> None:
    x = ad.tensor(2.5, requires_grad=True)
    assert x.item() == 2.5
    assert int(x) == 2
    assert [10, 20, 30][ad.tensor(1)] == 20
    with pytest.raises(TypeError, match="is not an index"):
        _ = [10, 20, 30][x]
    with pytest.raises(ValueError, match=r"item\(\): a tensor of shape \(3, 2\)"):
        ad.tensor(A).item()
    assert ad.tensor(A).tolist() == A.tolist()


def test_truth_values() -> None:
    assert ad.tensor([[1.0]])
    assert not ad.tensor(0.0)
    for ambiguous in (A, []):
        with pytest.raises(ValueError, match="ambiguous; use any"):
            bool(ad.tensor(ambiguous))


def test_arrays_that_would_lose_a_gradient_are_refused(x: ad.Tensor) -> None:
    array = np.zeros(3)
    with pytest.raises(ValueError, match="setting an array element") as error:
        array[0] = x[0, 0]
    assert "np.zeros_like(x, shape=n)" in str(error.value.__cause__), "NumPy wraps the reason, and shows it"
    with pytest.raises(TypeError, match=r"np\.zeros_like\(x, shape=n\)"):
        array[:2] = x[0]
    for convert in (lambda t: np.array(t, dtype=float), lambda t: np.asarray(t, np.float32)):
        with pytest.raises(TypeError, match="would lose the gradient"):
            convert(x[0])
    with pytest.raises(RuntimeError, match=r"\.detach\(\)\.numpy\(\)"):
        x.numpy()
    np.testing.assert_array_equal(np.asarray(x.detach()), A)
    assert np.asarray(x.detach(), dtype=np.float32).dtype == np.float32


def test_a_transform_says_first_how_an_assignment_is_written() -> None:
    a = np.zeros(3)

    def f(x):
        a[0] = x[0] ** 2
        return a.sum()

    with pytest.raises(TypeError, match=r"^a tensor assigned to an element of a plain array"):
        ad.grad(f)(np.ones(3))


def test_copies() -> None:
    x = ad.tensor(A, requires_grad=True)
    y = copy.deepcopy(x)
    assert y.requires_grad
    (y * y).sum().backward()
    assert x.grad is None
    z = pickle.loads(pickle.dumps(x))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(z.data, A)
    assert z.requires_grad
    for inside in (copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match="only a leaf"):
            inside(x * x)


def test_a_tensor_is_not_called_into_being() -> None:
    with pytest.raises(TypeError, match=r"write autodiff\.tensor"):
        ad.Tensor([1.0])


def test_setting_a_gradient_checks_its_shape(x: ad.Tensor) -> None:
    x.grad = np.ones((3, 2))
    np.testing.assert_array_equal(x.grad.data, np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"the tensor has shape \(3, 2\), the value \(2,\)"):
        x.grad = np.ones(2)
    with pytest.raises(RuntimeError, match="only a tensor that keeps a gradient"):
        (x * x).grad = np.ones((3, 2))


def test_complex_results_are_refused(x: ad.Tensor) -> None:
    with pytest.raises(TypeError, match=r"multiply: the result is complex"):
        _ = x * 1j


def test_a_recording_keeps_everything() -> None:
    with ad.recording() as recorded:
        x = ad.tensor([1.0, -2.0], requires_grad=True)
        k = ad.tensor(2)
        mask = x > 0
        y = np.where(mask, x * x, 0.0).sum()
        if y > 1.0:
            taken = "above"
        else:
            taken = "below"
    assert taken == "below"
    assert [(node.op.name, branch) for node, branch in recorded.conditions] == [("greater", False)]
    assert mask.node.op.name == "greater"
    assert not mask.requires_grad
    np.testing.assert_array_equal(mask.node.value, [True, False])
    assert y.requires_grad
    assert y.node.args[0].tolist() == [1.0, 0.0]
    assert k.node is None
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 0.0])
    assert mask.node is not None
    assert mode().complete is False


def test_a_mask_of_a_recording_used_later_gets_no_gradient() -> None:
    with ad.recording():
        x = ad.tensor([1.0, -2.0], requires_grad=True)
        steps = ad.argmax(x)
    later = steps * 1.0
    assert not later.requires_grad


def test_what_arrays_have_and_tensors_have_not(x: ad.Tensor) -> None:
    with pytest.raises(AttributeError, match=r"no \.fill, which arrays have"):
        x.fill(1.0)
    with pytest.raises(AttributeError, match="no attribute 'foo'"):
        x.foo
    assert not hasattr(x, "__array_interface__")


def test_a_leaf_cannot_be_made_writeable(x: ad.Tensor) -> None:
    with pytest.raises(ValueError, match="WRITEABLE"):
        x.data.setflags(write=True)
    with pytest.raises(ValueError, match="read-only"):
        x.data.base[...] = 0.0
