"""What rules of rewriting need: the nodes, what names stand for, and a few questions about both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import sympy as sp

from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Factor, Node
from symdiff.matrix_form.shapes import Shapes

ONE, HALF = sp.Integer(1), sp.Rational(1, 2)


class Context(ABC):
    """The surroundings of a rule.

    ``defined`` has what names stand for; ``ones`` the names of matrices whose rows are shares of 1, by the axis along
    which they add up to that, of which those that a rule relied on are in ``used_ones``.
    """

    def __init__(
        self,
        matrices: Matrices,
        defined: Mapping[str, Node],
        ones: Mapping[str, int],
        shapes: Shapes | None = None,
        letter_of: Callable[[str], sp.Expr | None] = lambda name: None,
        averages: bool = False,
    ) -> None:
        self.matrices, self.defined, self.ones = matrices, defined, ones
        self.shapes, self.letter_of, self.averages = shapes, letter_of, averages
        self.used_ones: set[str] = set()
        self.known: dict[Node, Node] = {}

    @abstractmethod
    def rewritten(self, node: Node) -> Node:
        """A node whose parts are rewritten, rewritten itself."""

    def opened(self, node: Node) -> Node:
        """What a name stands for; any other node as it is."""
        return self.defined.get(node.data, node) if node.head == "name" else node

    def exponent(self, node: Node) -> Node | None:
        """z where a node is exp(z)."""
        node = self.opened(node)
        return node.args[0] if node.head == "call" and node.data[0] == "exp" else None

    def one_more(self, node: Node) -> Node | None:
        """z where a node is 1 + exp(z)."""
        node = self.opened(node)
        if node.head != "add" or len(node.args) != 2 or tuple(node.data) != (1, 1):
            return None
        for one, other in (node.args, node.args[::-1]):
            if one.head == "number" and one.data == 1:
                return self.exponent(other)
        return None

    def same(self, one: Node, other: Node) -> bool:
        return self.opened(one) is self.opened(other)


def factors_of(node: Node) -> list[Factor]:
    return list(zip(node.args, node.data[1], strict=True))
