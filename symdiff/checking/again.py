"""A call that repeats a check: what a report ends with, to be pasted."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Mapping, Sequence

import numpy as np

from autodiff.tensor import Tensor
from autodiff.trees import is_container, parts
from symdiff.arrays import Array
from symdiff.checking.call import Call
from symdiff.frameworks.trace import written
from symdiff.tracing.author_names import function_name
from symdiff.tracing.values import is_numeric

__all__ = ["call_in_code"]

LARGEST_WRITTEN = 48
"""Up to so many elements an array is written out."""


def call_in_code(function: object, call: Call, options: Mapping[str, object]) -> str:
    """The lines of Python that make the same check; what has no name of its own is a comment."""
    functions = [each for each in (function, *options.values()) if callable(each)]
    given = [_written(each) for each in call.args]
    named = [f"{name}={_written(each)}" for name, each in call.named.items()] if not isinstance(function, str) else []
    at = [f"at={{{', '.join(f'{name!r}: {_written(each)}' for name, each in call.named.items())}}}"]
    rest = [f"{name}={_name(each)}" for name, each in options.items() if each is not None]
    arguments = [_name(function), *given, *(at if isinstance(function, str) and call.named else named), *rest]
    lines = [f"from {module} import {', '.join(names)}" for module, names in _imports(functions).items()]
    return "\n".join([*lines, f"symdiff.check_gradients({', '.join(arguments)})"])


def _imports(functions: Sequence[object]) -> dict[str, list[str]]:
    """By module the functions that can be imported from it."""
    found: dict[str, list[str]] = {}
    for each in functions:
        module, name = getattr(each, "__module__", None), getattr(each, "__qualname__", "")
        if isinstance(module, str) and module != "__main__" and name.isidentifier():
            names = found.setdefault(module, [])
            if name not in names:
                names.append(name)
    return found


def _name(value: object) -> str:
    if isinstance(value, str | int | bool):
        return repr(value)
    if callable(value):
        return _lambda(value) or function_name(value)
    return _written(value)


def _written(value: object) -> str:
    in_framework = written(value, LARGEST_WRITTEN)
    if in_framework is not None:
        return in_framework
    if isinstance(value, Tensor):
        return _array(np.asarray(value.data))
    if is_container(value):
        return _container(value)
    if is_numeric(value):
        return repr(value) if isinstance(value, int | float) else _array(np.asarray(value))
    return function_name(value) if callable(value) else repr(value)


def _container(value: object) -> str:
    inner = [(step, _written(each)) for step, each in parts(value)]
    if isinstance(value, dict):
        return f"{{{', '.join(f'{step[1:-1]}: {text}' for step, text in inner)}}}"
    if hasattr(value, "_fields") or not isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(f'{step[1:]}={text}' for step, text in inner)})"
    texts = ", ".join(text for _, text in inner)
    return f"[{texts}]" if isinstance(value, list) else f"({texts}{',' if len(inner) == 1 else ''})"


def _array(array: Array) -> str:
    if array.size > LARGEST_WRITTEN:
        return f"{array.dtype}{list(array.shape)}".replace("[", "_array_of_shape_").replace(", ", "x").replace("]", "")
    text = repr(array.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    dtype = "" if array.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{array.dtype}"
    return text if not array.ndim and not dtype else f"np.array({text}{dtype})"


def _lambda(function: object) -> str | None:
    """The source of a lambda that stands alone on its line; None where it is not found."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_name != "<lambda>":
        return None
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda)
        and node.lineno == code.co_firstlineno
        and [each.arg for each in node.args.args] == list(code.co_varnames[: code.co_argcount])
    ]
    return ast.unparse(found[0]) if len(found) == 1 else None
