"""The engine's second derivatives of a traced program: its own backward pass, recorded and walked back again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np

from symdiff.arrays import Array
from symdiff.tracing.building import Traced

Pair: TypeAlias = "tuple[str, str]"


def engine_hessians(traced: Traced, pairs: Collection[Pair]) -> dict[Pair, Array]:
    """The second derivatives of a scalar by pairs of inputs, in the shape of the first and then of the second."""
    found: dict[Pair, Array] = {}
    for first in dict.fromkeys(first for first, _ in pairs):
        rows = _rows(traced, first)
        for second in (second for each, second in pairs if each == first):
            shape = traced.tensors[first].shape + traced.tensors[second].shape
            found[first, second] = np.array(rows[second]).reshape(shape)
    return found


def _rows(traced: Traced, first: str) -> dict[str, list[Array]]:
    """By second input one array for each element of the first."""
    tensors = {name: traced.tensors[name] for name in traced.graph.wrt}
    rows: dict[str, list[Array]] = {name: [] for name in tensors}
    with np.errstate(all="ignore"):
        slope = _slope(traced, first)
        for position in np.ndindex(*tensors[first].shape):
            _forget(traced)
            if slope is not None and slope.requires_grad:
                seed = np.zeros(slope.shape, dtype=slope.dtype)
                seed[position] = 1.0
                slope.backward(seed, retain_graph=True)
            for name, tensor in tensors.items():
                rows[name].append(np.zeros(tensor.shape) if tensor.grad is None else np.array(tensor.grad.data))
    _forget(traced)
    return rows


def _slope(traced: Traced, name: str) -> Any:
    """The gradient by one input as a tensor that remembers how it was made; None where the result is constant."""
    _forget(traced)
    if not traced.result.requires_grad:
        return None
    traced.result.backward(retain_graph=True, create_graph=True)
    return traced.tensors[name].grad


def _forget(traced: Traced) -> None:
    for name in traced.graph.wrt:
        traced.tensors[name].grad = None
