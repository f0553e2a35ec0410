"""A text of the language as a function, where one is wanted."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from symdiff.language import LIMITS, parse, run
from symdiff.language.functions import known

__all__ = ["as_function"]


def as_function(function: str | Callable[..., Any], at: Mapping[str, object]) -> Callable[..., Any]:
    """A function as it is, a text as a function of the names that it is given.

    >>> as_function("x * x", {"x": 1.0})(3.0)
    9.0
    """
    if not isinstance(function, str):
        return function
    program = parse(function, known(at.keys()), limits=LIMITS)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in at])

    def called(*arrays: Any, **named: Any) -> Any:
        return run(program, signature.bind(*arrays, **named).arguments)

    called.__name__ = function
    called.__signature__ = signature  # type: ignore[attr-defined]
    return called
