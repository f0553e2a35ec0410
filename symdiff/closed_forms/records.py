"""What closed forms are told in: general partials, the steps forward and back, and the names that they use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp


@dataclass(frozen=True, slots=True)
class Definition:
    """A named intermediate: ``formula`` is its general element at ``indices``, None where words must say what it is.

    ``kind`` is "value", "adjoint", "probability" (of the exponential ``element``), "chosen" (the position along
    ``axis`` that the pick ``element`` chose; ``rank`` numbers the several that a median
    averages), "table" (positions along ``axis`` that the program was given, counted from 0 in ``value``), "constant"
    (a given array, in ``value``), "equation" (what an operation defines by an equation, or decides by the order of its
    operands; ``formula`` names it), "inverse" or "determinant" (of ``element``, as its formula says).
    """

    name: str
    indices: tuple[sp.Symbol, ...]
    formula: sp.Expr | None
    kind: str = "value"
    element: int | None = None
    axis: int | None = None
    rank: int | None = None
    value: np.ndarray | None = None

    @property
    def symbol(self) -> sp.Expr:
        """The name with its indices, as it stands in formulas."""
        return indexed(self.name, self.indices)


@dataclass(frozen=True, slots=True)
class Beyond:
    """Why there is no closed form: it would take ``count`` steps, or names (``what``), and at ``most`` so many are."""

    what: str
    count: int
    most: int


@dataclass(frozen=True, slots=True)
class General:
    """The partial of the result by a general element of an input.

    ``divides`` says that it divides, where a rule of differentiation does and the program need not: by what may be 0.
    Where ``beyond`` is None, ``expression`` is a closed form, with a definition for every name in it. Otherwise that
    was more than is attempted: the names are those of the steps, which define them, and ``terms`` are what each
    consumer sends.
    """

    name: str
    indices: tuple[sp.Symbol, ...]
    expression: sp.Expr
    definitions: tuple[Definition, ...] = ()
    beyond: Beyond | None = None
    divides: bool = False
    terms: tuple[sp.Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """How a general element is computed: ``name[indices] = formula``; formula is None where no formula is known."""

    element: int
    name: str
    indices: tuple[sp.Symbol, ...]
    ranges: tuple[sp.Expr, ...]
    formula: sp.Expr | None


@dataclass(frozen=True, slots=True)
class Edge:
    """What a consumer sends back: ``formula`` in its named adjoint, summed; ``local`` is the partial
    of the consumer's element that enters.
    """

    consumer: int
    formula: sp.Expr
    local: sp.Expr | None


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """The adjoint of a general element: ``name[indices]`` is the sum of the edges; ``closed`` has the
    adjoints written out.
    """

    element: int
    name: str
    adjoint: str
    indices: tuple[sp.Symbol, ...]
    edges: tuple[Edge, ...]
    closed: sp.Expr

    @property
    def formula(self) -> sp.Expr:
        """The contributions added up, in named adjoints."""
        return sp.Add(*(edge.formula for edge in self.edges)) if self.edges else self.closed


def indexed(name: str, indices: tuple[sp.Expr, ...]) -> sp.Expr:
    """``name[indices]``, or the symbol itself where there are none."""
    return sp.Indexed(sp.IndexedBase(name, real=True), *indices) if indices else sp.Symbol(name, real=True)
