"""The same numbers under another dtype, or as a tensor of their own."""

from __future__ import annotations

import numpy as np

from ..declare.op import MATRIX, ROW, at, op


@op(
    meaning="x",
    vjp=[lambda g, y, x, dtype: astype(g, dtype=x.dtype)],
    samples=[at(ROW, dtype=np.dtype(np.float32)), at(MATRIX, dtype=np.dtype(np.float64))],
    linear=True,
    torch_name="ToCopyBackward0",
    language=False,
)
def astype(x, /, dtype=np.dtype(np.float64)):  # noqa: B008 - a dtype is immutable
    """``x`` in another dtype, rounded to it; integers and masks get no gradient."""
    return np.asarray(x).astype(dtype)


@op(
    meaning="x",
    vjp=[lambda g, y, x: g],
    samples=[at(ROW), at(MATRIX)],
    linear=True,
    torch_name="CloneBackward0",
    method=True,
    language=False,
)
def copy(x, /):
    """The same numbers, as an array (or a tensor) of their own."""
    return np.array(x)
