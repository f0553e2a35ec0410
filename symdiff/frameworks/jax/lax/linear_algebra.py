"""Products of matrices, and what is defined by an equation of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_letters
from typing import Any

import autodiff as ad
from symdiff.frameworks.missing import Missing


def dot_general(a: Any, b: Any, dimension_numbers: Any, **params: Any) -> Any:
    """Sums over pairs of axes: a product of matrices where it is one, else an einsum."""
    (left, right), (batch_a, batch_b) = dimension_numbers
    left, right = [int(k) for k in left], [int(k) for k in right]
    lead = list(range(len(batch_a)))
    if len(left) == 1 and list(batch_a) == lead and list(batch_b) == lead:
        found = product(a, b, left[0] - len(lead), right[0] - len(lead), len(lead))
        if found is not None:
            return found
    return ad.einsum(*letters(a, b, left, right, [int(k) for k in batch_a], [int(k) for k in batch_b]))


def product(a: Any, b: Any, left: int, right: int, lead: int) -> Any:
    """``a @ b`` with what has to be transposed; None where it is none."""
    rank_a, rank_b = a.ndim - lead, b.ndim - lead
    if lead and (rank_a != 2 or rank_b != 2):
        return None
    if not (1 <= rank_a <= 2 and 1 <= rank_b <= 2):
        return None
    if rank_a == 2 and left == 0:
        a = ad.matrix_transpose(a)
    if rank_b == 2 and right == 1:
        b = ad.matrix_transpose(b)
    return ad.matmul(a, b)


def letters(
    a: Any, b: Any, left: Sequence[int], right: Sequence[int], batch_a: Sequence[int], batch_b: Sequence[int]
) -> tuple[Any, ...]:
    """The text and operands of an einsum."""
    fresh = iter(ascii_letters)
    of_a, of_b = [""] * a.ndim, [""] * b.ndim
    for i, j in (*zip(batch_a, batch_b, strict=True), *zip(left, right, strict=True)):
        of_a[i] = of_b[j] = next(fresh)
    of_a = [each or next(fresh) for each in of_a]
    of_b = [each or next(fresh) for each in of_b]
    out = [of_a[k] for k in batch_a]
    out += [each for k, each in enumerate(of_a) if k not in (*batch_a, *left)]
    out += [each for k, each in enumerate(of_b) if k not in (*batch_b, *right)]
    return f"{''.join(of_a)},{''.join(of_b)}->{''.join(out)}", a, b


def triangular_solve(
    a: Any, b: Any, left_side: bool, lower: bool, transpose_a: bool, conjugate_a: bool, unit_diagonal: bool
) -> Any:
    """The solution of a triangular system, from the left or the right."""
    turn = ad.matrix_transpose
    if not left_side:  # x a = b is a^T x^T = b^T
        found = ad.solve_triangular(a, turn(b), lower=lower, trans=0 if transpose_a else 1, unit_diagonal=unit_diagonal)
        return turn(found)
    return ad.solve_triangular(a, b, lower=lower, trans=1 if transpose_a else 0, unit_diagonal=unit_diagonal)


def cholesky(x: Any, **params: Any) -> Any:
    """The triangular root."""
    return ad.cholesky(x)


def eigh(x: Any, subset_by_index: Any = None, **params: Any) -> list[Any]:
    """Vectors first, as JAX has them."""
    if subset_by_index is not None:
        raise Missing("subset_by_index")
    values, vectors = ad.eigh(x)
    return [vectors, values]


def qr(x: Any, full_matrices: bool = True, pivoting: bool = False, **params: Any) -> list[Any]:
    """Both factors."""
    if pivoting or (full_matrices and x.shape[-2] > x.shape[-1]):
        raise Missing("pivoting" if pivoting else "full_matrices")
    return list(ad.qr(x))


def svd(x: Any, full_matrices: bool, compute_uv: bool, subset_by_index: Any = None, **params: Any) -> list[Any]:
    """Singular values first; alone where the vectors are not asked for."""
    if subset_by_index is not None:
        raise Missing("subset_by_index")
    if not compute_uv:
        return [ad.singular_values(x)]
    if full_matrices and x.shape[-1] != x.shape[-2]:
        raise Missing("full_matrices")
    u, s, vh = ad.svd(x, full_matrices=False)
    return [s, u, vh]


def tridiagonal_solve(below: Any, middle: Any, above: Any, b: Any, **params: Any) -> Any:
    """The solution of a system of three diagonals."""
    n = middle.shape[-1]
    shape = (*middle.shape, n)
    matrix = ad.put_diagonal(middle, shape=shape, axis1=-2, axis2=-1)
    if n > 1:
        matrix = matrix + ad.put_diagonal(below[..., 1:], shape=shape, offset=-1, axis1=-2, axis2=-1)
        matrix = matrix + ad.put_diagonal(above[..., :-1], shape=shape, offset=1, axis1=-2, axis2=-1)
    return ad.solve(matrix, b)


ENTRIES: dict[str, Callable[..., Any]] = {
    "cholesky": cholesky,
    "dot_general": dot_general,
    "eigh": eigh,
    "qr": qr,
    "svd": svd,
    "triangular_solve": triangular_solve,
    "tridiagonal_solve": tridiagonal_solve,
}
