"""Sums, products, extremes, over axes and along one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.jax.lax.elementwise import told
from symdiff.frameworks.missing import Missing


def over(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction over axes; over all of them it is one of the whole array."""

    def entry(x: Any, axes: Sequence[int], **params: Any) -> Any:
        if not axes:
            return x
        return function(x, axis=None if len(axes) == x.ndim else tuple(axes) if len(axes) > 1 else axes[0])

    entry.__doc__ = f"{told(function)} over axes"
    return entry


def along(function: Callable[..., Any]) -> Callable[..., Any]:
    """A running reduction, from the end with ``reverse``."""

    def entry(x: Any, axis: int, reverse: bool) -> Any:
        if not reverse:
            return function(x, axis=axis)
        return ad.flip(function(ad.flip(x, axis=axis), axis=axis), axis=axis)

    entry.__doc__ = f"{told(function)} along an axis, from the end with `reverse`"
    return entry


def running(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A running reduction that has no operation of its own: one step after the other."""

    def found(x: Any, axis: int) -> Any:
        before = (slice(None),) * axis
        steps = [x[(*before, 0)]]
        for place in range(1, x.shape[axis]):
            steps.append(function(steps[-1], x[(*before, place)]))
        return ad.stack(steps, axis=axis)

    found.__doc__ = f"{told(function)}, one step after the other,"
    return along(found)


def reduce(*operands: Any, dimensions: Sequence[int], jaxpr: Any, consts: Any = (), **params: Any) -> Any:
    """A reduction by a function: those of one primitive."""
    names = [eqn.primitive.name for eqn in jaxpr.eqns]
    known = {"add": ad.sum, "mul": ad.prod, "max": ad.max, "min": ad.min}
    combine = {"add": ad.add, "mul": ad.multiply, "max": ad.maximum, "min": ad.minimum}
    if len(operands) != 2 or len(names) != 1 or names[0] not in known:
        raise Missing(f"by {' and '.join(names) or 'a function'}")
    x, first = operands
    neutral = {"add": 0.0, "mul": 1.0, "max": -np.inf, "min": np.inf}[names[0]]
    found = over(known[names[0]])(x, axes=dimensions)
    is_neutral = not hasattr(first, "node") and float(first) == neutral
    return found if is_neutral else combine[names[0]](found, first)


ENTRIES: dict[str, Callable[..., Any]] = {
    "cumlogsumexp": running(ad.logaddexp),
    "cummax": running(ad.maximum),
    "cummin": running(ad.minimum),
    "cumprod": along(ad.cumprod),
    "cumsum": along(ad.cumsum),
    "reduce": reduce,
    "reduce_and": over(ad.all),
    "reduce_max": over(ad.max),
    "reduce_min": over(ad.min),
    "reduce_or": over(ad.any),
    "reduce_prod": over(ad.prod),
    "reduce_sum": over(ad.sum),
}
