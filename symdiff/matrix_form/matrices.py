"""Products of matrices, transposes, sums along axes: matrix algebra on nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symdiff.matrix_form.elementwise import Elementwise, rebuilt_sum
from symdiff.matrix_form.nodes import Factor, Node


class Matrices(Elementwise):
    """Makes the nodes of matrix algebra, each only once."""

    # --- products of matrices -----------------------------------------------------------------------------------------

    def mm(self, factors: Sequence[Node]) -> Node:
        """A product of matrices, at its ends perhaps vectors; numbers stand in front of it."""
        number: sp.Expr = sp.Integer(1)
        scalars: list[Factor] = []
        chain: list[Node] = []
        for factor in factors:
            own, out, rest = self.scalars_out(factor)
            number, scalars = number * own, scalars + out
            chain += rest.args if rest.head == "mm" and rest.ndim else [rest]
        if len(chain) == 1:
            product = chain[0]
        else:
            ndim = 2 - (chain[0].ndim == 1) - (chain[-1].ndim == 1)
            if ndim == 1 and chain[0].ndim == 1:
                # a vector from the left is the transposes from the right
                chain = [self.T(factor) for factor in reversed(chain)]
            elif ndim == 0:
                chain = min(
                    chain,
                    [self.T(factor) for factor in reversed(chain)],
                    key=lambda c: (sum(map(turns, c)), c[0].number),
                )
            product = self.make("mm", chain, None, ndim)
        return self.mul(number, [*scalars, (product, sp.Integer(1))])

    def T(self, node: Node) -> Node:
        """The transpose; of a vector the vector itself."""
        if node.ndim < 2 or self.is_symmetric(node):
            return node
        if node.head == "T":
            return node.args[0]
        if node.head == "outer":
            return self.make("outer", node.args[::-1], None, 2)
        if node.head in ("add", "mul", "mm", "call", "holds", "compare"):
            flipped = self._flipped(node)
            if flipped is not None and turns(flipped) <= turns(node) + 2:
                return flipped
        return self.make("T", (node,), None, 2)

    def _flipped(self, node: Node) -> Node | None:
        """The transpose with the parts of the node transposed; None where that is no node of the same kind."""
        if node.head == "mm":
            return self.make("mm", [self.T(part) for part in reversed(node.args)], None, 2)
        if node.head == "call" and (node.data[1] or any(part.ndim not in (0, 2) for part in node.args)):
            return None
        if node.head == "call" and node.data[0] in ("inv", "softmax"):
            return None
        turned = [self._across(part) for part in node.args]
        return self.make(node.head, turned, node.data, 2)

    def _across(self, part: Node) -> Node:
        """A part of an elementwise node in the transposed one: rows become columns."""
        if part.ndim == 1:
            return self.col(part)
        return part.args[0] if part.head == "col" else self.T(part)

    def best_turned(self, node: Node) -> Node:
        """A matrix of transposes as the transpose of what it is of."""
        if node.ndim < 2 or not any(part.head in ("T", "mm") for part in node.args):
            return node
        if node.head == "call" and (node.data[1] or node.data[0] in ("inv", "softmax")):
            return node
        flipped = self._flipped(node)
        gain = turns(node) - (2 if flipped is None else turns(flipped) + 2)
        if flipped is None or flipped.ndim < 2 or gain < (node.head in ("add", "mul")):
            return node
        return self.make("T", (flipped,), None, 2)

    def is_symmetric(self, node: Node) -> bool:
        """Whether a matrix equals its transpose, by its formula."""
        if node.ndim != 2:
            return False
        if node.head == "name":
            return node.data in self.symmetric
        if node.head in ("eye", "diag"):
            return True
        if node.head == "call" and node.data[0] == "inv":
            return self.is_symmetric(node.args[0])
        if node.head == "outer":
            return node.args[0] is node.args[1]
        if node.head == "mm":
            return all(self._is_transpose(a, b) for a, b in zip(node.args, reversed(node.args), strict=True))
        if node.head == "add":
            terms = dict(zip(node.args, node.data, strict=True))
            return all(
                part.ndim == 0
                or self.is_symmetric(part)
                or (part.ndim == 2 and terms.get(self._opposite(part)) == terms[part])
                for part in node.args
            )
        if node.head == "mul":
            return all(part.ndim == 0 or self.is_symmetric(part) for part in node.args)
        return False

    def _opposite(self, node: Node) -> Node:
        return node.args[0] if node.head == "T" else self.make("T", (node,), None, 2)

    def _is_transpose(self, a: Node, b: Node) -> bool:
        return self._opposite(a) is b or (a is b and self.is_symmetric(a))

    # --- shapes -------------------------------------------------------------------------------------------------------

    def col(self, vector: Node) -> Node:
        """A vector as a column, which stretches over a matrix's columns."""
        number, scalars, rest = self.scalars_out(vector)
        if rest.ndim == 0:
            return vector
        if rest.head == "mul" and len(rest.args) == 1:
            inner = self.make("col", rest.args, None, 2)
            return self.mul(number, [*scalars, (inner, rest.data[1][0])])
        if rest.head in ("mul", "add") and all(_turns_well(part, 1) for part in rest.args):
            inner = rebuilt_sum(self, rest, [self.col(part) for part in rest.args])
            return self.mul(number, [*scalars, (inner, sp.Integer(1))])
        return self.mul(number, [*scalars, (self.make("col", (rest,), None, 2), sp.Integer(1))])

    def row(self, vector: Node) -> Node:
        """A vector as a row of a matrix."""
        number, scalars, rest = self.scalars_out(vector)
        if rest.head in ("mul", "add") and all(_turns_well(part, 0) for part in rest.args):
            parts = [self.row(part) for part in rest.args]
            inner = rebuilt_sum(self, rest, parts)
        else:
            inner = self.make("row", (rest,), None, 2)
        return self.mul(number, [*scalars, (inner, sp.Integer(1))])

    def compare(self, sign: str, sides: Sequence[Node]) -> Node:
        """A comparison."""
        return self.best_turned(self.make("compare", sides, sign, max(side.ndim for side in sides)))

    def holds(self, condition: Node) -> Node:
        """1 where a condition holds, else 0."""
        return self.best_turned(self.make("holds", (condition,), None, condition.ndim))

    def sum(self, node: Node, axis: int | None) -> Node:
        """The elements added up along an axis, or all of them."""
        number, scalars, rest = self.scalars_out(node)
        if rest.head == "T" and axis is not None:
            rest, axis = rest.args[0], 1 - axis
        if rest.ndim == 1:
            axis = None
        if rest.head == "sum" and axis is None:
            rest = rest.args[0]
        if rest.head == "T" and axis is None:
            rest = rest.args[0]
        made = self.make("sum", (rest,), axis, 0 if axis is None else rest.ndim - 1)
        return self.mul(number, [*scalars, (made, sp.Integer(1))])

    def outer(self, left: Node, right: Node) -> Node:
        """All products of the elements of two vectors."""
        first, scalars, u = self.scalars_out(left)
        second, more, v = self.scalars_out(right)
        made = self.make("outer", (u, v), None, 2)
        return self.mul(first * second, [*scalars, *more, (made, sp.Integer(1))])

    def diag(self, vector: Node) -> Node:
        """The matrix with a vector on its diagonal."""
        number, scalars, rest = self.scalars_out(vector)
        return self.mul(number, [*scalars, (self.make("diag", (rest,), None, 2), sp.Integer(1))])

    def diagonal(self, matrix: Node) -> Node:
        """The diagonal of a matrix."""
        return self.make("diagonal", (matrix,), None, 1)

    def call(self, function: str, *args: Node, ndim: int | None = None, **keywords: Any) -> Node:
        """A function of nodes, elementwise unless ``ndim`` says otherwise."""
        if function == "norm" and args[0].head == "T":
            args = args[0].args
        shape = max((each.ndim for each in args), default=0) if ndim is None else ndim
        made = self.make("call", args, (function, tuple(keywords.items())), shape)
        return (
            made if ndim is not None or keywords or function in ("ones_like", "zeros_like") else self.best_turned(made)
        )


def _turns_well(part: Node, axis: int) -> bool:
    """Whether a vector as a column (1) or a row (0) is no longer to write than by itself."""
    if part.head == "mul":
        return all(inner.ndim == 0 or _turns_well(inner, axis) for inner in part.args)
    if part.ndim == 0:
        return True
    if part.head == "sum" or (part.head == "call" and part.data[0] == "mean"):
        return bool((part.data if part.head == "sum" else dict(part.data[1]).get("axis")) == axis)
    return part.head == "item" and part.data == (":, 0" if axis else "0") and part.args[0].ndim == 2


def turns(node: Node) -> int:
    """How much turning around a node is written with: transposes, and half as much columns."""
    return _TURNS.get(node.head, 0) + sum(turns(part) for part in node.args)


_TURNS = {"T": 2, "col": 1}
