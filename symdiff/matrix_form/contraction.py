"""Sums over indices as matrix algebra: factors with at most two indices each, contracted one index after the other.

``Sum(X[i, k]*W[k, j]*v[j], (k, 1, n), (j, 1, c))`` is ``X @ W @ v``: each bound index links the factors that have it,
and what is left of them has at most two others. Of several orders the one that is shortest to write is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import sympy as sp

from symdiff.matrix_form.costs import ALL_ORDERS, MATRIX_PRODUCT
from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Factor, Node, NoMatrix
from symdiff.matrix_form.writing import effort


@dataclass(frozen=True, slots=True)
class Labelled:
    """An array with a letter for each of its axes."""

    node: Node
    index: tuple[sp.Symbol, ...] = ()


Powers = list[tuple[Labelled, sp.Expr]]


class Contractions:
    """Puts labelled arrays together; ``seen`` are nodes that were written before, which cost nothing to write again."""

    def __init__(self, matrices: Matrices) -> None:
        self.matrices = matrices
        self.seen: set[Node] = set()

    def saw(self, node: Node) -> None:
        """Remember a node and what it consists of."""
        if node.args and node not in self.seen:
            if node.ndim:
                self.seen.add(node)
            for part in node.args:
                self.saw(part)

    # --- elementwise --------------------------------------------------------------------------------------------------

    def aligned(self, part: Labelled, index: tuple[sp.Symbol, ...]) -> Node:
        """The array as it stands beside others whose axes have these letters."""
        if part.index == index or not part.index:
            return part.node
        if len(index) == 1 or not set(part.index) <= set(index):
            raise NoMatrix(f"axes {part.index} beside {index}")
        if len(part.index) == 2:
            return self.matrices.T(part.node)
        return part.node if part.index[0] == index[1] else self.matrices.col(part.node)

    def letters(self, parts: Sequence[Labelled]) -> tuple[sp.Symbol, ...]:
        """The letters of several arrays together, in the order that turns fewer of them."""
        found = list(dict.fromkeys(letter for part in parts for letter in part.index))
        if len(found) > 2:
            raise NoMatrix(f"{len(found)} indices at once")
        if len(found) < 2:
            return tuple(found)
        turned = tuple(reversed(found))
        score = {tuple(found): 0, turned: 0}
        for part in parts:
            for order in score:
                if len(part.index) == 2:
                    score[order] += 4 * (effort(self.aligned(part, order), self.seen) + 2 * (part.index != order))
                elif len(part.index) == 1:
                    score[order] += part.index[0] == order[0]
        return min(score, key=lambda order: score[order])

    def added(self, terms: Sequence[tuple[sp.Expr, Labelled]]) -> Labelled:
        """A sum of labelled arrays; those without a letter that others have stretch along it."""
        index = self.letters([part for _, part in terms])
        node = self.matrices.add((number, self.aligned(part, index)) for number, part in terms)
        return Labelled(node, index if node.ndim else ())

    def multiplied(self, number: sp.Expr, powers: Powers) -> Labelled:
        """An elementwise product."""
        matrices = self.matrices
        index = self.letters([part for part, _ in powers])
        if len(index) == 2 and not any(len(part.index) == 2 for part, _ in powers):
            return self._outer(number, powers, index)
        factors: list[Factor] = [(self.aligned(part, index), exponent) for part, exponent in powers]
        node = matrices.mul(number, factors)
        return Labelled(node, index if node.ndim else ())

    def _outer(self, number: sp.Expr, powers: Powers, index: tuple[sp.Symbol, ...]) -> Labelled:
        """Vectors along both axes: their outer product."""
        matrices = self.matrices
        sides = [
            matrices.mul(sp.Integer(1), [(p.node, e) for p, e in powers if p.index == (letter,)]) for letter in index
        ]
        scalars: list[Factor] = [(p.node, e) for p, e in powers if not p.index]
        return Labelled(matrices.mul(number, [*scalars, (matrices.outer(*sides), sp.Integer(1))]), index)

    # --- contractions -------------------------------------------------------------------------------------------------

    def contracted(
        self, number: sp.Expr, powers: Powers, bound: Sequence[sp.Symbol], sizes: Mapping[sp.Symbol, Node]
    ) -> Labelled:
        """A product summed over its ``bound`` indices, which run through ``sizes``."""
        used = {letter for part, _ in powers for letter in part.index}
        for letter in bound:
            if letter not in used:
                powers = [*powers, (Labelled(sizes[letter]), sp.Integer(1))]
        bound = [letter for letter in bound if letter in used]
        alone = next(
            (letter for letter in bound if self._links(powers, letter) <= 2 and self._users(powers, letter) == 1), None
        )
        while alone is not None:
            # what only one factor has is summed within it
            powers = self._eliminated(powers, alone)
            bound = [letter for letter in bound if letter != alone]
            alone = next((letter for letter in bound if self._users(powers, letter) == 1), None)
        if len(bound) <= ALL_ORDERS:
            return self._shortest(number, powers, bound)
        while bound:
            letter = min(bound, key=lambda letter: self._links(powers, letter))
            powers = self._eliminated(powers, letter)
            bound = [other for other in bound if other != letter]
        return self.multiplied(number, powers)

    def _shortest(self, number: sp.Expr, powers: Powers, bound: Sequence[sp.Symbol]) -> Labelled:
        best: tuple[int, Labelled] | None = None
        failed: NoMatrix | None = None
        for order in permutations(bound):
            try:
                left = powers
                for letter in order:
                    left = self._eliminated(left, letter)
                found = self.multiplied(number, left)
            except NoMatrix as error:
                failed = error
                continue
            # a matrix times a vector is worked out from the vector on
            cost = effort(found.node, self.seen)
            if found.node.ndim < 2:
                cost += MATRIX_PRODUCT * _matrix_products(found.node)
            if best is None or cost < best[0]:
                best = cost, found
        if best is None:
            raise failed or NoMatrix("no order of contraction")
        return best[1]

    def _users(self, powers: Powers, letter: sp.Symbol) -> int:
        return sum(letter in part.index for part, _ in powers)

    def _links(self, powers: Powers, letter: sp.Symbol) -> int:
        return len({other for part, _ in powers if letter in part.index for other in part.index})

    def _eliminated(self, powers: Powers, letter: sp.Symbol) -> Powers:
        """The factors with those that have ``letter`` contracted over it."""
        inside = [power for power in powers if letter in power[0].index]
        rest = [power for power in powers if letter not in power[0].index]
        others = list(dict.fromkeys(other for part, _ in inside for other in part.index if other != letter))
        if not inside:
            return rest
        vectors = [power for power in inside if len(power[0].index) == 1]
        if not others:
            made = Labelled(self._scalar(vectors))
        elif len(others) == 1:
            made = Labelled(self._vector(inside, vectors, others[0], letter), (others[0],))
        elif len(others) == 2:
            made = self._matrix(inside, vectors, (others[0], others[1]), letter)
        else:
            raise NoMatrix(f"{len(others) + 1} indices at once")
        return [*rest, (made, sp.Integer(1))]

    def _scalar(self, vectors: Powers) -> Node:
        """Vectors over one index: their inner product."""
        matrices = self.matrices
        if len(vectors) == 1:
            ((part, exponent),) = vectors
            if exponent == 2 and part.node.head == "name":
                return matrices.mm([part.node, part.node])
        if len(vectors) == 2 and all(exponent == 1 for _, exponent in vectors):
            return self._dot(vectors[0][0].node, vectors[1][0].node)
        product = matrices.mul(sp.Integer(1), [(part.node, exponent) for part, exponent in vectors])
        return matrices.sum(product, None)

    def _dot(self, left: Node, right: Node) -> Node:
        matrices = self.matrices
        for one, other in ((left, right), (right, left)):
            number, scalars, rest = matrices.scalars_out(one)
            if rest.head == "sum" and rest.data is not None and rest.args[0].ndim == 2:
                # rows added up and weighted: all elements, each weighted
                whole = rest.args[0]
                weights = other if rest.data == 0 else matrices.col(other)
                made = matrices.sum(
                    matrices.mul(number, [*scalars, (whole, sp.Integer(1)), (weights, sp.Integer(1))]), None
                )
                chain = matrices.mm([left, right])
                return min(made, chain, key=lambda node: effort(node, self.seen))
        return matrices.mm([left, right])

    def _vector(self, inside: Powers, vectors: Powers, other: sp.Symbol, letter: sp.Symbol) -> Node:
        """Matrices over (other, letter), perhaps weighted by vectors: a matrix times a vector, or sums of rows."""
        matrices = self.matrices
        squares = [power for power in inside if len(power[0].index) == 2]
        turned = sum(part.index == (letter, other) for part, _ in squares)
        axis = 0 if 2 * turned > len(squares) else 1
        index = (letter, other) if axis == 0 else (other, letter)
        factors: list[Factor] = [(self.aligned(part, index), exponent) for part, exponent in squares]
        matrix = matrices.mul(sp.Integer(1), factors)
        if not vectors:
            return matrices.sum(matrix, axis)
        weights = matrices.mul(sp.Integer(1), [(part.node, exponent) for part, exponent in vectors])
        if any(node.head == "holds" for node, _ in factors) or matrix.ndim < 2:
            along = weights if axis == 1 else matrices.col(weights)
            return matrices.sum(matrices.mul(sp.Integer(1), [(matrix, sp.Integer(1)), (along, sp.Integer(1))]), axis)
        return matrices.mm([matrix, weights] if axis == 1 else [matrices.T(matrix), weights])

    def _matrix(
        self, inside: Powers, vectors: Powers, others: tuple[sp.Symbol, sp.Symbol], letter: sp.Symbol
    ) -> Labelled:
        """Matrices over (one, letter) and (letter, two): their product."""
        matrices = self.matrices
        one, two = others
        left, right = ([power for power in inside if other in power[0].index] for other in others)
        computed = [any(part.node.head not in ("name", "T") for part, _ in side) for side in (left, right)]
        if computed == [False, True]:
            # the rows of what was computed are weighted, not the columns of what was given
            right = [*right, *vectors]
        else:
            left = [*left, *vectors]
        product = matrices.mm([self._side(left, one, letter), self._side(right, letter, two)])
        other = matrices.T(product)
        if product not in self.seen and other in self.seen:
            return Labelled(other, (two, one))
        return Labelled(product, (one, two))

    def _side(self, powers: Powers, rows: sp.Symbol, columns: sp.Symbol) -> Node:
        """Factors over two indices as one matrix, put together as most of them stand."""
        turned = sum(part.index == (columns, rows) for part, _ in powers)
        straight = sum(part.index == (rows, columns) for part, _ in powers)
        index = (columns, rows) if turned > straight else (rows, columns)
        made = self.matrices.mul(sp.Integer(1), [(self.aligned(part, index), exponent) for part, exponent in powers])
        return made if index == (rows, columns) else self.matrices.T(made)


def _matrix_products(node: Node) -> int:
    """How many products of two matrices a node is worked out by."""
    own = len(node.args) - 1 if node.head == "mm" and node.ndim == 2 else 0
    return own + sum(map(_matrix_products, node.args))
