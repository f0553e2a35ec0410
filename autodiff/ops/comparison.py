"""Comparisons and the logic of masks; their results are truth values, which have no derivative."""

from __future__ import annotations

import numpy as np

from ..declare.meanings import Structure
from ..declare.op import MATRIX, ROW, at, op

_PAIRS = [at(0.3, 0.7), at(ROW, 0.5), at(MATRIX, ROW), at(ROW, ROW)]
_MASKS = [at(ROW > 0, ROW > 0.5), at(MATRIX > 0, ROW > 0)]


@op(meaning="x > y", vjp=[None, None], samples=_PAIRS, latex=">", language=False)
def greater(x, y, /):
    """Whether ``x`` is above ``y``."""
    return np.greater(x, y)


@op(meaning="x >= y", vjp=[None, None], samples=_PAIRS, latex=r"\ge", language=False)
def greater_equal(x, y, /):
    """Whether ``x`` is above or at ``y``."""
    return np.greater_equal(x, y)


@op(meaning="x < y", vjp=[None, None], samples=_PAIRS, latex="<", language=False)
def less(x, y, /):
    """Whether ``x`` is below ``y``."""
    return np.less(x, y)


@op(meaning="x <= y", vjp=[None, None], samples=_PAIRS, latex=r"\le", language=False)
def less_equal(x, y, /):
    """Whether ``x`` is below or at ``y``."""
    return np.less_equal(x, y)


@op(meaning="x == y", vjp=[None, None], samples=_PAIRS, latex="=", language=False)
def equal(x, y, /):
    """Whether ``x`` and ``y`` are the same number."""
    return np.equal(x, y)


@op(meaning="x != y", vjp=[None, None], samples=_PAIRS, latex=r"\ne", language=False)
def not_equal(x, y, /):
    """Whether ``x`` and ``y`` differ."""
    return np.not_equal(x, y)


@op(meaning="x & y", vjp=[None, None], samples=_MASKS, latex=r"\land", language=False)
def logical_and(x, y, /):
    """Whether both ``x`` and ``y`` are true."""
    return np.logical_and(x, y)


@op(meaning="x | y", vjp=[None, None], samples=_MASKS, latex=r"\lor", language=False)
def logical_or(x, y, /):
    """Whether ``x`` or ``y`` is true."""
    return np.logical_or(x, y)


@op(meaning="(x & ~y) | (~x & y)", vjp=[None, None], samples=_MASKS, latex=r"\oplus", language=False)
def logical_xor(x, y, /):
    """Whether just one of ``x`` and ``y`` is true."""
    return np.logical_xor(x, y)


@op(meaning="~x", vjp=[None], samples=[at(ROW > 0), at(MATRIX > 0)], latex=r"\lnot", language=False)
def logical_not(x, /):
    """Whether ``x`` is false."""
    return np.logical_not(x)


def by_values(kind: str) -> Structure:
    """What only the values decide: no formula tells nan from a number."""
    return Structure(lambda m, x: m.decided(kind, x.sizes))


@op(
    meaning=by_values("isfinite"),
    elementwise=True,
    vjp=[None],
    samples=[at(ROW), at(np.array([1.0, np.nan, np.inf]))],
    language=False,
)
def isfinite(x, /):
    """Whether ``x`` is a number, neither infinite nor nan."""
    return np.isfinite(x)


@op(
    meaning=by_values("isnan"),
    elementwise=True,
    vjp=[None],
    samples=[at(ROW), at(np.array([1.0, np.nan, np.inf]))],
    language=False,
)
def isnan(x, /):
    """Whether ``x`` is nan."""
    return np.isnan(x)


@op(
    meaning=by_values("isinf"),
    elementwise=True,
    vjp=[None],
    samples=[at(ROW), at(np.array([np.nan, np.inf]))],
    language=False,
)
def isinf(x, /):
    """Whether ``x`` is infinite."""
    return np.isinf(x)
