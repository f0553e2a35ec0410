"""Reductions over axes, running sums and products, and picks by value."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from symdiff.meaning.sizes import Size, literal
from symdiff.meaning.terms import Index, Order, Pick, Run, constant, slot, variable
from symdiff.meaning.vocabulary.axes import count_size, normalise_axes
from symdiff.meaning.vocabulary.declared import Declared, Operand
from symdiff.meaning.vocabulary.general import General


class Reductions(General):
    """What takes the elements of axes together, or puts them in an order."""

    def reduce(
        self, x: Operand, axis: object, keepdims: bool, formula: str = "x", product: bool = False, divisor: int = 0
    ) -> Declared:
        """The sum over ``axis`` of "x" or "x / count" (a mean; ``divisor`` is taken off the count), or the product."""
        axes = normalise_axes(axis, x.ndim)
        box = self.variables(x.ndim)
        element: sp.Expr = slot(0)
        if formula == "x / count":
            element = element / (count_size(x, axis).formula - divisor)
        out, sizes = self._without(x, axes, keepdims)
        return self.relation(sizes, self.term(out, [(x, box)], element, x.sizes, product=product))

    def running(
        self, x: Operand, axis: int, product: bool = False, onward: bool = False, strict: bool = False
    ) -> Declared:
        """For each position along ``axis`` the sum (or product) of the elements up to it.

        With ``onward`` those from it on, with ``strict`` without the one at the position itself.
        """
        axis = axis % x.ndim
        *box, inner = self.variables(x.ndim + 1)
        at = [inner if k == axis else here for k, here in enumerate(box)]
        run = Run(x.ndim, axis, onward, strict)
        sizes = [*x.sizes, x.sizes[axis]]
        return self.relation(x.sizes, self.term(box, [(x, at)], slot(0), sizes, product=product, run=run))

    def pick(self, x: Operand, axis: object, keepdims: bool, kind: str) -> Declared:
        """The extreme element over ``axis``."""
        axes = normalise_axes(axis, x.ndim)
        _, sizes = self._without(x, axes, keepdims)
        return Declared(sizes, Pick(kind, axes, keepdims))

    def _without(self, x: Operand, axes: tuple[int, ...], keepdims: bool) -> tuple[list[Index], tuple[Size, ...]]:
        out: list[Index] = []
        sizes: list[Size] = []
        for axis in range(x.ndim):
            if axis not in axes:
                out.append(variable(axis))
                sizes.append(x.sizes[axis])
            elif keepdims:
                out.append(constant(0))
                sizes.append(literal(1))
        return out, tuple(sizes)

    def without(self, x: Operand, axis: object, keepdims: bool) -> tuple[Size, ...]:
        """The sizes of what a reduction over ``axis`` leaves."""
        return self._without(x, normalise_axes(axis, x.ndim), keepdims)[1]

    def order(
        self, x: Operand, axis: int, ranks: Sequence[int] | None = None, average: bool = False, keepdims: bool = False
    ) -> Declared:
        """Sorted along ``axis``; with ``ranks`` only those places of the order, averaged if ``average`` (a median)."""
        axis = axis % x.ndim
        sizes = list(x.sizes)
        if average:
            sizes[axis : axis + 1] = [literal(1)] if keepdims else []
        elif ranks is not None:
            sizes[axis] = literal(len(ranks))
        return Declared(tuple(sizes), Order(axis, None if ranks is None else tuple(ranks), average, keepdims))
