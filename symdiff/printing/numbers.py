"""Python's numbers as mathematics."""

from __future__ import annotations

import math
from collections.abc import Iterable

from symdiff.printing.tree import Constant, Fraction, List, Math, Negative, Number

__all__ = ["number", "quotient", "vector"]


def number(value: int | float) -> Math:
    """A number in the shortest text that reads back as the same number; integral floats as integers, -0.0 as 0."""
    if isinstance(value, int):
        return Number(str(int(value)))
    value = float(value)
    if math.isnan(value):
        return Constant("nan")
    if math.isinf(value):
        return Constant("inf") if value > 0 else Negative(Constant("inf"))
    # a signed zero is a matter of code, not of mathematics
    text = repr(value if value else 0.0).removesuffix(".0").replace("e+", "e")
    digits = text.lstrip("-").rstrip("0")
    if text.endswith("000000") and "." not in text and "e" not in text:
        # nobody counts the noughts of 4500000000000000
        sign, size = "-" * (value < 0), len(text.lstrip("-")) - 1
        text = f"{sign}{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}e{size}"
    return Number(text)


def quotient(over: int, under: int) -> Math:
    """A rational number as a fraction, its sign in front; ``under`` is positive."""
    size = Fraction(Number(str(abs(over))), Number(str(under))) if under != 1 else Number(str(abs(over)))
    return Negative(size) if over < 0 else size


def vector(values: Iterable[float]) -> List:
    """Numbers in square brackets."""
    return List(tuple(number(value) for value in values))
