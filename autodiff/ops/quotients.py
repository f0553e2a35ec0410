"""Divisions whose 0/0 is settled: what the rules of norms and factorisations divide by."""

from __future__ import annotations

import numpy as np

from ..declare.op import op
from ..declare.samples import OTHER_ROW, ROW, Kink, at


@op(
    meaning="where(x == 0, 1, x)",
    vjp=[lambda g, y, x: g * (x != 0)],
    numpy=(),
    language=False,
    samples=[at(ROW), at(-0.3)],
    kinks=[Kink("x == 0", ours="0", jump=True)],
)
def or_one(x, /):
    """``x``, and 1 where it is 0: a divisor for what is 0 there as well."""
    return np.where(x == 0, x.dtype.type(1), x)


@op(
    meaning="x / y",  # 0/0 aside
    vjp=[lambda g, q, x, y: quotient(g, y), lambda g, q, x, y: -quotient(g * q, y)],
    numpy=(),
    language=False,
    samples=[at(ROW, OTHER_ROW), at(0.0, 2.0), at(0.5, ROW), at(ROW, 0.5)],
)
def quotient(x, y, /):
    """``x / y``, and 0 where ``x`` is 0, whatever ``y`` is."""
    zero = np.equal(x, 0)
    with np.errstate(divide="ignore"):
        return np.where(zero, x, np.divide(x, np.where(zero, np.ones_like(y), y)))
