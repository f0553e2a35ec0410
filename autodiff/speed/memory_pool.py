"""The memory of large arrays that nobody has any more, kept for those that come next.

Fresh pages of memory cost several times the arithmetic that fills them, and every round of a descent asks for the same
ones again.  An array is kept only when no reference to it or to a view of it is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..declare.shortcuts import POOL
from ..record.overwritten import forget

SMALLEST = 2**20
MOST = 2**26  # bytes that are kept altogether

Array = NDArray[Any]


def prepare() -> None:
    """Let the C library keep the memory of arrays below 32 MB for those that come next, rather than give it back.

    It does so by itself once a program has freed so large an array, and none of this one's pages is ever touched.
    """
    np.empty(2**22 - 2**12)


def taken(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array | None:
    """Return an array from the pool, in C order, with anything in it; None where there is none."""
    key = shape, dtype
    waiting = POOL.get(key)
    try:
        array = waiting.pop() if waiting else None  # in one step: another thread may want it too
    except IndexError:
        array = None
    if not waiting:
        POOL.pop(key, None)
    return array


def copied(x: Array) -> Array:
    """Return a copy of ``x`` as ``np.array`` makes it, in memory from the pool where there is some."""
    room = taken(x.shape, x.dtype) if x.flags.c_contiguous else None
    if room is None:
        return np.array(x)
    np.copyto(room, x)
    return room


def room_for(operands: Sequence[Any]) -> Array | None:
    """Return an array from the pool for the elementwise result of ``operands``, which have its shape and dtype.

    An operand may also be a Python number; for others, as for results of less than ``SMALLEST`` bytes, it is None.
    """
    first = operands[0]
    if type(first) is not np.ndarray or first.nbytes < SMALLEST or first.dtype.kind != "f":
        return None
    for other in operands:
        if type(other) is np.ndarray:
            if other.shape != first.shape or other.dtype != first.dtype or not other.flags.c_contiguous:
                return None
        elif type(other) is not float:
            return None
    return taken(first.shape, first.dtype)


def large(arrays: Iterable[Any]) -> list[Array]:
    """Return those of ``arrays`` that are worth keeping, each once."""
    return list({id(x): x for x in arrays if type(x) is np.ndarray and SMALLEST <= x.nbytes <= MOST}.values())


def keep(arrays: list[Array]) -> None:
    """Take the arrays off the list, and keep the memory of those that nobody else has.

    Where ``kept = x.data[5:]`` is still somebody's, ``x``'s array is not taken: a view refers to the array it is of.
    """
    while arrays:
        array = arrays.pop()
        if getrefcount(array) > ALONE or not (array.flags.owndata and array.flags.c_contiguous):
            continue
        key = array.shape, array.dtype
        if bytes_kept() + array.nbytes > MOST:
            for other in [other for other in list(POOL) if other != key]:  # of work that is done with
                POOL.pop(other, None)
        if bytes_kept() + array.nbytes <= MOST:
            array.setflags(write=True)
            forget(array)
            POOL.setdefault(key, []).append(array)


def bytes_kept() -> int:
    return sum(array.nbytes for waiting in list(POOL.values()) for array in list(waiting))


def _references_to_one_local() -> int:
    array = np.empty(1)
    return getrefcount(array)


# What is counted of an array that only a local name has; without a debugger at work there are never more than two.
ALONE = min(2, _references_to_one_local())
