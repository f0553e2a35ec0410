"""Arrays that cannot be written into: nobody may change what the way back still needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen(data: Any) -> NDArray[Any]:
    """Return a view of the values that cannot be written into."""
    view: NDArray[Any] = np.asarray(data).view()
    view.flags.writeable = False
    return view


def reading_only(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` as it gets its arrays frozen.

    A function that is not of this package might write into its operands: ``def doubled(x, /): x *= 2; return x``.
    """

    def guarded(*args: Any, **params: Any) -> Any:
        return function(*[frozen(x) if type(x) is np.ndarray else x for x in args], **params)

    return guarded


def constant(x: Any) -> Any:
    """Return an operand that nobody can write into before it is read on the way back: a copy where somebody could."""
    return x.copy() if type(x) is np.ndarray and x.flags.writeable else x
