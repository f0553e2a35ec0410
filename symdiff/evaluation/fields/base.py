"""What evaluation asks of a kind of number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from symdiff.evaluation.fields.views import part

Values: TypeAlias = Any
"""An array of a field: an ndarray, or a pair of them."""

Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"


class Field(ABC):
    """Arithmetic on arrays of one kind of number."""

    costly = False
    """Whether every single number is a call of Python's."""
    merges = True
    """Whether what one operation sends back through several of its operands is added before it is evaluated."""
    worth_blocks: float = float("inf")
    """Formulas of at least so many operations are evaluated over large arrays a block at a time."""

    # --- in and out ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def load(self, array: np.ndarray) -> Values:
        """The floats of ``array``, exactly."""

    @abstractmethod
    def number(self, value: sp.Expr) -> Values:
        """A sympy number as a scalar of this field."""

    @abstractmethod
    def zeros(self, shape: tuple[int, ...]) -> Values:
        """An array of zeros that may be written to."""

    @abstractmethod
    def map(self, values: Values, view: Callable[[np.ndarray], np.ndarray]) -> Values:
        """``values`` seen through a view: indexing, reshaping, strides."""

    @abstractmethod
    def shape(self, values: Values) -> tuple[int, ...]:
        """The shape of an array of this field."""

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def add(self, a: Values, b: Values) -> Values: ...

    def all_finite(self, values: Values) -> bool:
        """Whether no value is infinite or nan."""
        return bool(np.isfinite(self.to_float(values)).all())

    def gathered(self, a: Values, b: Values) -> Values:
        """The sum of what two consumers send back."""
        return self.add(a, b)

    @abstractmethod
    def multiply(self, a: Values, b: Values) -> Values: ...

    @abstractmethod
    def power(self, base: Values, exponent: Values) -> Values: ...

    @abstractmethod
    def power_number(self, base: Values, exponent: sp.Rational) -> Values:
        """A power whose exponent is a known rational."""

    @abstractmethod
    def apply(self, name: str, *arguments: Values) -> Values:
        """A function of sympy's, by its class name."""

    @abstractmethod
    def sum(self, values: Values, axes: tuple[int, ...]) -> Values: ...

    @abstractmethod
    def product(self, values: Values, axis: int) -> Values: ...

    @abstractmethod
    def einsum(self, labels: Sequence[Sequence[int]], operands: Sequence[Values], out: Sequence[int]) -> Values: ...

    @abstractmethod
    def add_into(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        """Add ``values`` to the part of ``target`` that ``view`` shows."""

    @abstractmethod
    def add_at(self, target: Values, positions: np.ndarray, values: Values) -> None:
        """Add ``values`` at flat positions of ``target``; positions that repeat add up."""

    @abstractmethod
    def select(self, mask: Mask, values: Values) -> Values:
        """``values`` where the mask holds, an exact zero elsewhere."""

    @abstractmethod
    def less(self, a: Values, b: Values) -> Mask: ...

    @abstractmethod
    def equal(self, a: Values, b: Values) -> Mask: ...

    @abstractmethod
    def to_float(self, values: Values) -> np.ndarray:
        """Rounded once to float64."""

    def empty(self, shape: tuple[int, ...]) -> Values:
        """An array that will be filled."""
        return self.zeros(shape)

    def put(self, target: Values, view: Callable[[np.ndarray], np.ndarray], values: Values) -> None:
        """Fill the part of ``target``, which is empty there, that ``view`` shows."""
        self.add_into(target, view, values)

    def subtract(self, a: Values, b: Values) -> Values:
        """``a - b``."""
        return self.add(a, self.negate(b))

    def divide(self, a: Values, b: Values) -> Values:
        """``a / b``."""
        return self.multiply(a, self.reciprocal(b))

    def negate(self, values: Values) -> Values:
        """``-values``."""
        return self.multiply(values, self.number(sp.Integer(-1)))

    def reciprocal(self, values: Values) -> Values:
        """``1 / values``."""
        return self.power_number(values, sp.Integer(-1))

    @abstractmethod
    def accumulate(self, values: Values, axis: int) -> Values:
        """Running sums along an axis."""

    @abstractmethod
    def accumulate_product(self, values: Values, axis: int) -> Values:
        """Running products along an axis."""

    def joined(self, pieces: Sequence[Values], axis: int) -> Values:
        """Arrays one after the other along an axis."""
        shape = list(self.shape(pieces[0]))
        lengths = [self.shape(piece)[axis] for piece in pieces]
        shape[axis] = sum(lengths)
        total = self.zeros(tuple(shape))
        start = 0
        for piece, length in zip(pieces, lengths, strict=True):
            self.add_into(total, part(*(slice(None),) * axis, slice(start, start + length)), piece)
            start += length
        return total

    def magnitudes(self, values: Values) -> np.ndarray:
        """How large values are, for choosing a pivot."""
        return np.asarray(np.abs(self.to_float(values)))

    def order(self, values: Values) -> np.ndarray:
        """Values as one array that can be compared."""
        seen: list[np.ndarray] = []

        def keep(array: np.ndarray) -> np.ndarray:
            seen.append(array)
            return array

        self.map(values, keep)
        return np.asarray(seen[0])
