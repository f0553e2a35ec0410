"""Arrays that take only their shape from an operand: constants, whose values are PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def constant(*shape: Any, **options: Any) -> Any:
    """What depends on no value of its operands."""
    return np.zeros(())


ENTRIES: dict[str, Callable[..., Any]] = dict.fromkeys(
    (
        "empty_like",
        "full_like",
        "new_empty",
        "new_empty_strided",
        "new_full",
        "new_ones",
        "new_zeros",
        "ones_like",
        "zero",
        "zeros_like",
    ),
    constant,
)
