"""mpmath in contexts of our own, one for each thread: nobody else's precision changes, and nobody else changes ours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from mpmath.ctx_mp import MPContext

from symdiff.deadline import look

__all__ = ["PRECISIONS", "float_of", "mp", "settled"]


T = TypeVar("T")


class _OwnContext(threading.local):
    """What ``mpmath.mp`` is to its users, for one thread.

    >>> with mp.workprec(200):
    ...     third = mp.mpf(1) / 3
    """

    def __init__(self) -> None:
        self._context = MPContext()

    def __getattr__(self, name: str) -> Any:
        look()  # nothing that takes long in high precision goes without asking here for the next function
        return getattr(self._context, name)


def float_of(unit: float) -> type[np.float32 | np.float64]:
    """The kind of float whose rounding unit it is."""
    return np.float32 if unit > 2.0**-40 else np.float64


mp = _OwnContext()

PRECISIONS = (125, 250, 500, 1000, 2000)
"""The bits of high precision: doubled until what is computed stands still, and no further than that."""


def settled(compute: Callable[[], T], stands: Callable[[T, T], bool], most: int = PRECISIONS[-1]) -> T:
    """What is computed at the first precision, up to ``most`` bits, at which it ``stands`` beside that before.

    >>> settled(lambda: float(mp.sin(mp.pi * 10**20) + 1), lambda before, now: before == now)
    1.0
    """
    found = at_precision(PRECISIONS[0], compute)
    for bits in PRECISIONS[1:]:
        if bits > most:
            break
        before, found = found, at_precision(bits, compute)
        if stands(before, found):
            break
    return found


def at_precision(bits: int, compute: Callable[[], T]) -> T:
    """What is computed with so many bits."""
    with mp.workprec(bits):
        return compute()
