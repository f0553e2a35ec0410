"""Which rule a step back follows, by its operation: the key of the sentence that says why its factor is what it is."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.meaning.terms import Element, Move, Order, Pick, Relation

__all__ = ["REASONS", "reason_of"]

_OPERATIONS: Mapping[str, str] = {
    "mean": "mean",
    "sum": "sum",
    "prod": "prod cumprod",
    "multiply": "multiply",
    "divide": "divide",
    "add": "add",
    "subtract": "subtract",
    "negative": "negative",
    "power": "power square",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "abs": "abs",
    "relu": "relu",
    "where": "where",
    "larger": "maximum minimum fmax fmin clip clamp",
    "matmul": "matmul dot inner tensordot einsum vdot",
    "cumsum": "cumsum",
}
"""By reason the operations that it is given for."""

REASONS = {operation: key for key, operations in _OPERATIONS.items() for operation in operations.split()}
"""By operation its reason."""


def reason_of(element: Element) -> str:
    """The key of the reason: of a named operation, of a move or a pick, else of any function."""
    found = REASONS.get(str(element.operation))
    if found is not None:
        return found
    if isinstance(element.meaning, Pick):
        return "pick"
    if isinstance(element.meaning, Order):
        return "order"
    if isinstance(element.meaning, Move):
        return "move"
    if isinstance(element.meaning, Relation):
        moves = all(term.formula.is_Symbol and not term.product for term in element.terms)
        return "move" if moves else "function"
    return "equation"
