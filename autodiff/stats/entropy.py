"""Entropies of discrete distributions, as in ``scipy.stats``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .distribution import op


def entropy(pk: Any, qk: Any = None, base: float | None = None, axis: int = 0) -> Any:
    """Return the entropy of the probabilities ``pk`` along ``axis``; given ``qk``, their relative entropy to these.

    Both are divided by their sums. ``base`` is that of the logarithm, e where it is None.

    >>> ad.stats.entropy([0.5, 0.5], base=2).item()
    1.0
    """
    total = op("sum")
    p = op("divide")(pk, total(pk, axis=axis, keepdims=True))
    terms = -op("xlogy")(p, p)
    if qk is not None:
        q = op("divide")(qk, total(qk, axis=axis, keepdims=True))
        terms = op("xlogy")(p, p) - op("xlogy")(p, q)
    found = total(terms, axis=axis)
    return found if base is None else found / np.log(base)
