"""Inverses, solutions of linear equations, determinants and powers of matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Composite, Structure
from ..declare.op import function, op
from ..declare.samples import MATRIX, OTHER_MATRIX, ROW, SQUARE, at
from ..kernels import floating
from ..scipy_extra import bandwidths, triangular_solver
from .contractions import matmul
from .moving import broadcast_to, expand_dims, matrix_transpose, squeeze, stretched_back
from .reductions import sum

STACK = np.stack([SQUARE, SQUARE.T + np.eye(3)])
WIDE_STACK = np.stack([MATRIX, OTHER_MATRIX])
SINGULAR = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.5, -1.0, 2.0]])
FOUR = np.linspace(-1.0, 1.0, 16).reshape(4, 4) ** 2 + 2.0 * np.eye(4)
RANK_ONE = np.outer([1.0, -2.0, 0.5], [0.3, 0.7, -1.1])


def square(name: str, x: Any) -> Any:
    """``x`` as floating numbers; ValueError unless its last two axes are equally long."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name}: x has shape {x.shape}; it must be square matrices (..., n, n)")
    return floating(x)


def of_squares(m: Any, kind: str, x: Any, sizes: Any) -> Any:
    """What an equation defines of each square matrix."""
    m.same(*x.sizes[-2:])
    return m.implicit(kind, sizes)


def solve_meaning(m: Any, a: Any, b: Any) -> Any:
    """``a @ y = b``, for stacks of one shape and for one matrix with a row; other stacks are stretched first."""
    if (a.ndim == b.ndim and a.shape[:-2] == b.shape[:-2]) or (a.ndim, b.ndim) == (2, 1):
        m.same(a.sizes[-1], b.sizes[-2 if b.ndim > 1 else 0])
        return of_squares(m, "solve", a, b.sizes)
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2] if b.ndim > 1 else ())
    columns = (*lead, a.shape[-1], b.shape[-1] if b.ndim > 1 else 1)
    right = "b" if b.ndim > 1 else "expand_dims(b, -1)"
    found = f"solve(broadcast_to(a, matrices), broadcast_to({right}, columns))"
    text = found if b.ndim > 1 else f"squeeze({found}, -1)"
    return m.program(text, matrices=(*lead, *a.shape[-2:]), columns=columns)


def pinv_meaning(m: Any, x: Any, rcond: Any) -> Any:
    """The solution of the normal equations, for matrices whose columns (or rows, of wide ones) are independent."""
    if x.shape[-2] >= x.shape[-1]:
        return m.program("t = matrix_transpose(x); solve(t @ x, t)")
    return m.program("matrix_transpose(solve(x @ matrix_transpose(x), x))")


def singular(name: str) -> Exception:
    """LAPACK's complaint in one line that names the operation."""
    return np.linalg.LinAlgError(
        f"{name}: the matrix is singular (its rows depend on each other), so it has no inverse"
    )


@op(
    meaning=Structure(lambda m, x: of_squares(m, "inv", x, x.sizes)),
    vjp=[lambda g, y, x: inv_rule(g, y)],
    latex=r"^{-1}",
    samples=[at(SQUARE), at(STACK), at(SQUARE[:1, :1])],
    domain="x is invertible",
)
def inv(x, /):
    """The inverse of each matrix; LinAlgError where there is none."""
    x = square("inv", x)
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        raise singular("inv") from None


def inv_rule(g: Any, y: Any) -> Any:
    """``-y^T g y^T``."""
    back = matrix_transpose(y)
    return -matmul(matmul(back, g), back)


def solve_back(g: Any, a: Any, b_ndim: int) -> Any:
    """``a^-T g``, of a row for each matrix or of columns."""
    back = matrix_transpose(a)
    if b_ndim == 1 and g.ndim > 1:
        return squeeze(solve(back, expand_dims(g, -1)), -1)
    return solve(back, g)


def solve_left(g: Any, y: Any, a: Any, b_ndim: int) -> Any:
    """``-(a^-T g) y^T``: the cotangent of the matrix."""
    h = solve_back(g, a, b_ndim)
    product = expand_dims(h, -1) * expand_dims(y, -2) if b_ndim == 1 else matmul(h, matrix_transpose(y))
    return -stretched_back(product, a.shape)


@op(
    meaning=Structure(solve_meaning),
    vjp=[
        lambda g, y, a, b: solve_left(g, y, a, b.ndim),
        lambda g, y, a, b: stretched_back(solve_back(g, a, b.ndim), b.shape),
    ],
    samples=[at(SQUARE, ROW[:3]), at(SQUARE, MATRIX), at(STACK, MATRIX), at(SQUARE, STACK), at(STACK, ROW[:3])],
    domain="a is invertible",
)
def solve(a, b, /):
    """The solution y of ``a @ y = b``, of a row or the columns of matrices; LinAlgError where ``a`` is singular."""
    a = square("solve", a)
    rows = b.shape[-2 if b.ndim > 1 else 0] if b.ndim else None
    if rows != a.shape[-1]:
        raise ValueError(f"solve: shapes {a.shape} and {b.shape}: the right-hand side must have {a.shape[-1]} rows")
    try:
        return by_substitution(a, b) if a.ndim == 2 and len(a) >= MANY else np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise singular("solve") from None


# So many rows that looking for a triangle takes a small part of what is saved.
MANY = 32


def by_substitution(a: Any, b: Any) -> Any:
    """The solution of a large system, of a triangle (a factor of Cholesky's, say) in a fraction of the time."""
    if (a[0, -1] == 0 or a[-1, 0] == 0) and b.ndim <= 2 and (solver := triangular_solver()) is not None:
        below, above = bandwidths()(a)
        if not (below and above) and np.all(np.diagonal(a)):
            return solver(a, b, lower=not above, check_finite=False)
    return np.linalg.solve(a, b)


def cofactors_of(x: Any) -> Any:
    """The cofactors: of small matrices by minors, of larger ones by :func:`by_factors`."""
    n = x.shape[-1]
    if n < 2:
        return np.ones_like(x)
    if n == 2:
        return signed_flip(x)
    if n == 3:
        return minors(x, x)
    return by_factors(x, None)


def signed_flip(x: Any) -> Any:
    """The cofactors of 2 x 2 matrices, whose change is the same function of their change."""
    return x[..., ::-1, ::-1] * np.array([[1, -1], [-1, 1]], x.dtype)


def minors(a: Any, b: Any) -> Any:
    """The minors of 3 x 3 matrices, the first row of each taken from ``a`` and the second from ``b``, with signs."""
    one, two = np.array([1, 2, 0]), np.array([2, 0, 1])
    straight = a[..., one[:, None], one] * b[..., two[:, None], two]
    return straight - a[..., one[:, None], two] * b[..., two[:, None], one]


FEW = 8
"""Up to so many rows every cofactor is the determinant of its own minor."""


def by_minors(x: Any) -> Any:
    """Determinants of all minors: each is that of a matrix with entries off by an elimination's rounding.

    So cofactors keep their digits where they vary by many orders, and where the matrix is singular.
    """
    n = x.shape[-1]
    others = np.array([[k for k in range(n) if k != gone] for gone in range(n)])
    found = np.linalg.det(x[..., others[:, None, :, None], others[None, :, None, :]])
    return found * ((-1.0) ** np.add.outer(np.arange(n), np.arange(n))).astype(x.dtype)


WELL_CONDITIONED = 1e3
"""Up to here the inverse by LU is at least as accurate in every entry as the singular values are in the largest."""


def by_factors(x: Any, v: Any) -> Any:
    """The cofactors of ``x``, or their change in the direction ``v``.

    Rows and columns are scaled by powers of two first, which rounds nothing: the entries of a badly scaled matrix keep
    their digits.  Then a few are minors; of more rows, they come from the inverse where the matrix is well conditioned,
    elsewhere from the singular values: nothing is divided, so singular matrices have them too.
    """
    size = np.abs(x)
    rows = exponents(size.max(-1, keepdims=True))
    columns = exponents(np.ldexp(size, rows).max(-2, keepdims=True))
    x = np.ldexp(x, rows + columns)
    v = None if v is None else np.ldexp(v, rows + columns)
    total = rows.sum(-2, keepdims=True) + columns.sum(-1, keepdims=True)
    if v is None and x.shape[-1] <= FEW:
        return np.ldexp(by_minors(x), rows + columns - total)
    d = np.linalg.det(x)[..., None, None]
    y = np.linalg.inv(np.where(np.isfinite(d) & (d != 0), x, np.eye(x.shape[-1], dtype=x.dtype)))
    well = np.isfinite(d) & (d != 0) & (of_rows(x) * of_rows(y) < WELL_CONDITIONED)
    if well.all():
        found = by_inverse(d, np.swapaxes(y, -1, -2), v)
    else:
        found = np.where(well, by_inverse(d, np.swapaxes(y, -1, -2), v), by_singular_values(x, v))
    return np.ldexp(found, rows + columns - total)


def exponents(top: Any) -> Any:
    """The powers of two that bring positive numbers to between 1/2 and 1; 0 for what is 0 or not finite."""
    return np.where(np.isfinite(top) & (top > 0), -np.frexp(top)[1], 0)


def of_rows(x: Any) -> Any:
    """The largest sum of magnitudes of a row."""
    return np.abs(x).sum(-1, keepdims=True).max(-2, keepdims=True)


def by_inverse(d: Any, b: Any, v: Any) -> Any:
    """``d b``, with the determinant and the transposed inverse, or its change ``d (<b, v> b - b v^T b)``."""
    if v is None:
        return d * b
    return d * ((b * v).sum((-2, -1), keepdims=True) * b - b @ np.swapaxes(v, -1, -2) @ b)


def by_singular_values(x: Any, v: Any) -> Any:
    """The cofactors, or their change, from ``x = u diag(s) vh``: products of all singular values but one, or two."""
    u, s, vh = np.linalg.svd(x)
    sign = np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    if v is None:
        left, right = np.ones_like(s), np.ones_like(s)
        np.cumprod(s[..., :-1], -1, out=left[..., 1:])
        np.cumprod(s[..., :0:-1], -1, out=right[..., -2::-1])
        return (sign * u * (left * right)[..., None, :]) @ vh
    n = s.shape[-1]
    pair = np.ones((*s.shape, n), s.dtype)
    for k in range(n):
        keep = np.ones((n, n), bool)
        keep[k] = keep[:, k] = False
        pair *= np.where(keep, s[..., k, None, None], s.dtype.type(1))
    pair *= 1 - np.eye(n, dtype=s.dtype)
    w = np.swapaxes(u, -1, -2) @ v @ np.swapaxes(vh, -1, -2)
    change = -pair * np.swapaxes(w, -1, -2)
    change[..., np.arange(n), np.arange(n)] = np.einsum("...ij,...jj->...i", pair, w)
    return sign * (u @ change @ vh)


def scalar(g: Any) -> Any:
    """One number for each matrix, shaped so that it broadcasts against the matrices."""
    return expand_dims(g, (-2, -1))


@op(
    meaning=Structure(lambda m, x: of_squares(m, "det", x, x.sizes[:-2])),
    vjp=[lambda g, y, x: scalar(g) * cofactors(x)],
    samples=[
        at(SQUARE), at(STACK), at(SINGULAR), at(RANK_ONE), at(SQUARE[:1, :1]), at(np.zeros((3, 3))), at(SQUARE[:2, :2]),
    ],
)  # fmt: skip
def det(x, /):
    """The determinant of each matrix."""
    return np.linalg.det(square("det", x))


@op(
    meaning=Structure(lambda m, x: of_squares(m, "cofactors", x, x.sizes)),
    vjp=[lambda g, y, x: cofactor_change(g, x)],
    numpy=(),
    language=False,
    samples=[at(SQUARE), at(STACK), at(SINGULAR), at(RANK_ONE), at(FOUR)],
)
def cofactors(x, /):
    """The derivative of the determinant by each element; no division, so right for singular matrices too."""
    return cofactors_of(square("cofactors", x))


def third_derivative(h: Any, m: Any, g: Any, x: Any) -> Any:
    """The derivative of ``(<g, c> c - c g^T c) / d`` by x, with c the cofactors and d the determinant."""
    c, d = cofactors(x), scalar(det(x))
    if not (d != 0).all():
        raise np.linalg.LinAlgError("det: the third derivative is supported at invertible matrices only")
    inner = (-2, -1)
    of_d = -sum(h * m, axis=inner, keepdims=True) / d
    half = matmul(matmul(h, matrix_transpose(c)), g) + matmul(matmul(g, matrix_transpose(c)), h)
    of_c = sum(g * c, axis=inner, keepdims=True) * h + sum(h * c, axis=inner, keepdims=True) * g - half
    return of_d * c + cofactor_change(of_c / d, x)


@op(
    # of invertible matrices: d (tr(x^-1 v) - x^-T v^T) x^-T
    meaning=Composite(
        "b = matrix_transpose(inv(x)); d = expand_dims(det(x), (-2, -1));"
        " d * (sum(b * v, axis=(-2, -1), keepdims=True) * b - b @ matrix_transpose(v) @ b)"
    ),
    vjp=[lambda g, y, v, x: cofactor_change(g, x), lambda g, y, v, x: third_derivative(g, y, v, x)],
    numpy=(),
    language=False,
    samples=[at(SQUARE.T, SQUARE), at(STACK, STACK), at(FOUR.T, FOUR)],
)
def cofactor_change(v, x, /):
    """How the cofactors of ``x`` change in the direction ``v``, again without a division."""
    n = x.shape[-1]
    if n < 2:
        return np.zeros(np.broadcast_shapes(v.shape, x.shape), x.dtype)
    if n == 2:
        return signed_flip(np.broadcast_to(v, x.shape))
    if n == 3:
        return minors(v, x) + minors(x, v)
    return by_factors(x, v)


@op(meaning=Composite("sign(det(x))"), vjp=[None], numpy=(), language=False, samples=[at(SQUARE), at(STACK)])
def det_sign(x, /):
    """The sign of the determinant."""
    return np.linalg.slogdet(square("slogdet", x))[0]


def logabsdet_rule(g: Any, y: Any, x: Any) -> Any:
    """``x^-T``; nan where the matrix is singular and its logarithm -inf."""
    if not np.isfinite(np.asarray(getattr(y, "data", y) if not isinstance(y, np.ndarray | np.generic) else y)).all():
        return x * np.nan
    return scalar(g) * matrix_transpose(inv(x))


@op(
    meaning=Composite("log(abs(det(x)))"),
    vjp=[logabsdet_rule],
    numpy=(),
    language=False,
    latex=r"\log\lvert\det\rvert",
    samples=[at(SQUARE), at(STACK)],
    domain="x is invertible",
)
def logabsdet(x, /):
    """The logarithm of the magnitude of the determinant."""
    return np.linalg.slogdet(square("slogdet", x))[1]


class SlogdetResult(NamedTuple):
    """The determinant as its sign and the logarithm of its magnitude."""

    sign: Any
    logabsdet: Any


@function(samples=[at(SQUARE), at(STACK)])
def slogdet(x: Any) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its magnitude, where the determinant itself might overflow."""
    return SlogdetResult(det_sign(x), logabsdet(x))


def identity_less(x: Any) -> Any:
    """The identity minus square matrices."""
    return np.eye(x.shape[-1], dtype=x.dtype) - x


def pinv_rule(g: Any, y: Any, x: Any) -> Any:
    """Golub and Pereyra's derivative of the pseudo-inverse at constant rank."""
    back, gt = matrix_transpose(y), matrix_transpose(g)
    rows, columns = identity_less(matmul(x, y)), identity_less(matmul(y, x))
    through = matmul(matmul(back, g), back)
    return matmul(matmul(rows, gt), matmul(y, back)) + matmul(matmul(back, y), matmul(gt, columns)) - through


@op(
    meaning=Structure(pinv_meaning),
    vjp=[lambda g, y, x, rcond: pinv_rule(g, y, x)],
    samples=[at(MATRIX), at(MATRIX.T), at(SQUARE), at(STACK), at(WIDE_STACK)],
    domain="the rank of x is constant nearby",
)
def pinv(x, /, rcond=None):
    """The pseudo-inverse of each matrix (Moore, Penrose); singular values below ``rcond`` of the largest count as 0."""
    if x.ndim < 2:
        raise ValueError(f"pinv: x has shape {x.shape}; a matrix has at least 2 axes")
    return np.linalg.pinv(floating(x), rcond)


@function(samples=[at(SQUARE, 3), at(SQUARE, 0), at(STACK, -2), at(SQUARE, 1), at(SQUARE, 10)])
def matrix_power(x: Any, n: int) -> Any:
    """Each matrix multiplied by itself ``n`` times; its inverse, for a negative ``n``."""
    shape = shape_of(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ValueError(f"matrix_power: x has shape {shape}; it must be square matrices (..., n, n)")
    if not isinstance(n, int | np.integer):
        raise TypeError(f"matrix_power: n={n!r} must be a whole number")
    if n == 0:
        return broadcast_to(np.eye(shape[-1], dtype=getattr(x, "dtype", None)), shape) + 0 * x
    base, n = (inv(x), -n) if n < 0 else (x, n)
    result = None
    while n:
        if n & 1:
            result = base if result is None else matmul(result, base)
        n >>= 1
        base = matmul(base, base) if n else base
    return result
