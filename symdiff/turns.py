"""Threads take turns with sympy and mpmath, which keep caches and a precision for the whole process.

sympy evaluates ``erf(2)`` under ``mpmath.workprec``, whose precision stays for ever where two threads leave it in
another order than they entered; mpmath keeps a constant in two assignments that a second thread may come between. Both
compute in Python, where threads gain no time by themselves. The user's own function is never called in here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from symdiff.deadline import look

__all__ = ["turn"]

_TURN = threading.RLock()
_PATIENCE = 0.1  # seconds between two looks at a deadline


@contextmanager
def turn() -> Iterator[None]:
    """Nobody else computes with sympy or mpmath for us meanwhile; a thread may take it again within."""
    while not _TURN.acquire(timeout=_PATIENCE):
        look()
    try:
        yield
    finally:
        _TURN.release()
