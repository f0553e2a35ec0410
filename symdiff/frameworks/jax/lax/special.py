"""Special functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.jax.lax.elementwise import plain, told
from symdiff.frameworks.missing import Missing


def polygamma(n: Any, x: Any) -> Any:
    """The derivative of digamma of one whole order."""
    order = np.asarray(getattr(n, "data", n))
    if hasattr(n, "data") and getattr(n, "requires_grad", False):
        raise Missing("of a variable order")
    if order.size == 0 or not (order == order.flat[0]).all() or order.flat[0] != int(order.flat[0]):
        raise Missing("of several orders")
    return ad.polygamma(int(order.flat[0]), x)


def scaled_bessel(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """``exp(-|x|)`` times a modified Bessel function."""

    def entry(x: Any) -> Any:
        return ad.exp(-ad.abs(x)) * function(x)

    entry.__doc__ = f"exp(-|x|) times {told(function)}"
    return entry


ENTRIES: dict[str, Callable[..., Any]] = {
    "bessel_i0e": scaled_bessel(ad.i0),
    "bessel_i1e": scaled_bessel(ad.i1),
    "digamma": plain(ad.digamma),
    "erf": plain(ad.erf),
    "erf_inv": plain(ad.erfinv),
    "erfc": plain(ad.erfc),
    "igamma": ad.gammainc,
    "igammac": ad.gammaincc,
    "lgamma": plain(ad.gammaln),
    "polygamma": polygamma,
}
