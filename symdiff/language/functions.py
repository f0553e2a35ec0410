"""What a text may call: the operations of autodiff's table, and the functions that create arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from symdiff.language import tree
from symdiff.language.expressions import Known

CREATION = (
    "tensor", "asarray", "array", "arange", "linspace", "zeros", "ones", "full", "eye", "zeros_like", "ones_like",
    "full_like",
)  # fmt: skip

# Operands that are positions, not numbers to differentiate by.
INDEX_OPERANDS = frozenset({"index", "indices", "labels", "target", "targets", "classes", "positions"})


def _table() -> dict[str, Any]:
    from autodiff.declare.op import TABLE

    return dict(TABLE)


@functools.cache
def functions() -> Mapping[str, Callable[..., Any]]:
    """Every function of the language by name, aliases included."""
    import autodiff

    found: dict[str, Callable[..., Any]] = {name: getattr(autodiff, name) for name in CREATION}
    found |= {name: operation for name, operation in _table().items() if operation.language}
    found["ln"] = found["log"]
    return MappingProxyType(found)


@functools.cache
def everything() -> Mapping[str, Callable[..., Any]]:
    """The functions of the language, and the operations that only meanings use."""
    return MappingProxyType({**_table(), **functions()})


@functools.cache
def methods() -> Mapping[str, Callable[..., Any]]:
    """Every method that may be called on a value, by name."""
    from autodiff.tensor import Tensor

    names = (name for name, operation in _table().items() if operation.method and operation.language)
    return MappingProxyType({name: getattr(Tensor, name) for name in names})


@functools.cache
def bindable() -> frozenset[str]:
    """Functions that give way to an input of their name, as ``gamma`` and ``beta`` do: those of the SciPy extra."""
    return frozenset(name for name, operation in _table().items() if operation.extra == "scipy")


@functools.cache
def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters, operands first."""
    return tuple(inspect.signature(function).parameters)


def known(inputs: Collection[str]) -> Known:
    """What a text with these inputs may use."""
    return Known(functions=functions(), methods=methods(), inputs=inputs, bindable=bindable())


def unbindable() -> frozenset[str]:
    """The names that an input cannot have because a function has them."""
    return frozenset(functions()) - bindable()


def only_indexing(program: tree.Program) -> set[str]:
    """The inputs that the program uses as positions and nowhere else."""
    positions: dict[str, int] = {}
    everywhere: dict[str, int] = {}
    for expression in program.expressions:
        for node in tree.walk(expression):
            if isinstance(node, tree.Name):
                everywhere[node.id] = everywhere.get(node.id, 0) + 1
            if isinstance(node, tree.Size) and isinstance(node.value, tree.Name):
                # how long an array is says nothing of what it is used for
                everywhere[node.value.id] = everywhere.get(node.value.id, 0) - 1
            for position in _positions(node):
                positions[position] = positions.get(position, 0) + 1
    return {name for name, count in positions.items() if count == everywhere[name]}


def _positions(node: tree.Expression) -> list[str]:
    """The names that stand directly in this index, or where this call takes positions."""
    places: list[tree.Expression] = []
    if isinstance(node, tree.Subscript):
        parts = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        places = [
            inner
            for part in parts
            for inner in ((part, *tree.children(part)) if isinstance(part, tree.Slice | tree.Sequence) else (part,))
        ]
    elif isinstance(node, tree.Call) and node.function in functions():
        names = parameters(functions()[node.function])
        places = [argument for name, argument in zip(names, node.arguments, strict=False) if name in INDEX_OPERANDS]
        places += [argument for name, argument in node.keywords if name in INDEX_OPERANDS]
    return [place.id for place in places if isinstance(place, tree.Name)]
