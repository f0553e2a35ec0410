"""What a call reads of signatures and of rules' code, it reads once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import MOST_PLANS, TABLE, Op
from autodiff.declare.shortcuts import SHORTCUTS
from autodiff.numpy_face import protocol

X = ad.tensor(np.arange(1.0, 4.0), requires_grad=True)

CALLS: dict[str, Any] = {
    "sum": lambda: np.sum(X),
    "sum along": lambda: np.sum(X, axis=0, keepdims=True),
    "mean by place": lambda: np.mean(X, 0),
    "mean with what says nothing": lambda: np.mean(X, 0, None),
    "dot": lambda: np.dot(X, X),
    "concatenate": lambda: np.concatenate([X, X * 2.0]),
    "stack": lambda: np.stack([X, X]),
    "einsum": lambda: np.einsum("i,i->", X, X),
    "three": lambda: np.einsum("i,i,j->j", X, X, X),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_second_call_reads_no_signature_and_no_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = CALLS[name]()

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("read again")

    monkeypatch.setattr(protocol, "signature", refuse)
    monkeypatch.setattr(SHORTCUTS, "usage_of", refuse)
    np.testing.assert_array_equal(CALLS[name]().data, first.data)


def test_a_list_that_grows_keeps_no_more_plans_than_a_few() -> None:
    op = TABLE["stack"]
    assert isinstance(op, Op)
    for n in range(1, 2 * MOST_PLANS):
        np.stack([X] * n)
    assert len(op.plans_of_many) <= MOST_PLANS
    gradient = ad.grad(lambda x: np.sum(np.stack([x] * 5) * np.arange(5.0)[:, None]))(np.ones(2))
    np.testing.assert_array_equal(gradient, [10.0, 10.0])


def test_shapes_that_do_not_fit_are_refused_every_time() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="einsum: 'j' is 3 long"):
            np.einsum("ij,jk->ik", ad.tensor(np.ones((2, 3))), np.ones((4, 2)))
