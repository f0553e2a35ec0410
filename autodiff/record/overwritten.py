"""Assignments, and who would have seen them: NumPy's views share their elements, tensors do not.

``v = y[1:]; y[1] = 3.0`` changes ``v`` as well where these are arrays.  A tensor that is assigned to gets new memory;
whoever still looks into the old memory is stale at the places that were assigned, and is refused when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from weakref import ref

import numpy as np

OVERWRITTEN: dict[int, tuple[ref[Any], Any]] = {}
"""By the id of what owns the memory: a weak reference to it, and a mask of its elements that were assigned."""

# A walk that is recorded itself makes tensors of what was saved, which is right as it was.
_WALKING: ContextVar[bool] = ContextVar("autodiff_walking", default=False)

STALE = (
    "a tensor of shape {shape} shares elements with one that was assigned to (y[i] = ..., y += ...) after it was taken "
    "from it, and does not show them; take the view (or the name) again after the assignment, or write .copy() where "
    "the old elements are meant"
)


def owner_of(array: Any) -> Any:
    """Return the array whose memory this one looks into: itself where it is no view."""
    base = array.base
    return base if type(base) is np.ndarray else array


def is_shared(holder: Any) -> bool:
    """Whether somebody else may look into the memory of the array that a tensor holds.

    Operands that were saved count as well: it may be said of more than there are, never of less.
    """
    if type(holder.array) is not np.ndarray:
        return False
    own, owners = _references(holder)
    alone, owners_alone = _references_of_one()
    return own > alone or owners > owners_alone


def _references(holder: Any) -> tuple[int, int]:
    """How many references there are to the array that a tensor holds, and to the one that this is a view of."""
    array = holder.array
    owner = array.base
    return sys.getrefcount(array), sys.getrefcount(owner) if type(owner) is np.ndarray else 0


class _Holder:
    """Holds an array as a tensor does."""

    def __init__(self, array: Any) -> None:
        self.array = array


@cache
def _references_of_one() -> tuple[int, int]:
    """What is counted of a view that one holder alone has, of an array that nobody else has."""
    return _references(_Holder(np.empty(2)[:1]))


def overwrite(array: Any, index: Any = ...) -> None:
    """Remember that ``array[index]`` was assigned, for those who look into the same memory."""
    owner = owner_of(array)
    if type(owner) is not np.ndarray or not owner.size:
        return
    key = id(owner)
    known = OVERWRITTEN.get(key)
    mask = np.zeros(owner.size, np.bool_) if known is None else known[1]
    if array is owner and index is Ellipsis:
        mask[:] = True
    else:
        _seen_through(mask, owner, array)[index] = True
    if known is None:
        OVERWRITTEN[key] = ref(owner, lambda _: OVERWRITTEN.pop(key, None)), mask


def _seen_through(mask: Any, owner: Any, view: Any) -> Any:
    """The part of a mask of the owner's memory that a view of it shows, in the view's shape."""
    if not view.size:
        return np.zeros(view.shape, np.bool_)
    size = owner.itemsize
    start = (view.__array_interface__["data"][0] - owner.__array_interface__["data"][0]) // size
    return np.ndarray(view.shape, np.bool_, mask, start, [step // size for step in view.strides])


def refuse_stale(operands: Iterable[Any]) -> None:
    """RuntimeError where one of the operands, tensors or not, shows elements that were assigned since."""
    if _WALKING.get():
        return
    for x in operands:
        if stale_places(x).any():
            raise RuntimeError(STALE.format(shape=x.array.shape))


def refuse_stale_but_at(x: Any, index: Any) -> None:
    """RuntimeError where a tensor shows elements that were assigned since, other than those at ``index``.

    ``y[1:] += 1.0`` takes a view, adds to it, and assigns it to where it comes from.
    """
    stale = stale_places(x).copy()
    if stale.any():
        stale[index] = False
        if stale.any():
            raise RuntimeError(STALE.format(shape=x.array.shape))


def stale_places(x: Any) -> Any:
    """Return a mask of those elements of a tensor that were assigned since, in another one; False where none can be."""
    array = getattr(x, "array", None)
    if type(array) is np.ndarray:
        owner = owner_of(array)
        known = OVERWRITTEN.get(id(owner))
        if known is not None and known[0]() is owner:
            return _seen_through(known[1], owner, array)
    return np.False_


def forget(array: Any) -> None:
    """Memory that is nobody's any more, and is used again, has nothing stale in it."""
    OVERWRITTEN.pop(id(array), None)


@contextmanager
def walking() -> Iterator[None]:
    """While a walk is recorded, what was saved is used as it was."""
    token = _WALKING.set(True)
    try:
        yield
    finally:
        _WALKING.reset(token)
