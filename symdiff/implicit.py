"""Values that an equation defines, differentiated implicitly: ``inv``, ``det``, ``solve``.

From ``A X = B``: ``dA X + A dX = dB``, so that ``Bbar = A^-T Xbar`` and ``Abar = -Bbar X^T`` (Giles, Collected matrix
derivative results, 2008). The determinant's derivative is its matrix of cofactors, which needs no division.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symdiff.fields.base import Field, Values
from symdiff.fields.views import View, part
from symdiff.terms import Implicit


def implicit_forward(field: Field, meaning: Implicit, operands: Sequence[Values]) -> Values:
    """The value that the equation defines."""
    return FORWARD[meaning.kind](field, *operands)


def implicit_pullback(
    field: Field, meaning: Implicit, operands: Sequence[Values], result: Values, adjoint: Values, operand: int
) -> Values:
    """The adjoint of one operand, by differentiating the equation."""
    return PULLBACK[meaning.kind](field, operands, result, adjoint)[operand]


def inverse(field: Field, matrix: Values) -> Values:
    """The inverse by Gauss and Jordan, with rows exchanged for the largest pivot."""
    n = field.shape(matrix)[-1]
    return _solve(field, matrix, field.load(np.eye(n)))


def _solve(field: Field, matrix: Values, right: Values) -> Values:
    rows = [field.map(matrix, part(k)) for k in range(field.shape(matrix)[0])]
    sides = [field.map(right, _row(k)) for k in range(len(rows))]
    for k in range(len(rows)):
        pivot = _pivot(field, rows, k)
        rows[k], rows[pivot], sides[k], sides[pivot] = rows[pivot], rows[k], sides[pivot], sides[k]
        scale = field.reciprocal(_entry(field, rows[k], k))
        rows[k], sides[k] = field.multiply(rows[k], scale), field.multiply(sides[k], scale)
        for other in range(len(rows)):
            if other != k:
                factor = field.negate(_entry(field, rows[other], k))
                rows[other] = field.add(rows[other], field.multiply(rows[k], factor))
                sides[other] = field.add(sides[other], field.multiply(sides[k], factor))
    solution = field.zeros(field.shape(right))
    for k, side in enumerate(sides):
        field.add_into(solution, _row(k), side)
    return solution


def _row(k: int) -> View:
    return lambda array: array[k : k + 1] if array.ndim == 1 else array[k]


def _without(row: int, column: int) -> View:
    return lambda array: np.delete(np.delete(array, row, 0), column, 1)


def _entry(field: Field, row: Values, k: int) -> Values:
    return field.map(row, lambda a: a[k])


def _pivot(field: Field, rows: Sequence[Values], k: int) -> int:
    return max(range(k, len(rows)), key=lambda r: field.magnitude(_entry(field, rows[r], k)))


def determinant(field: Field, matrix: Values) -> Values:
    """The determinant, expanded along its first column: exact in every field, for the small matrices of a page."""
    n = field.shape(matrix)[-1]
    if n == 0:
        return field.load(np.ones(()))
    if n == 1:
        return field.map(matrix, lambda a: a[0, 0])
    total: Any = None
    for row in range(n):
        minor = field.map(matrix, _without(row, 0))
        entry = field.map(matrix, part(row, 0))
        piece = field.multiply(entry, determinant(field, minor))
        piece = field.negate(piece) if row % 2 else piece
        total = piece if total is None else field.add(total, piece)
    return total


def cofactors(field: Field, matrix: Values) -> Values:
    """The matrix of cofactors, the determinant's derivative by each entry."""
    n = field.shape(matrix)[-1]
    result = field.zeros((n, n))
    for row in range(n):
        for column in range(n):
            minor = field.map(matrix, _without(row, column))
            value = determinant(field, minor)
            value = field.negate(value) if (row + column) % 2 else value
            field.add_into(result, part(slice(row, row + 1), slice(column, column + 1)), value)
    return result


def _transposed(field: Field, matrix: Values) -> Values:
    return field.map(matrix, lambda a: a.T)


def _product(field: Field, a: Values, b: Values) -> Values:
    return field.einsum([(0, 1), (1, 2)], [a, b], [0, 2])


def _inverse_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    turned = _transposed(field, result)
    return [field.negate(_product(field, _product(field, turned, adjoint), turned))]


def _solve_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    right = _solve(field, _transposed(field, operands[0]), adjoint)
    columns = (field.map(v, lambda a: a[:, np.newaxis] if a.ndim == 1 else a) for v in (right, result))
    left = field.negate(field.einsum([(0, 2), (1, 2)], list(columns), [0, 1]))
    return [left, right]


def _determinant_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    return [field.multiply(cofactors(field, operands[0]), adjoint)]


FORWARD: dict[str, Callable[..., Values]] = {"inv": inverse, "det": determinant, "solve": _solve}
PULLBACK: dict[str, Callable[[Field, Sequence[Values], Values, Values], list[Values]]] = {
    "inv": _inverse_pullback,
    "det": _determinant_pullback,
    "solve": _solve_pullback,
}
