"""Containers of arrays: lists, tuples, dicts, named tuples and dataclasses, nested, as arguments of the transforms.

Their leaves are arrays, tensors and floating numbers.  Whole numbers, texts, None and the like are no parameters: they
stay as they are, and None stands for their gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from .broadcasting import ARRAYS
from .tensor import Tensor


def is_container(x: Any) -> bool:
    """Whether ``x`` is taken apart into its leaves; lists and tuples of numbers alone are arrays."""
    if isinstance(x, dict) or hasattr(x, "_fields") or (is_dataclass(x) and not isinstance(x, type)):
        return True
    return isinstance(x, list | tuple) and any(
        isinstance(each, Tensor | np.ndarray) or is_container(each) for each in x
    )


def is_leaf(x: Any) -> bool:
    """Whether what stands in a container is a parameter."""
    return isinstance(x, Tensor | float) or (type(x) in ARRAYS and x.dtype.kind == "f")


def parts(x: Any) -> list[tuple[str, Any]]:
    """Return what a container holds, each with the text that leads to it: ``[0]``, ``.w``, ``["b"]``."""
    if isinstance(x, dict):
        return [(f'["{key}"]' if isinstance(key, str) else f"[{key!r}]", each) for key, each in x.items()]
    if hasattr(x, "_fields"):
        return [(f".{name}", each) for name, each in zip(getattr(x, "_fields"), x, strict=True)]  # noqa: B009
    if is_dataclass(x):
        return [(f".{field.name}", getattr(x, field.name)) for field in fields(x) if field.init]
    return [(f"[{place}]", each) for place, each in enumerate(x)]


def leaves(x: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of ``x``, each with its path from ``path``; what is no container is a leaf itself."""
    if not is_container(x):
        if not path or is_leaf(x):
            yield path, x
        return
    for step, each in parts(x):
        yield from leaves(each, path + step)


def with_leaves(x: Any, given: Iterator[Any], otherwise: Callable[[Any], Any], inside: bool = False) -> Any:
    """Return ``x`` with other leaves, in their order; ``otherwise`` says what stands for all else in containers."""
    if not is_container(x):
        return next(given) if not inside or is_leaf(x) else otherwise(x)
    made = [with_leaves(each, given, otherwise, True) for _, each in parts(x)]
    if isinstance(x, dict):
        return dict(zip(x, made, strict=True))
    if hasattr(x, "_fields"):
        return type(x)(*made)
    if is_dataclass(x) and not isinstance(x, type):
        return replace(x, **{step[1:]: each for (step, _), each in zip(parts(x), made, strict=True)})
    return type(x)(made)


def flatten(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return the leaves of ``x`` as one vector, and the function that makes the container of a vector again.

    What optimisers work on.

    Args:
        x: An array or a number, or a list, tuple, dict, named tuple or dataclass of them, nested.

    Returns:
        The vector (n,) of all elements, and a function of such a vector, which may be a tensor: its gradients reach it.

    Raises:
        ValueError: The function was given a vector of another length.

    >>> vector, unflatten = ad.flatten({"W": np.ones((2, 3)), "b": 0.5})
    >>> vector.shape, unflatten(vector)["W"].shape
    ((7,), (2, 3))
    """
    each = [np.asarray(leaf.array if isinstance(leaf, Tensor) else leaf) for _, leaf in leaves(x)]
    ends = np.cumsum([leaf.size for leaf in each])
    vector = np.concatenate([leaf.ravel() for leaf in each]) if each else np.zeros(0)

    def unflatten(v: Any) -> Any:
        if v.shape != vector.shape:
            raise ValueError(f"unflatten: the vector has shape {v.shape}; it must have {vector.shape}")
        pieces = [
            v[end - leaf.size : end].reshape(leaf.shape) if leaf.ndim else v[end - 1]
            for leaf, end in zip(each, ends, strict=True)
        ]
        return with_leaves(x, iter(pieces), lambda other: other)

    return vector, unflatten
