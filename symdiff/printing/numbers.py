"""Python's numbers as mathematics."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction as _Fraction

from symdiff.printing.tree import Constant, Fraction, List, Math, Negative, Number, Rounded

__all__ = ["DIGITS", "number", "quotient", "short", "vector"]

DIGITS = 5
"""So many significant digits are read; all of them are looked up."""

LARGEST_OVER, LARGEST_UNDER = 999, 99
"""A fraction of no larger numbers is read more easily than five digits."""

SAME = 1e-14


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


def short(value: float, digits: int = DIGITS) -> Math:
    """A number as it is read: itself where it has few digits, a short fraction where it is one, else rounded.

    >>> short(0.5), short(1 / 18).over, short(2 / 3 + 1e-9).body
    (Number(text='0.5'), Number(text='1'), Number(text='0.66667'))
    """
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return number(value)
    rounded = float(f"{value:.{digits}g}")
    if abs(value - rounded) <= SAME * abs(value):
        return number(rounded)
    if abs(value) < LARGEST_OVER:
        near = _Fraction(value).limit_denominator(LARGEST_UNDER)
        if near and abs(near.numerator) <= LARGEST_OVER and abs(value - float(near)) <= SAME * abs(value):
            return quotient(near.numerator, near.denominator)
    if value.is_integer() and abs(value) < 1e7:
        return number(value)
    return Rounded(number(rounded))


def quotient(over: int, under: int) -> Math:
    """A rational number as a fraction, its sign in front; ``under`` is positive."""
    size = Fraction(Number(str(abs(over))), Number(str(under))) if under != 1 else Number(str(abs(over)))
    return Negative(size) if over < 0 else size


def vector(values: Iterable[float]) -> List:
    """Numbers in square brackets."""
    return List(tuple(number(value) for value in values))
