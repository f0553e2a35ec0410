"""The functions of ``scipy.special`` on tensors: operations of their names, and compositions of these."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..declare.op import TABLE


def of_scipy(ufunc: np.ufunc) -> Callable[..., Any] | None:
    """Return what answers for a function of ``scipy.special``; None where ``ufunc`` is no such function, or unknown."""
    special = sys.modules.get("scipy.special")
    name = ufunc.__name__
    if special is None or getattr(special, name, None) is not ufunc or hasattr(np, name):
        return None
    return COMPOSED.get(name) or (None if name in OTHERWISE else TABLE.get(name))


OTHERWISE = frozenset({"huber"})
"""Names of functions that take something else in ``scipy.special`` than here."""


def _op(name: str) -> Any:
    return TABLE[name]


COMPOSED: dict[str, Callable[..., Any]] = {
    "psi": lambda x: _op("digamma")(x),
    "loggamma": lambda x: _op("gammaln")(x),
    "log_expit": lambda x: _op("log_sigmoid")(x),
    "rgamma": lambda x: 1.0 / _op("gamma")(x),
    "poch": lambda z, m: _op("gamma")(z + m) / _op("gamma")(z),
    "binom": lambda n, k: 1.0 / ((n + 1.0) * _op("beta")(n - k + 1.0, k + 1.0)),
    "entr": lambda x: -_op("xlogy")(x, x),
    "rel_entr": lambda x, y: _op("xlogy")(x, x / y),
    "kl_div": lambda x, y: _op("xlogy")(x, x / y) - x + y,
    "exp10": lambda x: _op("power")(10.0, x),
    "i0e": lambda x: _op("i0")(x) * _op("exp")(-_op("abs")(x)),
    "i1e": lambda x: _op("i1")(x) * _op("exp")(-_op("abs")(x)),
    "boxcox": lambda x, lmbda: _op("log")(x) if np.all(lmbda == 0) else (x**lmbda - 1.0) / lmbda,
    "pseudo_huber": lambda delta, r: delta**2 * (_op("sqrt")(1.0 + (r / delta) ** 2) - 1.0),
}
