"""``grad``, ``jvp``, ``vjp`` and ``jacobian`` in the reference's programs: differences again, at thrice the digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp, mpf

Objects = np.ndarray[Any, Any]
Program = Callable[[Objects], Objects]


def derivative(program: Program, x: Objects, direction: Objects) -> Objects:
    """The derivative of a program of arrays along a direction, by a central difference; shape of its result."""
    digits = mp.dps
    with mp.workdps(3 * digits):
        size = max((abs(v) for v in x.reshape(-1) if v), default=mpf(1))
        h = min(size, mpf(1)) * mpf(10) ** -digits
        found = (program(x + direction * h) - program(x - direction * h)) / (2 * h)
    out = np.empty(np.shape(found), dtype=object)
    out.reshape(-1)[:] = [+v for v in np.reshape(found, -1)]
    return out


def jacobian(program: Program, x: Objects) -> Objects:
    """Shape: the result's, then that of ``x``."""
    columns = []
    for k in range(x.size):
        direction = np.full(x.size, mpf(0), dtype=object)
        direction[k] = mpf(1)
        columns.append(derivative(program, x, direction.reshape(x.shape)))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)
