"""Every rule, and second derivatives: for those who ask for them."""

from __future__ import annotations

from symdiff.pages.blocks import Block
from symdiff.pages.teller import Teller

__all__ = ["on_request"]


def on_request(teller: Teller) -> list[Block]:
    """The sections that a page has only where they were asked for; their code is imported for them alone."""
    view, blocks = teller.view, list[Block]()
    if view.by_rules:
        from symdiff.pages.rule_blocks import rule_blocks

        blocks += rule_blocks(view.by_rules, teller.words)
    if view.hessians or view.without_hessian:
        from symdiff.pages.hessian_blocks import hessian_blocks

        blocks += hessian_blocks(view, teller.words)
    return blocks
