"""Scalar formulas of a term in the words of a framework, elementwise over arrays."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symdiff.code_out.backends import Backend
from symdiff.code_out.from_text import NotSpelt

FUNCTIONS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "atan2": "arctan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "Abs": "abs", "sign": "sign", "floor": "floor", "ceiling": "ceil",
    "erf": "erf", "erfc": "erfc", "gamma": "gamma", "loggamma": "gammaln",
}  # fmt: skip
"""sympy's functions by class name, as the text language calls them."""

OVER = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}
ADD, TIMES, SIGN, POWER, POST = 1, 2, 3, 4, 5


class FormulaWriter:
    """Writes formulas; ``names`` has the code of every symbol."""

    def __init__(self, backend: Backend, names: Mapping[sp.Symbol, str]) -> None:
        self._backend, self._names = backend, names

    def __call__(self, expression: sp.Basic, least: int = 0) -> str:
        text, level = self._written(expression)
        return text if level >= least else f"({text})"

    def _written(self, expression: sp.Basic) -> tuple[str, int]:
        if expression.is_Symbol:
            return self._names[expression], POST
        if isinstance(expression, sp.Expr) and expression.is_number and not expression.has(sp.Function):
            return self._number(expression)
        if expression.is_Add:
            return self._add(expression), ADD
        if expression.is_Mul:
            return self._mul(expression), TIMES
        if expression.is_Pow:
            return self._pow(expression)
        return self._call(expression), POST

    def _number(self, number: sp.Expr) -> tuple[str, int]:
        constant = "math" if self._backend.name == "torch" else self._backend.module
        if number is sp.pi or number is sp.E:
            return f"{constant}.{'pi' if number is sp.pi else 'e'}", POST
        if number.is_infinite or number is sp.nan:
            return f'float("{"nan" if number is sp.nan else "-inf" if number.is_negative else "inf"}")', POST
        text = repr(float(number))
        return text, SIGN if text.startswith("-") else POST

    def _add(self, total: sp.Basic) -> str:
        text = ""
        for term in total.as_ordered_terms():
            negative = term.could_extract_minus_sign()
            part = self(-term if negative else term, TIMES)
            text = (f"-{part}" if negative else part) if not text else f"{text} {'-' if negative else '+'} {part}"
        return text

    def _mul(self, product: sp.Basic) -> str:
        above, below = [], []
        for factor in product.as_ordered_factors():
            base, exponent = factor.as_base_exp()
            if exponent.is_Rational and exponent < 0 and not factor.is_number:
                below.append(self(sp.Pow(base, -exponent), POWER))
            else:
                above.append(factor)
        sign = ""
        if above and above[0].is_number and above[0].is_negative:
            sign, above[0] = "-", -above[0]
        parts = [self(factor, SIGN) for factor in above if factor != 1]
        text = " * ".join(parts) or "1.0"
        return sign + "".join([text, *(f" / {part}" for part in below)])

    def _pow(self, power: sp.Basic) -> tuple[str, int]:
        base, exponent = power.base, power.exp
        if base is sp.E:
            return self._backend.patterns["exp"].format(self(exponent), more=""), POST
        if exponent.is_Rational and exponent < 0:
            return f"1.0 / {self(sp.Pow(base, -exponent), POWER)}", TIMES
        if exponent == sp.Rational(1, 2):
            pattern = self._backend.patterns["sqrt"]
            return pattern.format(self(base, POST if pattern.startswith("{0}") else 0), more=""), POST
        whole = str(exponent) if exponent.is_Integer else self(exponent, POST)
        return f"{self(base, POST)} ** {whole}", POWER

    def _call(self, expression: sp.Basic) -> str:
        backend, name = self._backend, type(expression).__name__
        if name in ("Max", "Min"):
            text = self(expression.args[0])
            for other in expression.args[1:]:
                text = backend.patterns["maximum" if name == "Max" else "minimum"].format(
                    text, self(other), more=f", {self(other)}"
                )
            return text
        if isinstance(expression, sp.Piecewise):
            text = "0.0"
            for value, condition in reversed(expression.args):
                text = (
                    self(value) if condition == sp.true else backend.where(self.condition(condition), self(value), text)
                )
            return text
        if name in OVER:
            return f"(1.0 / {backend.patterns[OVER[name]].format(self(expression.args[0]), more='')})"
        pattern = backend.patterns.get(FUNCTIONS.get(name, ""))
        if pattern is None:
            raise NotSpelt(name)
        first, *others = (self(each) for each in expression.args)
        return pattern.format(first, *others, more="".join(f", {each}" for each in others))

    def condition(self, condition: sp.Basic) -> str:
        """A condition as a mask."""
        if isinstance(condition, sp.And | sp.Or):
            sign = " & " if isinstance(condition, sp.And) else " | "
            return sign.join(f"({self.condition(each)})" for each in condition.args)
        if isinstance(condition, sp.Not):
            return f"~({self.condition(condition.args[0])})"
        if not isinstance(condition, sp.core.relational.Relational):
            raise NotSpelt(str(condition))
        return f"{self(condition.lhs, ADD)} {condition.rel_op} {self(condition.rhs, ADD)}"
