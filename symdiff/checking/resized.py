"""The same arguments with one element more along every axis that may be of any length: what tells n from a number."""

from __future__ import annotations

import numpy as np

from symdiff.arrays import Array
from symdiff.checking.call import Call, is_structured
from symdiff.meaning.program import SymbolicProgram
from symdiff.tracing.building import Traced

__all__ = ["resized"]

LARGEST = 100_000
"""Up to so many elements of all inputs arrays are made longer."""


def resized(call: Call, traced: Traced, program: SymbolicProgram, seed: int = 5) -> Call | None:
    """The call with longer arrays; None where an array counts on its shape, or none has an axis of any length."""
    if sum(tensor.data.size for tensor in traced.tensors.values()) > LARGEST:
        return None
    random = np.random.default_rng(seed)
    longer: dict[str, Array] = {}
    for name, tensor in traced.tensors.items():
        array = np.asarray(tensor.data)
        if is_structured(array):
            return None
        sizes = program.elements[program.inputs[name]].sizes
        # by other lengths for other axes: n and m are told apart
        resolved = [(size.value, program.unifier.resolve(size.formula)) for size in sizes]
        shape = tuple(value if formula.is_Integer else value + _more(str(formula)) for value, formula in resolved)
        longer[name] = _longer(array, shape, random)
    if all(longer[name].shape == tensor.data.shape for name, tensor in traced.tensors.items()):
        return None
    return call.with_arrays(longer)


def _more(symbol: str) -> int:
    """One, two or three, by the number of a size: ``n2``."""
    digits = "".join(each for each in symbol if each.isdigit())
    return 1 + int(digits or 0) % 3


def _longer(array: Array, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    if array.dtype.kind != "f":
        return np.resize(array, shape)
    found = np.resize(array, shape)
    scale = np.where(found == 0, 0.5, np.abs(found))
    return np.asarray(found + 0.25 * scale * random.uniform(-1, 1, size=shape), dtype=array.dtype)
