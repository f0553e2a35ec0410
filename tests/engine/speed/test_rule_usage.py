"""What a rule reads, found from its code, and what a node therefore need not keep."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.plan import ITS_ARRAY, ITS_OUTLINE, NOTHING
from autodiff.speed.rule_usage import usage_of


@pytest.mark.parametrize(
    ("rule", "value", "operand"),
    [
        (lambda g, y, x: g, NOTHING, NOTHING),
        (lambda g, y, x: g * y, ITS_ARRAY, NOTHING),
        (lambda g, y, x: g * x, NOTHING, ITS_ARRAY),
        (lambda g, y, x: np.broadcast_to(g, x.shape), NOTHING, ITS_OUTLINE),
        (lambda g, y, x: np.ones(x.shape, x.dtype) * y.ndim, ITS_OUTLINE, ITS_OUTLINE),
        (lambda g, y, x: np.broadcast_to(g, x.shape) * x, NOTHING, ITS_ARRAY),
        (lambda g, y, x: [g * x for _ in range(2)], NOTHING, ITS_ARRAY),
        (lambda g, y, x: (h := g) * x + h, NOTHING, ITS_ARRAY),
        (lambda g, *rest: g, ITS_ARRAY, ITS_ARRAY),
        (np.multiply, ITS_ARRAY, ITS_ARRAY),
    ],
)
def test_what_a_rule_reads(rule: Any, value: int, operand: int) -> None:
    usage = usage_of(rule, 1)
    assert (usage.value, usage.operands) == (value, (operand,))


def test_a_node_keeps_only_what_its_rules_read() -> None:
    x = ad.tensor(np.ones((2, 3)), requires_grad=True)
    w = np.full((2, 3), 2.0)
    total = x.sum().node
    assert total.args == [x.node]
    assert not total.plan.saves
    product = (x * w).node
    assert product.args[0] is x.node, "x is only needed for w's gradient, and w is a constant"
    np.testing.assert_array_equal(product.args[1], w)
    assert np.exp(x).node.value is not None
    assert np.exp(x).node.args == [x.node]


def test_a_graph_that_saved_nothing_can_be_walked_again() -> None:
    x = ad.arange(4.0, requires_grad=True)
    y = (x + 1.0).sum()
    y.backward()
    y.backward()
    np.testing.assert_array_equal(x.grad.data, [2.0] * 4)


def test_dropped_tensors_free_their_arrays() -> None:
    size = 1_000_000
    x = ad.tensor(np.linspace(0, 1, size // 8), requires_grad=True)
    tracemalloc.start()
    try:
        y = x
        for _ in range(10):
            y = y + 1.0  # no rule reads the intermediate values
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current < 2.5 * size
    assert y.requires_grad
