"""mpmath in contexts of our own, one for each thread: nobody else's precision changes, and nobody else changes ours."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext

from symdiff.deadline import look

__all__ = ["float_of", "mp"]


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
