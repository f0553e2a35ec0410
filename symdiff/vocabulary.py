"""The words in which an operation on whole arrays declares its meaning.

A ``Structure(function)`` in an operation's block is called ``function(m, *operands, **params)`` with ``m`` a
Vocabulary. It returns what one of the methods below returns: a Declared result. The operands are ``Operand`` handles
with ``.sizes``, ``.shape`` and ``.ndim``.

===================  ==============================================================================================
``m.reduce``         a sum, mean or product over axes: ``m.reduce(x, axis, keepdims, "x / count")``
``m.pick``           the extreme element over axes, ``kind`` "max" or "min"
``m.matmul``         NumPy's matrix product;  ``m.dot``,  ``m.outer``  likewise
``m.einsum``         a contraction, ``m.einsum("...ik,...kj->...ij", a, b)``; axes of length 1 broadcast
``m.transpose``      axes in another order
``m.broadcast``      stretched to a shape
``m.reshape``        the same elements under another shape, -1 allowed
``m.getitem``        NumPy's indexing: basic, integer and boolean arrays
``m.concatenate``    arrays joined along an axis;  ``m.stack``  along a new axis
``m.flip``           reversed along axes;  ``m.pad_constant``  zeros around
``m.gather``         ``y.flat[i] = x.flat[positions[i]]``, an opaque map (``roll``, ``take_along_axis``)
``m.running``        the sum (or product) of all elements up to each, along an axis
``m.scatter``        ``y[table[i]] += x[i]``, the way back of an opaque map
``m.order``          sorted along an axis;  ``m.implicit``  defined by an equation;  ``m.decided``  piecewise constant
``m.formula``        a formula of the general element, for static parameters that shape it
``m.program``        a program of other operations, for shapes and static parameters that choose it
``m.relation``       the general form: ``m.relation(sizes, m.term(out, reads, formula, box), ...)``
===================  ==============================================================================================

In ``m.term(out, reads, formula, box)``: ``box`` is the list of sizes that ``m.variables(n)`` numbers, ``out`` and the
positions in ``reads`` are built from those variables with ``+ - *`` and whole numbers, ``reads`` is a list of
``(operand, positions)``, and ``formula`` a text in ``s0, s1, ...``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from symdiff.formula import exact
from symdiff.sizes import Size, as_size, literal
from symdiff.terms import (
    Affine,
    Decided,
    Gather,
    Implicit,
    Index,
    Lookup,
    Meaning,
    Order,
    Pick,
    Read,
    Relation,
    Reshape,
    Run,
    Term,
    constant,
    slot,
    variable,
)

if TYPE_CHECKING:
    from symdiff.sizes import Unifier


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand as a declaration sees it: its place among the operands, its sizes, its name in a program."""

    place: int
    sizes: tuple[Size, ...]
    name: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(size.value for size in self.sizes)

    @property
    def ndim(self) -> int:
        return len(self.sizes)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declaration yields: the sizes of the result and its meaning."""

    sizes: tuple[Size, ...]
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Stated:
    """What a declaration yields instead: a text, of the general element or (``opened``) of whole arrays.

    ``names`` are values that the text uses besides the operands and parameters.
    """

    text: str
    opened: bool
    names: Mapping[str, object]


class Vocabulary:
    """The methods listed in this module's docstring."""

    def __init__(self, unifier: Unifier) -> None:
        self._unifier = unifier

    # --- the general form ---------------------------------------------------------------------------------------------

    def variables(self, count: int) -> list[Affine]:
        """The first ``count`` variables of a box."""
        return [variable(number) for number in range(count)]

    def term(
        self,
        out: Sequence[Index | int],
        reads: Sequence[tuple[Operand, Sequence[Index | int]]],
        formula: str | float | sp.Expr,
        box: Sequence[Size | int],
        product: bool = False,
        run: Run | None = None,
    ) -> Term:
        """One relation term; whole numbers among the positions are constants, and a number may be the formula."""
        if isinstance(formula, int | float):
            expression = exact(formula)
        else:
            expression = formula if isinstance(formula, sp.Basic) else _SLOT_FORMULAS[formula]
        return Term(
            tuple(map(_index, out)),
            tuple(Read(operand.place, tuple(map(_index, at))) for operand, at in reads),
            expression,
            tuple(map(as_size, box)),
            product=product,
            run=run,
        )

    def formula(self, text: str) -> Stated:
        """The general element as a text in the operands' names."""
        return Stated(text, False, {})

    def program(self, text: str, **names: object) -> Stated:
        """The result as a program of other operations, in the operands' names and ``names``."""
        return Stated(text, True, names)

    def relation(self, sizes: Sequence[Size | int], *terms: Term) -> Declared:
        """A result of the given sizes whose terms add up."""
        return Declared(tuple(map(as_size, sizes)), Relation(terms))

    def shaped(self, shape: Sequence[int]) -> Operand:
        """A stand-in of literal sizes, to ask for a map that is then read the other way."""
        return Operand(0, tuple(map(as_size, shape)))

    def same(self, *sizes: Size) -> Size:
        """One size for axes that the operation ties together."""
        first = sizes[0]
        for other in sizes[1:]:
            first = self._unifier.unify(first, other)
        return first

    # --- reductions and picks -----------------------------------------------------------------------------------------

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

    # --- contractions -------------------------------------------------------------------------------------------------

    def einsum(self, subscripts: str, *operands: Operand) -> Declared:
        """A contraction in einsum's notation, ellipsis included."""
        inputs, _, output = subscripts.replace(" ", "").partition("->")
        labels = [_expand_ellipsis(part, x.ndim) for part, x in zip(inputs.split(","), operands, strict=True)]
        stretched = max((len(part) for part in map(_ellipsis_labels, labels)), default=0)
        if "->" not in subscripts:
            flat = [label for part in labels for label in part]
            once = sorted({a for a in flat if flat.count(a) == 1 and isinstance(a, str)})
            output_labels: list[object] = [*(("...", k) for k in range(-stretched, 0)), *once]
        else:
            output_labels = _expand_ellipsis(output, len(output.replace("...", "")) + stretched)
        sizes: dict[object, Size] = {}
        for part, x in zip(labels, operands, strict=True):
            for label, size in zip(part, x.sizes, strict=True):
                known = sizes.get(label)
                if known is None or (known.value == 1 and size.value != 1):
                    sizes[label] = size
                elif size.value != 1 or known.value == 1:
                    sizes[label] = self.same(known, size)
        order = [*output_labels, *(label for label in sizes if label not in output_labels)]
        where = {label: variable(number) for number, label in enumerate(order)}
        reads = [
            (
                x,
                [
                    constant(0) if size.value == 1 and sizes[label].value != 1 else where[label]
                    for label, size in zip(part, x.sizes, strict=True)
                ],
            )
            for part, x in zip(labels, operands, strict=True)
        ]
        formula = sp.Mul(*(slot(number) for number in range(len(operands))))
        term = self.term([where[label] for label in output_labels], reads, formula, [sizes[label] for label in order])
        return self.relation([sizes[label] for label in output_labels], term)

    def matmul(self, x: Operand, y: Operand) -> Declared:
        """NumPy's matrix product: rows and columns for vectors, stacks broadcast."""
        left = "k" if x.ndim == 1 else "...ik"
        right = "k" if y.ndim == 1 else "...kj"
        stacked = "..." if max(x.ndim, y.ndim) > 1 else ""
        return self.einsum(f"{left},{right}->{stacked}{'i' * (x.ndim > 1)}{'j' * (y.ndim > 1)}", x, y)

    def dot(self, a: Operand, b: Operand) -> Declared:
        """NumPy's dot: the last axis of ``a`` against the last but one of ``b``, all other axes kept."""
        if not a.ndim or not b.ndim:
            return self.einsum("...,->..." if not b.ndim else ",...->...", a, b)
        rows = "abcdefgh"[: a.ndim - 1]
        if b.ndim == 1:
            return self.einsum(f"{rows}k,k->{rows}", a, b)
        stack = "pqrstuvw"[: b.ndim - 2]
        return self.einsum(f"{rows}k,{stack}kj->{rows}{stack}j", a, b)

    def outer(self, a: Operand, b: Operand) -> Declared:
        """All products of the elements of two vectors; a number counts as a vector of one."""
        if a.ndim > 1 or b.ndim > 1:
            raise NotImplementedError("outer of matrices")
        i, j = self.variables(2)
        sizes = [a.sizes[0] if a.ndim else literal(1), b.sizes[0] if b.ndim else literal(1)]
        return self.relation(sizes, self.term([i, j], [(a, [i][: a.ndim]), (b, [j][: b.ndim])], "s0*s1", sizes))

    # --- moves --------------------------------------------------------------------------------------------------------

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
        for group_in, group_out in _common_refinement(*shapes):
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
        arrays = [part for part in parts if isinstance(part, list | np.ndarray) and np.ndim(part)]
        if arrays:
            return self._fancy(x, parts)
        used = sum(part is not None and part is not Ellipsis for part in parts)
        place = next((k for k, part in enumerate(parts) if part is Ellipsis), len(parts))
        parts = parts[:place] + [slice(None)] * (x.ndim - used) + parts[place + 1 :]
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
                length, start, step = _slice_map(size, part, self._unifier)
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

    def implicit(self, kind: str, sizes: Sequence[Size], **options: object) -> Declared:
        """Defined by the equation that ``symdiff.implicit`` knows as ``kind``."""
        return Declared(tuple(sizes), Implicit(kind, tuple(sorted(options.items()))))

    def decided(self, kind: str, sizes: Sequence[Size | int], **options: object) -> Declared:
        """Piecewise constant, by the rule that ``symdiff.decided`` knows as ``kind``."""
        return Declared(tuple(map(as_size, sizes)), Decided(kind, tuple(sorted(options.items()))))

    def without(self, x: Operand, axis: object, keepdims: bool) -> tuple[Size, ...]:
        """The sizes of what a reduction over ``axis`` leaves."""
        return self._without(x, normalise_axes(axis, x.ndim), keepdims)[1]


def _index(position: Index | int) -> Index:
    return position if isinstance(position, Affine | Lookup) else constant(int(position))


_SLOT_FORMULAS: dict[str, sp.Expr] = {
    "s0": slot(0),
    "s0*s1": slot(0) * slot(1),
    "s0*s1*s2": slot(0) * slot(1) * slot(2),
}


def normalise_axes(axis: object, ndim: int) -> tuple[int, ...]:
    """``axis`` (None, int or a sequence, negative allowed) as a sorted tuple of axes."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(sorted(int(a) % max(ndim, 1) for a in axes))


def count_size(x: Operand, axis: object) -> Size:
    """How many elements a reduction of ``x`` over ``axis`` takes together."""
    total = literal(1)
    for a in normalise_axes(axis, x.ndim):
        total = total * x.sizes[a]
    return total


def _slice_map(size: Size, part: slice, unifier: Unifier) -> tuple[Size, Size, int]:
    """The length, first position and step of a slice; a bound counted from the end keeps the size's letter."""
    start, stop, step = part.indices(size.value)
    length = len(range(start, stop, step))
    if step > 0:
        first = literal(0) if part.start is None else _bound(size, int(part.start), start)
        last = size if part.stop is None else _bound(size, int(part.stop), stop)
    else:
        first = size - 1 if part.start is None else _bound(size, int(part.start), start)
        last = literal(-1) if part.stop is None else _bound(size, int(part.stop), stop)
    span = last - first if step > 0 else first - last
    if abs(step) == 1 and span.value == length:
        return span, first, step
    return (literal(length) if not span.symbolic else unifier.fresh(length)), first, step


def _bound(size: Size, given: int, clipped: int) -> Size:
    if given < 0 and clipped == size.value + given:
        return size + given
    return literal(clipped)


def _expand_ellipsis(part: str, ndim: int) -> list[object]:
    if "..." not in part:
        return list(part)
    before, after = part.split("...")
    stretched = ndim - len(before) - len(after)
    return [*before, *(("...", k) for k in range(-stretched, 0)), *after]


def _ellipsis_labels(labels: list[object]) -> list[object]:
    return [label for label in labels if isinstance(label, tuple)]


def _common_refinement(before: tuple[int, ...], after: tuple[int, ...]) -> list[tuple[list[int], list[int]]]:
    """Runs of axes of two shapes that hold the same elements.

    ``(2, 3, 4)`` and ``(6, 4)`` give ``[([0, 1], [0]), ([2], [1])]``.
    """
    if 0 in before or 0 in after:
        return [(list(range(len(before))), list(range(len(after))))]
    groups: list[tuple[list[int], list[int]]] = []
    i = j = 0
    while i < len(before) or j < len(after):
        left, right = [i] if i < len(before) else [], [j] if j < len(after) else []
        a, b = (before[i] if left else 1), (after[j] if right else 1)
        i, j = i + len(left), j + len(right)
        while a != b:
            if a < b:
                left.append(i)
                a, i = a * before[i], i + 1
            else:
                right.append(j)
                b, j = b * after[j], j + 1
        groups.append((left, right))
    return groups
