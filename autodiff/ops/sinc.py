"""``sinc`` and its derivatives, right at 0 and near it."""

from __future__ import annotations

from math import factorial, pi
from typing import Any

import numpy as np

from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import MATRIX, ROW, at
from ..kernels import blocked, cosine_of_half_turns, sine_of_half_turns

POINTS = [at(0.3), at(ROW), at(MATRIX), at(0.0), at(1e-8), at(-7.5)]
TERMS = 14


@op(
    meaning="where(x == 0, 1, sin(pi * x) / (pi * x))",
    vjp=[lambda g, y, x: g * dsinc(x)],  # (cos(pi * x) - y) / x cancels near 0
    latex=r"\operatorname{sinc}",
    samples=POINTS,
)
@blocked
def sinc(x, /):
    """``sin(pi*x) / (pi*x)``, 1 at 0 and 0 at every other whole number."""
    sine = sine_of_half_turns(x)
    zero = x == 0.0
    sine /= np.where(zero, 1.0, x) * pi
    sine += 0.0  # -0.0 becomes 0.0
    sine[zero] = 1.0
    return sine


@op(
    meaning="where(x == 0, 0, cos(pi * x) / x - sin(pi * x) / (pi * x**2))",
    vjp=[lambda g, y, x: g * sinc_derivative(x, order=2)],
    samples=[at(0.3), at(ROW), at(MATRIX), at(1e-8), at(-7.5)],
    language=False,
)
def dsinc(x, /):
    """The derivative of ``sinc``: a series near 0, where the closed form cancels."""
    return sinc_derivative.forward(x, order=1)


def derivative_meaning(m: Any, x: Any, order: int) -> Any:
    """The recurrence below, written out for the order."""
    quarters = ("sin(pi * x)", "cos(pi * x)", "-sin(pi * x)", "-cos(pi * x)")
    text = "sin(pi * x) / (pi * x)"
    for n in range(1, order + 1):
        text = f"(pi**{n - 1} * ({quarters[n % 4]}) - {n} * ({text})) / x"
    at_0 = 0 if order % 2 else f"{(-1) ** (order // 2)} * pi**{order} / {order + 1}"
    return m.formula(f"where(x == 0, {at_0}, {text})")


@op(
    meaning=Structure(derivative_meaning),
    vjp=[lambda g, y, x, order: g * sinc_derivative(x, order=order + 1)],
    elementwise=True,
    samples=[at(0.3, order=2), at(ROW, order=2), at(0.0, order=2), at(1e-8, order=3), at(-7.5, order=4)],
    language=False,
)
@blocked
def sinc_derivative(x, /, order):
    """The derivative of ``sinc`` of the given order.

    From ``x * sinc(x) = sin(pi*x) / pi``: ``x * f[n] + n * f[n-1] = pi**(n-1) * sin(pi*x + n*pi/2)``, which is stable
    upward where ``pi * x`` exceeds the order; below that, the power series.
    """
    near = np.abs(x) <= max(0.5, order / pi)
    result = np.empty_like(x)
    result[near] = _by_series(x[near], order)
    result[~near] = _by_recurrence(x[~near], order)
    return result


def _by_series(x: Any, order: int) -> Any:
    # sinc(x) = sum of (-1)**k * (pi*x)**(2*k) / (2*k + 1)!, differentiated term by term
    first = (order + 1) // 2
    powers = range(2 * first, 2 * (first + TERMS + order), 2)
    coefficients = [(-1.0) ** (p // 2) * pi**p / ((p + 1) * factorial(p - order)) for p in powers]
    square = x * x
    total = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total *= square
        total += coefficient
    return total * x if order % 2 else total


def _by_recurrence(x: Any, order: int) -> Any:
    cosine, sine = cosine_of_half_turns(x), sine_of_half_turns(x)
    quarters = (sine, cosine, -sine, -cosine)
    value = sine / (pi * x)
    for n in range(1, order + 1):
        value = (pi ** (n - 1) * quarters[n % 4] - n * value) / x
    return value
