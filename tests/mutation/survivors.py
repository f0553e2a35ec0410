"""Mutants that no witness can catch, and why: they compute the same derivative."""

from __future__ import annotations

SAME_SIGN = "the result has the sign of the operand"
TURNED = "the two bounds and the result stand in the same order: where min <= max, the comparison has the same outcome"
SINGULAR = "the result is nan, whatever it is multiplied by"
GUARDED = "the diagonal is only kept from 0; what is divided by it there is 0"

REASONS: dict[str, str] = {
    "relu: rule 0: y for x in x": SAME_SIGN,
    "elu: rule 0: y for x in x": SAME_SIGN,
    "selu: rule 0: y for x in x": SAME_SIGN,
    "copysign: rule 0: out for y in y": SAME_SIGN,
    "log_softmax: rule 0: y for x in x": "softmax takes no notice of what is added to a line",
    "xlogy: rule 1: out for x in x": "at y = 0 the result is 0 where x is",
    "xlog1py: rule 1: out for x in x": "at y = -1 the result is 0 where x is",
    "clamp: rule 0: out for max in max": TURNED,
    "clamp: rule 1: out for min in min": TURNED,
    "clamp: rule 1: out for max in max": TURNED,
    "clamp: rule 2: out for max in max": TURNED,
    "astype: rule 0: dropped call in astype(g, dtype=x.dtype)": "the walk itself gives a cotangent its dtype",
    "matmul: matmul_right: always else in matmul(g, x) if z.ndim == 1 else matmul(transpose(x), g)": (
        "a vector has no transpose: both products are the same, one is faster"
    ),
    "dot: dot_left: no else in reshape(moveaxis(b, -2, 0), (b.shape[-2], prod(b.shape[:-2]) * b.shape": (
        "a matrix is its own reshaping; the other branch is faster"
    ),
    "broadcast_to: stretched_back: no else in reshape(total, shape) if extra else total": (
        "an array is its own reshaping; the other branch is faster"
    ),
    "contraction: factor_cotangent: no else in broadcast_to(expand_dims(part, missing), shape) if missing else part": (
        "without missing letters nothing is expanded"
    ),
    "contraction: factor_cotangent: dropped call in broadcast_to(expand_dims(part, missing), shape)": (
        "the walk itself repeats a cotangent of length 1"
    ),
    "cholesky: cholesky_rule: dropped call in matrix_transpose(solve_triangular(y, matrix_transpose(half), lower=Tru": (
        "the result is made symmetric"
    ),
    "eigh_packed: eigh_rule: sign in expand_dims(w, -2) - expand_dims(w, -1) + identity(v)": GUARDED,
    "svd_packed: svd_rule: sign in (row - column) * (row + column) + identity(s)": GUARDED,
    "logabsdet: logabsdet_rule: sign in return x * np.nan": SINGULAR,
    "logabsdet: logabsdet_rule: factor in return x * np.nan": SINGULAR,
    "logabsdet: logabsdet_rule: dropped factor in x * np.nan": SINGULAR,
    "logabsdet: logabsdet_rule: y for x in x": SINGULAR,
    "power_log: _power_log_slope: always else in power(x, y - 1.0) if order == 1 else power_log(x, y - 1.0, order=order": (  # noqa: E501 - the name of a mutant
        "the logarithm to the power 0 is 1; the other branch is faster"
    ),
    "sort: in_order: factor in return np.argsort(x, axis=None, kind='stable')": (
        "only the order of the positions is used, and a factor keeps it"
    ),
}
