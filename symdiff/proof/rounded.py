"""The numbers of a rule, read as what they are the roundings of.

A rule says ``0.6931471805599453`` where its formula says ``log(2)``: no float is that number. A float of full length
is read as the one multiple, by a small fraction or a short decimal, of a number in the operation's own formulas that
rounds to it; a float that a person can write in full is that number.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from symdiff.meaning.formula import exact, readable

DIGITS = 40
LARGEST = 10**6
"""A factor's denominator is at most this: the odds that an unrelated number is met are one in ten thousand."""


def numbers_in(expressions: Iterable[sp.Basic]) -> tuple[sp.Expr, ...]:
    """The irrational numbers in some formulas, their coefficients, and products of any two: what a rule may round."""
    found: set[sp.Expr] = set()
    for expression in expressions:
        for part in sp.preorder_traversal(expression):
            found |= _numbers_at(part)
    found = {number for number in found if number.is_real and number.is_finite and number != 0}
    pairs = {a * b for a in found for b in found} if len(found) <= 12 else set()
    return tuple(sorted(found | pairs, key=sp.count_ops))


def _numbers_at(part: sp.Basic) -> set[sp.Expr]:
    if isinstance(part, sp.Mul):
        coefficient = sp.Mul(*(factor for factor in part.args if factor.is_number))
        return {coefficient, 1 / coefficient} if _is_long(coefficient) else set()
    if isinstance(part, sp.Pow) and part.base.is_number and part.base.is_positive and not part.exp.is_number:
        return {sp.log(part.base), 1 / sp.log(part.base)}  # what the derivative of 2**x brings in
    return {part, 1 / part} if isinstance(part, sp.Expr) and part.is_number and part != 0 and _is_long(part) else set()


def _is_long(number: sp.Expr) -> bool:
    return number.is_number and not number.is_Rational


def read(value: float, known: tuple[sp.Expr, ...]) -> sp.Expr:
    """The number that ``value`` stands for in a rule beside the numbers ``known``."""
    plain = exact(value)
    if not plain.is_Rational or plain == 0 or readable(plain).q <= 1000 or len(repr(value).strip("-0.")) < 13:
        return readable(plain) if plain.is_Rational else plain
    for number in known:
        factor = _factor(value, number)
        if factor is not None:
            return factor * number
    return readable(plain)


@lru_cache(maxsize=4096)
def _factor(value: float, number: sp.Expr) -> sp.Rational | None:
    """A short ``q`` for which ``q * number`` rounds to ``value``."""
    ratio = Fraction(str(sp.Float(exact(value), DIGITS) / number.evalf(DIGITS)))
    short = ratio.limit_denominator(LARGEST)
    q = sp.Rational(short.numerator, short.denominator)
    if not q or (short.denominator > 1000 and LARGEST % short.denominator):
        return None
    return q if float((q * number).evalf(DIGITS)) == value else None
