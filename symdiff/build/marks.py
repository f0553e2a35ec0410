"""``@symdiff.case(x=[...])``: functions of a module that ``symdiff build`` and ``symdiff check`` find by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

__all__ = ["case", "marks_of"]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_MARKS = "__symdiff_cases__"


def case(at: Mapping[str, object] | None = None, /, **given: object) -> Callable[[_Function], _Function]:
    """Mark a function as a case, at the values given by name, or in a mapping for any name at all.

    ``title``, ``name``, ``wrt``, ``order``, ``detail``, ``seed``, ``language`` and ``format`` mean what they mean in a
    case file; an input that is called so goes into the mapping. A function may be marked more than once. The function
    itself stays as it is.

    >>> @case(x=[1.0, 2.0], title="Sum of squares")
    ... def loss(x):
    ...     return (x * x).sum()
    >>> marks_of(loss)
    ({'at': {'x': [1.0, 2.0]}, 'title': 'Sum of squares'},)
    """
    options = {key: value for key, value in given.items() if key in _OPTIONS}
    values = {**(at or {}), **{key: value for key, value in given.items() if key not in _OPTIONS}}

    def mark(function: _Function) -> _Function:
        # decorators run from below: what stands above comes first
        setattr(function, _MARKS, ({"at": values, **options}, *marks_of(function)))
        return function

    return mark


def marks_of(function: object) -> tuple[dict[str, Any], ...]:
    """The cases of a function, as a case file would give them; none where it is not marked."""
    found = getattr(function, _MARKS, ())
    return found if isinstance(found, tuple) else ()


_OPTIONS = frozenset({"title", "name", "wrt", "order", "detail", "seed", "language", "format"})
