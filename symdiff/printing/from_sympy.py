"""sympy's expressions as trees of ours, written the way people write them: x_1/2, not 1/2 x_1; 1 - tanh²(x); √x."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, singledispatchmethod

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanAtom

from symdiff.printing.ascii import ascii_text
from symdiff.printing.numbers import number, quotient
from symdiff.printing.order import ordered_factors, ordered_terms
from symdiff.printing.tree import (
    Absolute,
    Add,
    Call,
    Cases,
    Constant,
    Delta,
    Fraction,
    List,
    Math,
    Matrix,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Root,
    Subscript,
    Sum,
    Symbol,
    Text,
    Times,
)

__all__ = ["from_sympy", "operations"]

Names = Mapping[sp.Basic, Math]

# exp(x) is written e^x while its argument is no taller or longer than this
LONGEST_EXPONENT = 6

# beyond this nobody sees what a fraction is
LARGEST_DENOMINATOR = 1000

_INDEXED_NAME = re.compile(r"([^\W\d_]\w*?)_(\d+|[^\W\d_]|\{[\w,]+\})")


@lru_cache(maxsize=8192)
def operations(expression: sp.Basic) -> int:
    """How many operations an expression has."""
    return int(sp.count_ops(expression))


def from_sympy(
    expression: sp.Basic | int | float, names: Names | None = None, decimals: frozenset[sp.Basic] = frozenset()
) -> Math:
    """The tree for an expression.

    ``names`` says how symbols, indexed bases and whole subexpressions are written; a symbol that it does not hold is
    written by its own name, ``x_1`` as x with the index 1. ``decimals`` are the rationals that are written as decimals
    although they are short fractions, since that is how somebody typed them.
    """
    if isinstance(expression, (int, float)):
        return number(expression)
    if isinstance(expression, sp.MatrixBase):
        expression = expression.as_immutable()
    return _Translator(names or {}, expression, decimals)(expression)


class _Translator:
    def __init__(self, names: Names, whole: sp.Basic, decimals: frozenset[sp.Basic] = frozenset()) -> None:
        self.names = names
        self.decimals = decimals
        self.written: dict[sp.Basic, Math] = {}
        written = [names.get(symbol, Symbol(getattr(symbol, "name", ""))) for symbol in whole.free_symbols]
        # where a variable is called e, the base of the exponential must not be
        self.e_is_free = not any(isinstance(name, Symbol) and name.name == "e" for name in written)

    def __call__(self, expression: sp.Basic) -> Math:
        known = self.names.get(expression)
        if known is None:
            known = self.written.get(expression)
        if known is None:
            known = self.written[expression] = self.write(expression)
        return known

    def is_decimal(self, value: sp.Basic) -> bool:
        """Whether a rational is written as a decimal."""
        return is_decimal(value) or value in self.decimals

    def name(self, expression: sp.Basic) -> str:
        """What an expression is called on the page, for putting terms in order."""
        return ascii_text(self(expression)) if self.names else str(expression)

    def all(self, expressions: tuple[sp.Basic, ...]) -> tuple[Math, ...]:
        return tuple(map(self, expressions))

    @singledispatchmethod
    def write(self, expression: sp.Basic) -> Math:
        return Call(_function_name(expression), self.all(expression.args))

    @write.register
    def _(self, expression: sp.Symbol) -> Math:
        return _named(expression.name)

    @write.register
    def _(self, expression: sp.Integer) -> Math:
        return _whole(expression)

    @write.register
    def _(self, expression: sp.Rational) -> Math:
        if self.is_decimal(expression):
            return number(float(expression))
        return quotient(int(expression.p), int(expression.q))

    @write.register
    def _(self, expression: sp.Float) -> Math:
        return number(float(expression))

    @write.register
    def _(self, expression: sp.NumberSymbol) -> Math:
        return Constant(_CONSTANTS.get(expression, str(expression)))

    @write.register(type(sp.oo))
    @write.register(type(sp.nan))
    @write.register(type(sp.I))
    @write.register(type(sp.zoo))
    def _(self, expression: sp.Basic) -> Math:
        return Constant(_CONSTANTS[expression])

    @write.register
    def _(self, expression: type(sp.S.NegativeInfinity)) -> Math:  # type: ignore[valid-type]
        return Negative(Constant("inf"))

    @write.register
    def _(self, expression: sp.Add) -> Math:
        # decimals stay as they are, with no denominator in front
        typed = any(self.is_decimal(term.as_coeff_Mul()[0]) for term in expression.args)
        factor = 1 if typed else _common_denominator(expression)
        terms = ordered_terms(expression.args, self.name)
        if factor == 1:
            return Add(tuple(map(self, terms)))
        return Fraction(Add(tuple(self(term * factor) for term in terms)), number(factor))

    @write.register
    def _(self, expression: sp.Mul) -> Math:
        coefficient, rest = expression.as_coeff_Mul()
        if coefficient.is_negative:
            return Negative(self(-expression))
        over, under = _over_and_under(coefficient, rest, self.is_decimal(coefficient))
        return self.fraction(ordered_factors(over, self.name), ordered_factors(under, self.name))

    def fraction(self, over: list[sp.Expr], under: list[sp.Expr]) -> Math:
        if not under:
            return self.product(over)
        # a big operator, or pieces, stand behind the fraction: (1/n) Σ ...
        behind = [factor for factor in over if isinstance(factor, (sp.Sum, sp.Product, sp.Piecewise))]
        above = [factor for factor in over if factor not in behind]
        front = Fraction(self.product(above), self.product(under))
        return Times((front, *map(self, behind))) if behind else front

    def product(self, factors: list[sp.Expr]) -> Math:
        if not factors:
            return Number("1")
        return self(factors[0]) if len(factors) == 1 else Times(tuple(map(self, factors)))

    @write.register
    def _(self, expression: sp.Pow) -> Math:
        base, exponent = expression.args
        if _is_negative(exponent):
            return Fraction(Number("1"), self(sp.Pow(base, -exponent)))
        if exponent.is_Rational and exponent.p == 1 and exponent.q in (2, 3):
            return Root(self(base), None if exponent.q == 2 else number(int(exponent.q)))
        return Power(self(base), _on_one_line(self(exponent)))

    @write.register
    def _(self, expression: sp.exp) -> Math:
        exponent = expression.args[0]
        argument = self(exponent)
        tall = (sp.Sum, sp.Product, sp.Piecewise, sp.Function)
        short = operations(exponent) < LONGEST_EXPONENT and not exponent.has(*tall)
        return Power(Constant("e"), _on_one_line(argument)) if short and self.e_is_free else Call("exp", (argument,))

    @write.register
    def _(self, expression: sp.Indexed) -> Math:
        name = self(expression.base)
        index = self.all(expression.indices)
        if isinstance(name, Symbol):
            return Symbol(name.name, name.index + index)
        return Subscript(name, index)

    @write.register
    def _(self, expression: sp.IndexedBase) -> Math:
        return self(expression.label)

    @write.register
    def _(self, expression: sp.Idx) -> Math:
        return self(expression.label)

    @write.register
    def _(self, expression: sp.Abs) -> Math:
        return Absolute(self(expression.args[0]))

    @write.register
    def _(self, expression: sp.KroneckerDelta) -> Math:
        return Delta(*self.all(expression.args[:2]))

    @write.register
    def _(self, expression: AppliedUndef) -> Math:
        return Call(expression.func.__name__, self.all(expression.args))

    @write.register
    def _(self, expression: sp.polygamma) -> Math:
        order, argument = expression.args
        if order == 0:
            return Call("digamma", (self(argument),))
        return Call("polygamma", (self(order), self(argument)))

    @write.register
    def _(self, expression: sp.Sum) -> Math:
        return self.big(Sum, expression)

    @write.register
    def _(self, expression: sp.Product) -> Math:
        (index, low, high), *others = expression.limits
        without = _all_but_one(expression.function, index)
        if without is None or others or low != 1:
            return self.big(Product, expression)
        factor, but = without
        return Product(self(factor), Relation("≠", self(index), self(but)), None, self(high))

    def big(self, kind: Callable[..., Math], expression: sp.Sum | sp.Product) -> Math:
        body = self(expression.function)
        for index, *bounds in expression.limits:
            body = kind(body, self(index), *map(self, bounds))
        return body

    @write.register
    def _(self, expression: sp.Derivative) -> Math:
        of = self(expression.expr)
        if len(expression.variable_count) == 1:
            (variable, count), *_ = expression.variable_count
            return Partial(of, self(variable), int(count))
        return Partial(of, self.all(expression.variables))

    @write.register
    def _(self, expression: sp.Piecewise) -> Math:
        pairs = ((self(value), condition) for value, condition in expression.args)
        return Cases(tuple((value, None if condition == sp.true else self(condition)) for value, condition in pairs))

    @write.register
    def _(self, expression: sp.core.relational.Relational) -> Math:
        return Relation(_RELATIONS[expression.rel_op], self(expression.lhs), self(expression.rhs))

    @write.register
    def _(self, expression: sp.And) -> Math:
        return self.joined("∧", expression)

    @write.register
    def _(self, expression: sp.Or) -> Math:
        return self.joined("∨", expression)

    def joined(self, sign: str, expression: sp.Basic) -> Math:
        # the lower bound first: x > 0 and x < 1
        bounds = sorted(sp.ordered(expression.args), key=lambda part: isinstance(part, (sp.Lt, sp.Le)))
        first, *rest = self.all(tuple(bounds))
        for part in rest:
            first = Relation(sign, first, part)
        return first

    @write.register
    def _(self, expression: BooleanAtom) -> Math:
        return Text(str(bool(expression)).lower())

    @write.register
    def _(self, expression: sp.Tuple) -> Math:
        return List(self.all(expression.args))

    @write.register
    def _(self, expression: sp.MatrixBase) -> Math:
        return Matrix(tuple(self.all(tuple(expression.row(row))) for row in range(expression.rows)))


def _on_one_line(exponent: Math) -> Math:
    match exponent:
        case Fraction(over=over, under=under):
            return Fraction(over, under, slashed=True)
        case Negative(body=Fraction(over=over, under=under)):
            return Negative(Fraction(over, under, slashed=True))
        case _:
            return exponent


def _named(name: str) -> Symbol:
    found = _INDEXED_NAME.fullmatch(name)
    if found is None:
        return Symbol(name)
    parts = found[2].strip("{}").split(",")
    return Symbol(found[1], tuple(Number(part) if part.isdecimal() else Symbol(part) for part in parts))


def _is_negative(exponent: sp.Expr) -> bool:
    return bool(exponent.is_negative) if exponent.is_number else bool(exponent.as_coeff_Mul()[0].is_negative)


def _over_and_under(coefficient: sp.Expr, rest: sp.Expr, decimal: bool) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """The factors above and below the line, the parts of a rational coefficient among them."""
    over: list[sp.Expr] = []
    under: list[sp.Expr] = []
    for factor in sp.Mul.make_args(rest):
        if isinstance(factor, sp.Pow) and _is_negative(factor.exp):
            under.append(sp.Pow(factor.base, -factor.exp))
        elif factor != 1:
            over.append(factor)
    if decimal:
        return [sp.Float(float(coefficient), 17), *over], under
    top, bottom = (coefficient.p, coefficient.q) if coefficient.is_Rational else (coefficient, 1)
    if top != 1:
        over.append(sp.Integer(top) if coefficient.is_Rational else top)
    if bottom != 1:
        under.append(sp.Integer(bottom))
    return over, under


def is_decimal(value: sp.Basic) -> bool:
    """Whether a rational is a decimal that somebody typed (1e-8, 6.674e-11), and no short fraction."""
    if not value.is_Rational or value.q <= LARGEST_DENOMINATOR:
        return False
    rest = int(value.q)
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    nearest = float(value)
    return rest == 1 and nearest != 0 and abs(nearest) < float("inf") and sp.Rational(repr(nearest)) == value


def _common_denominator(total: sp.Add) -> int:
    """The denominator that every term's number has, or 1: sympy spreads (a + b)/4 over the terms, people do not."""
    numbers = [term.as_coeff_Mul()[0] for term in total.args]
    if not all(value.is_Rational for value in numbers):
        return 1
    denominators = {int(value.q) for value in numbers}
    common = denominators.pop() if len(denominators) == 1 else 1
    return common if common <= LARGEST_DENOMINATOR else 1


def _function_name(expression: sp.Basic) -> str:
    return _FUNCTIONS.get(type(expression).__name__, type(expression).__name__)


_CONSTANTS: dict[sp.Basic, str] = {
    sp.pi: "pi",
    sp.E: "e",
    sp.oo: "inf",
    sp.nan: "nan",
    sp.I: "i",
    sp.zoo: "nan",
}
_RELATIONS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_FUNCTIONS = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "ceiling": "ceil",
    "Heaviside": "heaviside",
    "loggamma": "gammaln",
    "Max": "max",
    "Min": "min",
    "Mod": "mod",
    "besseli": "i",
    "besselj": "j",
}


def _whole(value: sp.Integer) -> Math:
    """A whole number; one of many digits that a float spells in fewer is written as the float is."""
    short = repr(float(value)) if abs(value) < 10**308 else ""
    if abs(value) >= 10**21 and short and value in (sp.Rational(short), int(float(value))):
        return number(float(value))
    return number(int(value))


def _all_but_one(body: sp.Expr, index: sp.Symbol) -> tuple[sp.Expr, sp.Expr] | None:
    """The factor and the index that is left out, where a product's body is 1 at one index."""
    if not isinstance(body, sp.Piecewise) or len(body.args) != 2:
        return None
    (first, condition), (second, _) = body.args
    factor, one = (first, second) if isinstance(condition, sp.Ne) else (second, first)
    if not isinstance(condition, sp.Ne | sp.Eq) or one != 1 or index not in condition.args:
        return None
    (but,) = (side for side in condition.args if side != index)
    return factor, but
