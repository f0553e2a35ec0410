"""How far matrix algorithms may answer another question: the sizes by which their backward errors are bounded.

An elimination answers for ``A + E`` with ``|E| <= c n u |L| |U|`` (Higham, Accuracy and Stability of Numerical
Algorithms, 9.3), a Cholesky factorisation with ``|E_ij| <= c n u sqrt(a_ii a_jj)`` (10.1), Householder's QR by columns
(19.4), and whatever turns with orthogonal matrices from both sides by the norm of the whole matrix. So a matrix whose
rows or columns are of very different sizes keeps the digits of the small ones where the algorithm keeps them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symdiff.arrays import Array


def whole(matrix: Array) -> Array:
    """Every entry by the norm of its matrix, ``turns`` times.

    >>> whole(np.array([[3.0, 0.0], [0.0, 4.0]]))
    array([[10., 10.],
           [10., 10.]])
    """
    norms = _norms(matrix, (-2, -1))
    return np.broadcast_to(norms * turns(matrix), matrix.shape)


def columns(matrix: Array) -> Array:
    """Every entry by the norm of its column, one and a half ``turns`` times (seen in gradients: half of that)."""
    norms = 1.5 * _norms(matrix, (-2,))
    return np.broadcast_to(norms * turns(matrix), matrix.shape)


def _norms(matrix: Array, axes: tuple[int, ...]) -> Array:
    """Norms over axes, which are kept, without overflow."""
    top = np.max(np.abs(matrix), axis=axes, keepdims=True, initial=0.0)
    part = matrix / np.where(top == 0, 1.0, top)
    return np.asarray(top * np.sqrt(np.sum(part * part, axis=axes, keepdims=True)))


def turns(matrix: Array) -> float:
    """How many units LAPACK's turns leave: one for each row (of normal matrices with 7 rows 9 were seen, with 4, 5)."""
    return max(2.0, float(min(matrix.shape[-2:])))


def diagonal(matrix: Array) -> Array:
    """Every entry by the roots of the diagonal ones in its row and its column."""
    roots = np.sqrt(np.abs(np.diagonal(matrix, axis1=-2, axis2=-1)))
    return np.asarray(roots[..., :, None] * roots[..., None, :])


def elimination(matrix: Array) -> Array:
    """``|L| |U|`` of an elimination with the largest pivots, its rows in the order of the matrix.

    >>> elimination(np.array([[8.0, 8.0], [1.0, 3.0]]))
    array([[8., 8.],
           [1., 3.]])
    """
    return _eliminated(matrix)[0]


def _eliminated(matrix: Array) -> tuple[Array, Array]:
    """``|L| |U|`` and the sizes of the pivots."""
    n = matrix.shape[-1]
    rest, sizes = np.array(matrix, dtype=np.float64), np.zeros(matrix.shape)
    open_rows = np.ones(matrix.shape[:-1], dtype=bool)
    pivots = []
    for k in range(n):
        pivot = np.argmax(np.where(open_rows, np.abs(rest[..., k]), -1.0), axis=-1)
        row = np.take_along_axis(rest, pivot[..., None, None], -2)
        top = row[..., k : k + 1]
        factors = np.where(open_rows[..., None], rest[..., k : k + 1] / np.where(top == 0, np.inf, top), 0.0)
        sizes += np.abs(factors * row)
        rest = rest - factors * row
        rest[..., k] = 0.0  # not what rounding leaves of it
        np.put_along_axis(open_rows, pivot[..., None], False, -1)
        pivots.append(np.abs(top[..., 0, 0]))
    return np.fmax(sizes, np.abs(matrix)), np.stack(pivots, -1) if pivots else np.ones((*matrix.shape[:-2], 0))


def by_logarithms(matrix: Array) -> Array:
    """By how many units the product of the pivots is off that is computed as ``exp(sum(log(abs(pivots))))``.

    So NumPy computes determinants; each logarithm is off by half a unit of itself.
    """
    pivots = _eliminated(matrix)[1]
    return np.asarray(np.sum(np.abs(np.log(np.where(pivots == 0, 1.0, pivots))), axis=-1))


ALGORITHMS: dict[str, Callable[[Array], Array]] = {
    "inv": elimination,
    "solve": elimination,
    "det": elimination,
    "logabsdet": elimination,
    "det_sign": elimination,
    "cofactors": elimination,
    "cofactor_change": elimination,
    "cholesky": diagonal,
    "qr_packed": columns,
}
"""By operation; every other one that an equation defines is bounded by the whole matrix."""


def backward_error(operation: str, matrix: Array) -> Array:
    """By what the entries of a stack of matrices are off, in units of rounding, for the algorithm of an operation."""
    square = matrix.shape[-1] == matrix.shape[-2]
    return ALGORITHMS.get(operation, whole)(matrix) if square or operation == "qr_packed" else whole(matrix)


WHOLE_RESULTS = frozenset({"pinv"})
"""The operations whose result is off by the rounding of the whole: what is put together from singular vectors."""

MIXING = WHOLE_RESULTS | {"singular_values", "svd_packed"}
"""Those whose partials are all off by the rounding of the largest: bases of both sides are multiplied for them."""

BY_LOGARITHMS = frozenset({"det", "logabsdet", "det_sign"})


def common_factor(operation: str, matrix: Array) -> Array | float:
    """By how many units a whole matrix is off, as one: a determinant by logarithms is that of such a one."""
    n = matrix.shape[-1]
    if operation not in BY_LOGARITHMS or n < 2:
        return 0.0
    return np.asarray(by_logarithms(matrix) / (n - 1))[..., None, None]
