"""What is shown to be 0 is 0, and what is not 0 is never shown to be."""

from __future__ import annotations

import random

import pytest
import sympy as sp

from symdiff.proof.vanishing import vanishes

x, y = sp.symbols("x y", real=True)

ZERO = {
    "a square": (x + y) ** 2 - x**2 - 2 * x * y - y**2,
    "a fraction": 1 / (1 - x) + 1 / (1 + x) - 2 / (1 - x**2),
    "roots": sp.sqrt(x**2 + y**2) ** 3 - (x**2 + y**2) * sp.sqrt(x**2 + y**2),
    "a root below a line": 1 / sp.sqrt((1 - x) * (1 + x)) - sp.sqrt(1 - x**2) / (1 - x**2),
    "roots of numbers": 1 / sp.sqrt(2) - sp.sqrt(2) / 2,
    "exponentials": sp.exp(x + y) - sp.exp(x) * sp.exp(y),
    "halves of exponents": sp.exp(x / 2) * sp.exp(x / 2) - sp.exp(x),
    "hyperbolic": 1 - sp.tanh(x) ** 2 - 1 / sp.cosh(x) ** 2,
    "circular": 1 + sp.tan(x) ** 2 - 1 / sp.cos(x) ** 2,
    "powers": y * x ** (y - 1) - y * x**y / x,
    "bases": 2**x * sp.log(2) - sp.exp(x * sp.log(2)) * sp.log(2),
    "logistic": sp.exp(-x) / (1 + sp.exp(-x)) ** 2 - 1 / (1 + sp.exp(x)) / (1 + sp.exp(-x)),
    "error functions": sp.erfc(x) - 1 + sp.erf(x),
    "Bessel": sp.besselj(0, x) + sp.besselj(2, x) - 2 * sp.besselj(1, x) / x,
    "modified Bessel": sp.besseli(1, x) - sp.besseli(3, x) - 4 * sp.besseli(2, x) / x,
    "incomplete gamma": sp.gamma(x) - sp.lowergamma(x, y) - sp.uppergamma(x, y),
}

NOT_ZERO = {
    "a sign": (x - y) ** 2 - x**2 - 2 * x * y - y**2,
    "a last digit": x * sp.Rational(6931471805599453, 10**16) - x * sp.log(2),
    "a root's sign": sp.sqrt(x**2) - x,
    "a product under a root": sp.sqrt(x * y) - sp.sqrt(x) * sp.sqrt(y) - 1,
    "tangents": sp.tanh(x) - sp.tan(x),
    "an order": sp.besselj(1, x) - sp.besselj(2, x),
    "an exponent": sp.exp(x) - sp.exp(x * sp.Rational(1000001, 1000000)),
    "nan": sp.nan,
    "an infinity": sp.oo * x,
}


@pytest.mark.parametrize("name", ZERO)
def test_identities_are_found(name: str) -> None:
    assert vanishes(ZERO[name])


@pytest.mark.parametrize("name", NOT_ZERO)
def test_what_is_not_zero_is_not_shown(name: str) -> None:
    assert not vanishes(NOT_ZERO[name])


@pytest.mark.parametrize("name", ZERO)
def test_an_identity_with_a_small_fault_is_not_found(name: str) -> None:
    assert not vanishes(ZERO[name] + sp.Rational(1, 10**30))
    assert not vanishes(ZERO[name] + x * sp.Rational(1, 10**30))


def test_random_formulas_are_zero_only_against_themselves() -> None:
    draw = random.Random(7)
    functions = [sp.exp, sp.sin, sp.tanh, sp.log, sp.sqrt, sp.erf, sp.atan, lambda u: 1 / u, lambda u: u**2]

    def formula(depth: int) -> sp.Expr:
        if not depth:
            return draw.choice([x, y, sp.Integer(draw.randint(1, 3)), sp.Rational(draw.randint(1, 5), 7)])
        a, b = formula(depth - 1), formula(depth - 1)
        return draw.choice([a + b, a * b, draw.choice(functions)(a + sp.Integer(1)), a - b])

    for _ in range(30):
        one = formula(3)
        if one.has(sp.nan, sp.zoo, sp.oo, sp.I):
            continue
        assert vanishes(sp.expand(one * (x + 1)) - one * (x + 1))
        assert not vanishes(one - formula(2) - sp.Rational(1, 10**6) * sp.sin(x) ** 3)


def test_a_formula_without_end_is_left() -> None:
    assert not vanishes(sp.Add(*(sp.sin(k * x) for k in range(1, 60))))
    assert not vanishes(sp.Add(*((x + k) ** 5 for k in range(2000))))
