"""A handle on an element of a symbolic program that takes part in operations: composites and rules run on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from autodiff.declare.op import TABLE, Op
from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS, LOGICAL
from symdiff.meaning.terms import Element


class Maker(Protocol):
    """What makes elements of operations: the builder of a program."""

    elements: list[Element]

    def lift(self, operand: object) -> Symbolic:
        """A number or an array as a constant of the program."""

    def apply(self, op: Op, operands: Sequence[Symbolic | None], params: Mapping[str, object]) -> Symbolic:
        """The element that an operation makes of its operands."""


class Symbolic:
    """A handle on an element that takes part in operations: composites and rules are run on it."""

    __slots__ = ("builder", "index")
    __array_ufunc__ = None

    def __init__(self, builder: Maker, index: int) -> None:
        self.builder = builder
        self.index = index

    @property
    def element(self) -> Element:
        return self.builder.elements[self.index]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.element.shape

    @property
    def ndim(self) -> int:
        return len(self.element.sizes)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def T(self) -> Symbolic:
        return self._call("transpose", self)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(bool if self.element.relation is not None else np.float64)

    def __autodiff_apply__(self, op: Op, operands: Sequence[object], params: Mapping[str, object]) -> Symbolic:
        return self.builder.apply(op, [self.builder.lift(operand) for operand in operands], params)

    def _call(self, name: str, *operands: object, **params: object) -> Symbolic:
        result: Symbolic = TABLE[name](*operands, **params)
        return result

    def __getitem__(self, index: object) -> Symbolic:
        return self._call("getitem", self, index)

    def __neg__(self) -> Symbolic:
        return self._call("negative", self)

    def __pos__(self) -> Symbolic:
        return self

    def __invert__(self) -> Symbolic:
        return self._call("logical_not", self)


def _give_operators() -> None:
    for each in (*ARITHMETIC, *LOGICAL):
        setattr(Symbolic, each.method, lambda self, other, name=each.operation: self._call(name, self, other))
        setattr(Symbolic, each.reflected, lambda self, other, name=each.operation: self._call(name, other, self))
    for each in COMPARISONS:
        setattr(Symbolic, each.method, lambda self, other, name=each.operation: self._call(name, self, other))
    Symbolic.__hash__ = object.__hash__  # type: ignore[method-assign]


_give_operators()
