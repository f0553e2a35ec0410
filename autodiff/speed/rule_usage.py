"""What a vjp rule reads of its operands, found from its code once, when its operation is first recorded.

A node keeps alive only what the rules of its operation will read.  ``lambda g, y, x: g * y`` reads the result and not
the operand; ``lambda g, y, x, axis, keepdims: broadcast_to(g, x.shape)`` reads no more of ``x`` than its outline, for
which the parent node itself can stand in.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from inspect import CO_VARARGS
from types import FunctionType
from typing import Any

from ..declare.plan import ITS_ARRAY, ITS_OUTLINE, NOTHING, Usage

OUTLINE = frozenset({"shape", "ndim", "size", "dtype"})


def usage_of(rule: Callable[..., Any], arity: int) -> Usage:
    """Return what ``rule(g, y, *operands, **params)`` reads; everything, where its code cannot be inspected.

    Of ``lambda g, y, x, axis: g * y + x.size`` it is the array of the result, and of its operand the outline.
    """
    if not isinstance(rule, FunctionType):
        return Usage.everything(arity)
    code = rule.__code__
    names = code.co_varnames[: code.co_argcount]
    if len(names) < 2:
        return Usage.everything(arity)
    reads = _reads(rule)
    operands = [reads.get(name, NOTHING) for name in names[2 : 2 + arity]]
    if len(operands) < arity:  # the rest arrive together in *arrays
        if not code.co_flags & CO_VARARGS:
            return Usage.everything(arity)
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
        if "LOAD_FAST" not in instruction.opname:  # also as a part of STORE_FAST_LOAD_FAST, of Python 3.13
            continue
        loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        for name in loaded[:-1]:
            reads[name] = ITS_ARRAY
        following = instructions[place + 1]
        outline = following.opname == "LOAD_ATTR" and following.argval in OUTLINE
        reads[loaded[-1]] = max(reads.get(loaded[-1], NOTHING), ITS_OUTLINE if outline else ITS_ARRAY)
    return reads
