"""NumPy's arrays, whatever they hold, and places in them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
Place: TypeAlias = tuple[int, ...]
"""The indices of an element, one for each axis."""


def flat(place: Place, shape: Place) -> int:
    """A place in an array of a shape, flattened."""
    return int(np.ravel_multi_index(place, shape)) if place else 0


def unravelled(position: int, shape: Place) -> Place:
    """A flat position as a place in an array of a shape."""
    return tuple(map(int, np.unravel_index(position, shape))) if shape else ()
