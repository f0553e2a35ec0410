"""Whether a scalar formula is 0 for every value of its letters, decided by a normal form of rational functions.

Every function of its arguments becomes a letter of its own, with the algebraic relations that it satisfies:
``sqrt(u)**2 = u``, ``sin(u)**2 = 1 - cos(u)**2``, ``exp(u + v) = exp(u) exp(v)``, hyperbolic functions in exponentials,
Bessel functions in those of orders 0 and 1. What remains is a polynomial in letters, which is 0 where its coefficients
are. A True is a proof; a False says only that these relations do not show it.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import sympy as sp

LARGEST = 4000
"""A formula of more operations than this is not tried."""
MOST_LETTERS = 24


def vanishes(expression: sp.Expr) -> bool:
    """Whether ``expression`` is identically 0, wherever it is defined."""
    if expression == 0:
        return True
    if sp.count_ops(expression) > LARGEST or expression.has(sp.nan, sp.zoo, sp.oo):
        return False
    simple = _in_few_functions(expression)
    letters = _Letters(_units(simple))
    try:
        return bool(letters.reduced(letters.rational(simple)) == 0)
    except _TooMany:
        return False


class _TooMany(ValueError):
    pass


def _in_few_functions(expression: sp.Expr) -> sp.Expr:
    """``expression`` with functions that are simple in others written in those."""
    expression = expression.replace(sp.erfc, lambda u: 1 - sp.erf(u))
    expression = expression.replace(sp.uppergamma, lambda a, x: sp.gamma(a) - sp.lowergamma(a, x))
    for hyperbolic in (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch):
        expression = expression.replace(hyperbolic, lambda u, kind=hyperbolic: kind(u).rewrite(sp.exp))
    for kind in (sp.besselj, sp.besseli):
        expression = expression.replace(kind, lambda n, x, kind=kind: _of_low_order(kind, n, x))
    return expression


def _of_low_order(kind: type, order: sp.Expr, x: sp.Expr) -> sp.Expr:
    """A Bessel function of whole order in those of orders 0 and 1 (Abramowitz and Stegun 9.1.27, 9.6.26)."""
    if not order.is_Integer or order in (0, 1):
        return kind(order, x)
    if order < 0:
        return (sp.Integer(-1) ** order if kind is sp.besselj else 1) * _of_low_order(kind, -order, x)
    before, last = _of_low_order(kind, order - 2, x), _of_low_order(kind, order - 1, x)
    step = 2 * (order - 1) / x * last
    return step - before if kind is sp.besselj else before - step


def _common(a: Fraction, b: Fraction) -> Fraction:
    return Fraction(gcd(a.numerator, b.numerator), lcm(a.denominator, b.denominator))


def _units(expression: sp.Expr) -> dict[sp.Expr, Fraction]:
    """For each product in an exponent the largest number of which all its coefficients are whole multiples."""
    found: dict[sp.Expr, Fraction] = {}
    for part in sp.preorder_traversal(expression):
        if isinstance(part, sp.exp):
            exponent = part.args[0]
        elif part.is_Pow and not part.exp.is_Rational:
            exponent = part.exp * sp.log(part.base)
        else:
            continue
        for term in sp.Add.make_args(sp.expand(exponent)):
            number, rest = term.as_coeff_Mul()
            if number.is_Rational:
                found[rest] = _common(found.get(rest, Fraction(0)), Fraction(int(number.p), int(number.q)))
    return found


class _Letters:
    """The letters that stand for functions, and the relations among them."""

    def __init__(self, units: dict[sp.Expr, Fraction]) -> None:
        self._units = units
        self._of: dict[tuple[object, ...], sp.Symbol] = {}
        self._powers: dict[sp.Symbol, tuple[int, sp.Expr]] = {}

    def rational(self, e: sp.Expr) -> sp.Expr:
        """``e`` as a rational function of letters."""
        if e.is_Symbol or e.is_Rational:
            return e
        if e.is_Add or e.is_Mul:
            return e.func(*map(self.rational, e.args))
        if e.is_Pow and not isinstance(e, sp.exp):
            return self._power(*e.as_base_exp())
        if isinstance(e, sp.exp):
            return self._exponential(e.args[0])
        if isinstance(e, sp.sin | sp.cos | sp.tan | sp.cot | sp.sec | sp.csc):
            return self._trigonometric(e)
        if isinstance(e, sp.log) and e.args[0].is_Rational and e.args[0] > 1:
            return sp.Add(*(n * self._letter("log", p) for p, n in sp.factorrat(e.args[0]).items()))
        if e is sp.E:
            return self._exponential(sp.Integer(1))
        return self._letter(type(e).__name__, *(sp.expand(part) for part in e.args)) if e.args else self._letter(e)

    def _letter(self, *key: object) -> sp.Symbol:
        if key not in self._of:
            if len(self._of) >= MOST_LETTERS:
                raise _TooMany
            self._of[key] = sp.Symbol(f"letter{len(self._of)}")
        return self._of[key]

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        if exponent.is_Integer:
            return self.rational(base) ** exponent
        if exponent.is_Rational:
            return self._root(base, int(exponent.q)) ** int(exponent.p)
        return self._exponential(exponent * sp.log(base))

    def _root(self, base: sp.Expr, degree: int) -> sp.Expr:
        return self._root_of(sp.expand(sp.cancel(self.rational(base))), degree)

    def _root_of(self, inside: sp.Expr, degree: int) -> sp.Expr:
        root = self._letter("root", inside, degree)
        self._powers[root] = degree, inside
        return root

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        result: sp.Expr = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            number, rest = term.as_coeff_Mul()
            logs = [factor for factor in sp.Mul.make_args(rest) if isinstance(factor, sp.log)]
            if len(logs) == 1 and rest == logs[0]:
                result *= self._power(logs[0].args[0], number)
                continue
            if not number.is_Rational:
                raise _TooMany
            power = Fraction(int(number.p), int(number.q)) / self._units.get(rest, Fraction(1))
            if power.denominator != 1 or abs(power) > MOST_LETTERS:
                raise _TooMany
            result *= self._letter("exp", rest) ** power.numerator
        return result

    def _trigonometric(self, e: sp.Expr) -> sp.Expr:
        angle = sp.expand(e.args[0])
        sine, cosine = self._letter("sin", angle), self._letter("cos", angle)
        self._powers[sine] = 2, 1 - cosine**2
        written = {
            sp.sin: sine, sp.cos: cosine, sp.tan: sine / cosine, sp.cot: cosine / sine, sp.sec: 1 / cosine,
            sp.csc: 1 / sine,
        }  # fmt: skip
        return written[type(e)]

    def reduced(self, e: sp.Expr) -> sp.Expr:
        """The numerator of ``e``, with no power left that a relation lowers."""
        numerator = sp.expand(sp.numer(sp.together(e)))
        for _ in range(20):
            high = next((r for r, (n, _) in self._powers.items() if sp.degree(numerator, r) >= n), None)
            if numerator == 0 or high is None:
                break
            degree, value = self._powers[high]
            lowered = sum(
                (c * high ** (k % degree) * value ** (k // degree) for (k,), c in sp.Poly(numerator, high).terms()),
                sp.Integer(0),
            )
            numerator = sp.expand(sp.numer(sp.together(lowered)))
        return numerator
