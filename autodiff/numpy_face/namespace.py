"""The functions for tensors under the names of the Python array API standard: what ``__array_namespace__`` returns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import (
    bool,
    can_cast,
    e,
    finfo,
    float32,
    float64,
    iinfo,
    inf,
    int8,
    int16,
    int32,
    int64,
    isdtype,
    nan,
    newaxis,
    pi,
    result_type,
    uint8,
    uint16,
    uint32,
    uint64,
)

from .compositions import cumulative_prod, cumulative_sum

__array_api_version__ = "2024.12"

__all__ = [
    "bool", "can_cast", "cumulative_prod", "cumulative_sum", "e", "empty", "empty_like", "finfo", "float32", "float64",
    "iinfo", "inf", "int8", "int16", "int32", "int64", "isdtype", "nan", "newaxis", "pi", "result_type", "uint8",
    "uint16", "uint32", "uint64",
]  # fmt: skip


def empty(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor whose elements say nothing yet; here they are zeros."""
    return __getattr__("zeros")(shape, dtype=dtype or np.float64)


def empty_like(x: Any, dtype: Any = None) -> Any:
    """Return a tensor of the shape and dtype of ``x`` whose elements say nothing yet."""
    return __getattr__("zeros_like")(x, dtype=dtype)


def __getattr__(name: str) -> Any:
    import autodiff

    if name.startswith("__") or not hasattr(autodiff, name):
        raise AttributeError(f"autodiff has no function {name}; its operations are listed in autodiff.TABLE")
    return getattr(autodiff, name)
