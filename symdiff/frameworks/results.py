"""What every framework's functions have in common: how one raises, and our tensors with a framework's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.deadline import TimeLimit
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.missing import Missing
from symdiff.tracing.function_trace import Call

__all__ = ["raising", "with_value"]


@contextmanager
def raising(call: Call, inputs: Mapping[str, Any]) -> Iterator[None]:
    """What a user's function raises at ``inputs``, by name, as an error of the function.

    Raises:
        FunctionError: it raised; limits of time, wrong input and Ctrl-C pass as they are.
    """
    try:
        yield
    except (KeyboardInterrupt, TimeLimit, InputError):
        raise
    except BaseException as error:  # sys.exit, too, and whatever else a function of somebody else's raises
        shapes = ", ".join(f"{name} of shape {tuple(each.shape)}" for name, each in inputs.items())
        raise FunctionError(f"{call.text} raises {type(error).__name__} at {shapes}: {said_by(error)}") from error


def with_value(found: Tensor, array: Array) -> Tensor:
    """Our tensor with a framework's value, so that each of its operations is judged by itself.

    Raises:
        Missing: the framework's value is of another kind.
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
