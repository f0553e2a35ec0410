"""What a vjp rule reads of its operands, found from its code once, when the operation is declared.

A node keeps alive only what the rules of its operation will read.  ``lambda g, y, x: g * y`` reads the result and not
the operand; ``lambda g, y, x, axis, keepdims: broadcast_to(g, x.shape)`` reads no more of ``x`` than its outline, for
which the parent node itself can stand in.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from .array_rules import on_arrays

Rule = Callable[..., Any]
Pulls = tuple[tuple[int, Rule | None], ...]

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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a node keeps, and the rules it is walked back by, for one choice of the operands that get cotangents.

    At the places ``dropped`` the parent (None for a constant) stands in for the operand; at ``constants`` an array is
    read that others may write into.  ``pulls`` holds the places that get a cotangent, each with its rule, or with None
    where ``joint`` gives the cotangents of all operands.  Those of arrays run on arrays alone.
    """

    dropped: tuple[int, ...]
    constants: tuple[int, ...]
    saves_value: bool
    saves: bool
    pulls: Pulls
    joint: Rule | None
    pulls_of_arrays: Pulls
    joint_of_arrays: Rule | None

    @classmethod
    def of(cls, usage: Usage, wanted: tuple[bool, ...], rules: Sequence[Rule | None], joint: Rule | None) -> Plan:
        """Return the plan for rules that read ``usage``, where the operands ``wanted`` get cotangents."""
        places = list(enumerate(zip(usage.operands, wanted, strict=True)))
        pulls = tuple(
            (place, None if joint is not None else rules[place])
            for place, own in enumerate(wanted)
            if own and (joint is not None or rules[place] is not None)
        )
        return cls(
            dropped=tuple(k for k, (how, own) in places if how == NOTHING or (own and how == ITS_OUTLINE)),
            constants=tuple(k for k, (how, own) in places if how == ITS_ARRAY and not own),
            saves_value=usage.value == ITS_ARRAY,
            saves=usage.value == ITS_ARRAY or ITS_ARRAY in usage.operands,
            pulls=pulls,
            joint=joint,
            pulls_of_arrays=tuple((place, rule if rule is None else on_arrays(rule)) for place, rule in pulls),
            joint_of_arrays=joint if joint is None else on_arrays(joint),
        )


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
        if "LOAD_FAST" not in instruction.opname:  # also as a part of STORE_FAST_LOAD_FAST, of Python 3.13
            continue
        loaded = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        for name in loaded[:-1]:
            reads[name] = ITS_ARRAY
        following = instructions[place + 1]
        outline = following.opname == "LOAD_ATTR" and following.argval in OUTLINE
        reads[loaded[-1]] = max(reads.get(loaded[-1], NOTHING), ITS_OUTLINE if outline else ITS_ARRAY)
    return reads
