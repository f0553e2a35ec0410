"""JAX's arrays and NumPy's, and our tensors with JAX's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.frameworks.missing import opaque

__all__ = ["is_plain", "numpy_of", "opaque_value"]


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
