"""Whether strict linear inequalities can hold together: Fourier's and Motzkin's elimination, over the rationals."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

MOST = 200


def contradictory(positive: Sequence[sp.Expr]) -> bool:
    """Whether it is certain that the linear expressions ``positive`` cannot all be above 0; False for others."""
    rows = [sp.expand(expression) for expression in positive]
    letters = sorted({letter for row in rows for letter in row.free_symbols}, key=str)
    if any(not row.is_polynomial(*letters) or sp.total_degree(row, *letters) > 1 for row in rows if row.free_symbols):
        rows = [row for row in rows if row.free_symbols and row.is_polynomial(*letters) and _linear(row, letters)]
    for letter in letters:
        rows = _eliminated(rows, letter)
        if len(rows) > MOST:
            return False
    return any(row.is_Rational and row <= 0 for row in rows)


def _linear(row: sp.Expr, letters: Sequence[sp.Symbol]) -> bool:
    return bool(sp.total_degree(row, *letters) <= 1)


def _eliminated(rows: Sequence[sp.Expr], letter: sp.Symbol) -> list[sp.Expr]:
    below, above, rest = [], [], []
    for row in rows:
        slope = row.coeff(letter)
        if slope == 0:
            rest.append(row)
        elif slope > 0:
            below.append(sp.expand(row / slope))  # letter + b > 0
        else:
            above.append(sp.expand(row / -slope))  # -letter + a > 0
    return rest + [sp.expand(low + high) for low in below for high in above]
