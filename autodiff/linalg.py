"""Linear algebra by the names of ``numpy.linalg``, and solutions with triangles and Cholesky factors as in SciPy."""

from __future__ import annotations

from typing import Any

from numpy.linalg import LinAlgError, cond, lstsq, matrix_rank

from .axes import shape_of
from .ops.contractions import cross, matmul, multi_dot, outer, tensordot, vecdot
from .ops.diagonals import diagonal, trace
from .ops.factorisations import cholesky, eigh, eigvalsh, qr, singular_values, svd
from .ops.linear_algebra import det, inv, matrix_power, pinv, slogdet, solve
from .ops.moving import matrix_transpose
from .ops.norms import matrix_norm, norm, vector_norm
from .ops.triangular import solve_triangular

__all__ = [
    "LinAlgError", "cho_factor", "cho_solve", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv",
    "lstsq", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "multi_dot", "norm", "outer",
    "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensordot", "trace", "vecdot",
    "vector_norm",
]  # fmt: skip

svdvals = singular_values


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """Return the Cholesky factor of a symmetric positive definite matrix (n, n) for :func:`cho_solve`.

    It is the pair of a triangle, the upper one or the ``lower``, and ``lower``; what ``scipy.linalg.cho_factor`` leaves
    in the other half is 0 here.  LinAlgError where ``a`` is not positive definite.

    >>> ad.cho_factor([[4.0, 2.0], [2.0, 5.0]])[0]
    array([[2., 1.],
           [0., 2.]])
    """
    factor = cholesky(a)
    return (factor if lower else matrix_transpose(factor)), bool(lower)


def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """Return the solution y of ``a @ y = b``, b (n,) or (n, m), from the factor ``cho_factor(a)`` of ``a``.

    >>> ad.cho_solve(ad.cho_factor([[4.0, 2.0], [2.0, 5.0]]), [8.0, 12.0])
    array([1., 2.])
    """
    try:
        c, lower = c_and_lower
    except (TypeError, ValueError):
        raise TypeError("cho_solve: the first argument is the pair (factor, lower) that cho_factor returns") from None
    if len(shape_of(c)) != 2:
        raise ValueError(f"cho_solve: the factor has shape {shape_of(c)}; it is one square matrix")
    half = solve_triangular(c, b, lower=lower, trans=0 if lower else 1)
    return solve_triangular(c, half, lower=lower, trans=1 if lower else 0)
