"""Matrix algebra as a tree: what is equal is one object, and small simplifications happen where a node is made.

A node is a number, a vector or a matrix (``ndim`` 0, 1, 2). Elementwise sums and products broadcast as NumPy's do: a
vector stands along the last axis, a column (``col``) along the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symdiff.matrix_form.costs import EFFORT

Factor = tuple["Node", sp.Expr]
"""A factor of an elementwise product, and its exponent."""


def is_negative(number: sp.Expr) -> bool:
    """Whether a number is known to be below 0; nan is not."""
    return bool(number.is_extended_negative)


class NoMatrix(ValueError):
    """What has no matrix form: more than two indices at once, positions that move, a function without a name."""


class Node:
    """One expression; ``head`` says what it is, ``data`` what is no node in it.

    =========== =========================== ==================================
    head        args                        data
    =========== =========================== ==================================
    name                                    the name
    number                                  a sympy number
    add         the terms                   their coefficients
    mul         the factors                 (coefficient, exponents)
    mm          the factors of ``@``
    T, col      what is turned
    sum         what is added up            the axis, None for all
    outer       two vectors
    diag        a vector: the matrix with this diagonal
    diagonal    a matrix: its diagonal
    item        what is indexed             the index as it is written
    call        the arguments               (function, keywords)
    holds       the condition: 1 or 0
    compare     left, right                 the sign
    and, or     the conditions
    where       condition, one, other
    eye         the size
    =========== =========================== ==================================
    """

    __slots__ = ("args", "data", "head", "names", "ndim", "number", "text")

    def __init__(self, head: str, args: tuple[Node, ...], data: Any, ndim: int, number: int) -> None:
        self.head, self.args, self.data, self.ndim, self.number = head, args, data, ndim, number
        self.text: tuple[str, int] | None = None
        own = frozenset({data}) if head == "name" else frozenset()
        self.names: frozenset[str] = own.union(*(each.names for each in args))


class Nodes:
    """Makes nodes, each only once; ``symmetric`` holds the names of matrices that equal their transposes."""

    def __init__(self) -> None:
        self._table: dict[tuple[Any, ...], Node] = {}
        self.symmetric: set[str] = set()
        self.asked = 0

    def make(self, head: str, args: Sequence[Node] = (), data: Any = None, ndim: int = 0) -> Node:
        """The one node with these parts."""
        self.asked += 1
        if self.asked > EFFORT:
            raise NoMatrix("the effort for this form is spent")
        key = (head, tuple(args), data, ndim)
        found = self._table.get(key)
        if found is None:
            found = self._table[key] = Node(head, tuple(args), data, ndim, len(self._table))
        return found

    # --- leaves -------------------------------------------------------------------------------------------------------

    def name(self, name: str, ndim: int) -> Node:
        return self.make("name", (), name, ndim)

    def number(self, value: sp.Expr | int) -> Node:
        return self.make("number", (), sp.Integer(value) if isinstance(value, int) else value)
