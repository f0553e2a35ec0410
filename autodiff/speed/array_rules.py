"""Rules for arrays alone: what they call is the kernel of an operation, not the operation.

A rule is written with the package's own operations, so that it differentiates again.  Of arrays nothing is recorded,
and what an operation asks of its operands (are they tensors, numbers, lists?) costs more than the arithmetic on a few
elements.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from ..declare.op import Op

_OURS = "autodiff."

SPACES: dict[str, dict[str, Any]] = {}
"""The names that a module's functions see, by its own name, with kernels under the names of operations."""


@cache
def on_arrays(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``rule`` as it runs on arrays; itself where it is not of this package, or no plain function."""
    if type(rule) is not FunctionType or not rule.__module__.startswith(_OURS):
        return rule
    made = FunctionType(rule.__code__, _space(rule.__globals__), rule.__name__, rule.__defaults__, rule.__closure__)
    made.__kwdefaults__ = rule.__kwdefaults__
    return made


def _space(names: dict[str, Any]) -> dict[str, Any]:
    module = names["__name__"]
    space = SPACES.get(module)
    if space is None:
        space = SPACES[module] = names.copy()  # before it is filled: functions may call each other
        for name, value in names.items():
            if isinstance(value, Op) and value.arity >= 0:  # of any number they may be given as one sequence
                space[name] = value.kernel
            elif type(value) is FunctionType:
                space[name] = on_arrays(value)
    return space


def forget() -> None:
    """Drop all that was made: a function of this package was replaced."""
    SPACES.clear()
    on_arrays.cache_clear()
