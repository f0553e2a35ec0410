"""Formulas filled in: what stands for the operands, masks as the conditions that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from symdiff.meaning.formula import NotAFormula
from symdiff.meaning.terms import Index, variable


class Mask:
    """Marks a condition that fills a slot; ``substituted`` puts it where the formula asks whether the slot is not 0."""

    def __init__(self, condition: sp.Basic) -> None:
        self.condition = condition


def filled_condition(condition: sp.Basic | None, slots: Mapping[sp.Symbol, Any]) -> sp.Basic | None:
    filled = None if condition is None else substituted(condition, slots)
    return None if filled == sp.true else filled


def substituted(expression: sp.Basic, slots: Mapping[sp.Symbol, Any]) -> Any:
    plain = tuple((s, value) for s, value in slots.items() if not isinstance(value, Mask) and s is not value)
    # a condition has slots of its own: it comes in when those of the formula have been filled
    asked: dict[sp.Basic, sp.Basic] = {}
    conditions: dict[sp.Basic, sp.Basic] = {}
    for symbol, value in slots.items():
        if isinstance(value, Mask):
            stand_in = sp.Symbol(f"{symbol}_holds")
            asked |= {sp.Ne(symbol, 0): stand_in, sp.Eq(symbol, 0): sp.Not(stand_in)}
            conditions[stand_in] = value.condition
    return filled(expression.xreplace(asked), plain).xreplace(conditions)


@lru_cache(maxsize=8192)
def filled(expression: sp.Basic, slots: tuple[tuple[sp.Symbol, sp.Basic], ...]) -> sp.Basic:
    # two steps, so that s0 -> s1 and s1 -> s0 do not meet
    plain = dict(slots)
    fresh = {symbol: sp.Dummy(real=True) for symbol in plain if expression.has(symbol)}
    expression = expression.xreplace(fresh)
    return expression.xreplace({dummy: plain[symbol] for symbol, dummy in fresh.items()})


def place_of(indices: list[int], element: int) -> int:
    if element not in indices:
        indices.append(element)
    return indices.index(element)


def seen_through(index: Index, at: Sequence[Index]) -> Index:
    """The index map of a mask's own read, seen from where the mask is read."""
    if not index.variables:
        return index
    if len(index.variables) != 1 or index != variable(index.variables[0]):
        raise NotAFormula("a mask with index arithmetic")
    return at[index.variables[0]]
