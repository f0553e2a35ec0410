"""NumPy's functions that write into an array: on a tensor that was computed they assign to its elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad

X = np.arange(1.0, 17.0).reshape(4, 4) / 7.0
MASK = X % 0.5 > 0.2
COLUMNS = np.array([[2], [0], [3], [1]])

WRITTEN: dict[str, Callable[[Any, Any], Any]] = {
    "fill_diagonal": lambda y, x: np.fill_diagonal(y, 0.0),
    "fill_diagonal with a row": lambda y, x: np.fill_diagonal(y, x[0, :3]),
    "put": lambda y, x: np.put(y, [1, -2, 5], 3.0 * x[0]),
    "put beyond the end": lambda y, x: np.put(y, [1, 18], x[0, :2], mode="wrap"),
    "put clipped": lambda y, x: np.put(y, [1, 18], x[0, :2], mode="clip"),
    "place": lambda y, x: np.place(y, MASK, x[0, :3]),
    "putmask": lambda y, x: np.putmask(y, MASK, 7.0 * x),
    "putmask with a row": lambda y, x: np.putmask(y, MASK, x[0]),
    "put_along_axis": lambda y, x: np.put_along_axis(y, COLUMNS, 3.0 * x[:, :1], 1),
    "put_along_axis of all": lambda y, x: np.put_along_axis(y, COLUMNS[:, 0], x[0], None),
    "copyto": lambda y, x: np.copyto(y, x[0] * x[1]),
    "copyto where": lambda y, x: np.copyto(y, x[0], where=MASK),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_value_and_the_gradient(name: str) -> None:
    def f(x: Any) -> Any:
        y = x**2
        WRITTEN[name](y, x)
        return y

    y = f(ad.tensor(X, requires_grad=True))
    np.testing.assert_array_equal(y.data, f(X))
    rng = np.random.default_rng(3)
    direction, cotangent = rng.normal(size=(2, 4, 4))
    slope = np.sum(cotangent * (f(X + 1e-6 * direction) - f(X - 1e-6 * direction))) / 2e-6
    (gradient,) = ad.vjp(f, X)[1](cotangent)
    assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-6)


def test_an_input_is_not_written_into() -> None:
    x = ad.tensor(X, requires_grad=True)
    with pytest.raises(TypeError, match="elements of an input"):
        np.fill_diagonal(x, 0.0)


def test_a_plain_array_takes_no_tensor() -> None:
    x = ad.tensor(X, requires_grad=True)
    with pytest.raises(TypeError, match="would lose its gradient"):
        np.fill_diagonal(np.zeros((4, 4)), x[0])
    with pytest.raises(TypeError, match="would copy a tensor into an array"):
        np.copyto(np.zeros((4, 4)), x)
