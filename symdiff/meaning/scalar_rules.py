"""The derivative of a scalar formula by named rules: the same rules that make the answer make its steps.

sympy supplies what the table at the back of a calculus book does: the derivative of each function by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy.core.function import ArgumentIndexError

from symdiff.meaning.rule_steps import PartialDerivative, Rule, Step, derivative_of

__all__ = ["differentiate"]


def differentiate(formula: sp.Expr, by: sp.Symbol) -> Step:
    """The steps from ``formula`` to its derivative by one symbol, which is the result of the last."""
    if formula == by:
        return _step(Rule.VARIABLE, formula, by, sp.Integer(1))
    if by not in formula.free_symbols:
        return _step(Rule.CONSTANT, formula, by, sp.Integer(0))
    return _RULES.get(type(formula), _function)(formula, by)


def _step(rule: str, formula: sp.Expr, by: sp.Expr, result: sp.Expr, *children: Step) -> Step:
    return Step(rule, PartialDerivative(formula, by), result, children)


def _sum(formula: sp.Expr, by: sp.Symbol) -> Step:
    parts = tuple(differentiate(term, by) for term in formula.args)
    return _step(Rule.SUM, formula, by, sp.Add(*(part.result for part in parts)), *parts)


def _product(formula: sp.Expr, by: sp.Symbol) -> Step:
    constants = [factor for factor in formula.args if not factor.has(by)]
    if constants:
        rest = sp.Mul(*(factor for factor in formula.args if factor.has(by)))
        inner = differentiate(rest, by)
        # every term of a sum gets the factor, as sympy's own derivative has it
        terms = (sp.Mul(*constants, term) for term in sp.Add.make_args(inner.result))
        return _step(Rule.CONSTANT_FACTOR, formula, by, sp.Add(*terms), inner)
    over = sp.Mul(*(factor for factor in formula.args if not _below(factor)))
    under = sp.Mul(*(1 / factor for factor in formula.args if _below(factor)))
    if over != 1 and under != 1:
        above, below = differentiate(over, by), differentiate(under, by)
        result = above.result / under - over * below.result / under**2
        return _step(Rule.QUOTIENT, formula, by, result, above, below)
    parts = tuple(differentiate(factor, by) for factor in formula.args)
    products = (
        sp.Mul(*formula.args[:place], part.result, *formula.args[place + 1 :]) for place, part in enumerate(parts)
    )
    return _step(Rule.PRODUCT, formula, by, sp.Add(*products), *parts)


def _below(factor: sp.Expr) -> bool:
    return isinstance(factor, sp.Pow) and factor.exp.is_Number and bool(factor.exp.is_negative)


def _power(formula: sp.Expr, by: sp.Symbol) -> Step:
    base, exponent = formula.args
    if not exponent.has(by):
        return _chained(Rule.POWER, formula, base, exponent * base ** (exponent - 1), by)
    if not base.has(by):
        return _chained(Rule.EXPONENTIAL, formula, exponent, formula * sp.log(base), by)
    below, above = differentiate(base, by), differentiate(exponent, by)
    result = formula * (above.result * sp.log(base) + below.result * exponent / base)
    return _step(Rule.GENERAL_POWER, formula, by, result, below, above)


def _chained(rule: str, formula: sp.Expr, argument: sp.Expr, slope: sp.Expr, by: sp.Symbol) -> Step:
    """``slope`` is the derivative by the argument: all of it, or the chain rule's outer factor."""
    if argument == by:
        return _step(rule, formula, by, slope)
    inner = differentiate(argument, by)
    return _step(Rule.CHAIN, formula, by, slope * inner.result, _step(rule, formula, argument, slope), inner)


def _function(formula: sp.Expr, by: sp.Symbol) -> Step:
    places = [place for place, argument in enumerate(formula.args, 1) if argument.has(by)]
    rule = derivative_of(formula.func.__name__)
    try:
        slopes = [formula.fdiff(place) for place in places]
    except (ArgumentIndexError, AttributeError):
        return _step(rule, formula, by, sp.diff(formula, by))
    if len(places) == 1:
        return _chained(rule, formula, formula.args[places[0] - 1], slopes[0], by)
    parts: list[Step] = []
    total = sp.Integer(0)
    for place, slope in zip(places, slopes, strict=True):
        argument = formula.args[place - 1]
        inner = differentiate(argument, by)
        parts += [_step(rule, formula, argument, slope), inner]
        total += slope * inner.result
    return _step(Rule.CHAIN, formula, by, total, *parts)


def _pieces(formula: sp.Piecewise, by: sp.Symbol) -> Step:
    parts = tuple(differentiate(value, by) for value, _ in formula.args)
    pairs = [(part.result, condition) for part, (_, condition) in zip(parts, formula.args, strict=True)]
    return _step(Rule.PIECES, formula, by, sp.Piecewise(*pairs), *parts)


def _stepwise(formula: sp.Expr, by: sp.Symbol) -> Step:
    return _step(Rule.STEPWISE_CONSTANT, formula, by, sp.Integer(0))


_RULES: dict[type, Callable[[sp.Expr, sp.Symbol], Step]] = {
    sp.Add: _sum, sp.Mul: _product, sp.Pow: _power, sp.Piecewise: _pieces,
    sp.floor: _stepwise, sp.ceiling: _stepwise, sp.sign: _stepwise,
}  # fmt: skip
