"""What all printers share: one method for each kind of node, found by the kind's name."""

from __future__ import annotations

from symdiff.printing import tree
from symdiff.printing.record import kept

__all__ = ["METHODS", "Printer"]

METHODS: dict[type[tree.Math], str] = {
    getattr(tree, name): name.lower() for name in tree.__all__ if name not in ("Math", "BigOperator", "Rounded")
} | {tree.Sum: "big", tree.Product: "big"}


class Printer:
    """Prints trees whose brackets are already in place; ``otherwise`` is the word before the last of some cases."""

    def __init__(self, otherwise: str = "otherwise") -> None:
        self.otherwise = otherwise
        self.key: tuple[object, ...] = (type(self), otherwise)

    def __call__(self, node: tree.Math) -> str:
        if isinstance(node, tree.Rounded):
            node = node.body  # the sign before it says so
        known = kept(node)
        if self.key not in known:
            known[self.key] = getattr(self, METHODS[type(node)])(node)
        return known[self.key]  # type: ignore[no-any-return]
