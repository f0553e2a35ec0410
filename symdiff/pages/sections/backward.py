"""The steps back."""

from __future__ import annotations

from symdiff.pages.blocks import Block
from symdiff.pages.step_blocks import step_blocks
from symdiff.pages.teller import Teller

__all__ = ["backward"]


def backward(teller: Teller) -> list[Block]:
    """Every step that is shown, in reverse."""
    view = teller.view
    if not view.backward:
        return []
    blocks: list[Block] = [teller.heading("backward", "backward"), teller.paragraph("backward.words")]
    if view.picks:
        blocks.append(teller.paragraph("backward.pick.tied" if view.kinks else "backward.pick"))
    return blocks + step_blocks(view.backward, teller.words, "back")
