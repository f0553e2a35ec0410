"""Where a formula that is too long for its line may be broken: between terms, and between factors."""

from __future__ import annotations

from symdiff.printing.breadth import breadth
from symdiff.printing.record import replace
from symdiff.printing.tree import Add, Bracket, Cases, Math, Negative, Number, Product, Rounded, Sum, Times

__all__ = ["broken"]

UNBROKEN = 16.0
"""A part of a line of up to so many letters is never broken."""

WHOLE = 28.0
"""A product without dots, of up to so many letters, is never broken."""


def broken(sign: str, node: Math) -> list[tuple[str, Math]]:
    """The pieces of a part, each with the sign before it: the terms of a sum, the factors that a dot keeps apart."""
    body = node.body if isinstance(node, Rounded) else node
    if breadth(body) <= UNBROKEN:
        return [(sign, body)]
    if isinstance(body, Add):
        return [piece for place, term in enumerate(body.terms) for piece in _term(sign if place == 0 else "+", term)]
    if isinstance(body, Times) and body.dot and len(body.factors) > 1:
        first, *rest = (_factor(factor) for factor in body.factors)
        return [(sign, first), *(("·", factor) for factor in rest)]
    if isinstance(body, Times) and len(body.factors) > 1 and breadth(body) > WHOLE:
        first, *rest = map(_factor, body.factors)
        return [(sign, first), *(("", factor) for factor in rest)]
    if isinstance(body, Sum | Product) and isinstance(body.body, Times) and breadth(body) > WHOLE:
        first, *rest = map(_factor, body.body.factors)
        return [(sign, replace(body, body=first)), *(("", factor) for factor in rest)]
    return [(sign, body)]


def _term(sign: str, term: Math) -> list[tuple[str, Math]]:
    if sign == "+" and isinstance(term, Negative):
        return broken("−", term.body if isinstance(term.body, Cases) else _factor(term.body))
    if sign == "+" and isinstance(term, Number) and term.is_negative:
        return [("−", Number(term.text[1:]))]
    if sign == "+" and isinstance(term, Times) and term.factors:
        first, *rest = term.factors
        if isinstance(first, Number) and first.is_negative:
            first = Negative(Number(first.text[1:]))
        if isinstance(first, Negative) and not isinstance(first.body, Add):
            return broken("−", Times((first.body, *rest), term.dot))
    return broken(sign, term)


def _factor(factor: Math) -> Math:
    """A factor that stands by itself keeps the brackets that it has between others."""
    needs = isinstance(factor, Add | Negative | Cases) or (isinstance(factor, Number) and factor.is_negative)
    return Bracket(factor) if needs else factor
