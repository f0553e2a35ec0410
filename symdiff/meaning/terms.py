"""Relation terms: what an operation means, element by element, for every size.

A term says ``y[sigma(v)] += f(x_1[tau_1(v)], x_2[tau_2(v)], ...)`` for v in a box of indices, with f a scalar formula
in a few slots and sigma, tau affine index maps. Its derivative by a slot is again such a term, so that no delta is ever
built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import ClassVar, TypeAlias

import numpy as np
import sympy as sp

from symdiff.meaning.scalar_rules import differentiate
from symdiff.meaning.sizes import Size, as_size


@cache
def slot(number: int) -> sp.Symbol:
    """The symbol that stands for the ``number``-th element a formula reads."""
    return sp.Symbol(f"s{number}", real=True)


@dataclass(frozen=True, slots=True)
class Affine:
    """The position ``const + sum(coefficient * v[variable])`` along one axis; ``terms`` are such pairs."""

    const: Size
    terms: tuple[tuple[int, int], ...] = ()

    @property
    def variables(self) -> tuple[int, ...]:
        return tuple(variable for variable, _ in self.terms)

    def __add__(self, other: Affine | Size | int) -> Affine:
        if not isinstance(other, Affine):
            return Affine(self.const + other, self.terms)
        total: dict[int, int] = dict(self.terms)
        for variable, coefficient in other.terms:
            total[variable] = total.get(variable, 0) + coefficient
        return Affine(self.const + other.const, tuple((v, c) for v, c in total.items() if c))

    __radd__ = __add__

    def __mul__(self, factor: int) -> Affine:
        return Affine(self.const * factor, tuple((v, c * factor) for v, c in self.terms))

    __rmul__ = __mul__

    def __sub__(self, other: Affine | Size | int) -> Affine:
        return self + (other * -1)

    def __rsub__(self, other: Size | int) -> Affine:
        return self * -1 + other

    def __neg__(self) -> Affine:
        return self * -1


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A position read from a table of integers, ``table[v[variables]]``: an index array that the program was given."""

    table: np.ndarray
    variables: tuple[int, ...]


Index: TypeAlias = "Affine | Lookup"


def variable(number: int) -> Affine:
    """The index map that is the ``number``-th variable of the box itself."""
    return Affine(as_size(0), ((number, 1),))


def constant(position: Size | int) -> Affine:
    """The index map that is always ``position``."""
    return Affine(as_size(position))


@dataclass(frozen=True, slots=True)
class Read:
    """The element of an operand that fills one slot."""

    operand: int
    at: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What a running sum or product takes together: the positions ``inner`` of an axis up to the position ``outer``.

    Both are box variables. With ``onward`` they start at ``outer`` instead, with ``strict`` they leave it out.
    """

    inner: int
    outer: int
    onward: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One relation term; ``condition`` (in the slots) says where it holds, None for everywhere.

    ``product`` makes the term multiply over the box variables that the output does not have, instead of adding;
    ``run`` bounds one of these by another variable.
    """

    out: tuple[Index, ...]
    reads: tuple[Read, ...]
    formula: sp.Expr
    box: tuple[Size, ...]
    condition: sp.Basic | None = None
    product: bool = False
    run: Run | None = None

    @property
    def kept(self) -> tuple[int, ...]:
        """The box variables that the output position depends on."""
        return kept_variables(self.out)


def kept_variables(at: tuple[Index, ...]) -> tuple[int, ...]:
    """The box variables in a tuple of index maps, in the order of the box."""
    return tuple(sorted({v for index in at for v in index.variables}))


@lru_cache(maxsize=8192)
def partial(formula: sp.Expr, number: int) -> sp.Expr:
    """The derivative of a formula by one slot, by named rules, with powers of one base kept together."""
    derivative = differentiate(formula, slot(number)).result
    if any(not power.exp.is_number for power in derivative.atoms(sp.Pow)):
        # the rules leave c*s**c/s, which is 0/0 at s = 0 where c*s**(c - 1) is finite
        derivative = sp.powsimp(derivative, combine="exp")
    return derivative


@dataclass(frozen=True, slots=True)
class Relation:
    """The meaning of a node as terms that add up."""

    terms: tuple[Term, ...]


class Move:
    """Elements of the operand at other places: ``y[i] = sum of weight * x.flat[position]``.

    What is asked of a move is answered in two tables: ``evaluation.moves.SOURCES`` (the positions as numbers) and
    ``closed_forms.moves.PLACES`` (as forms). ``by_values`` says whether the positions depend on the operand's values.
    """

    __slots__ = ()
    by_values: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, eq=False)
class Gather(Move):
    """Elements read at ``positions`` (an array of the result's shape) of the flattened operand: an opaque map."""

    positions: np.ndarray


@dataclass(frozen=True, slots=True)
class Reshape(Move):
    """The same elements in the same order under another shape."""


@dataclass(frozen=True, slots=True)
class Pick(Move):
    """The extreme element over some axes (``kind`` is "max" or "min")."""

    by_values: ClassVar[bool] = True

    kind: str
    axes: tuple[int, ...]
    keepdims: bool


@dataclass(frozen=True, slots=True)
class Order(Move):
    """Elements rearranged along an axis by their values (``sort``, ``median``).

    ``ranks`` are the places of the sorted order that are kept, averaged if ``average``.
    """

    by_values: ClassVar[bool] = True

    axis: int
    ranks: tuple[int, ...] | None = None
    average: bool = False
    keepdims: bool = False


@dataclass(frozen=True, slots=True)
class Implicit:
    """A value defined by an equation (``inv``, ``solve``, ``cholesky``); ``kind`` is one of ``evaluation.implicit``."""

    kind: str
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """Numbers that are constant wherever they have a derivative (positions of extremes, signs of bases).

    ``kind`` names the rule in ``symdiff.evaluation.decided``; nothing is sent back through them.
    """

    kind: str
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Opaque:
    """No meaning is known: the verdict is *unsupported*, and ``operation`` is the culprit."""

    operation: str


Meaning: TypeAlias = Relation | Move | Implicit | Decided | Opaque
MOVES: tuple[type[Move], ...] = (Gather, Reshape, Pick, Order)
KINDS: tuple[type, ...] = (Relation, *MOVES, Implicit, Decided, Opaque)
"""Every kind of meaning; a table over them that lacks one is found by ``tests/symbolic/test_kinds.py``."""


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A node of the symbolic program: the general element of one intermediate array."""

    index: int
    operation: str | None
    meaning: Meaning | None
    operands: tuple[int, ...]
    sizes: tuple[Size, ...]
    origin: int | None = None
    name: str | None = None
    value: np.ndarray | None = field(default=None, repr=False)
    relation: sp.Basic | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(size.value for size in self.sizes)

    @property
    def size(self) -> int:
        """The number of its elements."""
        return math.prod(self.shape)

    @property
    def by_position(self) -> bool:
        """Whether it is a move that is the same whatever the values: a reshape, a gather."""
        return isinstance(self.meaning, Move) and not self.meaning.by_values

    @property
    def by_values(self) -> bool:
        """Whether it is a move that depends on values: an extreme, a sort."""
        return isinstance(self.meaning, Move) and self.meaning.by_values

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of its meaning; none where that is no relation."""
        return self.meaning.terms if isinstance(self.meaning, Relation) else ()

    def stands_beside(self, term: Term) -> bool:
        """Whether a term makes each element at its own place, summing nothing."""
        return term.out == tuple(map(variable, range(len(self.sizes)))) and len(term.box) == len(self.sizes)
