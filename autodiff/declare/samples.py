"""Inputs that exercise the branches of an operation, and the places where it has no derivative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sample:
    """One call of an operation: ``operation(*operands, **params)``."""

    operands: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=dict)


def at(*operands: Any, **params: Any) -> Sample:
    """Return the sample that calls the operation with these operands and static parameters."""
    return Sample(operands, params)


@dataclass(frozen=True, slots=True)
class Kink:
    """A place without a derivative, and the convention followed there.

    ``at`` says where in words or as a condition, ``ours`` what the engine returns, ``torch`` and ``jax`` what those
    return (empty: not measured).  ``jump`` marks a discontinuity, ``sample`` is a point that lies on the kink.
    """

    at: str
    ours: str
    torch: str = ""
    jax: str = ""
    jump: bool = False
    sample: Sample = field(default_factory=lambda: at(0.0))


def _frozen(values: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64).reshape(shape)
    array.flags.writeable = False
    return array


# Generic arrays for samples: no ties, no zeros, no special values, both signs.
ROW = _frozen([0.3, -1.2, 2.5, 0.7], (4,))
OTHER_ROW = _frozen([1.1, 0.6, -0.4, -2.3], (4,))
COLUMN = _frozen([0.9, -0.2, 1.7], (3, 1))
MATRIX = _frozen([0.5, -1.4, 2.2, 0.1, -0.8, 1.3, -2.6, 0.35, 1.9, -0.15, 0.65, -1.05], (3, 4))
OTHER_MATRIX = _frozen([-0.9, 1.6, 0.25, -2.1, 0.45, -0.55, 1.15, 2.4, -1.75, 0.85, -0.3, 1.35], (3, 4))
SQUARE = _frozen([2.3, -0.4, 0.7, 0.6, 1.9, -0.8, -0.5, 0.3, 2.7], (3, 3))
SYMMETRIC = _frozen([2.6, 0.4, -0.3, 0.4, 1.8, 0.5, -0.3, 0.5, 3.1], (3, 3))  # and positive definite
CUBE = _frozen(np.sin(np.arange(1.0, 25.0) * 1.7) * 2.0, (2, 3, 4))
# The same where a domain is narrower.
POSITIVE_ROW = _frozen([0.3, 1.2, 2.5, 0.7], (4,))
POSITIVE_MATRIX = _frozen([0.5, 1.4, 2.2, 0.1, 0.8, 1.3, 2.6, 0.35, 1.9, 0.15, 0.65, 1.05], (3, 4))
UNIT_ROW = _frozen([0.3, -0.6, 0.85, 0.05], (4,))  # inside (-1, 1)
