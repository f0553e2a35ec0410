"""Arrays of tensors: what NumPy makes of tensors where it asks for an array, and how operations take it.

``np.array([[c, -s], [s, c]])`` of tensors is an array of objects that NumPy carries on with by the tensors' own
operators and methods.  Where it meets an operation it is stacked: nothing is lost on the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .operation import TABLE

OBJECTS = np.dtype(object)


def holds_tensors(x: Any) -> bool:
    """Whether ``x`` is an array of objects of which some are tensors."""
    return (
        type(x) is np.ndarray
        and x.dtype is OBJECTS
        and any(hasattr(type(each), "__autodiff_apply__") for each in x.flat)
    )


def as_objects(tensor: Any) -> Any:
    """Return the elements of a tensor as an array of tensors without axes."""
    objects = np.empty(tensor.array.shape, OBJECTS)
    for place in np.ndindex(objects.shape):
        objects[place] = tensor[place] if place else tensor
    return objects


def stacked(x: Any) -> Any:
    """Return an array (or lists) of numbers and tensors as one tensor; anything else as it is."""
    objects = np.asarray(x) if isinstance(x, list | tuple) else x
    if not holds_tensors(objects):
        return x
    return TABLE["reshape"](TABLE["stack"](list(objects.flat)), objects.shape)
