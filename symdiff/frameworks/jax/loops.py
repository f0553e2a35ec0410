"""What goes into one step of a loop, and what its steps give together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax._src import core

import autodiff as ad
from autodiff.tensor import Tensor
from symdiff.frameworks.jax.values import numpy_of
from symdiff.frameworks.results import with_value

__all__ = ["sliced", "stacked"]


def sliced(recorder: Any, value: Any, step: int) -> Any:
    """The part of what is scanned that one step gets."""
    with core.eval_context():
        array = getattr(value, "array", value)[step]
    ours = getattr(value, "ours", None)
    if isinstance(ours, Tensor):
        return recorder.recorded(array, with_value(ours[step], numpy_of(array)))
    return array


def stacked(recorder: Any, steps: Sequence[Any], aval: Any) -> Any:
    """The results of all steps, along a new first axis."""
    with core.eval_context():
        arrays = [jnp.asarray(getattr(each, "array", each), aval.dtype) for each in steps]
        array = jnp.stack(arrays) if arrays else jnp.zeros((0, *aval.shape), aval.dtype)
    ours = [getattr(each, "ours", None) for each in steps]
    if not any(isinstance(each, Tensor) for each in ours):
        return array
    parts = [
        each if isinstance(each, Tensor) else np.asarray(numpy_of(value))
        for each, value in zip(ours, arrays, strict=True)
    ]
    return recorder.recorded(array, with_value(ad.stack(parts, axis=0), numpy_of(array)))
