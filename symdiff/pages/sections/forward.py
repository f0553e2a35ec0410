"""The steps forward."""

from __future__ import annotations

from symdiff.pages.blocks import Block
from symdiff.pages.step_blocks import step_blocks
from symdiff.pages.teller import Teller

__all__ = ["forward"]


def forward(teller: Teller) -> list[Block]:
    """Every step that is shown, in order."""
    if not teller.view.forward:
        return []
    steps = step_blocks(teller.view.forward, teller.words, "step")
    return [teller.heading("forward", "forward"), teller.paragraph("forward.words"), *steps]
