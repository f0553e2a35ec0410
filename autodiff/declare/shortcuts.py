"""Where ``speed/`` plugs in: what the engine asks of it, and what it does where there is no such folder.

Without it every result is the same; it comes later, and more is kept in memory until then.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import numpy as np

from .plan import Rule, Usage


class Shortcuts:
    """Each attribute is one question to ``speed/``; ``speed.plug_in`` puts its answers here, and nobody else does."""

    __slots__ = ("copied", "in_blocks", "keep", "large", "many", "on_arrays", "room_for", "usage_of", "worth_keeping")

    def __init__(self) -> None:
        # What a rule of so many operands reads.
        self.usage_of: Callable[[Rule, int], Usage] = lambda rule, arity: Usage.everything(arity)
        # A rule as it runs quickest where everything is an array.
        self.on_arrays: Callable[[Rule], Rule] = lambda rule: rule
        # What takes a walk (see walk.loop) on from a node and its cotangent, and from how many elements on it serves.
        self.in_blocks: Callable[[Any, Any, Any], None] = lambda walk, node, g: walk.pull_back(node, g)
        self.many: float = inf
        # Memory for the elementwise result of operands; asked only while there is some in POOL.
        self.room_for: Callable[[Any], Any] = lambda operands: None
        # A copy of an array, and which arrays, and from how many bytes on, are worth keeping once they are nobody's.
        self.copied: Callable[[Any], Any] = np.array
        self.worth_keeping: float = inf
        self.large: Callable[[Any], list[Any]] = lambda arrays: []
        self.keep: Callable[[list[Any]], None] = lambda arrays: None


SHORTCUTS = Shortcuts()

POOL: dict[tuple[tuple[int, ...], np.dtype[Any]], list[Any]] = {}
"""Arrays whose memory is nobody's, by shape and dtype; empty for good where there is no memory pool."""
