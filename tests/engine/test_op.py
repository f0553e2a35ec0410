"""Declaring operations, binding their arguments, and what a rule is found to read."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, UNSUPPORTED, Op, joint

OPS = {name: entry for name, entry in TABLE.items() if isinstance(entry, Op)}


@ad.op(meaning="x**3", vjp=[lambda g, y, x: g * 3.0 * x**2])
def cube(x, /):
    """The third power of ``x``."""
    return x * x * x


@ad.op(
    vjp=[lambda g, y, x, w, axis, scale: scale * g * w, lambda g, y, x, w, axis, scale: scale * g * x], elementwise=True
)
def weigh(x, w, /, axis=0, *, scale=1.0):
    return scale * x * w


@ad.op(sequence=True, vjp=lambda g, y, *arrays, start: tuple(g for _ in arrays))
def total(*arrays, start=0.0):
    result = start
    for array in arrays:
        result = result + array
    return result


def test_a_users_operation_differentiates_and_prints() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    y = cube(x)
    assert repr(y) == "tensor([1., 8.], grad_fn=<CubeBackward0>)"
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [3.0, 12.0])
    assert "cube" not in TABLE, "a user's operation is not one of ours"
    assert ad.grad(ad.grad(cube))(2.0) == 12.0


def test_an_operation_without_rules_says_so_when_walked_back() -> None:
    @ad.op
    def mystery(x, /):
        return np.exp(x)

    assert mystery(0.0) == 1.0
    x = ad.tensor(1.0, requires_grad=True)
    with pytest.raises(NotImplementedError, match=r"mystery: the derivative in x is unsupported"):
        mystery(x).backward()


def test_one_operand_may_be_unsupported() -> None:
    @ad.op(vjp=[UNSUPPORTED, lambda g, y, a, x: g * a])
    def half_known(a, x, /):
        return a * x

    assert ad.grad(half_known, 1)(3.0, 2.0) == 3.0
    with pytest.raises(NotImplementedError, match="half_known: the derivative in a"):
        ad.grad(half_known, 0)(3.0, 2.0)


def test_a_joint_rule_returns_all_cotangents() -> None:
    @ad.op(vjp=joint(lambda g, y, a, b: (g * b, g * a)), elementwise=True)
    def product(a, b, /):
        return a * b

    da, db = ad.grad(lambda a, b: product(a, b).sum(), (0, 1))(np.array([1.0, 2.0]), 3.0)
    np.testing.assert_array_equal(da, [3.0, 3.0])
    assert db == 3.0


def test_sequences_are_given_first() -> None:
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_array_equal(total([a, b], start=1.0), a + b + 1)
    assert [g.tolist() for g in ad.grad(lambda a, b: total((a, b)).sum(), (0, 1))(a, b)] == [[1, 1], [1, 1]]
    with pytest.raises(TypeError, match=r"total: the first argument is a sequence of arrays; write total\(\[arrays\]"):
        total(1.0)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: weigh(1.0), r"weigh: operand w is missing; write weigh\(x, w, axis=0, scale=1.0\)"),
        (lambda: weigh(1.0, 2.0, axes=0), "weigh: there is no parameter axes; did you mean axis"),
        (lambda: weigh(1.0, 2.0, 0, 1.0), "weigh: 4 positional arguments are too many"),
        (lambda: weigh(1.0, 2.0, 0, axis=0), "weigh: axis is given twice"),
        (lambda: weigh(1.0, 2.0, w=3.0), "weigh: operand w is given twice"),
        (lambda: weigh("a", 2.0), "weigh: operand 'x' is str 'a'; give numbers, an array or a tensor"),
        (lambda: weigh(1.0, [[1.0], [1.0, 2.0]]), "weigh: operand 'w' is not a rectangular array"),
        (lambda: weigh(np.ma.masked_array([1.0], [True]), 1.0), "weigh: operand 'x' is a masked array"),
        (
            lambda: weigh(1.0, 2.0, scale=ad.tensor(1.0, requires_grad=True)),
            "weigh: scale is static and gets no gradient",
        ),
    ],
)
def test_wrong_calls_name_the_culprit(call: Any, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        call()


def test_operands_may_be_given_by_name() -> None:
    assert weigh(x=2.0, w=3.0) == 6.0
    assert weigh(2.0, w=3.0, scale=2.0) == 12.0


def test_static_parameters_take_constant_tensors() -> None:
    assert weigh(1.0, 2.0, scale=ad.tensor(3.0)) == 6.0
    x = ad.arange(4.0, requires_grad=True)
    np.testing.assert_array_equal(x[ad.tensor([0, 2])].data, [0.0, 2.0])
    np.testing.assert_array_equal(x[x > 1].data, [2.0, 3.0])


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"vjp": [None, None]}, "op f: 2 vjp rules for 1 operands"),
        ({"vjp": lambda g, y, x: g}, "op f: vjp is a list with one rule for each operand"),
    ],
)
def test_wrong_declarations(fields: dict[str, Any], error: str) -> None:
    def f(x, /):
        return x

    with pytest.raises(TypeError, match=error):
        ad.op(**fields)(f)


def test_an_operation_needs_operands() -> None:
    with pytest.raises(TypeError, match="op f: its operands are the parameters before '/'"):

        @ad.op
        def f(x):
            return x


def test_a_forward_function_must_return_numbers() -> None:
    @ad.op(vjp=[lambda g, y, x: g])
    def wrong(x, /):
        return "text"

    with pytest.raises(TypeError, match="op wrong: its function returned 'text'"):
        wrong(ad.tensor(1.0))


def test_a_rule_of_the_wrong_shape_is_named() -> None:
    @ad.op(vjp=[lambda g, y, x: np.ones(3)])
    def wrong(x, /):
        return np.sum(x)

    with pytest.raises(ValueError, match=r"wrong: its vjp rule returned shape \(3,\) for an operand of shape \(4,\)"):
        ad.grad(wrong)(np.ones(4))


def test_float32_stays_beside_python_numbers() -> None:
    x = ad.tensor([1.0, 2.0], dtype=np.float32, requires_grad=True)
    y = (2.0 * x**2 + 1).mean()
    y.backward()
    assert y.dtype == x.grad.dtype == np.float32


def test_mixed_dtypes_promote_and_each_gets_its_own() -> None:
    x = ad.tensor([1.0, 2.0], dtype=np.float32, requires_grad=True)
    w = ad.tensor([3.0, 4.0], requires_grad=True)
    (x * w).sum().backward()
    assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float64)


def test_operations_are_single_objects() -> None:
    assert deepcopy(ad.tanh) is ad.tanh
    assert pickle.loads(pickle.dumps(ad.tanh)) is ad.tanh  # noqa: S301 - our own bytes


def test_every_name_is_an_attribute_of_the_package() -> None:
    for name in TABLE:
        assert hasattr(ad, name), name


@pytest.mark.parametrize("entry", OPS.values(), ids=OPS)
def test_every_operation_has_a_docstring_and_binds(entry: Op) -> None:
    assert entry.__doc__
    assert entry.__name__ == entry.name
    assert entry.binding.usage().startswith(f"write {entry.name}(")


def test_shapes_that_do_not_broadcast_are_named_with_the_operation() -> None:
    x = ad.tensor(np.ones(3), requires_grad=True)
    for call in (lambda: x + np.ones(4), lambda: np.add(x, np.ones(4)), lambda: ad.add(np.ones(3), np.ones(4))):
        with pytest.raises(ValueError, match=r"add: shapes \(3,\), \(4,\) do not broadcast"):
            call()
    with pytest.raises(ValueError, match=r"where: shapes \(3,\), \(3,\), \(2, 1, 4\) do not broadcast"):
        np.where(x > 0, x, np.ones((2, 1, 4)))


def test_a_rule_with_other_parameters_is_refused_at_its_declaration() -> None:
    with pytest.raises(TypeError, match=r"op twice: a vjp rule takes \(g, y, x\), this one \(g, x\)"):

        @ad.op(vjp=[lambda g, x: g])
        def twice(x, /):
            return 2 * x

    with pytest.raises(TypeError, match=r"takes \(g, y, x, n\)"):

        @ad.op(vjp=[lambda g, y, x: g])
        def times(x, /, n=2):
            return n * x


def test_a_users_function_cannot_write_into_what_the_way_back_needs() -> None:
    @ad.op(vjp=[lambda g, y, x: g])
    def careless(x, /):
        x += 1.0
        return x

    @ad.op(vjp=[lambda g, y, x: g.__imul__(2.0)])
    def greedy(x, /):
        return 2.0 * x

    x = ad.tensor([1.0, 2.0], requires_grad=True)
    for argument in (x, x * 1.0):
        with pytest.raises(ValueError, match="read-only"):
            careless(argument)
    weights = np.array([3.0, 5.0])
    with pytest.raises(ValueError, match="read-only"):
        ad.grad(lambda x: (weights * (greedy(x) + x)).sum())(np.ones(2))
    assert x.tolist() == [1.0, 2.0]


def test_an_operation_that_broadcasts_says_so() -> None:
    def declared(**fields):
        @ad.op(vjp=[lambda g, y, a, b: g * b, lambda g, y, a, b: g * a], **fields)
        def product(a, b, /):
            return a * b

        return ad.grad(lambda a: product(a, np.array([1.0, 2.0])).sum())

    with pytest.raises(ValueError, match="elementwise=True"):
        declared()(2.0)
    assert declared(elementwise=True)(2.0) == 3.0
