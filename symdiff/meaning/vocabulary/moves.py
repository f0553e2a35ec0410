"""Moves of elements: other orders, shapes, parts of arrays, arrays joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symdiff.meaning.sizes import Size, as_size, literal
from symdiff.meaning.terms import Gather, Index, Lookup, Reshape, constant, slot, variable
from symdiff.meaning.vocabulary.axes import common_refinement, every_axis, normalise_axes, slice_map
from symdiff.meaning.vocabulary.declared import Declared, Operand
from symdiff.meaning.vocabulary.general import General


class Moves(General):
    """Results whose elements are elements of the operands."""

    def transpose(self, x: Operand, axes: Sequence[int] | None = None) -> Declared:
        """The axes in another order; None reverses them."""
        order = [axis % max(x.ndim, 1) for axis in axes] if axes is not None else list(range(x.ndim))[::-1]
        box = self.variables(x.ndim)
        return self.relation(
            [x.sizes[a] for a in order], self.term([box[a] for a in order], [(x, box)], slot(0), x.sizes)
        )

    def broadcast(self, x: Operand, shape: Sequence[int | Size]) -> Declared:
        """Stretched to ``shape``: an axis of length 1 is read at 0."""
        lead = len(shape) - x.ndim
        sizes = [as_size(length) for length in shape]
        at: list[Index] = []
        for axis, size in enumerate(x.sizes):
            if size.value == sizes[lead + axis].value:
                sizes[lead + axis] = size
                at.append(variable(lead + axis))
            else:
                at.append(constant(0))
        box = self.variables(len(sizes))
        return self.relation(sizes, self.term(box, [(x, at)], slot(0), sizes))

    def reshape(self, x: Operand, shape: int | Sequence[int]) -> Declared:
        """The same elements under another shape."""
        wanted = [shape] if isinstance(shape, int) else list(shape)
        given = [int(length) for length in wanted]
        known = int(np.prod([length for length in given if length != -1], dtype=np.int64))
        free = x.size // known if -1 in given and known else 0
        values = [free if length == -1 else length for length in given]
        long_in = [axis for axis, length in enumerate(x.shape) if length != 1]
        long_out = [axis for axis, length in enumerate(values) if length != 1]
        sizes = [literal(1)] * len(values)
        shapes = tuple(x.shape[a] for a in long_in), tuple(values[a] for a in long_out)
        for group_in, group_out in common_refinement(*shapes):
            after = [long_out[k] for k in group_out]
            group = self._regroup(
                [x.sizes[long_in[k]] for k in group_in], [given[a] for a in after], [values[a] for a in after]
            )
            for axis, size in zip(after, group, strict=True):
                sizes[axis] = size
        return Declared(tuple(sizes), Reshape())

    def _regroup(self, before: list[Size], given: list[int], values: list[int]) -> list[Size]:
        if len(values) == 1:
            total = literal(1)
            for size in before:
                total = total * size
            return [total]
        if given == [size.value for size in before]:
            return before
        after = [
            self._unifier.fresh(value) if length == -1 else literal(value)
            for length, value in zip(given, values, strict=True)
        ]
        if before:
            whole, total = literal(1), literal(1)
            for size in before:
                total = total * size
            for size in after:
                whole = whole * size
            self._unifier.unify(total, whole)
        return after

    def getitem(self, x: Operand, index: Any) -> Declared:
        """NumPy's indexing; arrays of integers or booleans become an opaque map."""
        parts = list(index) if isinstance(index, tuple) else [index]
        if any(_is_array(part) for part in parts):
            return self._fancy(x, parts)
        parts = every_axis(parts, x.ndim)
        out: list[Index] = []
        sizes: list[Size] = []
        at: list[Index] = []
        box: list[Size] = []
        for part in parts:
            if part is None:
                out.append(constant(0))
                sizes.append(literal(1))
                continue
            size = x.sizes[len(at)]
            if isinstance(part, slice):
                length, start, step = slice_map(size, part, self._unifier)
                here = variable(len(box))
                out.append(here)
                sizes.append(length)
                box.append(length)
                at.append(here * step + start)
            else:
                position = int(part)
                at.append(constant(size + position if position < 0 else position))
        return self.relation(sizes, self.term(out, [(x, at)], slot(0), box))

    def _fancy(self, x: Operand, parts: list[Any]) -> Declared:
        only = [part for part in parts if not (isinstance(part, slice) and part == slice(None))]
        if len(only) == 1 and np.asarray(only[0]).dtype.kind in "iu" and np.ndim(only[0]) == 1:
            return self.take(x, np.asarray(only[0]), next(k for k, part in enumerate(parts) if part is only[0]))
        return self.gather(x, np.arange(x.size).reshape(x.shape)[tuple(parts)])

    def take(self, x: Operand, table: np.ndarray, axis: int) -> Declared:
        """Positions ``table`` along one axis, the others untouched."""
        table = np.where(table < 0, table + x.shape[axis], table)
        length = self._unifier.fresh(len(table))
        sizes = [*x.sizes[:axis], length, *x.sizes[axis + 1 :]]
        box = self.variables(x.ndim)
        at: list[Index] = [Lookup(table, (axis,)) if k == axis else box[k] for k in range(x.ndim)]
        return self.relation(sizes, self.term(box, [(x, at)], slot(0), sizes))

    def scatter(self, x: Operand, table: np.ndarray, length: int) -> Declared:
        """Zeros of one axis of the given length, to which each element of a row is added at its place in ``table``."""
        table = np.where(table < 0, table + length, table)
        return self.relation([length], self.term([Lookup(table, (0,))], [(x, self.variables(1))], slot(0), x.sizes))

    def gather(self, x: Operand, positions: np.ndarray) -> Declared:
        """``y.flat[i] = x.flat[positions[i]]``; the sizes of the result are literal."""
        return Declared(tuple(literal(length) for length in positions.shape), Gather(positions))

    def concatenate(self, operands: Sequence[Operand], axis: int = 0) -> Declared:
        """Joined along ``axis``: one term an operand, its output shifted by what came before."""
        first = operands[0]
        axis = axis % first.ndim
        sizes = [self.same(*(x.sizes[k] for x in operands)) if k != axis else literal(0) for k in range(first.ndim)]
        box = self.variables(first.ndim)
        terms, offset = [], literal(0)
        for x in operands:
            out = [here + offset if k == axis else here for k, here in enumerate(box)]
            terms.append(self.term(out, [(x, box)], slot(0), x.sizes))
            offset = offset + x.sizes[axis]
        sizes[axis] = offset
        return self.relation(sizes, *terms)

    def stack(self, operands: Sequence[Operand], axis: int = 0) -> Declared:
        """Joined along a new axis."""
        first = operands[0]
        axis = axis % (first.ndim + 1)
        common = [self.same(*(x.sizes[k] for x in operands)) for k in range(first.ndim)]
        box = self.variables(first.ndim)
        terms = [
            self.term([*box[:axis], constant(k), *box[axis:]], [(x, box)], slot(0), common)
            for k, x in enumerate(operands)
        ]
        return self.relation([*common[:axis], literal(len(operands)), *common[axis:]], *terms)

    def flip(self, x: Operand, axis: object = None) -> Declared:
        """Reversed along the given axes, all for None."""
        axes = normalise_axes(axis, x.ndim)
        box = self.variables(x.ndim)
        at = [-here + (x.sizes[k] - 1) if k in axes else here for k, here in enumerate(box)]
        return self.relation(x.sizes, self.term(box, [(x, at)], slot(0), x.sizes))

    def pad_constant(self, x: Operand, widths: Sequence[tuple[int, int]]) -> Declared:
        """Shifted into a larger array of zeros."""
        box = self.variables(x.ndim)
        out = [here + before for here, (before, _) in zip(box, widths, strict=True)]
        sizes = [size + before + after for size, (before, after) in zip(x.sizes, widths, strict=True)]
        return self.relation(sizes, self.term(out, [(x, box)], slot(0), x.sizes))


def _is_array(part: Any) -> bool:
    """Whether part of an index is a table of positions or a mask; a single truth value is a mask without axes."""
    if isinstance(part, bool | np.bool_):
        return True
    return isinstance(part, list | np.ndarray) and (np.ndim(part) > 0 or np.asarray(part).dtype == bool)
