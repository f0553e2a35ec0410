"""Products and quotients whose 0 * inf and 0 / 0 are settled, for the rules of other operations."""

from __future__ import annotations

from math import isfinite

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


@op(
    meaning="x * y",  # 0 * inf aside
    vjp=[lambda g, p, x, y: product(g, y), lambda g, p, x, y: g * x],
    numpy=(),
    language=False,
    samples=[at(ROW, OTHER_ROW), at(0.0, 2.0), at(0.5, ROW), at(ROW, 0.5)],
)
def product(x, y, /):
    """``x * y``, and 0 where ``x`` is 0 although ``y`` overflowed: ``1 / (1 + exp(800))`` has the derivative 0."""
    p = np.multiply(x, y)
    if not isfinite(np.vdot(p, p)):
        p = np.where(np.equal(x, 0) & np.isinf(y), p.dtype.type(0), p)
    return p
