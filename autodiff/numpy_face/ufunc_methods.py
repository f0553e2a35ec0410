"""``ufunc.reduceat`` and ``ufunc.at`` on tensors: reductions of stretches, and assignments that come again."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..declare.op import TABLE
from ..record.recording import Recorded
from .assignment import Assignable
from .foreign import TakesNoTensors


def reduceat(reduce: str, x: Any, indices: Any, axis: int = 0) -> Any:
    """Reduce the stretches of ``x`` from each index to the next along ``axis``; of one that does not rise, its element.

    ``reduce`` is the name of the operation that reduces.
    """
    axis %= np.ndim(x)
    starts = [int(k) for k in np.asarray(getattr(indices, "array", indices))]
    length = x.shape[axis]
    if any(not 0 <= k < length for k in starts):
        raise IndexError(f"reduceat: the indices are 0 ... {length - 1} along axis {axis} of shape {x.shape}")
    stretches = [(a, b) if a < b else (a, a + 1) for a, b in pairwise([*starts, length])]
    if reduce == "sum":
        places = np.concatenate([np.arange(a, b) for a, b in stretches])
        owners = np.repeat(np.arange(len(stretches)), [b - a for a, b in stretches])
        shape = (*x.shape[:axis], len(stretches), *x.shape[axis + 1 :])
        return TABLE["add_at"](TABLE["take"](x, places, axis=axis), index=_along(owners, axis), shape=shape)
    return TABLE["stack"]([TABLE[reduce](x[_along(slice(a, b), axis)], axis=axis) for a, b in stretches], axis=axis)


def _along(index: Any, axis: int) -> tuple[Any, ...]:
    return (slice(None),) * axis + (index,)


def assign_at(name: str, combined: Callable[..., Any], target: Any, index: Any, *values: Any) -> None:
    """Let ``y[index]`` be ``combined(y[index], *values)``, again for every place that ``index`` names again."""
    y: Any = target
    if not isinstance(target, Assignable):
        raise TakesNoTensors(
            f"np.{name}.at: a tensor added to elements of a plain array would lose its gradient; make the array by "
            "np.zeros_like(x, shape=n), where x is a tensor",
            "elements",
        )
    index = getattr(index, "array", index)
    if isinstance(index, tuple):
        index = tuple(getattr(part, "array", part) for part in index)
    places = np.arange(y.size).reshape(y.shape)[index]
    if name in ("add", "subtract"):
        (v,) = values
        v = v if isinstance(v, Recorded) else np.asarray(v, y.dtype)
        spread = TABLE["add_at"](TABLE["broadcast_to"](v, places.shape), index=index, shape=y.shape)
        y[...] = combined(y, spread)
        return
    values = tuple(TABLE["ravel"](TABLE["broadcast_to"](v, places.shape)) for v in values)
    flat = places.ravel()
    for turn in _turns(flat):
        where = np.unravel_index(flat[turn], y.shape)
        y[where] = combined(y[where], *(v[turn] for v in values))


def _turns(flat: Any) -> list[Any]:
    """The positions among ``flat`` in turns, in none of which a place comes twice."""
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if flat.size else np.zeros(0, np.intp)
    turn = np.empty(flat.size, np.intp)
    turn[order] = np.arange(flat.size) - np.repeat(starts, np.diff(np.r_[starts, flat.size]))
    return [np.flatnonzero(turn == k) for k in range(int(turn.max(initial=-1)) + 1)]
