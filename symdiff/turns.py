"""Threads take turns with sympy and mpmath, which keep caches and a precision for the whole process.

sympy evaluates ``erf(2)`` under ``mpmath.workprec``, whose precision stays for ever where two threads leave it in
another order than they entered; mpmath keeps a constant in two assignments that a second thread may come between. Both
compute in Python, where threads gain no time by themselves. The user's own function is never called in here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from symdiff.deadline import look
from symdiff.errors import InputError

__all__ = ["turn"]

_TURN = threading.RLock()
_PATIENCE = 0.1  # seconds between two looks at a deadline


@contextmanager
def turn() -> Iterator[None]:
    """Nobody else computes with sympy or mpmath for us meanwhile; a thread may take it again within.

    Raises:
        InputError: formulas are nested too deep for Python, or memory does not suffice.
    """
    while not _TURN.acquire(timeout=_PATIENCE):
        look()
    try:
        with np.errstate(all="ignore"):  # infinities and nan are results here, and judged
            yield
    except RecursionError as error:
        raise InputError("its formulas are nested too deep to be worked with; shorten the program") from error
    except MemoryError as error:
        raise InputError("there is not enough memory for this; use smaller arrays") from error
    finally:
        _TURN.release()
