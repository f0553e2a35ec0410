"""Every cause of a wrong verdict that was found, as the smallest program that shows it: what is mended must stay so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.campaigns import formulas as fo
from benchmarks.campaigns.case import DAMAGED, Case, Given
from benchmarks.campaigns.inputs import generator_of

Array = np.ndarray[Any, Any]
NAME = "causes"
GRADED = np.array([[1e10, 1.0, 2.0], [1.0, 1e-10, 3e-10], [1.0, 2e-10, 1e-12]])
COFACTORS = np.array([[-5.99e-20, 2.99e-10, 1e-10], [3.99e-10, -1.99, -1.0], [1e-10, -1.0, 0.0]])


def right(formula: Any) -> tuple[Given, ...]:
    return (Given("written by hand", formula),)


def wrong(gradient: Any) -> tuple[Given, ...]:
    return (Given("damaged", gradient, DAMAGED),)


def array(gradient: Any) -> tuple[Given, ...]:
    """A damaged gradient as an array instead of a function."""
    return (Given("damaged", [np.asarray(gradient, dtype=np.float64)], DAMAGED),)


def _of(name: str, at: Any, given: tuple[Given, ...] = (), damages: int = 0) -> Any:
    """An operation of one operand by its name."""
    return (lambda m, x: getattr(m, name)(x), at, given, damages)


def _cofactors_damaged() -> Array:
    found = COFACTORS.copy()
    found[0, 0] *= 1e15
    return found


def _silu_by_value(x: Array) -> Array:
    y = x * fo.s(x)
    return y + fo.s(x) * (1 - y)


def _saturated_by_hand(w: Array) -> Array:
    first = np.tanh(w)
    g = 1 - np.tanh(first @ w.T) ** 2
    return np.asarray((g @ w) * (1 - first**2) + g.T @ first)


NUCLEAR: Callable[..., Any] = lambda m, a: m.norm(a, "nuc")
SATURATED = np.array([[20.0, -15.0], [3.0, -25.0]])

CAUSES: dict[str, Any] = {
    # imprecise, or agree, where the mathematics is wrong
    "det of a graded matrix": (lambda m, a: m.det(a), GRADED, array(_cofactors_damaged()), 0),
    "1 - tanh² at 20": _of("tanh", 20.0, right(lambda x: 1 - np.tanh(x) ** 2)),
    "1 - tanh² at 15": _of("tanh", 15.0, right(lambda x: 1 - np.tanh(x) ** 2)),
    "half of tanh's at 19": _of("tanh", 19.0, array(0.5 / np.cosh(19.0) ** 2)),
    "half of sigmoid's at 37": _of("sigmoid", 37.0, array(0.5 * np.exp(-37.0))),
    "twice sigmoid's at 37": _of("sigmoid", 37.0, array(2 * np.exp(-37.0))),
    "half of s(1-s)": _of("sigmoid", 37.0, wrong(lambda x: fo.s(x) * (1 - fo.s(x)) / 2)),
    "s(1-s) at 37": _of("sigmoid", 37.0, right(lambda x: fo.s(x) * (1 - fo.s(x)))),
    "minus cosh's near 0": _of("cosh", 1e-20, array(-1e-20)),
    "minus cosh's near 0, a function": _of("cosh", 1e-20, wrong(lambda x: -x)),
    "minus cos's near 0": _of("cos", 1e-20, array(1e-20)),
    "j0 near 0": _of("j0", 1e-20, array(1e-20)),
    "sinc near 0": _of("sinc", 1e-20, array(1e-20)),
    "elu's tail, half the digits": _of(
        "elu", -30.0, (*right(fo.BY_RESULTS["elu"]), *array(np.exp(-30.0) * (1 + 1e-8)))
    ),
    "zeros for a saturated network": (
        lambda m, w: m.sum(m.tanh(m.tanh(w) @ w.T)),
        SATURATED,
        (*right(_saturated_by_hand), *array(np.zeros((2, 2)))),
        0,
    ),
    "half of logsumexp's": (lambda m, x: m.logsumexp(x), [1e50, 2e40, -3e60], array([0.5, 0.0, 0.0]), 0),
    # the meaning's own value
    "value of expm1": _of("expm1", 1e-20),
    "value of softplus": _of("softplus", -40.0),
    "value of log_sigmoid": _of("log_sigmoid", 38.0),
    "value of log_softmax": (lambda m, x: m.sum(m.log_softmax(x) * np.array([1.0, 2.0, 3.0])), [40.0, 0.0, 1.0], (), 1),
    "value of a product of rounded results": (lambda m, x: (1.0 - m.sigmoid(x)) ** 2 * m.log_sigmoid(x), 90.0, (), 0),
    "value of qr, singular": (lambda m, a: m.sum(m.qr(a)[1]), [[1.0, 2.0], [2.0, 4.0]], (), 0),
    # right formulas that lose digits
    "silu by its value at 20": _of("silu", 20.0, right(_silu_by_value)),
    "silu at 20": _of("silu", 20.0, right(lambda x: fo.s(x) + x * fo.s(x) * (1 - fo.s(x)))),
    "gelu_tanh at -3": _of("gelu_tanh", -3.0, right(fo.gelu_tanh)),
    "gelu_tanh at -7": _of("gelu_tanh", -7.0, right(fo.gelu_tanh)),
    "gelu_erf at -5": (lambda m, x: m.sum(m.gelu_erf(x)), [-5.0], right(fo.gelu_erf), 0),
    "softplus by 1 - 1/(1+exp)": _of("softplus", -5.0, right(lambda x: 1 - 1 / (1 + np.exp(x)))),
    # what cancels identically
    "y - y": (lambda m, x: m.sum(m.exp(x) / 3.0 - m.exp(x) / 3.0), [1.0, 30.0], (), 1),
    "y / y": (lambda m, x: m.sum(m.exp(x) / m.exp(x)), [0.1, 0.3, 30.0], (), 1),
    "cosh(x/x)": (lambda m, x: m.cosh(x / x), 3.0, (), 1),
    "sum of x/x": (lambda m, x: m.cosh(m.sum(x / x) / 3.0), [-15.0, -39.25, 30.0], (), 1),
    # ties of singular values and eigenvalues
    "nuclear norm, rank one 3x3": (NUCLEAR, np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]), (), 0),
    "nuclear norm, rank one 2x2": (NUCLEAR, np.outer([1.0, 2.0], [3.0, 4.0]), (), 0),
    "nuclear norm of ones": (NUCLEAR, np.ones((3, 3)), (), 0),
    "nuclear norm at 0": (NUCLEAR, np.zeros((2, 2)), (), 0),
    "nuclear norm, huge": (NUCLEAR, np.array([[3e200, 1e200], [1e200, 2e200]]), (), 1),
    "nuclear norm, tiny": (NUCLEAR, np.array([[2e-300, 1e-300], [1e-300, 2e-300]]), (), 1),
    "sum of eigenvalues": (lambda m, a: m.sum(m.eigvalsh(a)), fo.SYMMETRIC, (), 1),
    "pinv of a tall matrix": (lambda m, a: m.sum(m.pinv(a)), generator_of(NAME, "pinv").normal(size=(7, 5)), (), 1),
    # exceptions
    "qr of a constant matrix": (lambda m, a: m.sum(m.qr(a)[0]), np.ones((3, 3)), (), 0),
    "qr of zeros": (lambda m, a: m.sum(m.qr(a)[1]), np.zeros((2, 2)), (), 0),
    "qr, nearly singular": (lambda m, a: m.sum(m.qr(a)[0]), [[1.0, 2.0], [2.0, 4.0 + 2.0**-50]], (), 0),
    "qr, nearly singular 3x3": (lambda m, a: m.sum(m.qr(a)[1]), [[1.0, 2, 3], [2, 4 + 2.0**-48, 6], [1, 1, 1]], (), 0),
    "beta at 1e-100": (lambda m, x: m.beta(x, 2.0 + 0.0 * x), 1e-100, (), 1),
    # the engine and the rest
    "quadratic form at 1e-164": (lambda m, a: a[0] @ m.inv(a) @ a[0], [[2e-164, 1e-164], [1e-164, 3e-164]], (), 0),
    "erfinv, damaged": _of("erfinv", 0.3, array(1.0)),
    "ndtri, damaged": _of("ndtri", 0.3, array(1.0)),
    "softmax beside 1e-182": (lambda m, x: m.sum(m.softmax(x) * x), [-545.9, 1418.07, 1843.026], (), 1),
    "digamma at -1e6": _of("digamma", -1e6 - 0.3),
    "digamma at -1e10": _of("digamma", -1e10 - 0.5),
}
SLOW = (
    "digamma",
    "nuclear norm, rank one 2x2",
    "nuclear norm at 0",
    "nuclear norm, tiny",
    "value of qr",
    "qr, nearly singular",
)
"""These take seconds today, and are left out of the bounded part."""


def cases() -> Iterator[Case]:
    for name, (function, at, given, damages) in CAUSES.items():
        yield Case(NAME, name, "the smallest", function, (np.array(at, dtype=np.float64),), given, 9, damages)
