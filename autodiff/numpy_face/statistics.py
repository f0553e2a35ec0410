"""NumPy's functions of samples: covariances and quantiles, also of those that are not nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compositions import answers, apply_along_axis, operation


@answers("cov")
def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    rows = m if m.ndim == 2 else m[None]
    rows = rows if rowvar or m.ndim == 1 else rows.T
    if y is not None:
        rows = operation("concatenate")([rows, y if np.ndim(y) == 2 else y[None]])
    centred = rows - operation("mean")(rows, axis=1, keepdims=True)
    product = centred @ centred.T / (rows.shape[1] - (ddof if ddof is not None else 0 if bias else 1))
    return product[0, 0] if product.size == 1 else product


@answers("corrcoef")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    products = cov(x, y, rowvar)
    if not products.ndim:
        return products / products
    deviations = operation("sqrt")(operation("diagonal")(products))
    return products / deviations[:, None] / deviations


@answers("quantile")
def quantile(a: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """By straight lines between the elements in their order, which is NumPy's default."""
    length = a.size if axis is None else a.shape[axis]
    ordered = operation("moveaxis")(operation("sort")(a, axis=axis), -1 if axis is None else axis, -1)
    place = np.asarray(q, np.float64) * (length - 1)
    below = np.clip(np.floor(place).astype(np.intp), 0, max(length - 2, 0))
    above = np.minimum(below + 1, length - 1)
    low, high = (operation("take")(ordered, places, axis=-1) for places in (below, above))
    y = low + (high - low) * (place - below).astype(a.dtype)
    if np.ndim(q):
        y = operation("moveaxis")(y, -1, 0)
    if keepdims:
        kept = tuple(1 if axis is None or k == axis % a.ndim else n for k, n in enumerate(a.shape))
        y = operation("reshape")(y, (*np.shape(q), *kept))
    return y


@answers("percentile")
def percentile(a: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return quantile(a, np.asarray(q) / 100, axis, keepdims)


@answers("nanquantile")
def nanquantile(a: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return _of_those_there(a, lambda x, **options: quantile(x, q, **options), axis, keepdims)


@answers("nanpercentile")
def nanpercentile(a: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return nanquantile(a, np.asarray(q) / 100, axis, keepdims)


@answers("nanmedian")
def nanmedian(a: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return _of_those_there(a, operation("median"), axis, keepdims)


def _of_those_there(a: Any, reduce: Callable[..., Any], axis: int | None, keepdims: bool) -> Any:
    """Reduce the elements that are not nan, line by line where some are missing."""
    gaps = np.isnan(a.data)
    if not gaps.any():
        return reduce(a, axis=axis, keepdims=keepdims)
    if axis is None:
        y = reduce(operation("getitem")(a, ~gaps))
        return operation("reshape")(y, (*np.shape(y), *(1,) * a.ndim)) if keepdims else y
    if not isinstance(axis, int):
        raise TypeError(f"axis={axis!r}: with nan among the elements there is one axis, a number, or None")
    y = apply_along_axis(lambda line: reduce(operation("getitem")(line, ~np.isnan(line.data))), axis, a)
    inner = y.ndim - a.ndim + 1  # the axes of several quantiles, which NumPy has first
    y = operation("moveaxis")(y, range(axis % a.ndim, axis % a.ndim + inner), range(inner))
    return operation("expand_dims")(y, axis % a.ndim + inner) if keepdims else y
