"""sympy's scalar formulas, in slots, as forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Not, Or

from symdiff.algebra.atoms import Constant
from symdiff.algebra.conditions import compared, either, negated
from symdiff.algebra.forms import Algebra, Form
from symdiff.meaning.formula import multiple_of_pi, readable

Slots = Mapping[sp.Symbol, Form]


def translated(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    """The form of a scalar formula whose symbols ``slots`` fills."""
    if expression.is_Symbol:
        return slots[expression]
    write = _WRITERS.get(type(expression))
    if write is not None:
        return write(algebra, expression, slots)
    if expression.is_Rational:
        return number_form(algebra, expression)
    if expression.is_number and not expression.args:
        return algebra.make(Constant, _CONSTANTS.get(expression, "nan"))
    return algebra.function(type(expression).__name__, *(translated(algebra, part, slots) for part in expression.args))


def number_form(algebra: Algebra, value: sp.Rational) -> Form:
    """The number that a person would have written for a float: 1/3, 0.1, or the root of a fraction."""
    times = multiple_of_pi(value) if value.q > 1024 else None
    if times is not None:
        return algebra.make(Constant, "pi").scaled(times)
    plain = readable(value)
    number = Fraction(int(plain.p), int(plain.q))
    if number.denominator <= 1000 or number.denominator in _POWERS_OF_TEN:
        return algebra.lift(number)
    nearest = float(plain)
    if not math.isfinite(nearest * nearest):
        return algebra.lift(number)
    square = Fraction(nearest * nearest).limit_denominator(999)
    if square and abs(nearest) in (math.sqrt(square), 1 / math.sqrt(1 / square)):
        return algebra.power(algebra.lift(square), Fraction(1, 2)).scaled(1 if nearest > 0 else -1)
    return algebra.lift(number)


_POWERS_OF_TEN = frozenset(10**k for k in range(13))


def _add(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    total = algebra.zero
    for part in expression.args:
        total = total + translated(algebra, part, slots)
    return total


def _mul(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    total = algebra.one
    for part in expression.args:
        total = total * translated(algebra, part, slots)
    return total


def _pow(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    base, exponent = expression.args
    inner = translated(algebra, base, slots)
    if exponent.is_Rational:
        return algebra.power(inner, Fraction(int(exponent.p), int(exponent.q)))
    return algebra.power_of(inner, translated(algebra, exponent, slots))


def _exp(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    return algebra.exponential(translated(algebra, expression.args[0], slots))


def _log(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    return algebra.logarithm(translated(algebra, expression.args[0], slots))


def _piecewise(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    total, before = algebra.zero, algebra.one
    for value, condition in expression.args:
        here = translated_condition(algebra, condition, slots)
        total = total + translated(algebra, value, slots) * here * before
        before = before * negated(algebra, here)
    return total


class NotScalar(ValueError):
    """A derivative that sympy could not write in functions that have a name."""


def _nameless(algebra: Algebra, expression: sp.Expr, slots: Slots) -> Form:
    raise NotScalar(type(expression).__name__)


_WRITERS: dict[type, Callable[[Algebra, Any, Slots], Form]] = {
    sp.Add: _add, sp.Mul: _mul, sp.Pow: _pow, sp.exp: _exp, sp.log: _log, sp.Piecewise: _piecewise,
    sp.Derivative: _nameless, sp.Subs: _nameless,
    sp.meijerg: _nameless, sp.hyper: _nameless, sp.Integral: _nameless,
}  # fmt: skip

_CONSTANTS: dict[sp.Basic, str] = {
    sp.pi: "pi", sp.E: "E", sp.oo: "oo", sp.S.NegativeInfinity: "-oo", sp.nan: "nan", sp.zoo: "zoo",
    sp.EulerGamma: "EulerGamma", sp.I: "I",
}  # fmt: skip


def translated_condition(algebra: Algebra, condition: sp.Basic, slots: Slots) -> Form:
    """The indicator of a condition on the slots."""
    if isinstance(condition, BooleanAtom):
        return algebra.one if bool(condition) else algebra.zero
    if isinstance(condition, Not):
        return negated(algebra, translated_condition(algebra, condition.args[0], slots))
    if isinstance(condition, And):
        total = algebra.one
        for part in condition.args:
            total = total * translated_condition(algebra, part, slots)
        return total
    if isinstance(condition, Or):
        return either(algebra, [translated_condition(algebra, part, slots) for part in condition.args])
    if not isinstance(condition, Relational):
        raise TypeError(f"not a condition: {condition}")
    left, right = (translated(algebra, part, slots) for part in condition.args)
    if condition.rel_op in ("<", "<="):
        left, right = right, left
    return compared(algebra, _SIGNS[condition.rel_op], left - right)


_SIGNS = {"<": ">", "<=": ">=", ">": ">", ">=": ">=", "==": "==", "!=": "!="}
