"""The traced program as frozen data: what was computed from what, under the names its author used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from symdiff.sentences import Said

if TYPE_CHECKING:
    from autodiff.declare.op import Op

LEFT_OUT = -1
"""Stands among the parents of a node for an optional operand that was not given."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the program: an input, a constant, or the result of an operation."""

    index: int  # its place in Graph.nodes, a topological order
    op: Op | None  # None: input or constant
    parents: tuple[int, ...]  # operands, constants included
    params: Mapping[str, object]
    value: np.ndarray[Any, Any]  # what the engine computed on the way forward
    name: str | None  # the author's name for it, or None
    constant: str | None = None  # "pi" or "e", where this is that number
    size_of: tuple[int, int | None] | None = None  # the node whose size it is, and of which axis; None: of all


@dataclass(frozen=True, slots=True)
class Condition:
    """A Python ``if`` taken on a tensor: the formula holds where this node has this truth value."""

    node: int
    taken: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader must be told about the program as a whole."""

    kind: str
    said: Said
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note in English."""
        return self.said.in_words()


@dataclass(frozen=True, slots=True)
class Graph:
    """A traced program."""

    nodes: tuple[Node, ...]
    inputs: Mapping[str, int]  # name -> node, in the order given
    wrt: tuple[str, ...]  # the inputs to differentiate by
    result: int
    conditions: tuple[Condition, ...] = ()
    notes: tuple[Note, ...] = ()
    text: str = ""  # the expression, or the function's name with its parameters
