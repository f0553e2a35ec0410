"""JAX's arrays and NumPy's, and our tensors with JAX's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.frameworks.missing import Missing, opaque

__all__ = ["is_plain", "numpy_of", "opaque_value", "with_value"]


def is_plain(value: Any) -> bool:
    """Whether a value of JAX's is an array of numbers: a typed random key is none."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and not jax.dtypes.issubdtype(dtype, jax.dtypes.extended)


def numpy_of(value: Any) -> Any:
    """An array of JAX's as NumPy's; a random key, and whatever has no array, as it is."""
    if isinstance(value, np.ndarray):
        return value
    if not is_plain(value):
        return value if hasattr(value, "dtype") or not isinstance(value, bool | int | float) else np.asarray(value)
    return np.asarray(value)


def opaque_value(name: str, operands: Sequence[Tensor], array: Array) -> Tensor:
    """What a primitive computed of tensors, without saying how."""
    found: Tensor = opaque(name, operands, array)
    return found


def with_value(found: Tensor, array: Array) -> Tensor:
    """Our tensor with JAX's value, so that each of its operations is judged by itself.

    Raises:
        Missing: JAX's value is of another kind.
    """
    if found.node is None or found.node.op is None:
        return found
    if array.dtype.kind != found.dtype.kind:
        if array.dtype.kind == "f" and found.dtype.kind in "biu":
            return with_value(ad.astype(found, dtype=array.dtype), array)
        raise Missing(f"dtype {array.dtype}")
    array = array.reshape(found.shape)
    found.array = array if array.ndim else array[()]
    found.node.value = found.array
    found.node.dtype = np.dtype(array.dtype)
    return found
