"""Closed forms are derived once for every point: those of a program serve the same program at other values.

A corpus has one formula at many points. What its closed forms depend on is the program (operations, parameters, shapes,
names, constants) and no value of a floating input, so that the forms of the last programs are kept by just that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.closed_form import ClosedForms, Formulas, closed_forms
from symdiff.tracing.graph import Graph, Node

__all__ = ["forget", "shared_forms"]

PROGRAMS = 128
"""The forms of so many programs are kept, the last that were asked for."""

ELEMENTS = 4096
"""Programs of more values are not: with the forms stays the first point, at which they were found."""

_KEPT: OrderedDict[Hashable, Formulas] = OrderedDict()


def shared_forms(graph: Graph, derivation: Derivation, use: Hashable) -> ClosedForms:
    """The closed forms of a derivation, or those of an equal program: all but the values in ``derivation`` is the same.

    Names are given in the order in which somebody asks for them: programs are equal for one ``use`` only.
    """
    key = (_key(graph), use)
    if key[0] is None:
        return closed_forms(derivation)
    if key in _KEPT:
        _KEPT.move_to_end(key)
        return ClosedForms(derivation, _KEPT[key])
    found = closed_forms(derivation)
    _KEPT[key] = found.formulas
    if len(_KEPT) > PROGRAMS:
        _KEPT.popitem(last=False)
    return found


def forget() -> None:
    """Let go of what is kept, as where numbers of taste have changed."""
    _KEPT.clear()


class _Unlike(TypeError):
    """A parameter of a kind that cannot be compared."""


def _key(graph: Graph) -> Hashable:
    """Everything of a program that its closed forms may depend on; None where that is much, or cannot be compared."""
    if sum(node.value.size for node in graph.nodes) > ELEMENTS:
        return None
    inputs = set(graph.inputs.values())
    try:
        nodes = tuple(_node(node, node.index in inputs) for node in graph.nodes)
    except _Unlike:
        return None
    taken = tuple((each.node, each.taken) for each in graph.conditions)
    return nodes, tuple(graph.inputs.items()), tuple(graph.wrt), graph.result, taken


def _node(node: Node, is_input: bool) -> Hashable:
    value = node.value
    # positions and masks that are given are part of the program, and so are constants
    given = node.op is None and not (is_input and value.dtype.kind == "f")
    held = _part(value) if given else (value.shape, value.dtype.str)
    return node.op, node.parents, _part(node.params), held, node.name, node.constant, node.size_of


def _part(part: Any) -> Hashable:
    if part is None or isinstance(part, bool | int | float | str | np.generic):
        # 1, 1.0 and True are equal, 0.0 and -0.0 as well
        return type(part), repr(part)
    if isinstance(part, tuple | list):
        return type(part), tuple(map(_part, part))
    if isinstance(part, slice):
        return slice, _part((part.start, part.stop, part.step))
    if isinstance(part, Mapping):
        return tuple((name, _part(each)) for name, each in part.items())
    if isinstance(part, np.ndarray) and part.dtype.kind in "fiub":
        return part.shape, part.dtype.str, part.tobytes()
    if part is Ellipsis:
        return part
    raise _Unlike(type(part).__name__)
