"""Formulas of helpers whose meaning is a derivative of an order that a static parameter says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp


@cache
def _sinc_derivative(order: int) -> sp.Expr:
    x = sp.Symbol("s0", real=True)
    return sp.diff(sp.sin(sp.pi * x) / (sp.pi * x), x, order)


FORMULAS: Mapping[str, Callable[[Mapping[str, object]], sp.Expr]] = {
    "bessel_i": lambda params: sp.besseli(_order(params), sp.Symbol("s0", real=True)),
    "bessel_j": lambda params: sp.besselj(_order(params), sp.Symbol("s0", real=True)),
    "sinc_derivative": lambda params: _sinc_derivative(_order(params)),
}
"""By operation: the formula in ``s0`` for given static parameters."""


def _order(params: Mapping[str, object]) -> int:
    order = params["order"]
    assert isinstance(order, int)
    return order
