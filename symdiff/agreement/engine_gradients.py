"""The engine's side of a comparison: its gradients of a traced program, for an array result one row an element."""

from __future__ import annotations

import numpy as np

from symdiff.arrays import Array
from symdiff.deadline import look
from symdiff.errors import InputError
from symdiff.tracing.building import Traced

LARGEST_JACOBIAN = 250_000
"""Up to so many entries the Jacobian of an array result is explained."""


def engine_gradients(traced: Traced) -> dict[str, Array]:
    """The gradient by each input asked for, of the input's shape with the result's in front.

    Raises:
        InputError: the result is an array whose Jacobian is too large.
    """
    result, tensors = traced.result, {name: traced.tensors[name] for name in traced.graph.wrt}
    _check_size(traced)
    rows: dict[str, list[Array]] = {name: [] for name in tensors}
    for position in np.ndindex(*result.shape):
        look()
        seed = np.zeros(result.shape, dtype=result.dtype)
        seed[position] = 1.0
        for tensor in tensors.values():
            tensor.grad = None
        if result.requires_grad:
            with np.errstate(all="ignore"):
                result.backward(seed, retain_graph=True)
        for name, tensor in tensors.items():
            found = np.zeros(tensor.shape, tensor.dtype) if tensor.grad is None else np.array(tensor.grad.data)
            rows[name].append(found)
    return {name: np.stack(rows[name]).reshape(result.shape + tensors[name].shape) for name in tensors}


def _check_size(traced: Traced) -> None:
    result = traced.result
    inputs = sum(traced.tensors[name].size for name in traced.graph.wrt)
    if result.ndim and result.size * inputs > LARGEST_JACOBIAN:
        raise InputError(
            f"{traced.graph.text}: the result has shape {result.shape}, and its Jacobian {result.size} x {inputs} "
            f"entries, more than {LARGEST_JACOBIAN}; differentiate a scalar, such as its sum or mean"
        )
