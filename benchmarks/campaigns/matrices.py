"""The value of matrix functions on arrays of mpf, by elimination, reflections and mpmath's own eigenvalues."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import matrix, mp, mpf

from benchmarks.campaigns.arrays import objects

Objects = np.ndarray[Any, Any]


def eye(n: int) -> Objects:
    out = np.full((n, n), mpf(0), dtype=object)
    out[range(n), range(n)] = mpf(1)
    return out


def solve(a: Objects, b: Objects) -> Objects:
    """Gauss with the largest pivot of the column; ``b`` is (n,) or (n, k)."""
    n = len(a)
    work = np.concatenate([a, b.reshape(n, -1)], axis=1)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(work[i, k]))
        work[[k, pivot]] = work[[pivot, k]]
        for i in range(k + 1, n):
            work[i, k:] = work[i, k:] - work[k, k:] * (work[i, k] / work[k, k])
    x = work[:, n:].copy()
    for k in reversed(range(n)):
        x[k] = (x[k] - work[k, k + 1 : n] @ x[k + 1 :] if k + 1 < n else x[k]) / work[k, k]
    return x.reshape(b.shape)


def inv(a: Objects) -> Objects:
    return solve(a, eye(len(a)))


def det(a: Objects) -> Objects:
    """By expansion up to 3, by elimination beyond; 0 where a column has no pivot."""
    n = len(a)
    work, sign = a.copy(), mpf(1)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(work[i, k]))
        if not work[pivot, k]:
            return objects(mpf(0))
        if pivot != k:
            work[[k, pivot]] = work[[pivot, k]]
            sign = -sign
        for i in range(k + 1, n):
            work[i, k:] = work[i, k:] - work[k, k:] * (work[i, k] / work[k, k])
    for k in range(n):
        sign = sign * work[k, k]
    return objects(sign)


def logabsdet(a: Objects) -> Objects:
    return objects(mp.log(abs(det(a)[()])))


def cholesky(a: Objects) -> Objects:
    """The lower factor of the symmetric part."""
    n = len(a)
    a = (a + a.T) / 2
    lower = np.full((n, n), mpf(0), dtype=object)
    for i in range(n):
        for j in range(i + 1):
            rest = a[i, j] - mp.fsum(lower[i, k] * lower[j, k] for k in range(j))
            lower[i, j] = mp.sqrt(rest) if i == j else rest / lower[j, j]
    return lower


def qr(a: Objects) -> tuple[Objects, Objects]:
    """Reduced, with LAPACK's signs: each reflection sends a column to minus the sign of its head; 1 row needs none."""
    m, n = a.shape
    r, q = a.copy(), eye(m)
    for k in range(min(m - 1, n)):
        column = r[k:, k]
        rest = mp.fsum(v * v for v in column[1:])
        if not rest:
            continue
        length = mp.sqrt(column[0] ** 2 + rest)
        v = column.copy()
        v[0] = v[0] + (length if v[0] >= 0 else -length)
        scale = 2 / mp.fsum(w * w for w in v)
        r[k:] = r[k:] - np.outer(v, (v @ r[k:])) * scale
        q[:, k:] = q[:, k:] - np.outer(q[:, k:] @ v, v) * scale
    k = min(m, n)
    upper = r[:k].copy()
    upper[np.tril_indices(k, -1, n)] = mpf(0)
    return q[:, :k], upper


def eigvalsh(a: Objects) -> Objects:
    """The eigenvalues of the symmetric part, from the smallest."""
    return _row(mp.eigsy(matrix(((a + a.T) / 2).tolist()), eigvals_only=True))


def eigh(a: Objects) -> tuple[Objects, Objects]:
    values, vectors = mp.eigsy(matrix(((a + a.T) / 2).tolist()))
    return _row(values), _array(vectors)


def singular_values(a: Objects) -> Objects:
    """From the largest, as the roots of the smaller Gram matrix's eigenvalues: precision is doubled for it."""
    with mp.workprec(2 * mp.prec + 64):
        found = _row(mp.svd_r(matrix(a.tolist()), compute_uv=False))
    return np.array([+v for v in found], dtype=object)


def svd(a: Objects) -> tuple[Objects, Objects, Objects]:
    u, s, v = mp.svd_r(matrix(a.tolist()))
    return _array(u), _row(s), _array(v)


def pinv(a: Objects) -> Objects:
    """Of full rank: by the smaller Gram matrix."""
    m, n = a.shape
    return solve(a.T @ a, a.T) if m >= n else solve(a @ a.T, a).T


def matrix_norm(a: Objects, ord: Any) -> Objects:
    if ord == "fro":
        return objects(mp.sqrt(mp.fsum(v * v for v in a.reshape(-1))))
    if ord in (2, -2, "nuc"):
        values = singular_values(a)
        return objects({2: values[0], -2: values[-1], "nuc": mp.fsum(values)}[ord])
    sums = [mp.fsum(abs(v) for v in row) for row in (a.T if abs(ord) == 1 else a)]
    return objects(max(sums) if ord > 0 else min(sums))


def matrix_power(a: Objects, n: int) -> Objects:
    if n < 0:
        return matrix_power(inv(a), -n)
    found = eye(len(a))
    for _ in range(n):
        found = found @ a
    return found


def _row(values: Any) -> Objects:
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def _array(values: Any) -> Objects:
    out = np.empty((values.rows, values.cols), dtype=object)
    for i in range(values.rows):
        for j in range(values.cols):
            out[i, j] = values[i, j]
    return out
