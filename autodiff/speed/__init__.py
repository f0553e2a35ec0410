"""What only makes it faster or smaller: rules on plain arrays, what they read, blocks, memory used again.

The folder can be deleted: all else works without it.
"""

from __future__ import annotations

from ..declare.shortcuts import SHORTCUTS
from . import memory_pool
from .array_rules import on_arrays
from .blocks import MANY, in_blocks
from .rule_usage import usage_of


def plug_in() -> None:
    """Answer the questions that the engine has for this folder."""
    memory_pool.prepare()
    SHORTCUTS.usage_of = usage_of
    SHORTCUTS.on_arrays = on_arrays
    SHORTCUTS.in_blocks = in_blocks
    SHORTCUTS.many = MANY
    SHORTCUTS.room_for = memory_pool.room_for
    SHORTCUTS.copied = memory_pool.copied
    SHORTCUTS.worth_keeping = memory_pool.SMALLEST
    SHORTCUTS.large = memory_pool.large
    SHORTCUTS.keep = memory_pool.keep
