"""Lengths of axes that a rule may compute with, and that stay letters while it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.meaning.sizes import Size, literal


class Length(int):
    """The length of an axis: a whole number where a rule asks for one, and a letter in every formula made of it.

    Sums, differences and products of lengths are lengths; what is divided by one becomes a symbolic number by ``lift``.
    What else is done to a length sees the number that it has in the sample, also a float divided by one.
    """

    size: Size
    lift: Callable[[Size], Any]

    def __new__(cls, size: Size, lift: Callable[[Size], Any]) -> Length:
        made = super().__new__(cls, size.value)
        made.size, made.lift = size, lift
        return made

    def __add__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: a + b, int.__add__)

    def __radd__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: b + a, int.__radd__)

    def __sub__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: a - b, int.__sub__)

    def __rsub__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: b - a, int.__rsub__)

    def __mul__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: a * b, int.__mul__)

    def __rmul__(self, other: Any) -> Any:
        return self._made(other, lambda a, b: b * a, int.__rmul__)

    def __truediv__(self, other: Any) -> Any:
        # NumPy divides lengths by steps on its own account
        return self.lift(self.size) / other.lift(other.size) if isinstance(other, Length) else int(self) / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.lift(self.size)

    def _made(self, other: Any, on_sizes: Callable[[Any, Any], Size], on_numbers: Callable[[int, Any], Any]) -> Any:
        if isinstance(other, Length):
            return Length(on_sizes(self.size, other.size), self.lift)
        if isinstance(other, bool) or not isinstance(other, int):
            return on_numbers(self, other)
        return Length(on_sizes(self.size, literal(other)), self.lift)


def as_sizes(values: Any) -> Any:
    """``values`` with every Length as the Size that it is."""
    if isinstance(values, Length):
        return values.size
    return [as_sizes(value) for value in values] if isinstance(values, list | tuple) else values
