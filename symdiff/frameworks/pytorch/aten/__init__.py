"""The table: aten operations -> ours, by families. What has no entry is decomposed by PyTorch, or *unsupported*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.frameworks.missing import Missing
from symdiff.frameworks.pytorch.aten import (
    attention,
    creation,
    elementwise,
    indexing,
    joining,
    layers,
    linear_algebra,
    losses,
    moving,
    reductions,
    special,
)

__all__ = ["ENTRIES", "KEPT", "Entry", "entry_of", "names_of"]

ELEMENTWISE: Mapping[str, Callable[..., Any]] = {**elementwise.ENTRIES, **special.ENTRIES}
"""Operands of several dtypes are promoted to the result's before these."""
OTHERS: Mapping[str, Callable[..., Any]] = {
    **creation.ENTRIES,
    **reductions.ENTRIES,
    **moving.ENTRIES,
    **joining.ENTRIES,
    **indexing.ENTRIES,
    **linear_algebra.ENTRIES,
    **layers.ENTRIES,
    **attention.ENTRIES,
    **losses.ENTRIES,
}
ENTRIES = {**ELEMENTWISE, **OTHERS}
KEPT = frozenset(ENTRIES)
"""Names of operations (``sum``), or of one overload (``sum.dim_IntList``), that are not decomposed."""

_IGNORED = frozenset({"dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking", "implicit", "out"})
"""Says where and how numbers are kept, not which they are; a result's dtype is PyTorch's in any case."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One overload's function of ours."""

    function: Callable[..., Any]
    promotes: bool

    def promoted(self, given: Any, value: Any) -> Any:
        """Arguments whose tensors have the dtype in which PyTorch computes."""
        args, kwargs = given
        kwargs = {key: each for key, each in kwargs.items() if key not in _IGNORED}
        if not self.promotes:
            return args, kwargs
        dtype = _computed_in(args, value)
        if dtype is None:
            return args, kwargs
        return tuple(_as(each, dtype) for each in args), {key: _as(each, dtype) for key, each in kwargs.items()}

    def apply(self, args: Any, kwargs: Any, value: Any) -> Any:
        """Our result; ``value`` is PyTorch's.

        Raises:
            Missing: the entry has no answer for these arguments.
        """
        try:
            return self.function(*args, **kwargs)
        except (TypeError, ValueError, IndexError, NotImplementedError) as error:
            raise Missing(str(error)) from error


def _computed_in(args: Any, value: Any) -> Any:
    first = value[0] if isinstance(value, list | tuple) else value
    if isinstance(first, torch.Tensor) and first.is_floating_point():
        return np.dtype(str(first.dtype).removeprefix("torch."))
    floats = [each.dtype for each in args if isinstance(each, Tensor | np.ndarray) and each.dtype.kind == "f"]
    wide = [
        each.dtype for each in args if isinstance(each, Tensor | np.ndarray) and each.dtype.kind == "f" and each.ndim
    ]
    return max(wide or floats, key=lambda dtype: dtype.itemsize, default=None)


def _as(value: Any, dtype: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype != dtype and value.dtype != bool:
        return value.astype(dtype)
    if isinstance(value, Tensor) and value.dtype != dtype and value.dtype != bool:
        return ad.astype(value, dtype=dtype)
    return value


def entry_of(target: Any) -> Entry:
    """The entry of an overload.

    Raises:
        Missing: there is none.
    """
    schema = getattr(target, "_schema", None)
    for name in sorted(names_of(schema), key=len, reverse=True) if schema is not None else ():
        if name in ENTRIES:
            return Entry(ENTRIES[name], name in ELEMENTWISE)
    raise Missing


def names_of(schema: Any) -> set[str]:
    """The names that an entry for an overload may stand under: ``sum`` and ``sum.dim_IntList``; none but aten's."""
    namespace, _, packet = schema.name.partition("::")
    return {packet, f"{packet}.{schema.overload_name}"} if namespace == "aten" else set()
