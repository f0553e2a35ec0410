"""Sums, means, products, spreads, norms, picks by size, and what runs along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.missing import Missing


def axes(dim: Any) -> Any:
    """No axes at all are all of them."""
    return None if dim is None or dim == [] or dim == () else tuple(dim) if isinstance(dim, list) else dim


def reduction(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction of ours, of PyTorch's ``(x, dim, keepdim)``; a number has no axes to name."""

    def entry(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        return rule(x, axis=axes(dim) if x.ndim else None, keepdims=keepdim if x.ndim else False)

    return entry


def spread(rule: Callable[..., Any]) -> Callable[..., Any]:
    """``var`` and ``std``: one is taken from the count unless something else is said."""

    def entry(x: Any, dim: Any = None, unbiased: bool = True, keepdim: bool = False, correction: Any = None) -> Any:
        if isinstance(dim, bool):  # the overload whose second argument is ``unbiased``
            dim, unbiased = None, dim
        less = int(unbiased) if correction is None else correction
        return rule(x, axis=axes(dim) if x.ndim else None, ddof=less, keepdims=keepdim if x.ndim else False)

    return entry


def correction(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The overload with a number that is taken from the count: 1 unless it is said."""

    def entry(x: Any, dim: Any = None, correction: Any = None, keepdim: bool = False) -> Any:
        return spread(rule)(x, dim, keepdim=keepdim, correction=1 if correction is None else correction)

    return entry


def with_mean(rule: Callable[..., Any]) -> Callable[..., Any]:
    """``var_mean`` and ``std_mean``."""

    def entry(x: Any, dim: Any = None, correction: Any = None, keepdim: bool = False) -> Any:
        less = 1 if correction is None else correction
        return [spread(rule)(x, dim, keepdim=keepdim, correction=less), reduction(ad.mean)(x, dim, keepdim)]

    return entry


def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Any:
    """The norms of vectors: by how many elements are not 0, by their sizes, or by the largest one."""
    axis = axes(dim) if x.ndim else None
    keepdims = keepdim if x.ndim else False
    if ord == 2:
        return ad.euclidean_norm(x, axis=axis, keepdims=keepdims)
    if ord == 1:
        return ad.sum(ad.abs(x), axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (ad.max if ord > 0 else ad.min)(ad.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return ad.sum(ad.abs(ad.sign(x)), axis=axis, keepdims=keepdims)
    return ad.p_norm(x, p=ord, axis=axis, keepdims=keepdims)


def norm(x: Any, p: Any = None, dim: Any = None, keepdim: bool = False) -> Any:
    """The older name, whose order may be left out."""
    return vector_norm(x, 2 if p is None else p, dim, keepdim)


def extreme(rule: Callable[..., Any]) -> Callable[..., Any]:
    """``max`` and ``min`` along an axis, with positions, which have no derivative."""

    def entry(x: Any, dim: int, keepdim: bool = False) -> Any:
        return [reduction(rule)(x, dim, keepdim)]

    return entry


def at_rank(x: Any, rank: int, dim: int, keepdim: bool) -> Any:
    """The element of so many smaller ones along an axis."""
    if not x.ndim:
        return x
    dim %= x.ndim
    chosen = (slice(None),) * dim + (slice(rank, rank + 1) if keepdim else rank,)
    return ad.sort(x, axis=dim)[chosen]


def median(x: Any) -> Any:
    """The lower one of two in the middle."""
    return at_rank(ad.reshape(x, shape=-1), (x.size - 1) // 2, 0, False)


def median_along(x: Any, dim: int, keepdim: bool = False) -> Any:
    """The same along an axis."""
    return [at_rank(x, ((x.shape[dim] if x.ndim else 1) - 1) // 2, dim, keepdim)]


def kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest, counted from 1."""
    return [at_rank(x, k - 1, dim, keepdim)]


def sort(x: Any, dim: int = -1, descending: bool = False, stable: Any = None) -> Any:
    """Sorted along an axis, either way."""
    if not x.ndim:
        return [x]
    found = ad.sort(x, axis=dim)
    return [ad.flip(found, axis=dim) if descending else found]


def sort_stable(x: Any, stable: Any = None, dim: int = -1, descending: bool = False) -> Any:
    """The overload with its arguments in another order."""
    return sort(x, dim, descending)


def topk(x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest or smallest, in their order."""
    if not sorted:
        raise Missing("sorted=False")
    if not x.ndim:
        return [x]
    return [sort(x, dim, largest)[0][(slice(None),) * (dim % x.ndim) + (slice(0, k),)]]


def running(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A sum or product that runs along an axis."""
    return lambda x, dim: rule(x, axis=dim) if x.ndim else x


def running_extreme(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The largest or smallest so far along an axis, with its place, which has no derivative."""

    def entry(x: Any, dim: int) -> Any:
        if not x.ndim:
            return [x]
        before = (slice(None),) * (dim % x.ndim)
        return [ad.stack([rule(x[(*before, slice(0, k + 1))], axis=dim) for k in range(x.shape[dim])], axis=dim)]

    return entry


def logcumsumexp(x: Any, dim: int) -> Any:
    """The logarithm of the running sum of exponentials, below its largest."""
    if not x.ndim:
        return x
    top = np.max(np.asarray(x.data), axis=dim, keepdims=True)
    return ad.log(ad.cumsum(ad.exp(x - top), axis=dim)) + top


ENTRIES: dict[str, Callable[..., Any]] = {
    "all": reduction(ad.all),
    "amax": reduction(ad.max),
    "amin": reduction(ad.min),
    "aminmax": lambda x, dim=None, keepdim=False: [reduction(rule)(x, dim, keepdim) for rule in (ad.min, ad.max)],
    "any": reduction(ad.any),
    "argmax": reduction(ad.argmax),
    "argmin": reduction(ad.argmin),
    "cummax": running_extreme(ad.max),
    "cummin": running_extreme(ad.min),
    "cumprod": running(ad.cumprod),
    "cumsum": running(ad.cumsum),
    "kthvalue": kthvalue,
    "linalg_vector_norm": vector_norm,
    "logcumsumexp": logcumsumexp,
    "logsumexp": reduction(ad.logsumexp),
    "max": reduction(ad.max),
    "max.dim": extreme(ad.max),
    "max.other": ad.maximum,
    "mean": reduction(ad.mean),
    "median": median,
    "median.dim": median_along,
    "min": reduction(ad.min),
    "min.dim": extreme(ad.min),
    "min.other": ad.minimum,
    "nanmedian": median,
    "nanmedian.dim": median_along,
    "nansum": reduction(ad.nansum),
    "norm": norm,
    "prod": reduction(ad.prod),
    "sort": sort,
    "sort.stable": sort_stable,
    "std": spread(ad.std),
    "std.correction": correction(ad.std),
    "std_mean.correction": with_mean(ad.std),
    "sum": reduction(ad.sum),
    "topk": topk,
    "var": spread(ad.var),
    "var.correction": correction(ad.var),
    "var_mean.correction": with_mean(ad.var),
}
