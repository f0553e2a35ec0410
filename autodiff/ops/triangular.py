"""Equations with triangles: solved by substitution, which takes a fraction of what ``solve`` takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare.meanings import Structure
from ..declare.op import op
from ..declare.samples import MATRIX, ROW, SQUARE, at
from ..scipy_extra import triangular_solver
from .contractions import matmul
from .diagonals import tril, triu
from .linear_algebra import STACK, singular, square
from .moving import expand_dims, matrix_transpose, stretched_back

TRANSPOSED = {0: 0, "N": 0, 1: 1, "T": 1, "C": 1}
# Below so many rows LAPACK's general solver is done before a triangular one has been called.
FEW = 16


def triangular_meaning(m: Any, a: Any, b: Any, lower: bool, trans: Any, unit_diagonal: bool) -> Any:
    """``t @ y = b`` with the triangle t of ``a``."""
    side = "tril" if lower else "triu"
    triangle = f"{side}(a, {-1 if lower else 1}) + identity" if unit_diagonal else f"{side}(a)"
    if TRANSPOSED[trans]:
        triangle = f"matrix_transpose({triangle})"
    return m.program(f"solve({triangle}, b)", **({"identity": np.eye(a.shape[-1])} if unit_diagonal else {}))


def triangular_back(g: Any, a: Any, b_ndim: int, lower: bool, trans: Any, unit_diagonal: bool) -> Any:
    """``t^-T g``, of a row for each matrix or of columns."""
    options = {"lower": lower, "trans": 1 - TRANSPOSED[trans], "unit_diagonal": unit_diagonal}
    if b_ndim == 1 and g.ndim > 1:
        return solve_triangular(a, expand_dims(g, -1), **options)[..., 0]
    return solve_triangular(a, g, **options)


def triangle_rule(g: Any, y: Any, a: Any, b: Any, lower: bool, trans: Any, unit_diagonal: bool) -> Any:
    """``-(t^-T g) y^T`` (its transpose where ``a`` was transposed), of which the triangle is read."""
    h = triangular_back(g, a, b.ndim, lower, trans, unit_diagonal)
    left, right = (y, h) if TRANSPOSED[trans] else (h, y)
    if b.ndim == 1:
        product = expand_dims(left, -1) * expand_dims(right, -2)
    else:
        product = matmul(left, matrix_transpose(right))
    part = tril if lower else triu
    offset = (-1 if lower else 1) if unit_diagonal else 0
    return -stretched_back(part(product, offset), a.shape)


@op(
    meaning=Structure(triangular_meaning),
    vjp=[
        triangle_rule,
        lambda g, y, a, b, lower, trans, unit_diagonal: stretched_back(
            triangular_back(g, a, b.ndim, lower, trans, unit_diagonal), b.shape
        ),
    ],
    numpy=(),
    samples=[
        at(SQUARE, ROW[:3]), at(SQUARE, MATRIX, lower=True), at(SQUARE, MATRIX, trans=1),
        at(SQUARE, ROW[:3], lower=True, trans="T"), at(SQUARE, MATRIX, lower=True, unit_diagonal=True),
        at(STACK, MATRIX, lower=True), at(STACK, ROW[:3], trans=1, unit_diagonal=True), at(SQUARE, STACK),
    ],
    domain="no 0 on the diagonal of a",
)  # fmt: skip
def solve_triangular(a, b, /, lower=False, trans=0, unit_diagonal=False):
    """The solution y of ``t @ y = b`` with the upper (or ``lower``) triangle t of ``a``, transposed with ``trans=1``.

    With ``unit_diagonal`` the diagonal of t is 1, whatever that of ``a``.  As ``scipy.linalg.solve_triangular``.
    """
    a = square("solve_triangular", a)
    if trans not in TRANSPOSED:
        raise ValueError(f"solve_triangular: trans={trans!r}; it is 0 (or 'N') or 1 (or 'T')")
    rows = b.shape[-2 if b.ndim > 1 else 0] if b.ndim else None
    if rows != a.shape[-1]:
        raise ValueError(
            f"solve_triangular: shapes {a.shape} and {b.shape}: the right-hand side must have {a.shape[-1]} rows"
        )
    if not unit_diagonal and not np.all(np.diagonal(a, 0, -2, -1)):
        raise singular("solve_triangular")
    turned = TRANSPOSED[trans]
    solver = triangular_solver() if a.ndim == 2 and b.ndim <= 2 and len(a) > FEW else None
    if solver is not None:
        return solver(a, b, lower=lower, trans=turned, unit_diagonal=unit_diagonal, check_finite=False)
    triangle = np.tril(a) if lower else np.triu(a)
    if unit_diagonal:
        place = np.arange(a.shape[-1])
        triangle[..., place, place] = 1.0
    return np.linalg.solve(np.swapaxes(triangle, -1, -2) if turned else triangle, b)
