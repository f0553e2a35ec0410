"""Whose function is this, and whose arrays: told by the modules of their types, so that nothing is imported to ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dis import get_instructions
from types import CodeType, FunctionType, ModuleType
from typing import Any

ROOTS = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "autograd": "autograd"}
"""The top modules of a framework's types, and the framework."""
OURS = ("numpy", "autodiff", "scipy")
"""A function that names one of these computes with NumPy's functions, whatever arrays it is given."""
DEEPEST = 8
_READING = ("LOAD_GLOBAL", "LOAD_NAME")
"""The instructions that read a global: a code's other names are those of attributes."""


def framework_of(target: object, values: Iterator[object]) -> str | None:
    """The framework that computes ``target`` at ``values``; None where NumPy or our own engine does."""
    if isinstance(target, str) or not imported():
        return None
    named = list(_named_by(target))
    for root in named:
        if root in ROOTS:
            return ROOTS[root]
    if any(root in OURS for root in named):
        return None
    return next((found for value in values if (found := framework_of_value(value))), None)


def imported() -> bool:
    """Whether anybody imported a framework: if not, nothing can be one's."""
    return any(root in sys.modules for root in ROOTS)


def framework_of_value(value: object, depth: int = DEEPEST) -> str | None:
    """The framework of an array, or of the first array in a container."""
    if isinstance(value, list | tuple | Mapping) and depth:
        parts = value.values() if isinstance(value, Mapping) else value
        return next((found for each in parts if (found := framework_of_value(each, depth - 1))), None)
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields and depth:
        inner = (framework_of_value(getattr(value, name, None), depth - 1) for name in fields)
        return next((found for found in inner if found), None)
    return next((ROOTS[root] for root in _roots(type(value)) if root in ROOTS), None)


def _roots(kind: type) -> Iterator[str]:
    """The top modules that a type and those it inherits from stand in."""
    for each in kind.__mro__:
        yield each.__module__.partition(".")[0]


def _named_by(target: object) -> Iterator[str]:
    """The top modules that a callable belongs to or names: its own first, then those its code reads."""
    function = _unwrapped(target)
    if not isinstance(function, FunctionType):
        yield from _roots(type(function))
        owner = getattr(function, "__self__", None)
        if owner is not None and not isinstance(owner, ModuleType):
            yield from _roots(owner if isinstance(owner, type) else type(owner))
        yield (getattr(function, "__module__", None) or "").partition(".")[0]
        function = getattr(function, "__func__", type(function).__call__)
    if isinstance(function, FunctionType):
        yield _written_in(function)
        yield from _read_by(function, set(), DEEPEST)


def _unwrapped(target: Any) -> Any:
    """The function inside of partials and of decorators that say what they wrap."""
    for _ in range(DEEPEST):
        if any(root in ROOTS for root in _roots(type(target))):
            return target
        inner = getattr(target, "func", None) or getattr(target, "__wrapped__", None)
        if inner is None or not callable(inner):
            return target
        target = inner
    return target


def _read_by(function: FunctionType, seen: set[CodeType], depth: int) -> Iterator[str]:
    """The top modules of what a function's code reads, through the functions beside it, nearest first."""
    code = function.__code__
    if code in seen or not depth:
        return
    seen.add(code)
    later: list[FunctionType] = []
    for value in _values_read(function, code):
        if isinstance(value, ModuleType):
            yield value.__name__.partition(".")[0]
        elif isinstance(value, FunctionType) and _is_users(value):
            later.append(value)
        elif isinstance(value, FunctionType):
            yield _written_in(value)
        else:
            yield from _roots(value if isinstance(value, type) else type(value))
            yield str(getattr(value, "__module__", None) or "").partition(".")[0]
    for each in later:
        yield from _read_by(each, seen, depth - 1)


def _written_in(function: FunctionType) -> str:
    """The top module in which a function's code stands: a wrapper takes the name of the one that it wraps."""
    return str(function.__globals__.get("__name__") or function.__module__ or "").partition(".")[0]


def _is_users(function: FunctionType) -> bool:
    return (function.__module__ or "").partition(".")[0] not in {*ROOTS, *OURS}


def _values_read(function: FunctionType, code: CodeType) -> Iterator[Any]:
    names = {step.argval for each in _codes(code) for step in get_instructions(each) if step.opname in _READING}
    yield from (function.__globals__[name] for name in sorted(names) if name in function.__globals__)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that is not bound yet
            continue
    yield from function.__defaults__ or ()


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code and that of the functions written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def callable_name(target: Callable[..., Any]) -> str:
    """How a framework's callable is called on a page: a class's own name for an object of it."""
    owner = getattr(target, "__self__", None)
    if isinstance(owner, type) and getattr(target, "__name__", "") == "apply":
        return owner.__name__
    name = getattr(getattr(target, "func", target), "__name__", None)
    return name if isinstance(name, str) and name else type(target).__name__
