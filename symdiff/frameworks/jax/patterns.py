"""What JAX writes in several primitives and is one operation of ours: a mean, a softmax, a log-sum-exp."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jax._src import source_info_util

import autodiff as ad
from autodiff.tensor import Tensor

__all__ = ["Origin", "Shift", "composite", "shift_of"]

_MOVED = ("broadcast_in_dim", "convert_element_type", "reshape")
_MEAN = ("mean", "_mean")


class Origin(NamedTuple):
    """Which primitive of what a value is."""

    name: str
    operands: list[Any]
    params: Mapping[str, Any]


class Shift(NamedTuple):
    """A constant that is the maximum of ``x`` over ``axes``: what JAX takes from exponents so that none overflows."""

    value: Any
    x: Any
    axes: tuple[int, ...]


def shift_of(value: Any) -> tuple[Any, tuple[int, ...]] | None:
    """What a stopped value is the maximum of; None where it is none."""
    origin = _origin(value)
    while origin is not None and origin.name in (*_MOVED, "max", "select_n"):
        value = next((each for each in origin.operands if _origin(each) is not None and _is_float(each)), None)
        origin = _origin(value)
    if origin is None or origin.name != "reduce_max":
        return None
    return origin.operands[0], tuple(origin.params["axes"])


def composite(
    name: str, given: list[Any], params: Mapping[str, Any], shifts: Mapping[int, Shift], traceback: Any
) -> Callable[[], Any] | None:
    """What computes the same by one operation; None where nothing is known."""
    if name == "div":
        return _mean(given, traceback) or _softmax(given, shifts)
    if name == "add":
        return _logsumexp(given, shifts)
    return _element(given[0], params) if name == "squeeze" else None


def _element(value: Any, params: Mapping[str, Any]) -> Callable[[], Any] | None:
    """A slice of length 1 without its axis: an element, or a layer, by its index."""
    origin = _origin(value)
    if origin is None or origin.name not in ("slice", "dynamic_slice"):
        return None
    source, *starts = origin.operands
    if origin.name == "slice":
        starts = list(origin.params["start_indices"])
        steps = origin.params["strides"] or (1,) * len(starts)
    else:
        steps = (1,) * len(starts)
    if not isinstance(getattr(source, "ours", None), Tensor):
        return None
    sizes, shape = value.ours.shape, source.ours.shape
    place: list[Any] = []
    for axis, (start, step, size, n) in enumerate(zip(starts, steps, sizes, shape, strict=True)):
        begin = int(np.clip(int(_array(getattr(start, "array", start))), 0, n - 1 - (size - 1) * step))
        if axis in params["dimensions"]:
            place.append(begin)
        elif (begin, step, size) == (0, 1, n):
            place.append(slice(None))
        else:
            place.append(slice(begin, begin + (size - 1) * step + 1, None if step == 1 else step))
    while place and place[-1] == slice(None):
        place.pop()
    return lambda: source.ours[tuple(place) if len(place) > 1 else place[0]]


def _mean(given: list[Any], traceback: Any) -> Callable[[], Any] | None:
    total, count = given
    if _origin(count) is not None or not _called_mean(traceback):
        return None
    found = _through(total)
    if found is None or found.name != "reduce_sum" or np.size(_array(count)) != 1:
        return None
    x, axes = found.operands[0], tuple(found.params["axes"])
    if not isinstance(x.ours, Tensor) or float(_array(count)) != math.prod(x.ours.shape[k] for k in axes):
        return None
    axis = None if len(axes) == x.ours.ndim else axes if len(axes) > 1 else axes[0]
    return lambda: ad.mean(x.ours, axis=axis, keepdims=len(total.ours.shape) == x.ours.ndim and bool(axes))


def _called_mean(traceback: Any) -> bool:
    """Whether JAX's own ``mean`` divides, and not somebody who divides a sum by a number."""
    if traceback is None:
        traceback = source_info_util.current().traceback
    for frame in traceback.frames if traceback is not None else ():
        if frame.file_name.replace("\\", "/").endswith("jax/_src/numpy/reductions.py"):
            return frame.function_name in _MEAN
    return False


def _softmax(given: list[Any], shifts: Mapping[int, Shift]) -> Callable[[], Any] | None:
    above, below = given
    shifted, total = _shifted_exponent(above, shifts), _through(below)
    if shifted is None or total is None or total.name != "reduce_sum" or total.operands[0] is not above:
        return None
    x, axes = shifted
    if tuple(total.params["axes"]) != axes or len(axes) != 1:
        return None
    return lambda: ad.softmax(x.ours, axis=axes[0])


def _logsumexp(given: list[Any], shifts: Mapping[int, Shift]) -> Callable[[], Any] | None:
    for one, other in (given, given[::-1]):
        shift = shifts.get(id(other))
        log = _origin(one)
        if shift is None or log is None or log.name != "log":
            continue
        inner = _origin(log.operands[0])
        total = _through(inner.operands[0]) if inner is not None and inner.name == "abs" else _through(log.operands[0])
        if total is None or total.name != "reduce_sum":
            continue
        shifted = _shifted_exponent(total.operands[0], shifts)
        if shifted is None or shifted[0] is not shift.x or shifted[1] != tuple(total.params["axes"]):
            continue
        x, axes = shifted
        keepdims = len(one.ours.shape) == x.ours.ndim
        axis = None if len(axes) == x.ours.ndim else axes if len(axes) > 1 else axes[0]
        return _logsumexp_of(x, axis, keepdims)
    return None


def _logsumexp_of(x: Any, axis: Any, keepdims: bool) -> Callable[[], Any]:
    return lambda: ad.logsumexp(x.ours, axis=axis, keepdims=keepdims)


def _shifted_exponent(value: Any, shifts: Mapping[int, Shift]) -> tuple[Any, tuple[int, ...]] | None:
    """``exp(x - max(x))``: x and the axes of the maximum."""
    power = _origin(value)
    difference = _origin(power.operands[0]) if power is not None and power.name == "exp" else None
    if difference is None or difference.name != "sub":
        return None
    x, constant = difference.operands
    shift = shifts.get(id(constant))
    return (x, shift.axes) if shift is not None and shift.x is x and isinstance(x.ours, Tensor) else None


def _through(value: Any) -> Origin | None:
    """The origin of a value behind what only moves it."""
    origin = _origin(value)
    while origin is not None and origin.name in _MOVED:
        origin = _origin(origin.operands[0])
    return origin


def _origin(value: Any) -> Origin | None:
    found: Origin | None = getattr(value, "origin", None) if hasattr(type(value), "origin") else None
    return found


def _is_float(value: Any) -> bool:
    return value.dtype.kind == "f"  # type: ignore[no-any-return]


def _array(value: Any) -> Any:
    return np.asarray(value)
