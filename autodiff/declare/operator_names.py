"""Python's operators, each once: the operation it stands for, its special method, its sign, its class in ``ast``.

Tensors get their operators from here; so do the text language, symbolic elements, and steps that are written as code.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: ``Operator("divide", "truediv", "/", "Div")`` is what ``x / y`` and ``x.__truediv__(y)`` compute.

    ``sign`` and ``syntax`` are empty where Python has a function instead, as for ``abs(x)``.
    """

    operation: str
    word: str
    sign: str = ""
    syntax: str = ""

    @property
    def method(self) -> str:
        return f"__{self.word}__"

    @property
    def reflected(self) -> str:
        """The method of the right operand, where the left one has none that serves."""
        return f"__r{self.word}__"

    @property
    def in_place(self) -> str:
        """The method of ``x += y``."""
        return f"__i{self.word}__"

    @property
    def function(self) -> Callable[..., Any]:
        """What applies it to any operands: ``operator.truediv``."""
        function: Callable[..., Any] = getattr(operator, self.method)
        return function


ARITHMETIC = (
    Operator("add", "add", "+", "Add"),
    Operator("subtract", "sub", "-", "Sub"),
    Operator("multiply", "mul", "*", "Mult"),
    Operator("divide", "truediv", "/", "Div"),
    Operator("floor_divide", "floordiv", "//", "FloorDiv"),
    Operator("remainder", "mod", "%", "Mod"),
    Operator("power", "pow", "**", "Pow"),
    Operator("matmul", "matmul", "@", "MatMult"),
)

# These join masks; the bits of numbers have no derivative.
LOGICAL = (
    Operator("logical_and", "and", "&", "BitAnd"),
    Operator("logical_or", "or", "|", "BitOr"),
    Operator("logical_xor", "xor", "^", "BitXor"),
)

COMPARISONS = (
    Operator("less", "lt", "<", "Lt"),
    Operator("less_equal", "le", "<=", "LtE"),
    Operator("greater", "gt", ">", "Gt"),
    Operator("greater_equal", "ge", ">=", "GtE"),
    Operator("equal", "eq", "==", "Eq"),
    Operator("not_equal", "ne", "!=", "NotEq"),
)

UNARY = (
    Operator("negative", "neg", "-", "USub"),
    Operator("positive", "pos", "+", "UAdd"),
    Operator("logical_not", "invert", "~", "Invert"),
    Operator("absolute", "abs"),
    Operator("floor", "floor"),
    Operator("ceil", "ceil"),
    Operator("trunc", "trunc"),
)
