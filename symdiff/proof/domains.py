"""The domain that an operation states in words, as far as it is made of comparisons."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

import sympy as sp

_COMPARE = {
    ast.Lt: sp.StrictLessThan, ast.LtE: sp.LessThan, ast.Gt: sp.StrictGreaterThan, ast.GtE: sp.GreaterThan,
}  # fmt: skip


def comparisons(domain: str) -> tuple[sp.Basic, ...]:
    """The comparisons in a domain such as ``0 < x < 1`` or ``a > 0, x > 0``; what is said otherwise is left out."""
    if " or " in domain:
        return ()
    return tuple(found for part in domain.replace(" and ", ",").split(",") for found in _comparisons(part.strip()))


def _comparisons(text: str) -> Iterator[sp.Basic]:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return
    if not isinstance(tree, ast.Compare):
        return
    sides = [tree.left, *tree.comparators]
    for (left, right), operator in zip(pairwise(sides), tree.ops, strict=True):
        a, b = _side(left), _side(right)
        if a is not None and b is not None and type(operator) in _COMPARE:
            yield _COMPARE[type(operator)](a, b)


def _side(node: ast.expr) -> sp.Expr | None:
    if isinstance(node, ast.Name):
        return sp.Symbol(node.id, real=True)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return sp.Integer(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _side(node.operand)
        return None if inner is None else -inner
    return None
