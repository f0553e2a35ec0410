"""Gradients as callers give them: a function's answer or arrays, in order, by name, or as containers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autodiff.trees import is_container, leaves, parts
from symdiff.arrays import Array
from symdiff.checking.call import Call
from symdiff.errors import InputError, said_by
from symdiff.tracing.building import Traced

__all__ = ["arrays_by_name", "check_shapes", "wanted_shape"]


def arrays_by_name(gradient: object, traced: Traced, call: Call) -> dict[str, Array | None]:
    """The given arrays by input, of whatever shape they have; None for an input that none is given for.

    Raises:
        InputError: there are not as many as inputs to differentiate by, a name is unknown, or one is no array.
    """
    names = list(traced.graph.wrt)
    containers = any(map(is_container, (*call.args, *call.named.values())))
    if containers and not (isinstance(gradient, Mapping) and set(gradient) == set(names)):
        flat = _flat(gradient, len(names))
        gradient = flat[0] if len(flat) == 1 else flat
    found = _by_name(gradient, names, list(traced.tensors))
    return {name: None if each is None else _array(name, each) for name, each in found.items()}


def _flat(gradient: object, count: int) -> tuple[object, ...]:
    """The leaves of a container; None among them where it stands for an input, and not for what has no gradient."""
    if not is_container(gradient):
        return (gradient,)
    found = tuple(each for _, each in leaves(gradient, "."))
    with_none = tuple(each for each in _everything(gradient) if each is None or not isinstance(each, str | int))
    return with_none if len(with_none) == count != len(found) else found


def _everything(x: object) -> list[object]:
    return [leaf for _, each in parts(x) for leaf in _everything(each)] if is_container(x) else [x]


def _by_name(gradient: object, names: Sequence[str], everything: Sequence[str]) -> dict[str, object]:
    if isinstance(gradient, Mapping):
        unknown = [str(name) for name in gradient if name not in names]
        missing = [name for name in names if name not in gradient]
        if unknown or missing:
            what = f"has no {', '.join(missing)}" if missing else f"has {', '.join(unknown)}"
            raise InputError(f"gradient {what}; the inputs to differentiate by are {', '.join(names)}")
        return dict(gradient)
    several = isinstance(gradient, tuple | list) and any(each is None for each in gradient)
    if isinstance(gradient, tuple | list) and several and len(gradient) == len(everything) > len(names):
        # one for every argument, as a backward pass gives them: None for whole numbers and masks
        return {name: each for name, each in zip(everything, gradient, strict=True) if name in names}
    if len(names) == 1:
        only = isinstance(gradient, tuple) and len(gradient) == 1 and np.ndim(gradient[0]) > 0
        return {names[0]: gradient[0] if only and isinstance(gradient, tuple) else gradient}
    if not isinstance(gradient, tuple | list) or len(gradient) != len(names):
        have = f"{len(gradient)}" if isinstance(gradient, tuple | list) else f"one {type(gradient).__name__}"
        raise InputError(f"gradient gives {have} for {len(names)} inputs: {', '.join(names)}; give one for each")
    return dict(zip(names, gradient, strict=True))


def _array(name: str, given: object) -> Array:
    given = getattr(given, "data", given) if type(given).__module__.startswith("autodiff") else given
    try:
        array: Array = np.asarray(given)
        array = array if array.dtype.kind == "f" else array.astype(np.float64)
    except Exception as error:  # whatever the caller's own array raises when NumPy asks for its numbers
        raise InputError(
            f"gradient by {name}: {type(given).__name__} is no array of numbers ({said_by(error)})"
        ) from None
    return np.array(array)


def wanted_shape(name: str, traced: Traced) -> tuple[int, ...]:
    """The shape of a gradient: its input's, with the result's in front."""
    shape: tuple[int, ...] = traced.result.shape + traced.tensors[name].shape
    return shape


def check_shapes(found: Mapping[str, Array], traced: Traced) -> dict[str, Array]:
    """The arrays as they are.

    Raises:
        InputError: one has not the shape of its input.
    """
    for name, array in found.items():
        wanted: Any = wanted_shape(name, traced)
        if array.shape != wanted:
            front = f" (the result's shape {traced.result.shape} in front)" if traced.result.shape else ""
            raise InputError(
                f"gradient by {name} has shape {array.shape}, and {name} has shape {traced.tensors[name].shape}"
                f"{front}; return one of shape {wanted}"
            )
    return dict(found)
