"""Factorisations of matrices: Cholesky, eigenvalues of symmetric matrices, QR and singular values.

A factorisation has several results.  Its operation returns them packed in one array, and the public function
unpacks them into NumPy's named tuple, so that every node of a graph has one value.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..axes import shape_of
from ..declare.meanings import Composite, Equation, Structure
from ..declare.op import function, op
from ..declare.samples import MATRIX, SQUARE, SYMMETRIC, at
from ..kernels import floating
from .contractions import matmul
from .diagonals import tril
from .joining import concatenate
from .linear_algebra import STACK, WIDE_STACK, square
from .moving import expand_dims, matrix_transpose, reshape
from .quotients import quotient
from .triangular import solve_triangular

SYMMETRIC_STACK = np.stack([SYMMETRIC, 2 * SYMMETRIC + np.diag([0.0, 1.0, 3.0])])


def matrices(name: str, x: Any) -> Any:
    """``x`` as floating numbers; ValueError unless it has two axes."""
    if x.ndim < 2:
        raise ValueError(f"{name}: x has shape {x.shape}; a matrix has at least 2 axes")
    return floating(x)


def symmetric_part(name: str, x: Any) -> Any:
    """The symmetric part of each matrix, which is what the factorisation is of."""
    x = square(name, x)
    return (x + np.swapaxes(x, -1, -2)) / 2


def symmetrised(g: Any) -> Any:
    """The cotangent of a symmetric part."""
    return (g + matrix_transpose(g)) / 2


def identity(x: Any) -> Any:
    """The identity, as large as the last axis of ``x``."""
    return np.eye(x.shape[-1], dtype=x.dtype)


def cholesky_rule(g: Any, y: Any) -> Any:
    """``y^-T phi(y^T g) y^-1`` with phi the lower triangle, its diagonal halved (Murray, arXiv:1602.07527)."""
    back = matrix_transpose(y)
    inside = matmul(back, g)
    phi = (tril(inside) + tril(inside, -1)) / 2
    half = solve_triangular(y, phi, lower=True, trans=1)
    return symmetrised(matrix_transpose(solve_triangular(y, matrix_transpose(half), lower=True, trans=1)))


@op(
    numpy=(),  # NumPy's function has more parameters
    meaning=Equation("y @ y.T = x", where="y is lower triangular with a positive diagonal"),
    vjp=[lambda g, y, x: cholesky_rule(g, y)],
    samples=[at(SYMMETRIC), at(SYMMETRIC_STACK)],
    domain="x is symmetric and positive definite",
)
def cholesky(x, /):
    """The lower triangle y with ``y @ y.T = x`` (its symmetric part); LinAlgError where x is not positive definite."""
    try:
        return np.linalg.cholesky(symmetric_part("cholesky", x))
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError("cholesky: the matrix is not positive definite, so it has no such factor") from None


class EighResult(NamedTuple):
    """Eigenvalues in rising order, and the eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


def eigh_rule(g: Any, y: Any) -> Any:
    """``v (diag(gw) + f * (v^T gv)) v^T``, f one over the distance of the eigenvalues."""
    w, v = y[..., 0, :], y[..., 1:, :]
    gw, gv = g[..., 0, :], g[..., 1:, :]
    apart = expand_dims(w, -2) - expand_dims(w, -1) + identity(v)
    turn = quotient((1 - identity(v)) * matmul(matrix_transpose(v), gv), apart)
    return symmetrised(matmul(matmul(v, turn) + v * expand_dims(gw, -2), matrix_transpose(v)))


def eigh_meaning(m: Any, x: Any) -> Any:
    """``x @ v = v * w``, the values above the vectors; rows and columns are of one length."""
    size = m.same(*x.sizes[-2:])
    return m.implicit("eigh", (*x.sizes[:-2], size + 1, size))


@op(
    meaning=Structure(eigh_meaning),
    vjp=[lambda g, y, x: eigh_rule(g, y)],
    numpy=(),
    language=False,
    torch_name="LinalgEighBackward0",
    samples=[at(SYMMETRIC), at(SYMMETRIC_STACK)],
    domain="x is symmetric, its eigenvalues distinct",
)
def eigh_packed(x, /):
    """The eigenvalues as the first row above the matrix of eigenvectors."""
    w, v = np.linalg.eigh(symmetric_part("eigh", x))
    return np.concatenate([w[..., None, :], v], -2)


@function(numpy=(), samples=[at(SYMMETRIC), at(SYMMETRIC_STACK)])
def eigh(x: Any) -> EighResult:
    """The eigenvalues and eigenvectors of symmetric matrices (of their symmetric part)."""
    both = eigh_packed(x)
    return EighResult(both[..., 0, :], both[..., 1:, :])


def eigvalsh_rule(g: Any, x: Any) -> Any:
    """``v diag(g) v^T``."""
    v = eigh(x).eigenvectors
    return matmul(v * expand_dims(g, -2), matrix_transpose(v))


@op(
    numpy=(),  # NumPy's function has more parameters
    meaning=Composite("eigh_packed(x)[..., 0, :]"),
    vjp=[lambda g, y, x: eigvalsh_rule(g, x)],
    samples=[at(SYMMETRIC), at(SYMMETRIC_STACK)],
    domain="x is symmetric",
)
def eigvalsh(x, /):
    """The eigenvalues of symmetric matrices (of their symmetric part), in rising order."""
    return np.linalg.eigvalsh(symmetric_part("eigvalsh", x))


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangle."""

    Q: Any
    R: Any


def over_triangle(x: Any, r: Any) -> Any:
    """``x r^-T`` with an upper triangle r; LinAlgError where its diagonal has a 0."""
    try:
        return matrix_transpose(solve_triangular(r, matrix_transpose(x)))
    except np.linalg.LinAlgError:
        raise np.linalg.LinAlgError(
            "qr: the first columns depend on each other, so that Q and R have no derivative"
        ) from None


def narrow_qr_rule(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """``q gr + (q phi(w - w^T) + gq - q q^T gq) r^-T`` with ``w = q^T gq - gr r^T``, phi the strictly lower triangle.

    From ``dq = q phi_(q^T dx r^-1) + (1 - q q^T) dx r^-1`` with phi_ the lower triangle less its transpose (Seeger et
    al., arXiv:1710.08717, have the two first terms as one).  Of a square matrix the last column of phi is 0 and nothing
    leaves the span of q: the last element of r is not divided by, and may be 0.
    """
    inside, k = matmul(matrix_transpose(q), gq), r.shape[-1]
    w = inside - matmul(gr, matrix_transpose(r))
    turn = tril(w - matrix_transpose(w), -1)
    straight = matmul(q, gr)
    if q.shape[-2] > k:
        return straight + over_triangle(matmul(q, turn) + gq - matmul(q, inside), r)
    if k == 1:
        return straight
    turned = over_triangle(turn[..., : k - 1], r[..., : k - 1, : k - 1])
    return straight + matmul(q, concatenate((turned, np.zeros_like(turn[..., k - 1 :])), axis=-1))


def qr_rule(g: Any, y: Any, x: Any) -> Any:
    """Of a wide matrix the first columns have the narrow rule, and the others follow as ``q^T x``."""
    k = min(x.shape[-2:])
    q, r = matrix_transpose(y[..., : x.shape[-2]]), y[..., x.shape[-2] :]
    gq, gr = matrix_transpose(g[..., : x.shape[-2]]), g[..., x.shape[-2] :]
    if x.shape[-1] == k:
        return narrow_qr_rule(gq, gr, q, r)
    g_rest = gr[..., k:]
    gq = gq + matmul(x[..., k:], matrix_transpose(g_rest))
    return concatenate((narrow_qr_rule(gq, gr[..., :k], q, r[..., :k]), matmul(q, g_rest)), axis=-1)


def qr_meaning(m: Any, x: Any) -> Any:
    """``R^T R = f^T f`` with f the columns that must be independent, R a triangle with the kernel's signs.

    Then ``Q = f R^-1``; where Q is square, its last column is the unit vector that is orthogonal to the others, on the
    kernel's side.
    """
    *lead, rows, columns = x.shape
    tall = rows > columns
    k = columns if tall else rows - 1
    text = (
        "f = x[..., :k]; t = matrix_transpose(f); s = decided('triangle signs', diagonal, f);"
        " r = s * matrix_transpose(cholesky(t @ f)); b = solve(matrix_transpose(r), t);"
    )
    sizes = {"k": k, "diagonal": (*lead, k, 1)}
    if tall:
        return m.program(f"{text} concatenate((b, r), axis=-1)", **sizes)
    side = f"side = decided('last column', row, {'f' if k else 'x'});"
    others = f"{text} {side} others = concatenate((b, side), axis=-2);" if k else f"{side} others = side;"
    return m.program(
        f"{others} u = solve(others, last);"
        " v = matrix_transpose(u / sqrt(sum(u * u, axis=-2, keepdims=True)));"
        f" q = {'concatenate((b, v), axis=-2)' if k else 'v'}; concatenate((q, triu(q @ x)), axis=-1)",
        row=(*lead, 1, rows), last=np.broadcast_to(np.eye(rows)[:, -1:], (*lead, rows, 1)), **sizes,
    )  # fmt: skip


@op(
    meaning=Structure(qr_meaning),
    vjp=[lambda g, y, x: qr_rule(g, y, x)],
    numpy=(),
    language=False,
    torch_name="LinalgQrBackward0",
    samples=[at(SQUARE), at(MATRIX), at(MATRIX.T), at(STACK)],
    domain="the columns of x (all but the last of its rows' number, of one that is not tall) are independent",
)
def qr_packed(x, /):
    """The transpose of Q beside R."""
    q, r = np.linalg.qr(matrices("qr", x))
    return np.concatenate([np.swapaxes(q, -1, -2), r], -1)


@function(samples=[at(SQUARE), at(MATRIX), at(MATRIX.T), at(SQUARE, mode="r")])
def qr(x: Any, mode: str = "reduced") -> Any:
    """Orthonormal columns Q and an upper triangle R with ``Q @ R = x``; R alone with ``mode="r"``."""
    if mode not in ("reduced", "r"):
        raise ValueError(f'qr: mode is "reduced" or "r", not {mode!r}: what other modes add has no derivative')
    both = qr_packed(x)
    rows = shape_of(x)[-2]
    q, r = matrix_transpose(both[..., :rows]), both[..., rows:]
    return r if mode == "r" else QRResult(q, r)


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values in falling order, right singular vectors as rows."""

    U: Any
    S: Any
    Vh: Any


def unpacked(y: Any, m: int, n: int) -> SVDResult:
    """The three factors of an ``m`` by ``n`` matrix from their row."""
    k = min(m, n)
    lead = y.shape[:-1]
    u, vh = y[..., : m * k], y[..., m * k + k :]
    return SVDResult(reshape(u, (*lead, m, k)), y[..., m * k : m * k + k], reshape(vh, (*lead, k, n)))


def svd_rule(g: Any, y: Any, shape: tuple[int, ...]) -> Any:
    """The turns of both bases, over the distances of the squared singular values, and what leaves their span."""
    m, n = shape[-2:]
    (u, s, vh), (gu, gs, gvh) = unpacked(y, m, n), unpacked(g, m, n)
    ut, v, gv = matrix_transpose(u), matrix_transpose(vh), matrix_transpose(gvh)
    row, column = expand_dims(s, -2), expand_dims(s, -1)
    apart = (row - column) * (row + column) + identity(s)
    inside_u, inside_v = matmul(ut, gu), matmul(vh, gv)
    turn_u = quotient(inside_u - matrix_transpose(inside_u), apart)
    turn_v = quotient(inside_v - matrix_transpose(inside_v), apart)
    total = matmul(u, matmul(turn_u * row + column * turn_v, vh) + expand_dims(gs, -1) * vh)
    if m > n:
        total = total + matmul(quotient(gu - matmul(u, inside_u), row), vh)
    if n > m:
        total = total + matmul(u, matrix_transpose(quotient(gv - matmul(v, inside_v), row)))
    return total


def svd_meaning(m: Any, x: Any) -> Any:
    """The shorter basis from the eigenvectors of ``x^T x`` (wide: ``x x^T``), the other one from ``x v = u s``."""
    *lead, rows, columns = x.shape
    k = min(rows, columns)
    gram = "matrix_transpose(x) @ x" if rows >= columns else "x @ matrix_transpose(x)"
    bases = (
        "u = x @ b / expand_dims(s, -2); v = matrix_transpose(b);"
        if rows >= columns
        else "u = b; v = matrix_transpose(b) @ x / expand_dims(s, -1);"
    )
    return m.program(
        f"e = eigh_packed({gram}); s = flip(sqrt(e[..., 0, :]), -1); f = flip(e[..., 1:, :], -1);"
        f" b = f * decided('basis signs', signs, x, f); {bases}"
        " concatenate((reshape(u, left), s, reshape(v, right)), axis=-1)",
        signs=(*lead, 1, k), left=(*lead, rows * k), right=(*lead, k * columns),
    )  # fmt: skip


@op(
    meaning=Structure(svd_meaning),
    vjp=[lambda g, y, x: svd_rule(g, y, x.shape)],
    numpy=(),
    language=False,
    torch_name="LinalgSvdBackward0",
    samples=[at(SQUARE), at(MATRIX), at(MATRIX.T), at(WIDE_STACK)],
    domain="the singular values of x are distinct (and not 0, unless x is square)",
)
def svd_packed(x, /):
    """The three factors, each in the order of its elements, in one row."""
    u, s, vh = np.linalg.svd(matrices("svd", x), full_matrices=False)
    rows = [factor.reshape(*x.shape[:-2], factor.shape[-2] * factor.shape[-1]) for factor in (u, vh)]
    return np.concatenate([rows[0], s, rows[1]], -1)


def singular_values_meaning(m: Any, x: Any) -> Any:
    """The roots of the eigenvalues of ``x^T x`` (wide: ``x x^T``), in falling order."""
    gram = "matrix_transpose(x) @ x" if x.shape[-2] >= x.shape[-1] else "x @ matrix_transpose(x)"
    return m.program(f"flip(sqrt(eigvalsh({gram})), -1)")


@op(
    meaning=Structure(singular_values_meaning),
    vjp=[lambda g, y, x: singular_values_rule(g, x)],
    numpy=("linalg.svdvals",),
    language=False,
    samples=[at(SQUARE), at(MATRIX), at(WIDE_STACK)],
    domain="the singular values of x are distinct and not 0",
)
def singular_values(x, /):
    """The singular values of each matrix in falling order."""
    return np.linalg.svd(matrices("svd", x), compute_uv=False)


def singular_values_rule(g: Any, x: Any) -> Any:
    """``u diag(g) vh``."""
    m, n = x.shape[-2:]
    u, _, vh = unpacked(svd_packed(x), m, n)
    return matmul(u * expand_dims(g, -2), vh)


@function(samples=[at(SQUARE), at(MATRIX, full_matrices=False), at(WIDE_STACK, compute_uv=False)])
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values, and the bases U and Vh with ``U @ diag(S) @ Vh = x``."""
    if not compute_uv:
        return singular_values(x)
    shape = shape_of(x)
    if full_matrices and len(shape) >= 2 and shape[-1] != shape[-2]:
        raise ValueError(
            f"svd: x has shape {shape}; the vectors that complete a basis are not determined by x and have no "
            "derivative; pass full_matrices=False"
        )
    return unpacked(svd_packed(x), *shape[-2:])
