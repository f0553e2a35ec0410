"""A formula of the general element, from its text to pieces that sympy can differentiate.

A piece is a condition and a smooth expression; ``where`` in a formula makes two of one. Pieces keep a selection apart
from what it selects, so that what is not chosen contributes nothing, rather than zero times something.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from autodiff.declare.op import TABLE, Op
from symdiff.language import parse_formula
from symdiff.language import tree as text


@dataclass(frozen=True, slots=True)
class Piece:
    """A smooth expression and the condition under which it is the value; None: everywhere."""

    condition: sp.Basic | None
    expression: sp.Expr


class NotAFormula(ValueError):
    """An operation's formula uses something that has no scalar meaning."""


_UNARY = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "erf", "erfc", "erfinv", "gamma")
PRIMITIVES: dict[str, Callable[..., sp.Expr]] = {
    **{name: getattr(sp, name) for name in _UNARY},
    "arcsin": sp.asin,
    "arccos": sp.acos,
    "arctan": sp.atan,
    "arctan2": sp.atan2,
    "arcsinh": sp.asinh,
    "arccosh": sp.acosh,
    "arctanh": sp.atanh,
    "floor": sp.floor,
    "ceil": sp.ceiling,
    "gammaln": sp.loggamma,
    "digamma": lambda x: sp.polygamma(0, x),
    "polygamma": sp.polygamma,
    "gammainc": lambda a, x: sp.lowergamma(a, x) / sp.gamma(a),
    "gammaincc": lambda a, x: sp.uppergamma(a, x) / sp.gamma(a),
    "j0": lambda x: sp.besselj(0, x),
    "j1": lambda x: sp.besselj(1, x),
    "i0": lambda x: sp.besseli(0, x),
    "i1": lambda x: sp.besseli(1, x),
    "besselj": sp.besselj,
    "besseli": sp.besseli,
}
"""The functions whose derivatives sympy knows by itself."""

_BINARY: dict[str, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "//": lambda a, b: sp.floor(a / b),
    "%": lambda a, b: a - b * sp.floor(a / b),
}
_COMPARE: dict[str, Callable[[sp.Expr, sp.Expr], sp.Basic]] = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
    "==": sp.Eq,
    "!=": sp.Ne,
}
_CONSTANTS = {"pi": sp.pi, "e": sp.E}


def exact(value: float | int) -> sp.Expr:
    """The rational number that a float is; infinities and nan as sympy writes them."""
    value = float(value)
    if value != value:
        return sp.nan
    if value in (float("inf"), float("-inf")):
        return sp.oo if value > 0 else -sp.oo
    numerator, denominator = value.as_integer_ratio()
    return sp.Rational(numerator, denominator)


def readable(value: sp.Rational) -> sp.Rational:
    """The rational a person would write for a float's exact value: 1/3 or 0.1 rather than a ratio of huge numbers."""
    # what is no number at all, 0/0, is neither
    if not isinstance(value, sp.Rational) or value.q <= 1024:
        return value
    nearest = float(value)
    if not nearest or nearest in (float("inf"), float("-inf")):  # beyond what a float holds
        return value
    small = Fraction(nearest).limit_denominator(999)
    if float(small) == nearest:
        return sp.Rational(small.numerator, small.denominator)
    return sp.Rational(repr(nearest))


def multiple_of_pi(value: sp.Rational | float) -> Fraction | None:
    """How many times pi a float is, where it is a simple multiple of it to the last bit.

    >>> multiple_of_pi(2 * 3.141592653589793), multiple_of_pi(3.14)
    (Fraction(2, 1), None)
    """
    nearest = float(value)
    if not 1e-3 < abs(nearest) < 1e3:
        return None
    times = Fraction(nearest / math.pi).limit_denominator(12)
    near = times and abs(float(times) * math.pi - nearest) <= 2.0**-52 * abs(nearest)
    # no fraction of small numbers is so near to one of pi by chance
    return times if near and abs(times.numerator) <= 24 else None


def meant(value: sp.Expr) -> sp.Expr:
    """What a person would write for a float's exact value: pi/2, 1/3, 0.1."""
    if not isinstance(value, sp.Rational) or value.q <= 1024:
        return value
    times = multiple_of_pi(value)
    return readable(value) if times is None else sp.Rational(times.numerator, times.denominator) * sp.pi


def readable_numbers(expression: sp.Expr) -> sp.Expr:
    """``expression`` with every number as a person would write it."""
    numbers = {number: meant(number) for number in expression.atoms(sp.Rational) if number.q > 1024}
    return expression.xreplace(numbers) if numbers else expression


SMALL = 64
"""Functions of numbers up to this size are worked out by sympy, which would write out every digit of gamma(10**20)."""


def applied(function: Callable[..., sp.Expr], *arguments: sp.Expr) -> sp.Expr:
    """A function of arguments; of large numbers it stands as it is."""
    large = all(a.is_number for a in arguments) and any(a.is_finite and abs(a) > SMALL for a in arguments)
    return function(*arguments, evaluate=False) if large else function(*arguments)


@lru_cache(maxsize=4096)
def pieces_of(formula: str, names: tuple[str, ...], params: tuple[tuple[str, object], ...]) -> tuple[Piece, ...]:
    """The pieces of a formula of the operands ``names``, in the slots s0, s1, ..., with ``params`` put in."""
    program = parse_formula(formula)
    from symdiff.meaning.terms import slot

    bindings: dict[str, list[Piece]] = {name: [Piece(None, slot(k))] for k, name in enumerate(names)}
    for name, value in params:
        if isinstance(value, bool | int | float):
            bindings[name] = [Piece(None, exact(value))]
    reader = _Reader(bindings)
    for assign in program.assignments:
        bindings[assign.name] = reader.pieces(assign.value)
    return tuple(reader.pieces(program.result))


class _Reader:
    """Reads the tree of a formula; every value is a list of pieces."""

    def __init__(self, bindings: Mapping[str, list[Piece]]) -> None:
        self._bindings = bindings

    def pieces(self, node: text.Expression) -> list[Piece]:
        match node:
            case text.Constant(value=value) if isinstance(value, int | float):
                return [Piece(None, exact(value))]
            case text.Name(id=name):
                return self._name(name)
            case text.Unary(operator="-", operand=inner):
                return [Piece(p.condition, -p.expression) for p in self.pieces(inner)]
            case text.Unary(operator="+", operand=inner):
                return self.pieces(inner)
            case text.Binary(operator=symbol, left=left, right=right) if symbol in _BINARY:
                return _combine(_BINARY[symbol], self.pieces(left), self.pieces(right))
            case text.Compare() | text.Binary(operator="&" | "|") | text.Unary(operator="~"):
                condition = self.condition(node)
                return [Piece(condition, sp.Integer(1)), Piece(sp.Not(condition), sp.Integer(0))]
            case text.Call(function="where", arguments=(test, yes, no)):
                condition = self.condition(test)
                return [
                    *(Piece(_both(condition, p.condition), p.expression) for p in self.pieces(yes)),
                    *(Piece(_both(sp.Not(condition), p.condition), p.expression) for p in self.pieces(no)),
                ]
            case text.Call(function=name, arguments=arguments):
                return self._call(name, [self.pieces(argument) for argument in arguments])
        raise NotAFormula(f"{type(node).__name__} has no scalar meaning")

    def condition(self, node: text.Expression) -> sp.Basic:
        match node:
            case text.Compare(operator=symbol, left=left, right=right):
                (a,), (b,) = self.pieces(left), self.pieces(right)
                return _COMPARE[symbol](a.expression, b.expression)
            case text.Binary(operator="&", left=left, right=right):
                return sp.And(self.condition(left), self.condition(right))
            case text.Binary(operator="|", left=left, right=right):
                return sp.Or(self.condition(left), self.condition(right))
            case text.Unary(operator="~", operand=inner):
                return sp.Not(self.condition(inner))
            case text.Name(id=name):
                (piece,) = self._name(name)
                return sp.Ne(piece.expression, 0)
        raise NotAFormula(f"{type(node).__name__} is no condition")

    def _name(self, name: str) -> list[Piece]:
        if name in self._bindings:
            return self._bindings[name]
        if name in _CONSTANTS:
            return [Piece(None, _CONSTANTS[name])]
        raise NotAFormula(f"{name!r} is neither an operand nor a parameter that is a number")

    def _call(self, name: str, arguments: list[list[Piece]]) -> list[Piece]:
        if name in PRIMITIVES:
            function = PRIMITIVES[name]
            gathered: list[tuple[sp.Basic | None, tuple[sp.Expr, ...]]] = [(None, ())]
            for argument in arguments:
                gathered = [(_both(c, p.condition), (*given, p.expression)) for c, given in gathered for p in argument]
            return [Piece(condition, function(*given)) for condition, given in gathered]
        operation = TABLE.get(name)
        if not isinstance(operation, Op) or not isinstance(operation.meaning, str):
            raise NotAFormula(f"{name} has no formula")
        operands = tuple(operation.binding.operand_name(place) for place in range(len(arguments)))
        inner = _Reader(dict(zip(operands, arguments, strict=True)))
        return inner.pieces(parse_formula(operation.meaning).result)


def _combine(function: Callable[[sp.Expr, sp.Expr], sp.Expr], left: list[Piece], right: list[Piece]) -> list[Piece]:
    return [Piece(_both(a.condition, b.condition), function(a.expression, b.expression)) for a in left for b in right]


def _both(a: sp.Basic | None, b: sp.Basic | None) -> sp.Basic | None:
    if a is None or b is None:
        return b if a is None else a
    return sp.And(a, b)
