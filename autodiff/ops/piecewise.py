"""Picks between operands, element by element: their cotangents go to what was picked."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.op import function, op
from ..declare.samples import COLUMN, MATRIX, OTHER_MATRIX, OTHER_ROW, ROW, Kink, at
from ..kernels import masked
from .arithmetic import sign

PAIRS = [at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW), at(COLUMN, ROW), at(ROW, 0.5)]
TIE = at(2.0, 2.0)


@op(
    meaning="where(condition, x, y)",
    vjp=[
        None,
        lambda g, out, condition, x, y: where(condition, g, 0.0),
        lambda g, out, condition, x, y: where(condition, 0.0, g),
    ],
    selects=True,
    latex=r"\operatorname{where}",
    numpy=(),  # whose own function finds positions, too
    samples=[at(ROW > 0, ROW, OTHER_ROW), at(MATRIX > 0, MATRIX, 0.0), at(True, 1.5, -2.0), at(ROW > 0, 0.0, COLUMN)],
)
def where(condition, x, y, /):
    """``x`` where the condition holds and ``y`` elsewhere; what is not chosen sends nothing back."""
    if type(y) is float and y == 0.0:
        return masked(condition, x)
    return np.where(condition, x, y)


@op(
    meaning="where(x > y, g, where(x == y, g / 2, 0))",
    vjp=[lambda h, out, g, x, y: to_the_larger(h, x, y), None, None],
    selects=True,
    samples=[at(0.7, 0.3, -1.7), at(ROW, OTHER_ROW, 0.5), at(MATRIX, ROW, COLUMN), at(0.7, ROW, OTHER_ROW)],
    language=False,
)
def to_the_larger(g, x, y, /):
    """``g`` where ``x`` is larger than ``y``, half of it where they are equal."""
    kept = masked(np.greater(x, y), g)
    tied = np.equal(x, y)
    return np.where(tied, np.multiply(g, 0.5), kept) if np.any(tied) else kept


def _to_the_chosen(g: Any, out: Any, x: Any, y: Any) -> Any:
    # fmax and fmin prefer a number to nan, so the comparison is with what came out
    return where(x == y, 0.5 * g, where(x == out, g, 0.0))


@op(
    meaning="where(x > y, x, y)",
    vjp=[lambda g, out, x, y: to_the_larger(g, x, y), lambda g, out, x, y: to_the_larger(g, y, x)],
    selects=True,
    latex=r"\max",
    kinks=[Kink("x = y", ours="1/2 each", torch="1/2 each", jax="1/2 each", sample=TIE)],
    samples=PAIRS,
)
def maximum(x, y, /):
    """The larger of ``x`` and ``y``; nan where one is nan."""
    return np.maximum(x, y)


@op(
    meaning="where(x < y, x, y)",
    vjp=[lambda g, out, x, y: to_the_larger(g, y, x), lambda g, out, x, y: to_the_larger(g, x, y)],
    selects=True,
    latex=r"\min",
    kinks=[Kink("x = y", ours="1/2 each", torch="1/2 each", jax="1/2 each", sample=TIE)],
    samples=PAIRS,
)
def minimum(x, y, /):
    """The smaller of ``x`` and ``y``; nan where one is nan."""
    return np.minimum(x, y)


@op(
    meaning="where(x > y, x, y)",
    vjp=[lambda g, out, x, y: _to_the_chosen(g, out, x, y), lambda g, out, x, y: _to_the_chosen(g, out, y, x)],
    selects=True,
    latex=r"\operatorname{fmax}",
    kinks=[Kink("x = y", ours="1/2 each", torch="1 and 0", sample=TIE)],
    samples=PAIRS,
)
def fmax(x, y, /):
    """The larger of ``x`` and ``y``, a number being preferred to nan."""
    return np.fmax(x, y)


@op(
    meaning="where(x < y, x, y)",
    vjp=[lambda g, out, x, y: _to_the_chosen(g, out, x, y), lambda g, out, x, y: _to_the_chosen(g, out, y, x)],
    selects=True,
    latex=r"\operatorname{fmin}",
    kinks=[Kink("x = y", ours="1/2 each", torch="1 and 0", sample=TIE)],
    samples=PAIRS,
)
def fmin(x, y, /):
    """The smaller of ``x`` and ``y``, a number being preferred to nan."""
    return np.fmin(x, y)


@op(
    meaning="where(x < min, min, where(x > max, max, x))",
    vjp=[
        lambda g, out, x, min, max: where((x >= min) & (x <= max), g, 0.0),
        lambda g, out, x, min, max: where((x < min) & (min <= max), g, 0.0),
        lambda g, out, x, min, max: where((x > max) | (min > max), g, 0.0),
    ],
    selects=True,
    domain="min <= max",
    latex=r"\operatorname{clip}",
    kinks=[Kink("x = min, x = max", ours="1", torch="1", jax="1/2", sample=at(1.0, -1.0, 1.0))],
    samples=[at(0.3, -1.0, 1.0), at(ROW, -1.0, 1.0), at(MATRIX, COLUMN - 2.0, COLUMN), at(ROW, 0.5, float("inf"))],
    language=False,
    numpy=(),
)
def clamp(x, min, max, /):
    """``x``, kept between two bounds; ``max`` where the bounds contradict each other."""
    return np.minimum(np.maximum(x, min), max)


@function(
    samples=[at(ROW, -1.0, 1.0), at(ROW, None, 0.5), at(ROW, 0.0, None), at(MATRIX, OTHER_MATRIX - 2.0, 1.0)],
    kinks=clamp.kinks,
    latex=clamp.latex,
    method=True,
)
def clip(x: Any, min: Any = None, max: Any = None, *, a_min: Any = None, a_max: Any = None) -> Any:
    """``x``, kept between ``min`` and ``max``, numbers or arrays; None (or left out) is no bound."""
    low = a_min if min is None else min
    high = a_max if max is None else max
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        low = high  # as NumPy has it
    return clamp(x, float("-inf") if low is None else low, float("inf") if high is None else high)


@op(
    meaning="where(y < 0, -abs(x), abs(x))",
    vjp=[lambda g, out, x, y: g * sign(x) * copysign(1.0, y), None],
    latex=r"\operatorname{copysign}",
    kinks=[
        Kink("x = 0", ours="0", torch="0", sample=at(0.0, 1.5)),
        Kink("y = 0", ours="the derivative beside the jump", jump=True, sample=at(1.5, 0.0)),
    ],
    samples=[at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, -2.0), at(-2.0, ROW)],
)
def copysign(x, y, /):
    """``x`` with the sign of ``y``, that of -0.0 included."""
    return np.copysign(x, y)
