"""PyTorch's names of methods, which are NumPy's operations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]])

SAME: dict[str, tuple[Any, Any]] = {
    "clone": (lambda x: x.clone() * x, lambda x: x * x),
    "view": (lambda x: x.view(3, 2) @ x, lambda x: x.reshape(3, 2) @ x),
    "view of a tuple": (lambda x: x.view((-1,)), np.ravel),
    "permute": (lambda x: x.permute(1, 0) @ x, lambda x: x.T @ x),
    "unsqueeze": (lambda x: x.unsqueeze(0) * x.unsqueeze(-2), lambda x: x[None] * x[:, None]),
    "expand": (lambda x: x.expand(4, -1, 3), lambda x: np.broadcast_to(x, (4, 2, 3))),
    "clamp": (lambda x: x.clamp(-1.0, 1.0), lambda x: np.clip(x, -1.0, 1.0)),
    "clamp above": (lambda x: x.clamp(max=0.75), lambda x: np.minimum(x, 0.75)),
    "pow": (lambda x: x.pow(3), lambda x: x**3),
    "matmul": (lambda x: x.matmul(x.t()), lambda x: x @ x.T),
    "t of a vector": (lambda x: x[0].t(), lambda x: x[0]),
    "norm": (lambda x: x.norm(), np.linalg.norm),
    "norm p": (lambda x: x.norm(1), lambda x: np.sum(np.abs(x))),
    "norm dim": (lambda x: x.norm(2, dim=1, keepdim=True), lambda x: np.sqrt(np.sum(x**2, 1, keepdims=True))),
    "double": (lambda x: x.double(), lambda x: x * 1.0),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_by_another_name(name: str) -> None:
    ours, numpys = SAME[name]
    x = ad.tensor(X, requires_grad=True)
    np.testing.assert_array_equal(ours(x).detach().numpy(), np.asarray(numpys(X)))
    weights = np.cos(np.arange(np.size(numpys(X)))).reshape(np.shape(numpys(X)))
    gradients = [ad.grad(lambda x, f=f: np.sum(f(x) * weights))(X) for f in (ours, numpys)]
    np.testing.assert_allclose(*gradients, rtol=1e-14)


def test_what_they_are_counts() -> None:
    x = ad.tensor(X, requires_grad=True)
    assert (x.numel(), x.dim(), x.float().dtype, x.double().dtype) == (6, 2, np.float32, np.float64)
    assert x.float().requires_grad


def test_what_is_refused() -> None:
    x = ad.tensor(X)
    with pytest.raises(ValueError, match=r"expand\(-1, 2, 3\)"):
        x.expand(-1, 2, 3)
    with pytest.raises(ValueError, match="more than two axes"):
        x.view(1, 2, 3).t()
