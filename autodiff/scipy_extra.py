"""SciPy's special functions, imported at the first call that needs one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def special(name: str) -> Callable[..., Any]:
    """Return ``scipy.special.name``; ImportError that says how to get SciPy where it is not installed."""
    try:
        from scipy import special as functions
    except ImportError as error:
        raise ImportError(f'{name} needs SciPy: pip install "symdiff-explain[scipy]"') from error
    function: Callable[..., Any] = getattr(functions, name)
    return function


@cache
def triangular_solver() -> Callable[..., Any] | None:
    """Return ``scipy.linalg.solve_triangular``; None where SciPy is not installed."""
    try:
        from scipy.linalg import solve_triangular
    except ImportError:
        return None
    solver: Callable[..., Any] = solve_triangular
    return solver


@cache
def bandwidths() -> Callable[..., Any]:
    """Return ``scipy.linalg.bandwidth``: how many diagonals of a matrix below and above its own are not all 0."""
    from scipy.linalg import bandwidth

    found: Callable[..., Any] = bandwidth
    return found
