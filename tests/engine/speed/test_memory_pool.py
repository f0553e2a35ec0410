"""Memory that is used again: never while anybody can still see what stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, Op
from autodiff.speed import memory_pool

SIZE = 2 * memory_pool.SMALLEST // 8
X = np.linspace(-2.0, 2.0, SIZE)


@pytest.fixture(autouse=True)
def an_empty_pool() -> Iterator[None]:
    memory_pool.POOL.clear()
    yield
    memory_pool.POOL.clear()


def f(x: Any) -> Any:
    return ad.sum(ad.tanh(x * ad.sin(x)) * ad.exp(-x * x))


def test_later_rounds_reuse_memory_and_give_the_same() -> None:
    run = ad.value_and_grad(f)
    value, gradient = run(X)
    assert memory_pool.bytes_kept() >= 4 * X.nbytes
    first = gradient.copy()
    for scale in (0.5, 1.0):
        again = run(scale * X)
    assert again[0] == value
    np.testing.assert_array_equal(again[1], first)
    np.testing.assert_array_equal(gradient, first, "a gradient that was returned is in no pool")


@pytest.mark.parametrize("keep", [lambda t: t, lambda t: t.data, lambda t: t.data[5:], lambda t: t.detach()])
def test_what_somebody_still_has_is_left_alone(keep: Any) -> None:
    kept: list[Any] = []

    def watched(x: Any) -> Any:
        s = ad.sin(x)
        y = x * s
        kept.extend([keep(x), keep(s), keep(y)])
        return ad.sum(ad.tanh(y) * s)

    run = ad.grad(watched)
    run(X)
    held = kept.copy()
    before = [np.array(each.data if isinstance(each, ad.Tensor) else each) for each in held]
    for _ in range(3):
        run(X + 1.0)
    for each, values in zip(held, before, strict=True):
        np.testing.assert_array_equal(each.data if isinstance(each, ad.Tensor) else each, values)


def test_a_graph_that_is_kept_keeps_its_arrays() -> None:
    x = ad.tensor(X, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    once = np.array(x.grad.data)
    ad.grad(f)(X + 1.0)
    ad.grad(f)(X + 1.0)
    x.grad = None
    y.backward()
    np.testing.assert_array_equal(x.grad.data, once)


def test_what_is_kept_is_bounded() -> None:
    for extra in range(4):
        ad.grad(f)(np.linspace(-1.0, 1.0, 2_000_000 + extra))
        assert memory_pool.bytes_kept() <= memory_pool.MOST


def test_the_caller_s_array_is_never_in_the_pool() -> None:
    x = X.copy()
    ad.grad(f)(x)
    assert all(array is not x for waiting in memory_pool.POOL.values() for array in waiting)
    assert x.flags.writeable
    np.testing.assert_array_equal(x, X)


def test_other_shapes_dtypes_and_orders_get_memory_of_their_own() -> None:
    square = X[: 512 * 512].reshape(512, 512)
    ad.grad(f)(square)
    np.testing.assert_array_equal(ad.grad(f)(np.asfortranarray(square)), ad.grad(f)(square))
    single = ad.grad(f)(np.float32(square))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, ad.grad(f)(square), rtol=2e-4, atol=1e-5)
    mixed = ad.grad(lambda x: ad.sum(ad.sin(x * np.float32(square)) * x))(square)
    assert mixed.dtype == np.float64


WITH_UFUNC = {op.name: op for op in TABLE.values() if isinstance(op, Op) and op.ufunc}


@pytest.mark.parametrize("op", WITH_UFUNC.values(), ids=WITH_UFUNC)
def test_a_ufunc_computes_what_its_operation_does(op: Op) -> None:
    for sample in op.samples:
        operands = op.as_arrays(sample.operands)
        wanted = np.asarray(op.forward(*operands))
        out = np.empty_like(wanted)
        assert op.ufunc is not None
        op.ufunc(*operands, out)
        np.testing.assert_array_equal(out, wanted)
