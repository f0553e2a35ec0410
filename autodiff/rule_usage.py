"""What a vjp rule reads of its operands, found from its code once, when the operation is declared.

A node keeps alive only what the rules of its operation will read.  ``lambda g, y, x: g * y`` reads the result and not
the operand; ``lambda g, y, x, axis, keepdims: broadcast_to(g, x.shape)`` reads no more of ``x`` than its outline, for
which the parent node itself can stand in.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

OUTLINE = frozenset({"shape", "ndim", "size", "dtype"})

NOTHING, ITS_OUTLINE, ITS_ARRAY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Usage:
    """How much a rule reads of the result and of each operand: nothing, the outline, or the array."""

    value: int
    operands: tuple[int, ...]

    def __or__(self, other: Usage) -> Usage:
        pairs = zip(self.operands, other.operands, strict=True)
        return Usage(max(self.value, other.value), tuple(max(a, b) for a, b in pairs))


def everything(arity: int) -> Usage:
    return Usage(ITS_ARRAY, (ITS_ARRAY,) * arity)


def nothing(arity: int) -> Usage:
    return Usage(NOTHING, (NOTHING,) * arity)


def usage_of(rule: Callable[..., Any], arity: int) -> Usage:
    """Return what ``rule(g, y, *operands, **params)`` reads; everything, where its code cannot be inspected."""
    if not isinstance(rule, FunctionType):
        return everything(arity)
    code = rule.__code__
    names = code.co_varnames[: code.co_argcount]
    if len(names) < 2:
        return everything(arity)
    reads = _reads(rule)
    operands = [reads.get(name, NOTHING) for name in names[2 : 2 + arity]]
    if len(operands) < arity:  # the rest arrive together in *arrays
        if not code.co_flags & 0x04:
            return everything(arity)
        variadic = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        rest = ITS_ARRAY if variadic in reads else NOTHING
        operands += [rest] * (arity - len(operands))
    return Usage(reads.get(names[1], NOTHING), tuple(operands))


def _reads(rule: FunctionType) -> dict[str, int]:
    """Return how much each local name of ``rule`` is read."""
    # A name captured by an inner function can be read there in any way.
    reads = dict.fromkeys(rule.__code__.co_cellvars, ITS_ARRAY)
    instructions = list(dis.get_instructions(rule))
    for place, instruction in enumerate(instructions):
        if not instruction.opname.startswith("LOAD_FAST"):
            continue
        loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        for name in loaded[:-1]:
            reads[name] = ITS_ARRAY
        following = instructions[place + 1]
        outline = following.opname == "LOAD_ATTR" and following.argval in OUTLINE
        reads[loaded[-1]] = max(reads.get(loaded[-1], NOTHING), ITS_OUTLINE if outline else ITS_ARRAY)
    return reads
