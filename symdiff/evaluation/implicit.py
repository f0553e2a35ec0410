"""Values that an equation defines, differentiated implicitly: inverse, solution, determinant, factors of matrices.

From ``A X = B``: ``dA X + A dX = dB``, so that ``Bbar = A^-T Xbar`` and ``Abar = -Bbar X^T``; from ``L L^T = A``:
``L^-1 dA L^-T = L^-1 dL + (L^-1 dL)^T``; from ``A V = V diag(w)``: ``V^T dA V = diag(dw)`` on the diagonal and
``(w_j - w_i) (V^T dV)_ij`` beside it (Giles, Collected matrix derivative results, 2008). The determinant's derivative
is its matrix of cofactors, which needs no division.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from symdiff.evaluation.equations import adjoints, fits
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.views import part
from symdiff.evaluation.matrices import (
    cholesky,
    cofactor_change,
    cofactors,
    determinant,
    eigenvectors,
    inverse,
    lower,
    product,
    solution,
    subtracted,
    symmetric_part,
    transposed,
)
from symdiff.evaluation.precision import mp
from symdiff.evaluation.running import recurrence, recurrence_pullback
from symdiff.meaning.terms import Implicit


def implicit_forward(field: Field, meaning: Implicit, operands: Sequence[Values]) -> Values:
    """The value that the equation defines."""
    return FORWARD[meaning.kind](field, *operands, **dict(meaning.options))


def implicit_pullback(
    field: Field, meaning: Implicit, operands: Sequence[Values], result: Values, adjoint: Values, operand: int
) -> Values:
    """The adjoint of one operand, by differentiating the equation: the equation itself where high precision asks."""
    if isinstance(field, Exact) and fits(meaning.kind, [np.shape(each) for each in operands], np.shape(result)):
        sent = adjoints(meaning.kind, operands, result, adjoint)
        if sent is not None:
            return sent[operand]
    return PULLBACK[meaning.kind](field, operands, result, adjoint, **dict(meaning.options))[operand]


# --- systems ----------------------------------------------------------------------------------------------------------


def _columns(field: Field, matrix: Values, right: Values) -> Values:
    """A right-hand side as columns: one vector is a matrix of one column."""
    alone = len(field.shape(right)) == len(field.shape(matrix)) - 1
    return field.map(right, part(..., None)) if alone else right


def _solved(field: Field, matrix: Values, right: Values) -> Values:
    found = solution(field, matrix, _columns(field, matrix, right))
    shape = field.shape(right)
    return field.map(found, lambda a: np.reshape(a, shape))


def _inverse_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    turned = transposed(field, result)
    return [field.negate(product(field, product(field, turned, adjoint), turned))]


def _solve_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    right = _solved(field, transposed(field, operands[0]), adjoint)
    sent, found = (_columns(field, operands[0], v) for v in (right, result))
    return [field.negate(product(field, sent, transposed(field, found))), right]


# --- determinants -----------------------------------------------------------------------------------------------------


def _determinant_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    return [field.multiply(cofactors(field, operands[0]), field.map(adjoint, part(..., None, None)))]


def _cofactors_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    return [cofactor_change(field, operands[0], adjoint)]


# --- factors ----------------------------------------------------------------------------------------------------------


def _cholesky_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    # Abar = sym(L^-T phi(L^T Lbar) L^-1), phi the lower triangle with half of the diagonal
    back = transposed(field, result)
    inside = lower(field, product(field, back, adjoint))
    half = solution(field, back, inside)
    return [symmetric_part(field, transposed(field, solution(field, back, transposed(field, half))))]


def _refinements(field: Field) -> int:
    """How often a solution in floats is refined until the field's precision is reached."""
    if not isinstance(field, Exact):
        return 2
    return 2 + max(0, int(np.ceil(np.log2(mp.prec / 40))))


def _eigen(field: Field, matrix: Values) -> Values:
    """The eigenvalues as the first row, above the matrix of eigenvectors."""
    values, vectors = eigenvectors(field, matrix, _refinements(field))
    shape = field.shape(vectors)
    both = field.zeros((*shape[:-2], shape[-2] + 1, shape[-1]))
    field.add_into(both, part(..., slice(0, 1), slice(None)), field.map(values, part(..., None, slice(None))))
    field.add_into(both, part(..., slice(1, None), slice(None)), vectors)
    return both


def _eigen_pullback(field: Field, operands: Sequence[Values], result: Values, adjoint: Values) -> list[Values]:
    # Abar = V (diag(wbar) + F * (V^T Vbar)) V^T, F_ij = 1/(w_j - w_i) beside the diagonal
    values, vectors = (
        field.map(result, part(..., 0, slice(None))),
        field.map(result, part(..., slice(1, None), slice(None))),
    )
    sent, turned = (
        field.map(adjoint, part(..., slice(0, 1), slice(None))),
        field.map(adjoint, part(..., slice(1, None), slice(None))),
    )
    back = transposed(field, vectors)
    inside = product(field, back, turned)
    n = field.shape(values)[-1]
    diagonal = np.broadcast_to(np.eye(n, dtype=bool), field.shape(vectors))
    column, row = field.map(values, part(..., slice(None), None)), field.map(values, part(..., None, slice(None)))
    # a turn that nothing asks for has no say, not even between equal eigenvalues
    asked = ~diagonal & (field.to_float(inside) != 0)
    gap = field.add(subtracted(field, row, column), field.load((~asked).astype(np.float64)))
    between = field.select(asked, field.multiply(inside, field.reciprocal(gap)))
    stretched = field.map(sent, lambda a: np.broadcast_to(a, diagonal.shape))
    whole = field.add(field.select(diagonal, stretched), between)
    return [symmetric_part(field, product(field, product(field, vectors, whole), back))]


FORWARD: dict[str, Callable[..., Values]] = {
    "inv": inverse,
    "det": determinant,
    "solve": _solved,
    "cofactors": cofactors,
    "cholesky": cholesky,
    "eigh": _eigen,
    "recurrence": recurrence,
}
PULLBACK: dict[str, Callable[..., list[Values]]] = {
    "inv": _inverse_pullback,
    "det": _determinant_pullback,
    "solve": _solve_pullback,
    "cofactors": _cofactors_pullback,
    "cholesky": _cholesky_pullback,
    "eigh": _eigen_pullback,
    "recurrence": recurrence_pullback,
}
