"""Linear algebra on stacks of matrices in any field: elimination, determinants, triangular factors."""

from __future__ import annotations

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.views import View, part
from symdiff.evaluation.precision import mp

MINORS = 3
"""Up to so many rows a determinant is expanded; beyond, it is eliminated."""
FEW_MINORS = 6
"""Up to so many rows the cofactors are the determinants of minors; beyond, of singular matrices only."""
MANY_MINORS = 48
"""Minors of so many rows are too many even then."""
WELL_CONDITIONED = 1e6
SMALL = 1e-290
FEW_ROWS = 16
"""Up to so many rows mpmath finds eigenvectors in a second."""


def transposed(field: Field, matrix: Values) -> Values:
    """Rows as columns."""
    return field.map(matrix, lambda a: np.swapaxes(a, -1, -2))


def product(field: Field, a: Values, b: Values) -> Values:
    """The matrix product of two stacks of one shape."""
    lead = list(range(len(field.shape(a)) - 2))
    i, k, j = (len(lead) + step for step in range(3))
    return field.einsum([[*lead, i, k], [*lead, k, j]], [a, b], [*lead, i, j])


def subtracted(field: Field, a: Values, b: Values) -> Values:
    """``a - b``."""
    return field.add(a, field.negate(b))


def identity(field: Field, like: Values) -> Values:
    """Identities, as many and as large as the matrices of a stack."""
    shape = field.shape(like)
    return field.load(np.broadcast_to(np.eye(shape[-1]), shape))


def symmetric_part(field: Field, matrix: Values) -> Values:
    """The mean of each matrix and its transpose."""
    return field.multiply(field.add(matrix, transposed(field, matrix)), field.number(sp.Rational(1, 2)))


def lower(field: Field, matrix: Values) -> Values:
    """Lower triangles, their diagonals halved."""
    n = field.shape(matrix)[-1]
    weights = np.tril(np.ones((n, n)), -1) + np.eye(n) / 2
    return field.select(np.broadcast_to(weights != 0, field.shape(matrix)), field.multiply(matrix, field.load(weights)))


# --- elimination ------------------------------------------------------------------------------------------------------


def solution(field: Field, matrix: Values, right: Values) -> Values:
    """The solution X of ``matrix @ X = right``, by Gauss and Jordan with rows exchanged for the largest pivot."""
    shape, n = field.shape(matrix), field.shape(matrix)[-1]
    width = field.shape(right)[-1]
    both = field.zeros((*shape[:-1], n + width))
    field.add_into(both, part(..., slice(0, n)), matrix)
    field.add_into(both, part(..., slice(n, None)), right)
    for k in range(n):
        both = field.map(both, _exchanged(_largest(field, both, k), k))
        pivot = field.map(both, part(..., slice(k, k + 1), slice(k, k + 1)))
        row = field.multiply(field.map(both, part(..., slice(k, k + 1), slice(None))), field.reciprocal(pivot))
        others = np.broadcast_to((np.arange(n) != k)[:, None], field.shape(both))
        column = field.map(both, part(..., slice(k, k + 1)))
        cleared = field.multiply(field.negate(column), row)
        both = field.add(both, cleared)
        # the pivot's row is what it was made into, and its column exactly 0
        both = field.select(others & (np.arange(n + width) != k), both)
        field.add_into(both, part(..., slice(k, k + 1), slice(None)), row)
    return field.map(both, part(..., slice(n, None)))


def inverse(field: Field, matrix: Values) -> Values:
    """The inverse of each matrix."""
    return solution(field, matrix, identity(field, matrix))


def _largest(field: Field, matrix: Values, k: int) -> np.ndarray:
    """For each matrix of a stack the row from k on that has the largest element in column k."""
    return np.asarray(k + np.argmax(field.magnitudes(field.map(matrix, part(..., slice(k, None), k))), axis=-1))


def _exchanged(rows: np.ndarray, k: int) -> View:
    """A view of matrices with row k and the given row exchanged, another one for each of a stack."""

    def view(array: np.ndarray) -> np.ndarray:
        order = np.broadcast_to(np.arange(array.shape[-2]), array.shape[:-1]).copy()
        np.put_along_axis(order, np.asarray(rows)[..., None], k, -1)
        order[..., k] = rows
        return np.take_along_axis(array, order[..., None], -2)

    return view


# --- determinants -----------------------------------------------------------------------------------------------------


def determinant(field: Field, matrix: Values) -> Values:
    """The determinant of each matrix: expanded while it is small, which is exact at singular matrices too."""
    n = field.shape(matrix)[-1]
    if n == 0:
        return field.load(np.ones(field.shape(matrix)[:-2]))
    return _expanded(field, matrix) if n <= MINORS else _eliminated(field, matrix)


def _expanded(field: Field, matrix: Values) -> Values:
    n = field.shape(matrix)[-1]
    if n == 1:
        return field.map(matrix, part(..., 0, 0))
    total: Values = None
    for row in range(n):
        minor = field.map(matrix, _without(row, 0))
        piece = field.multiply(field.map(matrix, part(..., row, 0)), _expanded(field, minor))
        piece = field.negate(piece) if row % 2 else piece
        total = piece if total is None else field.add(total, piece)
    return total


def _eliminated(field: Field, matrix: Values) -> Values:
    n = field.shape(matrix)[-1]
    total = field.load(np.ones(field.shape(matrix)[:-2]))
    for _ in range(n - 1):
        rows = _largest(field, matrix, 0)
        total = field.multiply(total, field.load(np.where(rows == 0, 1.0, -1.0)))
        matrix = field.map(matrix, _exchanged(rows, 0))
        pivot = field.map(matrix, part(..., slice(0, 1), slice(0, 1)))
        total = field.multiply(total, field.map(pivot, part(..., 0, 0)))
        # a column of zeros makes the pivot, and with it the determinant, 0; the rest is left as it is
        safe = field.magnitudes(pivot) != 0
        with np.errstate(divide="ignore", invalid="ignore"):
            column = field.multiply(field.map(matrix, part(..., slice(1, None), slice(0, 1))), field.reciprocal(pivot))
        rest = field.map(matrix, part(..., slice(1, None), slice(1, None)))
        cleared = field.multiply(field.negate(column), field.map(matrix, part(..., slice(0, 1), slice(1, None))))
        matrix = field.add(rest, field.select(np.broadcast_to(safe, field.shape(rest)), cleared))
    return field.multiply(total, field.map(matrix, part(..., 0, 0)))


def _without(row: int, column: int) -> View:
    return lambda array: np.delete(np.delete(array, row, -2), column, -1)


def minors(field: Field, matrix: Values) -> Values:
    """For every element of each matrix, what is left without its row and column: (..., n, n, n - 1, n - 1)."""
    n = field.shape(matrix)[-1]
    rest = np.array([[k for k in range(n) if k != gone] for gone in range(n)], dtype=np.intp).reshape(n, n - 1)
    return field.map(matrix, part(..., rest[:, None, :, None], rest[None, :, None, :]))


def signs(n: int) -> np.ndarray:
    """The signs of the cofactors: a chessboard."""
    return np.asarray((-1.0) ** np.add.outer(np.arange(n), np.arange(n)))


def cofactors(field: Field, matrix: Values) -> Values:
    """The matrix of cofactors, the determinant's derivative by each entry; of singular matrices nothing is divided."""
    n = field.shape(matrix)[-1]
    if n > FEW_MINORS:
        whole = determinant(field, matrix)
        if _regular(field, matrix, whole):
            return field.multiply(transposed(field, inverse(field, matrix)), field.map(whole, part(..., None, None)))
        if field.costly or n > MANY_MINORS:
            return transposed(field, _adjugate(field, matrix))
    return field.multiply(determinant(field, minors(field, matrix)), field.load(signs(n)))


def _regular(field: Field, matrix: Values, whole: Values) -> bool:
    """Whether the inverses keep their digits; where precision is doubled, that there are inverses is enough."""
    plain = field.to_float(matrix)
    if field.costly or not np.isfinite(plain).all():
        return bool(np.all(field.magnitudes(whole) > 0))
    return bool(np.all(np.linalg.cond(plain) < WELL_CONDITIONED))


def _adjugate(field: Field, matrix: Values) -> Values:
    """By the characteristic polynomial (Faddeev, LeVerrier): n products, and no division but by whole numbers.

    It loses digits in floats; where the precision is doubled until the result stands still, that does no harm.
    """
    n = field.shape(matrix)[-1]
    one = identity(field, matrix)
    result = one
    for k in range(1, n):
        step = product(field, matrix, result)
        trace = field.sum(
            field.map(step, lambda a: np.diagonal(a, axis1=-2, axis2=-1)), (len(field.shape(matrix)) - 2,)
        )
        coefficient = field.map(field.multiply(trace, field.number(sp.Rational(-1, k))), part(..., None, None))
        result = field.add(step, field.multiply(one, coefficient))
    return field.negate(result) if n % 2 == 0 else result


def cofactor_change(field: Field, matrix: Values, direction: Values) -> Values:
    """How the cofactors change in a direction: the second derivative of the determinant, a symmetric form."""
    n = field.shape(matrix)[-1]
    total = field.zeros(field.shape(matrix))
    if n < 2:
        return total
    weights = field.multiply(direction, field.load(signs(n)))
    inner = cofactors(field, minors(field, matrix))
    sent = field.multiply(inner, field.map(weights, part(..., None, None)))
    for row in range(n):
        for column in range(n):
            rows = np.delete(np.arange(n), row)[:, None]
            columns = np.delete(np.arange(n), column)[None, :]
            grid = np.zeros(field.shape(matrix), dtype=bool)
            grid[..., rows, columns] = True
            positions = np.flatnonzero(grid)
            field.add_at(total, positions, field.map(sent, _flat_minor(row, column)))
    return total


def _flat_minor(row: int, column: int) -> View:
    return lambda array: array[..., row, column, :, :].reshape(-1)


# --- factors ----------------------------------------------------------------------------------------------------------


def cholesky(field: Field, matrix: Values) -> Values:
    """The lower triangle L with ``L @ L.T = matrix``, column by column."""
    n = field.shape(matrix)[-1]
    rest = symmetric_part(field, matrix)
    result = field.zeros(field.shape(matrix))
    for k in range(n):
        root = field.power_number(field.map(rest, part(..., slice(k, k + 1), slice(k, k + 1))), sp.Rational(1, 2))
        below = field.map(rest, part(..., slice(k + 1, None), slice(k, k + 1)))
        column = field.multiply(below, field.reciprocal(root))
        field.add_into(result, part(..., slice(k, k + 1), slice(k, k + 1)), root)
        field.add_into(result, part(..., slice(k + 1, None), slice(k, k + 1)), column)
        taken = field.negate(field.multiply(column, transposed(field, column)))
        field.add_into(rest, part(..., slice(k + 1, None), slice(k + 1, None)), taken)
    return result


def eigenvectors(field: Field, matrix: Values, steps: int) -> tuple[Values, Values]:
    """Eigenvalues in rising order and eigenvectors of symmetric matrices, with the signs of LAPACK's solution.

    In high precision they are mpmath's; of larger matrices and in floats the float solution is refined in the field,
    where each step squares the error (Ogita and Aishima, Iterative refinement for symmetric eigenvalue decomposition,
    2018).
    """
    matrix = symmetric_part(field, matrix)
    if isinstance(field, Exact) and matrix.size and np.shape(matrix)[-1] <= FEW_ROWS:
        return _eigenvectors_of_each(field, matrix)
    plain = field.to_float(matrix)
    if not np.isfinite(plain).all() or (np.abs(plain).max(initial=0.0) < SMALL and np.any(field.order(matrix) != 0)):
        # out of the range of floats
        nothing = np.full(plain.shape, np.nan)
        return field.load(nothing[..., 0, :]), field.load(nothing)
    w, v = np.linalg.eigh(plain)
    # values that floats cannot tell apart have no vectors of their own
    close = np.abs(w[..., :, None] - w[..., None, :]) <= 1e-13 * np.abs(w).max(-1, initial=0.0)[..., None, None]
    close |= np.eye(w.shape[-1], dtype=bool)
    vectors, values = field.load(v), field.load(w)
    for _ in range(steps):
        values, vectors = _refined(field, matrix, vectors, close)
    return values, vectors


def _eigenvectors_of_each(field: Field, matrix: Values) -> tuple[Values, Values]:
    values, vectors = field.zeros(matrix.shape[:-1]), field.zeros(matrix.shape)
    for place in np.ndindex(*matrix.shape[:-2]):
        top = max(abs(each) for each in matrix[place].flat)
        if not mp.isfinite(top):
            values[place], vectors[place] = mp.nan, mp.nan
            continue
        # LAPACK's signs are those of a matrix that is as large as 1
        like = np.linalg.eigh((matrix[place] / (top or 1)).astype(np.float64))[1]
        found, columns = mp.eigsy(mp.matrix(matrix[place].tolist()))
        order = sorted(range(len(found)), key=lambda k: found[k])
        turned = np.array([[columns[i, k] for k in order] for i in range(len(found))], dtype=object)
        signs = np.sum(turned.astype(np.float64) * like, axis=0) < 0
        # what is left of an eigenvalue of 0, which may have a root
        least = max(abs(found[k]) for k in order) * mp.mpf(2) ** -(9 * mp.prec // 10)
        values[place] = [found[k] if abs(found[k]) > least else mp.mpf(0) for k in order]
        vectors[place] = np.where(signs, -turned, turned)
    return values, vectors


def _refined(field: Field, matrix: Values, vectors: Values, close: np.ndarray) -> tuple[Values, Values]:
    back = transposed(field, vectors)
    left = subtracted(field, identity(field, vectors), product(field, back, vectors))
    inside = product(field, back, product(field, matrix, vectors))
    one = field.number(sp.Integer(1))
    diagonal = lambda a: np.diagonal(a, axis1=-2, axis2=-1)
    under = subtracted(field, one, field.map(left, diagonal))
    values = field.multiply(field.map(inside, diagonal), field.reciprocal(under))
    column, row = field.map(values, part(..., slice(None), None)), field.map(values, part(..., None, slice(None)))
    over = field.add(inside, field.multiply(left, row))
    gap = field.add(subtracted(field, row, column), field.load(close.astype(np.float64)))
    turn = field.select(~close, field.multiply(over, field.reciprocal(gap)))
    half = field.select(close, field.multiply(left, field.number(sp.Rational(1, 2))))
    step = field.add(turn, half)
    return values, field.add(vectors, product(field, vectors, step))
