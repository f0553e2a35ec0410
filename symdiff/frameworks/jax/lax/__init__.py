"""The table: primitives of ``jax.lax`` -> our operations, by families. What has no entry is *unsupported* by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from symdiff.frameworks.jax.lax import elementwise, indexing, linear_algebra, moving, reductions, special, windows
from symdiff.frameworks.jax.lax.elementwise import told
from symdiff.frameworks.missing import Missing

__all__ = ["ENTRIES", "EXACT", "HOLDING", "KERNELS", "apply", "rows"]

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


HOLDING: Mapping[str, str] = {
    "checkpoint": "its program",
    "closed_call": "its program",
    "composite": "its program",
    "cond": "the branch that is taken, which is a condition",
    "core_call": "its program",
    "custom_jvp_call": "the primal's program; the rule is what is judged",
    "custom_linear_solve": "`solve` of the matrix whose columns the function gives",
    "custom_vjp_call": "the primal's program; the backward pass is what is judged",
    "custom_vmap_call": "its program",
    "jit": "its program; one operation where it is a function of JAX's own that we have",
    "pjit": "its program, as `jit`",
    "remat2": "its program",
    "scan": "step by step, up to 256",
    "while": "step by step, up to 256, while the condition holds",
}
"""Primitives that hold programs, and what is followed of them."""


def rows() -> list[tuple[str, str]]:
    """The table for a reader: by name each primitive, and what it is here."""
    return sorted([*((name, told(entry)) for name, entry in ENTRIES.items()), *HOLDING.items()])


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
