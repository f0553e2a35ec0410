"""Making tensors."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from .declare.op import TABLE
from .tensor import Tensor, leaf, wrap

DType: TypeAlias = DTypeLike | None


def tensor(values: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor with a copy of ``values``; ``requires_grad`` makes it an input that gradients are walked back to.

    Lists of tensors are stacked, with their gradients.

    Args:
        values: A number, an array, nested lists of numbers and tensors, or a tensor.
        dtype: The dtype; by default that of the values, float64 for Python's floats.
        requires_grad: Whether :meth:`Tensor.backward` adds up gradients in ``.grad``.

    Raises:
        TypeError: Integers should require a gradient, or the values are no numbers.
        ValueError: The lists are not rectangular.

    >>> x = ad.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """
    if isinstance(values, Tensor):
        return _from_tensor(values, dtype, requires_grad)
    if isinstance(values, list | tuple) and _holds_tensors(values):
        stacked: Tensor = TABLE["stack"]([tensor(each) for each in values])
        return stacked if dtype is None else stacked.astype(dtype)
    try:
        data = np.array(values, dtype=dtype)
    except ValueError as error:
        raise ValueError(f"tensor(...): the values are not a rectangular array of numbers: {error}") from None
    if data.dtype.kind not in "biufc":
        raise TypeError(f"tensor(...): {type(values).__name__} {values!r:.60} is not an array of numbers")
    return _input(data) if requires_grad else wrap(data, None)


def _from_tensor(values: Tensor, dtype: DType, requires_grad: bool) -> Tensor:
    if requires_grad:
        return _input(np.array(values.array, dtype=dtype))
    return values if dtype is None else values.astype(dtype)


def _holds_tensors(values: Any) -> bool:
    if isinstance(values, list | tuple):
        return any(map(_holds_tensors, values))
    return isinstance(values, Tensor)


def _input(data: Any) -> Tensor:
    if data.dtype.kind != "f":
        raise TypeError(
            f"tensor(..., requires_grad=True): only floating numbers have gradients, not {data.dtype}; "
            f"write them with a point (1.0), or give dtype=float"
        )
    return leaf(data)


def asarray(values: Any, dtype: DType = None) -> Tensor:
    """Return ``values`` as a tensor; a tensor is returned as it is, with its gradient."""
    return tensor(values, dtype)


array = tensor


def _made(data: Any, requires_grad: bool) -> Tensor:
    return _input(data) if requires_grad else wrap(data, None)


def arange(*bounds: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return ``start, start + step, ...`` below ``stop``, as ``np.arange`` does."""
    return _made(np.arange(*bounds, dtype=dtype), requires_grad)


def linspace(start: float, stop: float, num: int = 50, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return ``num`` evenly spaced numbers from ``start`` to ``stop``, both included."""
    return _made(np.linspace(start, stop, num, dtype=dtype), requires_grad)


def zeros(shape: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of zeros."""
    return _made(np.zeros(shape, dtype), requires_grad)


def ones(shape: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of ones."""
    return _made(np.ones(shape, dtype), requires_grad)


def full(shape: Any, fill_value: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor with ``fill_value`` everywhere; where that is a tensor, with its gradient."""
    if isinstance(fill_value, Tensor):
        spread: Tensor = fill_value * np.ones(shape, dtype or fill_value.dtype)
        return _input(spread.data) if requires_grad else spread
    return _made(np.full(shape, fill_value, dtype), requires_grad)


def eye(n: int, m: int | None = None, k: int = 0, dtype: DTypeLike = float, requires_grad: bool = False) -> Tensor:
    """Return a matrix with ones on its ``k``-th diagonal and zeros elsewhere."""
    return _made(np.eye(n, m, k, dtype), requires_grad)


def zeros_like(x: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the shape and dtype of ``x``."""
    return _made(np.zeros_like(_outline(x), dtype), requires_grad)


def ones_like(x: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the shape and dtype of ``x``."""
    return _made(np.ones_like(_outline(x), dtype), requires_grad)


def full_like(x: Any, fill_value: Any, dtype: DType = None, requires_grad: bool = False) -> Tensor:
    """Return ``fill_value`` everywhere, in the shape and dtype of ``x``."""
    x = _outline(x)
    return full(x.shape, fill_value, dtype or x.dtype, requires_grad)


def _outline(x: Any) -> Any:
    return x.array if isinstance(x, Tensor) else np.asarray(x)
