"""The table: primitives of ``jax.lax`` -> our operations, by families. What has no entry is *unsupported* by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.frameworks.jax.lax import elementwise, indexing, linear_algebra, moving, reductions, special, windows
from symdiff.frameworks.missing import Missing

__all__ = ["ENTRIES", "EXACT", "KERNELS", "apply"]

ENTRIES: Mapping[str, Callable[..., Any]] = {
    **elementwise.ENTRIES,
    **special.ENTRIES,
    **moving.ENTRIES,
    **indexing.ENTRIES,
    **reductions.ENTRIES,
    **windows.ENTRIES,
    **linear_algebra.ENTRIES,
}
"""By a primitive's name; the arguments are its operands and, by name, its parameters."""

EXACT = frozenset({*elementwise.EXACT, *moving.EXACT, *indexing.EXACT})
"""What every implementation computes to the last bit alike: JAX is not asked again, which would compile each shape."""


KERNELS: Mapping[str, float] = {
    "acosh": 8.0,
    "atanh": 128.0,
    "bessel_i0e": 16.0,
    "bessel_i1e": 16.0,
    "cosh": 16.0,
    "digamma": 64.0,
    "erf": 8.0,
    "erf_inv": 32.0,
    "erfc": 64.0,
    "exp2": 8.0,
    "igamma": 32.0,
    "igammac": 32.0,
    "lgamma": 64.0,
    "pow": 16.0,
    "sinh": 16.0,
    "tanh": 8.0,
}
"""By how many ulps JAX's own values are off, measured on a processor in both precisions where it is more than four.

Near their zeros ``lgamma`` and ``digamma`` have no correct digit, nor has ``erfc`` in its tail: there our values stay.
"""


def apply(name: str, operands: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    """Our results of a primitive.

    Raises:
        Missing: there is no entry, or it has no answer for these operands.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise Missing
    try:
        found = entry(*operands, **params)
    except (TypeError, ValueError, IndexError, NotImplementedError, np.linalg.LinAlgError) as error:
        raise Missing(str(error)) from error
    return list(found) if isinstance(found, list | tuple) else [found]
