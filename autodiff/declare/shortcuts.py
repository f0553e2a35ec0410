"""Where ``speed/`` plugs in: what the engine asks of it, and what it does where there is no such folder.

Without it every result is the same; it comes later, and more is kept in memory until then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from .plan import Rule, Usage


@dataclass(slots=True, eq=False)
class Shortcuts:
    """Each field is one question to ``speed/``; ``speed.plug_in`` puts its answers here, and nobody else does."""

    # What a rule of so many operands reads.
    usage_of: Callable[[Rule, int], Usage] = lambda rule, arity: Usage.everything(arity)
    # A rule as it runs quickest where everything is an array.
    on_arrays: Callable[[Rule], Rule] = lambda rule: rule
    # What takes a walk (see walk.loop) on from a node and its cotangent, and from how many elements on it serves.
    in_blocks: Callable[[Any, Any, Any], None] = lambda walk, node, g: walk.pull_back(node, g)
    many: float = inf
    # Memory for the elementwise result of operands; asked only while there is some in POOL.
    room_for: Callable[[Any], Any] = lambda operands: None
    # A copy of an array, and which arrays, and from how many bytes on, are worth keeping once they are nobody's.
    copied: Callable[[Any], Any] = np.array
    worth_keeping: float = inf
    large: Callable[[Any], list[Any]] = lambda arrays: []
    keep: Callable[[list[Any]], None] = lambda arrays: None


SHORTCUTS = Shortcuts()

POOL: dict[tuple[tuple[int, ...], np.dtype[Any]], list[Any]] = {}
"""Arrays whose memory is nobody's, by shape and dtype; empty for good where there is no memory pool."""
