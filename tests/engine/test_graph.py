"""The graph and the walk back: accumulation, freeing, order, depth, memory, and the traps around them."""

from __future__ import annotations

import gc
import sys
import tracemalloc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.walk.walk import collect


def chain(length: int) -> tuple[ad.Tensor, ad.Tensor]:
    x = ad.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(length):
        y = y + 0.001
    return x, y


def test_only_a_single_number_starts_by_itself() -> None:
    x = ad.arange(4.0, requires_grad=True)
    with pytest.raises(RuntimeError) as error:
        (x * x).backward()
    assert str(error.value) == "grad can be implicitly created only for scalar outputs"


def test_backward_takes_a_cotangent() -> None:
    x = ad.arange(4.0, requires_grad=True)
    (x * x).backward(gradient=np.array([1.0, 0.0, 2.0, 0.5]))
    np.testing.assert_array_equal(x.grad.data, [0.0, 0.0, 8.0, 3.0])
    with pytest.raises(RuntimeError, match=r"the gradient has shape \(2,\), the tensor that it belongs to \(4,\)"):
        (x * x).backward(gradient=np.ones(2))


def test_gradients_accumulate_until_they_are_cleared() -> None:
    x = ad.tensor(3.0, requires_grad=True)
    (x * x).backward()
    (x * x).backward()
    assert x.grad.item() == 12.0
    x.grad = None
    (x * x).backward()
    assert x.grad.item() == 6.0


def test_max_after_mean_on_the_same_graph() -> None:
    """The contract's trap: one graph walked twice raises, and with ``retain_graph`` the gradients add up to 7.5."""
    x = ad.arange(4.0, requires_grad=True)
    y = x * x
    y.mean().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time") as error:
        y.max().backward()
    assert "retain_graph=True" in str(error.value)

    x = ad.arange(4.0, requires_grad=True)
    y = x * x
    y.mean().backward(retain_graph=True)
    y.max().backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 0.5, 1.0, 7.5])


def test_a_constant_has_nothing_to_walk_back_to() -> None:
    with pytest.raises(RuntimeError, match="does not require grad and does not have a grad_fn"):
        ad.tensor(1.0).backward()


def test_a_piecewise_constant_result_has_the_gradient_zero() -> None:
    x = ad.tensor([0.3, 1.7], requires_grad=True)
    ad.floor(x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 0.0])


def test_several_consumers_add_up() -> None:
    x = ad.tensor([0.3, -0.7], requires_grad=True)
    y = np.sin(x)
    (y * y + y * x + np.exp(y) * x + x).sum().backward()
    a = x.data
    s, c = np.sin(a), np.cos(a)
    np.testing.assert_allclose(x.grad.data, 2 * s * c + s + a * c + np.exp(s) * (1 + a * c) + 1, rtol=1e-15)


def test_gradients_do_not_share_memory() -> None:
    x, y = (ad.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    (x + y).sum().backward()
    x.grad.array[0] = 99.0
    np.testing.assert_array_equal(y.grad.data, [1.0, 1.0])
    a, b = ad.grad(lambda a, b: (a + b).sum(), (0, 1))(np.ones(3), np.ones(3))
    a[0] = 99.0
    np.testing.assert_array_equal(b, np.ones(3))
    assert a.flags.writeable
    assert b.flags.owndata


def test_the_gradient_of_a_product_is_not_the_factor_itself() -> None:
    w = np.array([2.0, 3.0])
    g = ad.grad(lambda x: x @ w)(np.ones(2))
    g[0] = 99.0
    assert w[0] == 2.0


@pytest.mark.parametrize(
    "shapes", [((3, 1), (4,)), ((), (2, 3)), ((1, 1), (2, 3)), ((2, 1, 3), (4, 1)), ((0, 3), (1, 3))]
)
def test_stretched_operands_sum_their_cotangents(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    a, b = (np.random.default_rng(k).normal(size=shape) for k, shape in enumerate(shapes))
    da, db = ad.grad(lambda a, b: (a * b).sum(), (0, 1))(a, b)
    np.testing.assert_allclose(
        da, np.broadcast_to(b, np.broadcast(a, b).shape).sum(axis=axes(a, b), keepdims=True).reshape(a.shape)
    )
    np.testing.assert_allclose(
        db, np.broadcast_to(a, np.broadcast(a, b).shape).sum(axis=axes(b, a), keepdims=True).reshape(b.shape)
    )


def axes(x: np.ndarray, other: np.ndarray) -> tuple[int, ...]:
    shape = np.broadcast(x, other).shape
    extra = len(shape) - x.ndim
    return (*range(extra), *(extra + k for k, n in enumerate(x.shape) if n == 1 and shape[extra + k] != 1))


def test_a_mean_sends_its_share_through_a_stretched_operand() -> None:
    """A cotangent of no axes stands for its repetition, but not where an operand was stretched."""
    g = ad.grad(lambda b: (b + np.zeros((2, 3))).mean())(np.array(1.0))
    assert g == pytest.approx(1.0)
    g = ad.grad(lambda b: (-(-b + np.zeros((2, 3)))).mean())(np.ones((1, 3)))
    np.testing.assert_allclose(g, np.full((1, 3), 1 / 3))


def test_writing_into_a_constant_afterwards_changes_nothing() -> None:
    w = np.array([2.0, 3.0])
    x = ad.tensor([1.0, 1.0], requires_grad=True)
    y = (x * w).sum()
    w[:] = 99.0
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0, 3.0])


def test_inputs_are_copied() -> None:
    values = np.array([1.0, 2.0])
    x = ad.tensor(values, requires_grad=True)
    values[:] = 99.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_the_values_cannot_be_written_into() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    for view in (x.data, x.detach().numpy(), np.asarray(x.detach())):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 5.0
    with pytest.raises(TypeError, match="elements of an input cannot be assigned"):
        x[0] = 5.0
    before = x
    x += 1.0
    assert x is not before
    np.testing.assert_array_equal(before.data, [1.0, 2.0])


def test_a_tensor_inside_the_graph_keeps_no_gradient_unless_asked() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    with pytest.raises(RuntimeError, match=r"grad_fn=<MulBackward0>.*retain_grad"):
        _ = y.grad
    y.retain_grad()
    (y * 3.0).sum().backward()
    np.testing.assert_array_equal(y.grad.data, [3.0, 3.0])
    with pytest.raises(RuntimeError, match="does not require grad"):
        ad.tensor(1.0).retain_grad()


def test_create_graph_lets_gradients_be_differentiated() -> None:
    x = ad.tensor([1.0, 2.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    x.grad = None
    first.sum().backward()
    np.testing.assert_allclose(x.grad.data, [6.0, 12.0])


def test_detach_and_no_grad_stop_the_record() -> None:
    x = ad.tensor(2.0, requires_grad=True)
    (x * x.detach()).backward()
    assert x.grad.item() == 2.0
    with ad.no_grad():
        assert not (x * x).requires_grad
        with ad.enable_grad():
            assert (x * x).requires_grad
    assert (x * x).requires_grad

    @ad.no_grad()
    def quiet() -> ad.Tensor:
        return x * x

    assert not quiet().requires_grad


def test_only_nodes_that_lead_to_the_inputs_are_walked() -> None:
    x = ad.tensor(1.0, requires_grad=True)
    other = ad.tensor(2.0, requires_grad=True)
    y = x * other + np.exp(other)
    nodes = collect(y.node, (x.node,)).nodes
    assert [node.op.name for node in nodes if node.op is not None] == ["multiply", "add"]


def test_the_rule_of_a_branch_nobody_asked_for_is_not_called() -> None:
    @ad.op(vjp=[lambda g, y, x: 1 / 0])
    def explosive(x, /):
        return np.asarray(x)

    bystander = ad.tensor(1.0, requires_grad=True)
    assert ad.grad(lambda x: x * explosive(bystander))(2.0) == 1.0
    assert ad.grad(lambda x, z: x * explosive(z))(2.0, 3.0) == 3.0


def test_a_long_chain_needs_no_recursion() -> None:
    x, y = chain(100_000)
    y.backward()
    assert x.grad.item() == 1.0
    del x, y
    gc.collect()


def test_a_long_chain_is_freed_without_recursion() -> None:
    x, y = chain(100_000)
    watched = weakref.ref(y.node)
    del y
    gc.collect()
    assert watched() is None
    assert x.grad is None


def test_work_grows_linearly_with_the_chain() -> None:
    def calls(length: int) -> int:
        count = 0

        def counted(frame: Any, event: str, argument: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counted)
        try:
            _, y = chain(length)
            y.backward()
        finally:
            sys.setprofile(None)
        return count

    assert 9_000 < calls(2_000) <= 10.0 * calls(200)


def test_a_wide_graph_with_much_sharing_is_walked_once() -> None:
    x = ad.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y * 0.5 + y * 0.5  # 2**60 paths
    y.backward()
    assert x.grad.item() == 1.0


def test_the_walk_drops_what_it_no_longer_needs() -> None:
    x = ad.tensor(np.linspace(0, 1, 125_000), requires_grad=True)
    y = x
    for _ in range(20):
        y = np.sin(y)
    root = y.sum()
    del y
    tracemalloc.start()
    try:
        root.backward()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000, "20 cotangents of a megabyte each would be kept otherwise"


def test_empty_tensors() -> None:
    x = ad.tensor(np.zeros((0, 3)), requires_grad=True)
    (x * 2.0).sum().backward()
    assert x.grad.shape == (0, 3)


def test_nan_and_inf_pass_through() -> None:
    x = ad.tensor([np.nan, np.inf, 1.0], requires_grad=True)
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [np.nan, np.inf, 2.0])


def test_results_may_be_written_into_and_share_nothing() -> None:
    given = np.ones(3)
    identity, pullback = ad.vjp(lambda x: x, given)
    for cotangent in (given, np.ones(3)):
        (back,) = pullback(cotangent)
        back[...] = 7.0
        assert cotangent.tolist() == given.tolist() == identity.tolist() == [1.0, 1.0, 1.0]
    moved = (lambda x: x.sum(), lambda x: x.T.sum(), lambda x: (x + x[::-1]).mean(), lambda x: x.ravel()[::2].sum())
    for f in moved:
        first, again = ad.grad(f)(np.ones((3, 1))), ad.grad(f)(np.ones((3, 1)))
        first += 1.0
        assert again.tolist() != first.tolist()


def test_a_cotangent_that_somebody_else_holds_is_copied() -> None:
    held = []

    @ad.op(vjp=[lambda g, y, x: held[0]])
    def holding(x, /):
        held[:] = [np.full(3, 5.0)]
        return x.sum()

    gradient = ad.grad(holding)(np.ones(3))
    gradient[...] = 0.0
    assert held[0].tolist() == [5.0, 5.0, 5.0]


def test_one_cotangent_for_two_inputs_becomes_two() -> None:
    weights = np.array([3.0, 4.0])
    a, b = ad.grad(lambda a, b: (weights * (a + b)).sum(), (0, 1))(np.ones(2), np.ones(2))
    a[...] = 0.0
    assert b.tolist() == weights.tolist() == [3.0, 4.0]


def test_threads_may_walk_through_one_graph() -> None:
    scores = np.random.default_rng(1).normal(size=(20, 5))
    _, pullback = ad.vjp(lambda z: ad.cross_entropy(z, np.arange(20) % 5), scores)
    (want,) = pullback(1.0)
    with ThreadPoolExecutor(4) as pool:
        for (got,) in pool.map(lambda _: pullback(1.0), range(200)):
            np.testing.assert_array_equal(got, want)
