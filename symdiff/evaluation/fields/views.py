"""Views that ``Field.map`` and ``Field.add_into`` take: parts of an array, and other shapes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from symdiff.arrays import Array

View: TypeAlias = Callable[[Array], Array]


def part(*index: Any) -> View:
    """The view ``a[index]``."""

    def view(array: Array) -> Array:
        seen: Array = array[index]
        return seen

    return view


def shaped(shape: Sequence[int]) -> View:
    """The same elements under another shape."""
    return lambda array: np.reshape(array, tuple(shape))


def stretched(shape: Sequence[int]) -> View:
    """Broadcast to ``shape``."""
    full = tuple(shape)
    return lambda array: array if np.shape(array) == full else np.broadcast_to(array, full)
