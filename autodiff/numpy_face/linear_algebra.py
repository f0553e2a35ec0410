"""``np.linalg`` beyond the operations of its names: other triangles, conditions, least squares, tensor equations."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .compositions import answers, operation


def _symmetric(a: Any, triangle: str) -> Any:
    """The symmetric matrix of which ``a`` has one triangle; NumPy's functions read no other."""
    if triangle.upper() not in ("L", "U"):
        raise ValueError(f"np.linalg: UPLO={triangle!r}; it is 'L' or 'U'")
    lower = triangle.upper() == "L"
    part, rest = (operation("tril" if lower else "triu")(a, k) for k in (0, -1 if lower else 1))
    return part + operation("matrix_transpose")(rest)


@answers("linalg.eigh")
def eigh(a: Any, UPLO: Any = None) -> Any:
    if UPLO is None:
        return operation("eigh")(a)
    found = operation("eigh")(_symmetric(a, UPLO))
    if UPLO.upper() == "L":
        return found
    # the vectors of the upper triangle may come with another sign
    signs = np.sign(np.sum(found.eigenvectors.data * np.linalg.eigh(a.data, UPLO).eigenvectors, axis=-2, keepdims=True))
    return type(found)(found.eigenvalues, found.eigenvectors * signs)


@answers("linalg.eigvalsh")
def eigvalsh(a: Any, UPLO: str | None = None) -> Any:
    return operation("eigvalsh")(a if UPLO is None else _symmetric(a, UPLO))


@answers("linalg.cholesky")
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    factor = operation("cholesky")(a)
    return operation("matrix_transpose")(factor) if upper else factor


@answers("linalg.tensorinv")
def tensorinv(a: Any, ind: int = 2) -> Any:
    first, rest = a.shape[:ind], a.shape[ind:]
    inverse = operation("inv")(operation("reshape")(a, (prod(first), prod(rest))))
    return operation("reshape")(inverse, (*rest, *first))


@answers("linalg.tensorsolve")
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        a = operation("moveaxis")(a, tuple(axes), tuple(range(a.ndim - len(axes), a.ndim)))
    rest = a.shape[np.ndim(b) :]
    matrix = operation("reshape")(a, (-1, prod(rest)))
    return operation("reshape")(operation("solve")(matrix, operation("ravel")(b)), rest)


@answers("linalg.cond")
def cond(x: Any, p: Any = None) -> Any:
    if p is None or p in (2, -2):
        s = operation("singular_values")(x)
        return s[..., 0] / s[..., -1] if p != -2 else s[..., -1] / s[..., 0]
    return operation("matrix_norm")(x, ord=p) * operation("matrix_norm")(operation("inv")(x), ord=p)


@answers("linalg.lstsq")
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """By the pseudo-inverse; the residuals are those of full rank and more rows than columns, as NumPy's are."""
    _, sizes, rank, s = np.linalg.lstsq(getattr(a, "data", a), getattr(b, "data", b), rcond=rcond)
    x = operation("pinv")(a) @ b
    residuals = operation("sum")((a @ x - b) ** 2, axis=0) if len(sizes) else sizes
    return x, residuals if np.ndim(b) > 1 or not len(sizes) else residuals[None], rank, s
