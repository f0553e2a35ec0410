"""Numbers that only the order or the signs of values decide: constant wherever they have a derivative.

Positions of extremes count from 0, as the arrays that they index do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.evaluation.fields.base import Field, Values
from symdiff.meaning.terms import Decided

Array = np.ndarray


def decided(field: Field, meaning: Decided, operands: Sequence[Values]) -> Values:
    """The numbers, decided by the operands' values."""
    options = dict(meaning.options)
    return field.load(np.asarray(_RULES[meaning.kind]([field.order(x) for x in operands], options), dtype=np.float64))


def _position(extreme: Callable[..., Any]) -> Callable[[Sequence[Array], Mapping[str, Any]], Array]:
    def rule(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
        return np.asarray(extreme(operands[0], axis=options["axis"], keepdims=options["keepdims"]))

    return rule


def _truth(reduced: Callable[..., Any]) -> Callable[[Sequence[Array], Mapping[str, Any]], Array]:
    def rule(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
        return np.asarray(reduced(operands[0] != 0, axis=options["axis"], keepdims=options["keepdims"]))

    return rule


def _same(x: Array) -> Array:
    return np.asarray(x == x, dtype=np.bool_)


def _argsort(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
    return np.argsort(operands[0], axis=options["axis"], kind="stable")


def _basis_signs(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
    """Signs for the columns of eigenvectors that make them the right (or left) singular vectors LAPACK returns."""
    x, vectors = (np.asarray(each, dtype=np.float64) for each in operands)
    if not (np.isfinite(x).all() and np.isfinite(vectors).all()):
        return np.ones((*vectors.shape[:-2], 1, vectors.shape[-1]))
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    basis = np.swapaxes(vh, -1, -2) if x.shape[-2] >= x.shape[-1] else u
    along = np.add.reduce(basis * vectors, axis=-2, keepdims=True)
    return np.where(along < 0, -1.0, 1.0)


def _triangle_signs(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
    """The signs of the diagonal of R that LAPACK returns for a matrix of at least as many rows as columns."""
    x = np.asarray(operands[0], dtype=np.float64)
    if not np.isfinite(x).all():
        return np.ones((*x.shape[:-2], x.shape[-1], 1))
    diagonal = np.diagonal(np.linalg.qr(x)[1], axis1=-2, axis2=-1)
    return np.where(diagonal < 0, -1.0, 1.0)[..., None]


def _last_column(operands: Sequence[Array], options: Mapping[str, Any]) -> Array:
    """The last column of LAPACK's square Q for the columns before it, as a row."""
    x = np.asarray(operands[0], dtype=np.float64)
    rows = x.shape[-2]
    if not np.isfinite(x).all():
        return np.broadcast_to(np.eye(rows)[-1:], (*x.shape[:-2], 1, rows))
    return np.swapaxes(np.linalg.qr(x, mode="complete")[0][..., -1:], -1, -2)


_RULES: dict[str, Callable[[Sequence[Array], Mapping[str, Any]], Array]] = {
    "all": _truth(np.all),
    "any": _truth(np.any),
    # of numbers of any arithmetic: nan differs from itself, and inf - inf is nan
    "isfinite": lambda operands, options: _same(operands[0] - operands[0]),
    "isinf": lambda operands, options: _same(operands[0]) & ~_same(operands[0] - operands[0]),
    "isnan": lambda operands, options: ~_same(operands[0]),
    "argmax": _position(np.argmax),
    "argmin": _position(np.argmin),
    "argsort": _argsort,
    "basis signs": _basis_signs,
    "last column": _last_column,
    "triangle signs": _triangle_signs,
}

CONVENTIONS = frozenset({"basis signs", "last column", "triangle signs"})
"""Which of several results LAPACK returns that are all as right: where its choice changes, no branches meet."""
