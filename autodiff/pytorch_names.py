"""What tensors are asked for in PyTorch's words: one line each, over the operations of NumPy's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .declare.op import TABLE


def _several(given: tuple[Any, ...]) -> Any:
    """Numbers given one by one, or as one tuple."""
    return given[0] if len(given) == 1 and not isinstance(given[0], int) else given


def clone(self: Any) -> Any:
    """Return a copy; gradients reach the original, as PyTorch's do."""
    return TABLE["copy"](self)


def view(self: Any, *shape: Any) -> Any:
    """Return the same elements in another shape: ``reshape``."""
    return TABLE["reshape"](self, _several(shape))


def permute(self: Any, *dims: Any) -> Any:
    """Return the tensor with its axes in the order ``dims``: ``transpose``."""
    return TABLE["transpose"](self, _several(dims))


def unsqueeze(self: Any, dim: int) -> Any:
    """Return the tensor with a new axis of length 1 at ``dim``: ``expand_dims``."""
    return TABLE["expand_dims"](self, dim)


def expand(self: Any, *sizes: Any) -> Any:
    """Return the tensor stretched to a shape, in which -1 leaves an axis as it is: ``broadcast_to``."""
    sizes = tuple(_several(sizes))
    extra = len(sizes) - self.ndim
    if any(n == -1 and k < extra for k, n in enumerate(sizes)):
        raise ValueError(
            f"expand{sizes}: -1 stands for an axis of shape {self.shape}, and a new axis has no length yet"
        )
    return TABLE["broadcast_to"](self, tuple(self.shape[k - extra] if n == -1 else n for k, n in enumerate(sizes)))


def clamp(self: Any, min: Any = None, max: Any = None) -> Any:
    """Return the elements between two bounds: ``clip``."""
    return TABLE["clip"](self, min, max)


def pow(self: Any, exponent: Any) -> Any:
    """Return ``self ** exponent``."""
    return TABLE["power"](self, exponent)


def matmul(self: Any, other: Any) -> Any:
    """Return ``self @ other``."""
    return TABLE["matmul"](self, other)


def norm(self: Any, p: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
    """Return the norm of all elements, or along ``dim``: the Euclidean one, or the one of order ``p``."""
    flat = self if dim is not None or self.ndim < 2 else TABLE["ravel"](self)
    return TABLE["norm"](flat, None if p in ("fro", 2) and dim is None else p, axis=dim, keepdims=keepdim)


def numel(self: Any) -> int:
    """Return how many elements there are."""
    return int(self.size)


def dim(self: Any) -> int:
    """Return how many axes there are."""
    return int(self.ndim)


def t(self: Any) -> Any:
    """Return the transpose of a matrix, or a vector as it is."""
    if self.ndim > 2:
        raise ValueError(f"t(): a tensor of shape {self.shape} has more than two axes; write .mT, or transpose(...)")
    return TABLE["transpose"](self)


def double(self: Any) -> Any:
    """Return the values as float64."""
    return self.astype(np.float64)


def single(self: Any) -> Any:
    """Return the values as float32."""
    return self.astype(np.float32)


PYTORCH: dict[str, Callable[..., Any]] = {
    "clone": clone, "view": view, "permute": permute, "unsqueeze": unsqueeze, "expand": expand, "clamp": clamp,
    "pow": pow, "matmul": matmul, "norm": norm, "numel": numel, "dim": dim, "t": t, "double": double, "float": single,
}  # fmt: skip
"""The methods by name."""
