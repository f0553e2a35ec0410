"""Products of matrices, and what is defined by an equation of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from symdiff.frameworks.missing import Missing


def scaled(x: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """``beta*x + alpha*product``; a beta of 0 leaves ``x`` out, nan and all."""
    product = product if alpha == 1 else alpha * product
    if beta == 0:
        return product
    return (x if beta == 1 else beta * x) + product


def addmm(x: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """A product added to ``x``."""
    return scaled(x, ad.matmul(a, b), beta, alpha)


def addbmm(x: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """The sum of a batch's products added to ``x``."""
    return scaled(x, ad.sum(ad.matmul(a, b), axis=0), beta, alpha)


def addr(x: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Any:
    """An outer product added to ``x``."""
    return scaled(x, ad.outer(a, b), beta, alpha)


def solved(a: Any, b: Any, left: bool = True) -> Any:
    """The solution of ``a @ y = b``, or of ``y @ a = b``; vectors as well as matrices."""
    turn = ad.matrix_transpose
    if not left:
        return turn(ad.solve(turn(a), turn(b)))
    if b.ndim == a.ndim - 1 and b.shape == a.shape[:-1]:
        return ad.solve(a, ad.expand_dims(b, axis=-1))[..., 0]
    return ad.solve(a, b)


def triangular(a: Any, b: Any, upper: bool, left: bool = True, unitriangular: bool = False) -> Any:
    """The same with a triangular ``a``."""
    turn = ad.matrix_transpose
    if not left:
        found = ad.solve_triangular(turn(a), turn(b), lower=upper, unit_diagonal=unitriangular)
        return turn(found)
    return ad.solve_triangular(a, b, lower=not upper, unit_diagonal=unitriangular)


def triangular_solve(b: Any, a: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False) -> Any:
    """The older name, which gives the matrix back as well."""
    if transpose:
        return [triangular(ad.matrix_transpose(a), b, not upper, True, unitriangular), a]
    return [triangular(a, b, upper, True, unitriangular), a]


def cholesky(x: Any, upper: bool = False) -> Any:
    """The triangular root; PyTorch reads the lower half only."""
    root = ad.cholesky(x)
    return ad.matrix_transpose(root) if upper else root


def cdist(x: Any, y: Any, p: float = 2, compute_mode: Any = None) -> Any:
    """Distances of every row of ``x`` from every row of ``y``."""
    apart = ad.expand_dims(x, axis=-2) - ad.expand_dims(y, axis=-3)
    if p == 2:
        return ad.euclidean_norm(apart, axis=-1)
    if p == 1:
        return ad.sum(ad.abs(apart), axis=-1)
    if p == float("inf"):
        return ad.max(ad.abs(apart), axis=-1)
    if p == 0:
        return ad.sum(ad.abs(ad.sign(apart)), axis=-1)
    return ad.p_norm(apart, p=p, axis=-1)


def cholesky_solve(b: Any, root: Any, upper: bool = False) -> Any:
    """The solution of ``a @ y = b`` for a matrix that is given by its triangular root."""
    turned = ad.matrix_transpose(root)
    return ad.solve(ad.matmul(turned, root) if upper else ad.matmul(root, turned), b)


def lower_of(packed: Any) -> Any:
    """The lower factor of a packed pair, whose diagonal of ones is not stored."""
    *_, n, m = packed.shape
    return ad.tril(packed[..., :, : min(n, m)], -1) + np.eye(n, min(n, m))


def upper_of(packed: Any) -> Any:
    """The upper factor of a packed pair."""
    *_, n, m = packed.shape
    return ad.triu(packed[..., : min(n, m), :])


def order_of(pivots: Any, n: int) -> Any:
    """The rows in the order that exchanging them one after the other, as ``pivots`` say, gives."""
    pivots = np.asarray(getattr(pivots, "data", pivots))
    found = np.empty((*pivots.shape[:-1], n), dtype=int)
    for index in np.ndindex(pivots.shape[:-1]):
        rows = list(range(n))
        for k, other in enumerate(pivots[index] - 1):
            rows[k], rows[other] = rows[other], rows[k]
        found[index] = rows
    return found


def lu_unpack(packed: Any, pivots: Any, data: bool = True, unpack_pivots: bool = True) -> Any:
    """The permutation, which has no derivative, and both factors."""
    n = packed.shape[-2]
    permutation = np.swapaxes(np.eye(n)[order_of(pivots, n)], -1, -2)
    return [permutation if unpack_pivots else None, *((lower_of(packed), upper_of(packed)) if data else (None, None))]


def lu_solve(packed: Any, pivots: Any, b: Any, left: bool = True, adjoint: bool = False) -> Any:
    """The solution of ``a @ y = b``, or of ``y @ a = b``, for a matrix that is given by its factors."""
    n = packed.shape[-1]
    permutation = np.swapaxes(np.eye(n)[order_of(pivots, n)], -1, -2)
    a = ad.matmul(ad.matmul(permutation, lower_of(packed)), upper_of(packed))
    return solved(ad.matrix_transpose(a) if adjoint else a, b, left)


def trilinear(a: Any, b: Any, c: Any, expand_a: Any, expand_b: Any, expand_c: Any, over: Any, unroll: int = 1) -> Any:
    """The sum of a product of three, each with new axes at some places."""
    wide = [
        ad.expand_dims(each, axis=tuple(axes)) if axes else each
        for each, axes in ((a, expand_a), (b, expand_b), (c, expand_c))
    ]
    return ad.sum(wide[0] * wide[1] * wide[2], axis=tuple(over))


def qr(x: Any, mode: str = "reduced") -> Any:
    """Both factors."""
    if mode != "reduced":
        raise Missing(f"mode={mode}")
    return list(ad.qr(x))


def svd(x: Any, full_matrices: bool = False, compute_uv: bool = True, driver: Any = None) -> Any:
    """All three factors, or the singular values alone."""
    if not compute_uv:
        return [None, ad.singular_values(x), None]
    if full_matrices and x.shape[-1] != x.shape[-2]:
        raise Missing("full_matrices=True")
    return list(ad.svd(x, full_matrices=False))


def eigh(x: Any, lower: str = "L", compute_v: bool = True) -> Any:
    """Eigenvalues and vectors of a symmetric matrix."""
    return list(ad.eigh(x)) if compute_v else [ad.eigvalsh(x)]


def matrix_inverse(x: Any, check_errors: bool = False) -> Any:
    """The inverse; the second result says whether it could be computed."""
    return [ad.inv(x)]


def cross(x: Any, y: Any, dim: int = -1) -> Any:
    """The cross product along an axis of length 3."""
    shape = tuple(max(pair) for pair in zip(x.shape, y.shape, strict=True))
    return ad.cross(ad.broadcast_to(x, shape=shape), ad.broadcast_to(y, shape=shape), axis=dim)


ENTRIES: dict[str, Callable[..., Any]] = {
    "_cdist_forward": cdist,
    "_euclidean_dist": cdist,
    "_linalg_det": lambda a: [ad.det(a)],
    "_linalg_eigh": eigh,
    "_linalg_slogdet": lambda a: list(ad.slogdet(a)),
    "_linalg_solve_ex": lambda a, b, left=True, check_errors=False: [solved(a, b, left)],
    "_linalg_svd": svd,
    "_trilinear": trilinear,
    "addbmm": addbmm,
    "addmm": addmm,
    "addmv": addmm,
    "addr": addr,
    "baddbmm": addmm,
    "bmm": ad.matmul,
    "cholesky": cholesky,
    "cholesky_inverse": lambda x, upper=False: ad.inv(
        ad.matmul(ad.matrix_transpose(x), x) if upper else ad.matmul(x, ad.matrix_transpose(x))
    ),
    "cholesky_solve": cholesky_solve,
    "dot": ad.dot,
    "linalg_cholesky_ex": lambda x, upper=False, check_errors=False: [cholesky(x, upper)],
    "linalg_cross": cross,
    "linalg_inv_ex": matrix_inverse,
    "linalg_lu_solve": lu_solve,
    "linalg_pinv": lambda x, *tolerances, **options: ad.pinv(x),
    "linalg_qr": qr,
    "linalg_solve_triangular": triangular,
    "lu_unpack": lu_unpack,
    "matmul": ad.matmul,
    "mm": ad.matmul,
    "mv": ad.matmul,
    "trace": lambda x: ad.trace(x),
    "triangular_solve": triangular_solve,
    "vdot": ad.vdot,
}
