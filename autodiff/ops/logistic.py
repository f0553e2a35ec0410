"""The logistic function and its relatives, accurate in both tails."""

from __future__ import annotations

import numpy as np

from ..declare.op import op
from ..declare.samples import MATRIX, OTHER_ROW, ROW, at
from ..kernels import blocked, decay

SATURATED = 1024.0  # exp(-1024) is 0 in every dtype
TAILS = [at(0.3), at(ROW), at(MATRIX), at(-40.0), at(40.0)]


@op(
    meaning="1 / (1 + exp(-x))",
    vjp=[lambda g, y, x: g * y * sigmoid(-x)],  # y * (1 - y) is 0 from x = 37 on
    latex=r"\sigma",
    samples=TAILS,
    aliases=("expit",),
)
@blocked
def sigmoid(x, /):
    """The logistic function ``1 / (1 + exp(-x))``; 0 at -inf, 1 at inf."""
    denominator = decay(x)
    denominator += 1.0
    numerator = np.minimum(x, 0.0)  # exp(-abs(x)) where x is negative, 1 elsewhere
    np.exp(numerator, out=numerator)
    numerator /= denominator
    return numerator


@op(
    meaning="1 / (1 + 2**(-x))",
    vjp=[lambda g, y, x: g * 0.6931471805599453 * y * sigmoid2(-x)],
    samples=TAILS,
    language=False,
)
@blocked
def sigmoid2(x, /):
    """The logistic function to base 2."""
    denominator = np.abs(x)
    np.negative(denominator, out=denominator)
    np.exp2(denominator, out=denominator)
    denominator += 1.0
    numerator = np.minimum(x, 0.0)
    np.exp2(numerator, out=numerator)
    numerator /= denominator
    return numerator


@op(
    meaning="log(1 + exp(x))",
    vjp=[lambda g, y, x: g * sigmoid(x)],  # exp(x - y) would lose five bits in the tails
    latex=r"\operatorname{softplus}",
    samples=TAILS,
)
@blocked
def softplus(x, /):
    """A smooth maximum of ``x`` and 0."""
    tail = decay(x)
    np.log1p(tail, out=tail)
    tail += np.maximum(x, 0.0)
    return tail


@op(
    meaning="-log(1 + exp(-x))",
    vjp=[lambda g, y, x: g * sigmoid(-x)],
    latex=r"\log\sigma",
    samples=TAILS,
    aliases=("logsigmoid",),
)
@blocked
def log_sigmoid(x, /):
    """The logarithm of ``sigmoid(x)``, finite however negative ``x`` is."""
    tail = decay(x)
    np.log1p(tail, out=tail)
    return np.subtract(np.minimum(x, 0.0), tail, out=tail)


@op(
    meaning="x / (1 + exp(-x))",
    vjp=[lambda g, y, x: g * dsilu(x)],
    latex=r"\operatorname{silu}",
    samples=TAILS,
    aliases=("swish",),
)
def silu(x, /):
    """``x * sigmoid(x)``."""
    return np.maximum(x, -SATURATED) * sigmoid.forward(x)


@op(
    meaning="(1 + x / (1 + exp(x))) / (1 + exp(-x))",
    vjp=[lambda g, y, x: g * sigmoid(x) * sigmoid(-x) * (2.0 + x * (sigmoid(-x) - sigmoid(x)))],
    samples=TAILS,
    language=False,
)
@blocked
def dsilu(x, /):
    """The derivative of ``silu``; near its zero at -1.278 the terms add up in an order that rounds little."""
    x = np.clip(x, -SATURATED, SATURATED)
    e = decay(x)
    value = np.where(x < 0.0, ((1.0 + x) + e) * e, (1.0 + e) + x * e)
    value /= 1.0 + e * (2.0 + e)
    return value


@op(
    meaning="x - y",
    vjp=[lambda g, d, x, y: g, lambda g, d, x, y: -g],
    numpy=(),
    language=False,
    samples=[at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW)],
)
def log_ratio(x, y, /):
    """``x - y`` of logarithms, and -inf where both are: of two impossible things none has a share."""
    d = np.subtract(x, y)
    if np.isnan(d).any():
        d = np.where(np.equal(x, -np.inf) & np.equal(y, -np.inf), x, d)
    return d


@op(
    meaning="log(exp(x) + exp(y))",
    vjp=[lambda g, out, x, y: g * sigmoid(log_ratio(x, y)), lambda g, out, x, y: g * sigmoid(log_ratio(y, x))],
    latex=r"\operatorname{logaddexp}",
    samples=[at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW), at(40.0, -40.0), at(-700.0, 700.0)],
)
def logaddexp(x, y, /):
    """The logarithm of ``exp(x) + exp(y)``, without overflow."""
    return np.logaddexp(x, y)


@op(
    meaning="log(2**x + 2**y) / log(2)",
    vjp=[lambda g, out, x, y: g * sigmoid2(log_ratio(x, y)), lambda g, out, x, y: g * sigmoid2(log_ratio(y, x))],
    samples=[at(0.3, -1.7), at(ROW, OTHER_ROW), at(MATRIX, ROW), at(40.0, -40.0), at(-700.0, 700.0)],
)
def logaddexp2(x, y, /):
    """The logarithm to base 2 of ``2**x + 2**y``, without overflow."""
    return np.logaddexp2(x, y)
