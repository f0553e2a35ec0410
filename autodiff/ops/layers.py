"""Layers of networks that are a few operations: linear, embedding, attention, dropout."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np

from ..axes import shape_of
from ..declare.op import function
from ..declare.samples import CUBE, MATRIX, OTHER_MATRIX, ROW, SQUARE, at
from .contractions import matmul
from .indexing import take
from .moving import matrix_transpose, transpose
from .piecewise import where
from .softmax import softmax

BIAS = np.array([0.1, -0.2, 0.3])
KEEP = np.array([True, False, True, True])


@function(samples=[at(ROW, MATRIX), at(OTHER_MATRIX, MATRIX, BIAS), at(CUBE, MATRIX, BIAS), at(MATRIX, ROW)])
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """``x @ weight.T + bias``: ``weight`` has the shape (outputs, inputs)."""
    inputs = shape_of(weight)[-1:]
    if not 1 <= len(shape_of(weight)) <= 2 or shape_of(x)[-1:] != inputs:
        raise ValueError(f"linear: x has shape {shape_of(x)}, the weight {shape_of(weight)}; x must end in {inputs}")
    y = matmul(x, transpose(weight))
    return y if bias is None else y + bias


@function(samples=[at(np.array([2, 0, 2]), MATRIX), at(np.array([[1, 1], [0, 2]]), MATRIX), at(1, MATRIX)])
def embedding(indices: Any, weight: Any) -> Any:
    """The rows of ``weight`` (entries, width) at the positions ``indices``, which get no gradient."""
    if len(shape_of(weight)) != 2:
        raise ValueError(f"embedding: the weight has shape {shape_of(weight)}; it must be (entries, width)")
    return take(weight, indices, axis=0, mode="raise")


@function(samples=[at(ROW, KEEP), at(MATRIX, KEEP, p=0.2), at(ROW, KEEP, p=0.0)])
def dropout(x: Any, mask: Any, p: float = 0.5) -> Any:
    """``x / (1 - p)`` where the given ``mask`` is true (or 1), 0 elsewhere."""
    if not 0 <= p < 1:
        raise ValueError(f"dropout: p={p} must be from 0 on and below 1")
    return x * mask / (1 - p)


@function(
    samples=[
        at(MATRIX, OTHER_MATRIX, SQUARE), at(CUBE, CUBE[:, :2], CUBE[:, 1:], is_causal=True),
        at(MATRIX, OTHER_MATRIX, SQUARE, SQUARE > 0), at(MATRIX, OTHER_MATRIX, SQUARE, SQUARE.T, scale=0.3),
    ],
)  # fmt: skip
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, is_causal: bool = False, scale: float | None = None
) -> Any:
    """``softmax(query @ key^T * scale) @ value``, with ``scale`` one over the root of the queries' width.

    A mask of truth values says which keys each query sees, one of numbers is added; ``is_causal``: those not after it.
    """
    q, k, v = shape_of(query), shape_of(key), shape_of(value)
    if min(len(q), len(k), len(v)) < 2 or q[-1] != k[-1] or k[-2] != v[-2]:
        raise ValueError(
            f"scaled_dot_product_attention: query {q}, key {k}, value {v}; they must be (..., queries, width), "
            "(..., keys, width), (..., keys, any)"
        )
    if is_causal and attn_mask is not None:
        raise ValueError("scaled_dot_product_attention: is_causal and attn_mask exclude each other; give one")
    scores = matmul(query, matrix_transpose(key)) * (1 / sqrt(max(1, q[-1])) if scale is None else scale)
    if is_causal:
        attn_mask = np.tri(q[-2], k[-2], dtype=bool)
    if attn_mask is not None:
        truth = np.dtype(getattr(attn_mask, "dtype", np.float64)).kind == "b"
        scores = where(attn_mask, scores, -inf) if truth else scores + attn_mask
    return matmul(softmax(scores, axis=-1), value)
