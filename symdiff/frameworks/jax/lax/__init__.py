"""The table: primitives of ``jax.lax`` -> our operations, by families. What has no entry is *unsupported* by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.frameworks.jax.lax import elementwise, indexing, linear_algebra, moving, reductions, special, windows
from symdiff.frameworks.missing import Missing

__all__ = ["ENTRIES", "EXACT", "apply"]

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
