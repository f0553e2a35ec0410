"""Values that an equation defines, and what they send back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symdiff.code_out.backends import Backend, atom
from symdiff.code_out.from_text import NotSpelt
from symdiff.meaning.terms import Implicit


def equation_forward(backend: Backend, meaning: Implicit, operands: Sequence[str]) -> str:
    """The value of an equation's solution."""
    module = f"{backend.module}.linalg"
    if meaning.kind in ("inv", "det", "cholesky"):
        return f"{module}.{meaning.kind}({operands[0]})"
    if meaning.kind == "solve":
        return f"{module}.solve({operands[0]}, {operands[1]})"
    raise NotSpelt(meaning.kind)


def equation_back(
    backend: Backend, meaning: Implicit, operands: Sequence[str], result: str, bar: str, operand: int
) -> str:
    """The adjoint of one operand of an equation, from that of its solution."""
    rule = _BACK.get((meaning.kind, operand))
    if rule is None:
        raise NotSpelt(meaning.kind)
    return rule(backend, operands, atom(result), atom(bar))


def _turned(array: str) -> str:
    return f"{array}.swapaxes(-1, -2)"


def _inverse(backend: Backend, operands: Sequence[str], y: str, bar: str) -> str:
    return f"-{_turned(y)} @ {bar} @ {_turned(y)}"


def _determinant(backend: Backend, operands: Sequence[str], y: str, bar: str) -> str:
    inverse = _turned(f"{backend.module}.linalg.inv({operands[0]})")
    return f"{bar} * {y} * {inverse}"


def _right_side(backend: Backend, operands: Sequence[str], y: str, bar: str) -> str:
    return f"{backend.module}.linalg.solve({_turned(operands[0])}, {bar})"


_BACK: Mapping[tuple[str, int], Callable[[Backend, Sequence[str], str, str], str]] = {
    ("inv", 0): _inverse,
    ("det", 0): _determinant,
    ("solve", 1): _right_side,
    ("solve", 0): lambda backend, operands, y, bar: (
        f"-{backend.patterns['outer'].format(_right_side(backend, operands, y, bar), more=f', {y}')}"
    ),
}
