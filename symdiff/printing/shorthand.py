"""Short ways to build trees by hand."""

from __future__ import annotations

from symdiff.printing.numbers import number
from symdiff.printing.tree import Add, Chain, Math, Partial, Symbol, Times

__all__ = ["add", "as_math", "chain", "dot", "partial", "symbol", "times"]


def as_math(value: Math | int | float | str) -> Math:
    """A number or a name as mathematics; mathematics stays what it is."""
    if isinstance(value, Math):
        return value
    return Symbol(value) if isinstance(value, str) else number(value)


def symbol(name: str, *index: Math | int | str) -> Symbol:
    """A name with an index of numbers, names or mathematics: ``symbol("x", 1)``, ``symbol("W", "i", 3)``."""
    return Symbol(name, tuple(as_math(part) for part in index))


def chain(*parts: Math | int | float | str) -> Chain:
    """a = b = c."""
    return Chain(tuple(as_math(part) for part in parts))


def add(*terms: Math | int | float | str) -> Add:
    """a + b + c."""
    return Add(tuple(as_math(term) for term in terms))


def times(*factors: Math | int | float | str) -> Times:
    """a b c, juxtaposed."""
    return Times(tuple(as_math(factor) for factor in factors))


def dot(*factors: Math | int | float | str) -> Times:
    """a · b · c, each factor kept apart."""
    return Times(tuple(as_math(factor) for factor in factors), dot=True)


def partial(of: Math | str, by: Math | str) -> Partial:
    """∂of/∂by."""
    return Partial(as_math(of), as_math(by))
