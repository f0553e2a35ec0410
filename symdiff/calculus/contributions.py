"""Contributions as they are evaluated: those that read the same element together, in results that are already there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from symdiff.calculus.chain_rule import Contribution, ThroughTerm
from symdiff.meaning.terms import Term, slot

BAR = sp.Symbol("ybar", real=True)
RESULT = sp.Symbol("y", real=True)


@dataclass(frozen=True, slots=True)
class Sending:
    """What is evaluated for a contribution: ``whole`` is the adjoint ``bar`` times ``partial``.

    ``result`` stands for the consumer's own value in them, None where they do not use it; ``polynomial`` says whether
    the partial is finite wherever what it reads is.
    """

    slot: int
    bar: sp.Symbol
    partial: sp.Expr
    whole: sp.Expr
    result: sp.Symbol | None
    polynomial: bool


def merged(contributions: Sequence[Contribution]) -> list[Contribution]:
    """Contributions through one term from slots that read the same element, as one: 2*x for x*x."""
    found: list[Contribution] = []
    for contribution in contributions:
        last = found[-1] if found else None
        if isinstance(last, ThroughTerm) and isinstance(contribution, ThroughTerm) and _together(last, contribution):
            total = _added(last.partial, contribution.partial, last.slot, contribution.slot)
            found[-1] = replace(last, partial=total)
        else:
            found.append(contribution)
    return found


def _together(a: ThroughTerm, b: ThroughTerm) -> bool:
    term = a.term
    if term is not b.term or a.consumer != b.consumer or term.product or term.run is not None:
        return False
    return term.reads[a.slot] == term.reads[b.slot]


@lru_cache(maxsize=4096)
def _added(a: sp.Expr, b: sp.Expr, first: int, second: int) -> sp.Expr:
    same = {slot(second): slot(first)}
    return a.xreplace(same) + b.xreplace(same)


def sending(contribution: ThroughTerm, whole: bool) -> Sending:
    """How a contribution is evaluated; ``whole`` says that its term alone makes the consumer's elements."""
    return _sending(contribution.partial, _formula(contribution.term) if whole else None, contribution.slot)


def _formula(term: Term) -> sp.Expr | None:
    # a product's and a running term's own value is not that of its formula
    return None if term.product or term.run is not None else term.formula


@lru_cache(maxsize=4096)
def _sending(partial: sp.Expr, formula: sp.Expr | None, number: int) -> Sending:
    if formula is not None and not formula.is_Symbol and not formula.is_Add and not formula.is_number:
        partial = partial.xreplace(_known(formula))
    result = RESULT if RESULT in partial.free_symbols else None
    polynomial = bool(partial.is_polynomial())
    return Sending(number, BAR, partial, BAR * partial, result, polynomial)


def _known(formula: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """What in a partial the consumer's own value stands for: exp(x), tanh(x), sqrt(x) in 1/(2*sqrt(x))."""
    known: dict[sp.Expr, sp.Expr] = {formula: RESULT}
    if isinstance(formula, sp.Pow) and formula.exp.is_Rational and not formula.exp.is_Integer:
        known[sp.Pow(formula.base, -formula.exp)] = 1 / RESULT
    return known
