"""Special functions: the error function's, gamma's and Bessel's families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad


def entropy(x: Any) -> Any:
    """``-x*log(x)``; what is below 0 has none."""
    return ad.where(x < 0, -np.inf, -ad.xlogy(x, x))


ENTRIES: dict[str, Callable[..., Any]] = {
    "digamma": ad.digamma,
    "erf": ad.erf,
    "erfc": ad.erfc,
    "erfinv": ad.erfinv,
    "i0": ad.i0,
    "igamma": ad.gammainc,
    "igammac": ad.gammaincc,
    "lgamma": ad.gammaln,
    "polygamma": ad.polygamma,
    "special_bessel_j0": ad.j0,
    "special_bessel_j1": ad.j1,
    "special_entr": entropy,
    "special_erfcx": lambda x: ad.exp(x * x) * ad.erfc(x),
    "special_i0e": lambda x: ad.exp(-ad.abs(x)) * ad.i0(x),
    "special_i1": ad.i1,
    "special_i1e": lambda x: ad.exp(-ad.abs(x)) * ad.i1(x),
    "special_log_ndtr": ad.log_ndtr,
    "special_modified_bessel_i0": ad.i0,
    "special_modified_bessel_i1": ad.i1,
    "special_ndtri": ad.ndtri,
    "special_xlog1py": ad.xlog1py,
}
