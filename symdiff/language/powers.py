"""The size of powers, estimated before anything computes one: 2**10**10 has three billion digits."""

from __future__ import annotations

import math
from collections.abc import Callable

from symdiff.errors import InputError
from symdiff.language.limits import Limits
from symdiff.language.tree import Assign, Binary, Constant, Expression, Name, Program, Unary, children

_CONSTANTS = {"pi": math.pi, "e": math.e}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
    "//": lambda a, b: a // b if b else math.nan,
    "%": lambda a, b: a % b if b else math.nan,
}


def check(program: Program, limits: Limits) -> None:
    """Refuses powers of numbers beyond float64, and exponents that compose to more than the limit.

    Raises:
        InputError: with the place of the power and the limit.
    """
    sizes = _Sizes(limits)
    for assign in program.assignments:
        sizes.assign(assign)
    sizes.of(program.result)


class _Sizes:
    """For every expression: its value if it is made of numbers alone, and the exponents it composes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names: dict[str, tuple[float | None, float]] = {}

    def assign(self, assign: Assign) -> None:
        self._names[assign.name] = self.of(assign.value)

    def of(self, node: Expression) -> tuple[float | None, float]:
        match node:
            case Constant(value) if isinstance(value, int | float):
                return float(value), 1.0
            case Name(name):
                return self._names.get(name, (_CONSTANTS.get(name), 1.0))
            case Unary("-", operand):
                value, exponent = self.of(operand)
                return (None if value is None else -value), exponent
            case Unary("+", operand):
                return self.of(operand)
            case Binary():
                return self._chain(node)
        for child in children(node):
            self.of(child)
        return None, 1.0

    def _chain(self, node: Binary) -> tuple[float | None, float]:
        spine = [node]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        size = self.of(spine[-1].left)
        for one in reversed(spine):
            right = self.of(one.right)
            size = self._power(one, size, right) if one.operator == "**" else self._combine(one.operator, size, right)
        return size

    def _combine(
        self, operator: str, left: tuple[float | None, float], right: tuple[float | None, float]
    ) -> tuple[float | None, float]:
        exponent = max(left[1], right[1])
        compute = _ARITHMETIC.get(operator)
        if compute is None or left[0] is None or right[0] is None:
            return None, exponent
        return compute(left[0], right[0]), exponent

    def _power(
        self, node: Binary, base: tuple[float | None, float], power: tuple[float | None, float]
    ) -> tuple[float | None, float]:
        if power[0] is None:
            return None, base[1]
        if base[0] is not None:
            return self._power_of_numbers(node, base[0], power[0]), 1.0
        composed = base[1] * max(abs(power[0]), 1.0)
        if not composed <= self._limits.exponent:
            self._refuse(
                node,
                f"powers compose to the exponent {composed:g}; the limit is {self._limits.exponent:g} "
                "(Limits.exponent)",
            )
        return None, composed

    def _power_of_numbers(self, node: Binary, base: float, power: float) -> float:
        bits = abs(power) * abs(math.log2(abs(base))) if base and math.isfinite(base) else 0.0
        if not bits <= self._limits.log2_power:
            sign = "+" if (abs(base) > 1) == (power > 0) else "-"
            self._refuse(
                node,
                f"this power of numbers is about 2**({sign}{bits:.3g}); the limit is 2**(±{self._limits.log2_power:g}) "
                "(Limits.log2_power), and float64 ends before it; write a smaller power",
            )
        try:
            value = base**power
        except (OverflowError, ZeroDivisionError):
            return math.inf
        return value if isinstance(value, float) else math.nan

    def _refuse(self, node: Binary, message: str) -> None:
        raise InputError(message, line=node.place.line, column=node.place.column)
