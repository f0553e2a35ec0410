"""What a matrix formula is rewritten to: known functions by their names, common factors in front.

The rules are functions of a context and a node that give another node, or None where they have nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from symdiff.matrix_form import factoring, functions
from symdiff.matrix_form.context import Context
from symdiff.matrix_form.nodes import Node
from symdiff.matrix_form.rebuilding import rebuilt

Rule: TypeAlias = "Callable[[Context, Node], Node | None]"


class Rewriter(Context):
    """Rewrites nodes from the inside out."""

    def __call__(self, node: Node) -> Node:
        """A node, all of it rewritten."""
        if not node.args:
            return node
        found = self.known.get(node)
        if found is None:
            args = [self(part) for part in node.args]
            same = all(new is old for new, old in zip(args, node.args, strict=True))
            found = self.known[node] = self.rewritten(node if same else rebuilt(self.matrices, node, args))
        return found

    def rewritten(self, node: Node) -> Node:
        for _ in range(4):
            rules = _RULES.get(node.head, ())
            for rule in rules:
                other = rule(self, node)
                if other is not None and other is not node:
                    node = other
                    break
            else:
                return node
        return node


_RULES: dict[str, tuple[Rule, ...]] = {
    "mul": (
        factoring.distributed,
        functions.softmax,
        functions.turned_softmax,
        functions.sigmoid,
        functions.norms,
        factoring.shares,
        functions.relu,
        functions.means,
    ),
    "call": (functions.logarithms,),
    "mm": (factoring.weighted_by_ones,),
    "where": (functions.signs,),
    "add": (factoring.common,),
}
