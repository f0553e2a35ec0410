"""Missing data, written as nan: reductions that leave it out, and what is put in its place.

The values decide what is missing; where nothing is, each of these is the operation without ``nan`` in its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare.op import function
from ..declare.samples import MATRIX, ROW, at
from .comparison import isinf, isnan
from .dispersion import var as full_var
from .extrema import max as full_max
from .extrema import min as full_min
from .piecewise import where
from .powers import sqrt
from .products import cumprod, cumsum, prod
from .reductions import mean, sum

GAPS = np.array([[0.5, np.nan, 2.2, 0.1], [-0.8, 1.3, np.nan, np.nan], [1.9, -0.15, 0.65, -1.05]])
SAMPLES = [at(ROW), at(MATRIX, axis=0), at(GAPS), at(GAPS, axis=1), at(GAPS, axis=0, keepdims=True)]
IN_ORDER = [at(ROW), at(GAPS), at(GAPS, axis=1)]


def missing(x: Any) -> Any:
    """Which elements are nan."""
    return np.isnan(np.asarray(getattr(x, "array", x), float))


def filled(x: Any, number: Any) -> tuple[Any, Any]:
    """Which elements are missing (None where none is), and ``x`` with a number in their place."""
    gaps = missing(x)
    return (gaps, where(gaps, number, x)) if gaps.any() else (None, x)


def counted(gaps: Any, axis: Any, keepdims: bool) -> Any:
    """How many elements are there."""
    return np.sum(~gaps, axis=axis, keepdims=keepdims)


@function(samples=SAMPLES)
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of all elements (or along ``axis``) that are not nan."""
    return sum(filled(x, 0.0)[1], axis=axis, keepdims=keepdims)


@function(samples=SAMPLES)
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product of all elements (or along ``axis``) that are not nan."""
    return prod(filled(x, 1.0)[1], axis=axis, keepdims=keepdims)


@function(samples=SAMPLES)
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of all elements (or along ``axis``) that are not nan; nan where there are none."""
    gaps, there = filled(x, 0.0)
    if gaps is None:
        return mean(x, axis=axis, keepdims=keepdims)
    return sum(there, axis=axis, keepdims=keepdims) / counted(gaps, axis, keepdims)


@function(samples=[*SAMPLES, at(GAPS[:2], axis=1, ddof=1)])
def nanvar(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The variance of all elements (or along ``axis``) that are not nan; ``ddof`` is taken off their number."""
    gaps = missing(x)
    if not gaps.any():
        return full_var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    centred = where(gaps, 0.0, x - nanmean(x, axis, True))
    return sum(centred * centred, axis=axis, keepdims=keepdims) / (counted(gaps, axis, keepdims) - ddof)


@function(samples=[*SAMPLES, at(GAPS[:2], axis=1, ddof=1)])
def nanstd(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """The standard deviation of all elements (or along ``axis``) that are not nan."""
    return sqrt(nanvar(x, axis, ddof, keepdims))


def extreme(x: Any, axis: Any, keepdims: bool, pick: Callable[..., Any], sign: float) -> Any:
    """The largest (or smallest) element, with one that cannot be it in the place of each that is missing."""
    gaps = missing(x)
    if not gaps.any():
        return pick(x, axis=axis, keepdims=keepdims)
    rest = np.where(gaps, np.inf, sign * np.asarray(getattr(x, "array", x)))
    beyond = np.min(rest, axis=axis, keepdims=True) - 1.0
    beyond = np.where(np.isinf(beyond), np.nan, sign * beyond)  # where nothing is there
    return pick(where(gaps, beyond, x), axis=axis, keepdims=keepdims)


@function(samples=SAMPLES)
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element (or along ``axis``) that is not nan; nan where there is none."""
    return extreme(x, axis, keepdims, full_max, 1.0)


@function(samples=SAMPLES)
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element (or along ``axis``) that is not nan; nan where there is none."""
    return extreme(x, axis, keepdims, full_min, -1.0)


@function(samples=IN_ORDER)
def nancumsum(x: Any, axis: int | None = None) -> Any:
    """The sums so far of the elements (along ``axis``) that are not nan."""
    return cumsum(filled(x, 0.0)[1], axis=axis)


@function(samples=IN_ORDER)
def nancumprod(x: Any, axis: int | None = None) -> Any:
    """The products so far of the elements (along ``axis``) that are not nan."""
    return cumprod(filled(x, 1.0)[1], axis=axis)


@function(
    samples=[at(0.3), at(ROW), at(GAPS), at(np.array([1.5, np.inf, -np.inf, np.nan]), nan=1.0, posinf=7.0)],
    numpy=(),  # whose second parameter is copy
)
def nan_to_num(x: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """``x`` with nan replaced by ``nan`` and infinities by ``posinf`` and ``neginf`` (the largest numbers)."""
    kind = getattr(x, "dtype", np.dtype(np.float64))
    most = np.finfo(kind).max if kind.kind == "f" else 0.0
    finite = where(isinf(x), where(x > 0, most if posinf is None else posinf, -most if neginf is None else neginf), x)
    return where(isnan(x), nan, finite)
