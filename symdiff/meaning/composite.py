"""Runs the program that a composite's meaning is, over symbolic elements."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from autodiff.declare.op import TABLE
from symdiff.language import tree

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "@": operator.matmul, "%": operator.mod, "//": operator.floordiv, "&": operator.and_, "|": operator.or_,
}  # fmt: skip
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def run_composite(
    program: tree.Program, bound: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> tuple[Any, dict[str, Any]]:
    """The result of a program over ``bound`` names, and the values it assigned on the way."""
    names = dict(bound)
    assigned: dict[str, Any] = {}
    for assign in program.assignments:
        names[assign.name] = assigned[assign.name] = _value(assign.value, names, functions)
    return _value(program.result, names, functions), assigned


def _value(node: tree.Expression, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    def value(inner: tree.Expression | None) -> Any:
        return None if inner is None else _value(inner, names, functions)

    match node:
        case tree.Constant(value=literal):
            return literal
        case tree.Text(value=literal):
            return literal
        case tree.Name(id=name):
            return names[name]
        case tree.Unary(operator="-", operand=inner):
            return -value(inner)
        case tree.Unary(operator="~", operand=inner):
            return ~value(inner)
        case tree.Unary(operand=inner):
            return value(inner)
        case tree.Binary(operator=symbol, left=left, right=right):
            return _BINARY[symbol](value(left), value(right))
        case tree.Compare(operator=symbol, left=left, right=right):
            return _COMPARE[symbol](value(left), value(right))
        case tree.Call(function=name, arguments=arguments, keywords=keywords):
            function = functions.get(name) or TABLE[name]
            return function(*map(value, arguments), **{key: value(given) for key, given in keywords})
        case tree.Method(value=inner, name=name, arguments=arguments, keywords=keywords):
            return TABLE[name](value(inner), *map(value, arguments), **{key: value(given) for key, given in keywords})
        case tree.Transpose(value=inner):
            return value(inner).T
        case tree.Slice(start=start, stop=stop, step=step):
            return slice(value(start), value(stop), value(step))
        case tree.Subscript(value=inner, index=index):
            return value(inner)[value(index)]
        case tree.Sequence(items=items, is_list=is_list):
            return list(map(value, items)) if is_list else tuple(map(value, items))
    raise TypeError(f"{type(node).__name__} has no place in a meaning")
