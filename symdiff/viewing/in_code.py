"""Values and refusals as the engine and code show them."""

from __future__ import annotations

from functools import cache

import numpy as np

import autodiff as ad
from symdiff.agreement.evidence import Evidence
from symdiff.frameworks.bridged import Bridged

__all__ = ["as_tensor", "printed", "printed_value", "refusal", "refused_by_framework", "scalar_only"]

LISTED = 24
"""Of longer arrays the first and the last values are printed."""

FEW = 8
"""Of a matrix with more elements the first and the last row are printed."""

LONGEST = 64
"""Of a longer array the first and the last elements are shown."""


def refusal(evidence: Evidence) -> str:
    """What the engine, or the framework, says when it is asked for the gradient of an array."""
    own = refused_by_framework(evidence, evidence.traced.result.shape)
    if own:
        return own
    try:
        evidence.traced.result.backward(retain_graph=True)
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def refused_by_framework(evidence: Evidence, shape: tuple[int, ...]) -> str:
    """What a framework says of an array of this shape, in words of its own; nothing where they are the engine's."""
    refused = evidence.traced.refusal if isinstance(evidence.traced, Bridged) else None
    return "" if refused is None else refused(shape)


@cache
def scalar_only() -> str:
    """What the engine says of an array's backward()."""
    try:
        ad.tensor(np.zeros(2), requires_grad=True).backward()
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def printed_value(value: object) -> str:
    """The result as code shows it."""
    return repr(value) if isinstance(value, float) else printed(np.asarray(value))


def printed(value: np.ndarray) -> str:
    """An input's values on one line; of many the first and the last."""
    if value.size > LISTED and value.ndim == 1:
        ends = [printed(part)[1:-1] for part in (value[:4], value[-2:])]
        return f"[{ends[0]}, ..., {ends[1]}]"
    if value.ndim == 2 and value.size > FEW and value.shape[1] <= FEW and len(value) > 2:
        return f"[{printed(value[0])}, ..., {printed(value[-1])}]"
    if value.size > LISTED:
        return f"{value.dtype} between {value.min():.4g} and {value.max():.4g}"
    return " ".join(as_tensor(value).removeprefix("tensor(").removesuffix(")").split()).replace("[ ", "[")


def as_tensor(value: np.ndarray) -> str:
    """An array as a tensor shows itself; of a long one the first and the last elements."""
    array = np.asarray(value)
    if array.size <= LONGEST:
        return repr(ad.tensor(array))
    # as many digits as a tensor has, of the first and the last elements alone
    with np.printoptions(threshold=LONGEST, edgeitems=3, precision=4, linewidth=80):
        return f"tensor({np.array2string(array, separator=', ', prefix='tensor(')})"
