"""The functions for tensors under the names of the Python array API standard: what ``__array_namespace__`` returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import creation
from .declare.op import TABLE
from .numpy_face.compositions import cumulative_prod, cumulative_sum

__all__ = ["cumulative_prod", "cumulative_sum", "empty", "empty_like"]

__array_api_version__ = "2024.12"

# What the standard asks for and NumPy has: dtypes, constants, and questions about dtypes.
_NUMPY = """
    bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 e inf nan newaxis pi
    can_cast finfo iinfo isdtype result_type
"""
_CREATION = "arange asarray eye full full_like linspace ones ones_like zeros zeros_like"
_OWNERS = dict.fromkeys(_NUMPY.split(), np) | dict.fromkeys(_CREATION.split(), creation)


def empty(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor whose elements say nothing yet; here they are zeros."""
    return creation.zeros(shape, dtype=dtype or np.float64)


def empty_like(x: Any, dtype: Any = None) -> Any:
    """Return a tensor of the shape and dtype of ``x`` whose elements say nothing yet."""
    return creation.zeros_like(x, dtype=dtype)


def __getattr__(name: str) -> Any:
    if name in _OWNERS:
        return getattr(_OWNERS[name], name)
    if name not in TABLE:
        raise AttributeError(f"autodiff has no function {name}; its operations are listed in autodiff.TABLE")
    return TABLE[name]
