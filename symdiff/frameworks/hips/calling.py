"""HIPS autograd's own gradient, and the functions of its that have to be told what a tensor is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import autograd.numpy as anp
import autograd.numpy.numpy_wrapper as wrapper
import numpy as np
from autograd.core import make_vjp

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.deadline import TimeLimit, look, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.bridged import check_size
from symdiff.tracing.function_trace import Call, SeveralResults
from symdiff.tracing.prints import printing

__all__ = ["gradients_of", "taking_tensors"]


def gradients_of(call: Call, arrays: Mapping[str, Array], wrt: tuple[str, ...]) -> dict[str, Array]:
    """What ``autograd.make_vjp`` returns, of each input's shape with the result's in front.

    Raises:
        InputError: the Jacobian is too large.
        FunctionError: the backward pass raised.
    """
    leaves = tuple(arrays[name] for name in wrt)

    def function(given: Any) -> Any:
        return call({**arrays, **{name: given[place] for place, name in enumerate(wrt)}})

    try:
        with stage("HIPS autograd's gradient"), printing(None), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a result does not depend on an input
            back, value = make_vjp(function, leaves)
            if isinstance(value, tuple | list | dict):
                raise SeveralResults(f"{call.text} returns a {type(value).__name__} of {len(value)}")
            shape, dtype = np.shape(value), np.asarray(value).dtype
            check_size(call.text, shape, sum(leaf.size for leaf in leaves))
            rows = []
            for place in range(int(np.size(value))):
                look()
                one = np.zeros(np.size(value), dtype)
                one[place] = 1
                rows.append(back(one.reshape(shape) if shape else one[0]))
    except (KeyboardInterrupt, TimeLimit, InputError):
        raise
    except BaseException as error:  # a vjp of the user's own raises what it likes
        raise FunctionError(
            f"the backward pass of {call.text} raises {type(error).__name__}: {said_by(error)}"
        ) from error
    found = {}
    for place, (name, leaf) in enumerate(zip(wrt, leaves, strict=True)):
        parts = [np.asarray(row[place]) for row in rows]
        whole = np.array(parts, dtype=np.result_type(*parts) if parts else leaf.dtype)
        # a vjp that returns another shape is shown as it is: the check of shapes says so
        found[name] = whole.reshape(shape + whole.shape[1:])
    return found


def _concatenated(axis: int, *arrays: Any) -> Any:
    return ad.concatenate(arrays, axis=axis)


def _array(array_args: Any, array_kwargs: Any, *parts: Any) -> Any:
    return ad.stack([each if isinstance(each, Tensor) else np.asarray(each) for each in parts])


def _copied(array_args: Any, array_kwargs: Any, array: Any) -> Any:
    return array


def _cast(array: Any, dtype: Any, *args: Any, **kwargs: Any) -> Any:
    return ad.astype(array, dtype=np.dtype(dtype))


_OF_TENSORS: Mapping[str, Callable[..., Any]] = {
    "_array_from_scalar_or_array": _copied,
    "_astype": _cast,
    "array_from_args": _array,
    "concatenate_args": _concatenated,
}
"""What autograd writes for its own boxes alone: joins and copies."""


@contextmanager
def taking_tensors() -> Iterator[None]:
    """Meanwhile autograd's joins and copies take tensors, too; what is given no tensor runs as ever."""
    before = {name: getattr(wrapper, name) for name in _OF_TENSORS if hasattr(wrapper, name)}
    spaces = (wrapper.__dict__, anp.__dict__)

    def either(name: str) -> Callable[..., Any]:
        own, ours = before[name], _OF_TENSORS[name]

        def call(*args: Any, **kwargs: Any) -> Any:
            return (ours if any(isinstance(each, Tensor) for each in args) else own)(*args, **kwargs)

        return call

    replaced = {name: either(name) for name in before}
    try:
        for space in spaces:
            space.update({name: replaced[name] for name in before if name in space})
        yield
    finally:
        for space in spaces:
            space.update({name: before[name] for name in before if name in space})
