"""Products of matrices, and what is defined by an equation of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
        raise Missing("p=0")
    return ad.p_norm(apart, p=p, axis=-1)


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
    "dot": ad.dot,
    "linalg_cholesky_ex": lambda x, upper=False, check_errors=False: [cholesky(x, upper)],
    "linalg_cross": cross,
    "linalg_inv_ex": matrix_inverse,
    "linalg_qr": qr,
    "linalg_solve_triangular": triangular,
    "matmul": ad.matmul,
    "mm": ad.matmul,
    "mv": ad.matmul,
    "trace": lambda x: ad.trace(x),
    "triangular_solve": triangular_solve,
    "vdot": ad.vdot,
}
