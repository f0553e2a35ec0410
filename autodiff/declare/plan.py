"""What the rules of an operation read, and from that: what a node keeps, and which rules it is walked back by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Rule = Callable[..., Any]
Pulls = tuple[tuple[int, Rule | None], ...]

NOTHING, ITS_OUTLINE, ITS_ARRAY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Usage:
    """How much a rule reads of the result and of each operand: nothing, the outline (its shape or dtype), or the array.

    ``lambda g, y, x: g * y`` is ``Usage(ITS_ARRAY, (NOTHING,))``.
    """

    value: int
    operands: tuple[int, ...]

    def __or__(self, other: Usage) -> Usage:
        pairs = zip(self.operands, other.operands, strict=True)
        return Usage(max(self.value, other.value), tuple(max(a, b) for a, b in pairs))

    @classmethod
    def everything(cls, arity: int) -> Usage:
        return cls(ITS_ARRAY, (ITS_ARRAY,) * arity)

    @classmethod
    def nothing(cls, arity: int) -> Usage:
        return cls(NOTHING, (NOTHING,) * arity)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a node keeps, and the rules it is walked back by, for one choice of the operands that get cotangents.

    At the places ``dropped`` the parent (None for a constant) stands in for the operand; at ``constants`` an array is
    read that others may write into.  ``pulls`` holds the places that get a cotangent, each with its rule, or with None
    where ``joint`` gives the cotangents of all operands.  Those of arrays are for a walk that is not recorded itself.

    For ``x * w`` with a constant ``w``, ``x`` is dropped (only the cotangent of ``w`` would need it), ``w`` is among
    the constants, and the one pull is ``(0, rule of x)``.
    """

    dropped: tuple[int, ...]
    constants: tuple[int, ...]
    saves_value: bool
    saves: bool
    pulls: Pulls
    joint: Rule | None
    pulls_of_arrays: Pulls
    joint_of_arrays: Rule | None


def plan_of(
    usage: Usage,
    wanted: Sequence[bool],
    rules: Sequence[Rule | None],
    joint: Rule | None,
    on_arrays: Callable[[Rule], Rule],
) -> Plan:
    """Return the plan for rules that read ``usage``, where the operands ``wanted`` get cotangents.

    ``on_arrays`` makes of a rule the one that runs on arrays alone.
    """
    places = list(enumerate(zip(usage.operands, wanted, strict=True)))
    each = rules if joint is None else (None,) * len(wanted)
    pulls = [(k, each[k]) for k, own in enumerate(wanted) if own and (each[k] is not None or joint is not None)]
    return Plan(
        dropped=tuple(k for k, (how, own) in places if how == NOTHING or (own and how == ITS_OUTLINE)),
        constants=tuple(k for k, (how, own) in places if how == ITS_ARRAY and not own),
        saves_value=usage.value == ITS_ARRAY,
        saves=usage.value == ITS_ARRAY or ITS_ARRAY in usage.operands,
        pulls=tuple(pulls),
        joint=joint,
        pulls_of_arrays=tuple((k, None if rule is None else on_arrays(rule)) for k, rule in pulls),
        joint_of_arrays=None if joint is None else on_arrays(joint),
    )
