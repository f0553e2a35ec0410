"""The order in which people write the terms of a sum and the factors of a product."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import sympy as sp

__all__ = ["ordered_factors", "ordered_terms"]

Key = tuple[object, ...]

_DIGITS = re.compile(r"(\d+)")
_LAST = (1 << 30,)


def natural(text: str) -> Key:
    """A key under which x_2 comes before x_10."""
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in _DIGITS.split(text))


def ordered_terms(terms: Iterable[sp.Expr], name: Callable[[sp.Expr], str] = str) -> list[sp.Expr]:
    """Highest power of the first variable first, a number first or last as its company asks, no minus sign in front.

    ``name`` is how an expression is called on the page.
    """
    terms = list(terms)
    rest = [term for term in terms if not term.is_number]
    numbers = [term for term in terms if term.is_number]
    powers = [_powers(term) for term in rest]
    bases = sorted({base for monomial in powers for base in monomial}, key=lambda base: natural(name(base)))
    rank = {base: place for place, base in enumerate(bases)}
    keys = [(*sorted((rank[base], -exponent) for base, exponent in monomial.items()), _LAST) for monomial in powers]
    rest = [term for _, _, term in sorted(zip(keys, range(len(rest)), rest, strict=True))]
    first = bool(numbers) and all(map(_follows_a_number, rest))
    written = numbers + rest if first else rest + numbers
    return _positive_first(written)


def _powers(term: sp.Expr) -> dict[sp.Expr, float]:
    found: dict[sp.Expr, float] = {}
    for factor in sp.Mul.make_args(term):
        if factor.is_number:
            continue
        base, exponent = factor.as_base_exp()
        if isinstance(factor, sp.exp) or not exponent.is_Rational:
            base, exponent = factor, sp.Integer(1)
        found[base] = found.get(base, 0.0) + float(exponent)
    return found


def _follows_a_number(term: sp.Expr) -> bool:
    """1 + e^x, 1 + x² and 1 - x are written so, but x + 1."""
    if term.could_extract_minus_sign():
        return True
    factors = [factor for factor in sp.Mul.make_args(term) if not factor.is_number]
    return not all(isinstance(factor, (sp.Symbol, sp.Indexed)) for factor in factors)


def _positive_first(terms: Sequence[sp.Expr]) -> list[sp.Expr]:
    for place, term in enumerate(terms):
        if not term.could_extract_minus_sign():
            return [term, *terms[:place], *terms[place + 1 :]]
    return list(terms)


def ordered_factors(factors: Iterable[sp.Expr], name: Callable[[sp.Expr], str] = str) -> list[sp.Expr]:
    """Numbers, then variables by name, then exponentials, functions, brackets and big operators."""
    return sorted(factors, key=lambda factor: (_rank(factor), natural(name(factor))))


def _rank(factor: sp.Expr) -> int:
    base, _ = factor.as_base_exp() if not isinstance(factor, sp.exp) else (factor, None)
    for rank, kinds in enumerate(_RANKS):
        if isinstance(base, kinds):
            return rank
    return len(_RANKS)


_RANKS: tuple[type | tuple[type, ...], ...] = (
    sp.Number,
    sp.NumberSymbol,
    (sp.Symbol, sp.Indexed),
    sp.exp,
    sp.KroneckerDelta,
    sp.Function,
    sp.Derivative,
    sp.Add,
    sp.Mul,
    (sp.Sum, sp.Product),
    sp.Piecewise,
)
