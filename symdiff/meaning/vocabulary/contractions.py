"""Sums of products over shared axes, in the notation of einsum."""

from __future__ import annotations

import sympy as sp

from symdiff.meaning.sizes import Size, literal
from symdiff.meaning.terms import constant, slot, variable
from symdiff.meaning.vocabulary.declared import Declared, Operand
from symdiff.meaning.vocabulary.general import General


class Contractions(General):
    """Products of arrays, summed over the axes that the result does not have."""

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


def _expand_ellipsis(part: str, ndim: int) -> list[object]:
    if "..." not in part:
        return list(part)
    before, after = part.split("...")
    stretched = ndim - len(before) - len(after)
    return [*before, *(("...", k) for k in range(-stretched, 0)), *after]


def _ellipsis_labels(labels: list[object]) -> list[object]:
    return [label for label in labels if isinstance(label, tuple)]
