"""``where=`` and ``initial=`` of NumPy's reductions: what is left out becomes what does not change the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..declare.op import TABLE


@dataclass(frozen=True, slots=True)
class Neutral:
    """What stands for elements that are left out of a reduction, and the operation that joins its result with another.

    None where there is none: the largest of no elements is only known with ``initial``.
    """

    value: Any
    join: str | None = None


NEUTRAL = {
    "sum": Neutral(0.0, "add"),
    "prod": Neutral(1.0, "multiply"),
    "max": Neutral(None, "maximum"),
    "min": Neutral(None, "minimum"),
    "any": Neutral(False),
    "all": Neutral(True),
}


def reduced(function: Callable[..., Any], name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """``function(*args, **options)`` for the reduction of NumPy's that is our operation ``name``."""
    options = dict(options)
    mask, initial = options.pop("where", True), options.pop("initial", None)
    x, *rest = args or (options.pop("a"),)
    mask = np.asarray(getattr(mask, "array", mask))
    if not mask.all() and name in MEANS:
        return MEANS[name](x, np.broadcast_to(mask, x.shape), *rest, **options)
    neutral = NEUTRAL.get(name)
    if neutral is None or (initial is not None and neutral.join is None):
        given = "where=" if initial is None else "initial="
        raise TypeError(f"np.{function.__name__}: {given} is not supported on tensors; write where(mask, x, other)")
    if not mask.all():
        left_out = initial if neutral.value is None else neutral.value
        if left_out is None:
            raise ValueError(f"np.{function.__name__}: where= needs initial=, the value for what is left out")
        x = TABLE["where"](mask, x, left_out)
    y = function(x, *rest, **options)
    return y if initial is None or neutral.join is None else TABLE[neutral.join](y, initial)


def _mean(x: Any, mask: Any, axis: Any = None, keepdims: bool = False, less: int = 0) -> Any:
    count = np.sum(mask, axis=axis, keepdims=keepdims) - less
    return TABLE["sum"](TABLE["where"](mask, x, 0.0), axis=axis, keepdims=keepdims) / count


def _var(x: Any, mask: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    return _mean((x - _mean(x, mask, axis, True)) ** 2, mask, axis, keepdims, ddof)


MEANS: dict[str, Callable[..., Any]] = {
    "mean": _mean,
    "var": _var,
    "std": lambda *args, **options: TABLE["sqrt"](_var(*args, **options)),
}
