"""The order in which a page tells a derivative: a section more is a line more.

A section makes blocks of what the view holds for it, and none where that is nothing. ``details`` are the levels of
detail at which it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from symdiff.options import DETAILS
from symdiff.pages.blocks import Block, Contents, Heading
from symdiff.pages.picture_blocks import PictureBlock
from symdiff.pages.sections.agreement import agreement
from symdiff.pages.sections.answer import answer
from symdiff.pages.sections.backward import backward
from symdiff.pages.sections.every_n import every_n
from symdiff.pages.sections.forward import forward
from symdiff.pages.sections.head import head
from symdiff.pages.sections.on_request import on_request
from symdiff.pages.sections.picture import picture
from symdiff.pages.sections.run_it import run_it
from symdiff.pages.sections.single_number import single_number
from symdiff.pages.sections.try_it import try_it
from symdiff.pages.sections.watch_out import watch_out
from symdiff.pages.sections.words_used import words_used
from symdiff.pages.teller import Teller
from symdiff.printing.record import Record

__all__ = ["STORY", "Section", "blocks_of"]

Tell: TypeAlias = Callable[[Teller], list[Block]]

LONG = 16
"""A page of so many titles, of sections and steps, has a list of its sections."""

STEPS = tuple(detail for detail in DETAILS if detail != "result")


class Section(Record):
    """One section: its name, what tells it, and at which levels of detail."""

    name: str
    tell: Tell
    details: tuple[str, ...] = DETAILS


STORY = (
    Section("head", head),
    Section("answer", answer),
    Section("picture", picture, STEPS),
    Section("forward", forward, STEPS),
    Section("single number", single_number),
    Section("backward", backward, STEPS),
    Section("every n", every_n, STEPS),
    Section("on request", on_request),
    Section("watch out", watch_out),
    Section("agreement", agreement),
    Section("run it", run_it, STEPS),
    Section("exercises", try_it, STEPS),
    Section("words used", words_used, STEPS),
)
"""Every section, in order."""


def blocks_of(teller: Teller) -> tuple[Block, ...]:
    """The blocks of all sections that are told at the view's level of detail."""
    for section in STORY:
        if teller.view.detail in section.details:
            teller.told += section.tell(teller)
    return tuple(_with_contents(teller.told, teller))


def _with_contents(told: list[Block], teller: Teller) -> list[Block]:
    """The same with a list of the sections behind the head, where a page is long."""
    titles = [place for place, block in enumerate(told) if isinstance(block, Heading)]
    if len(titles) < LONG:
        return told
    named = [block for block in told if isinstance(block, Heading | PictureBlock) and block.anchor]
    entries = tuple(
        (block.title if isinstance(block, PictureBlock) else block.content, block.anchor)
        for block in named
        if isinstance(block, PictureBlock) or block.level == 2
    )
    first = titles[0]
    return [*told[:first], Contents(teller.words.word("contents"), entries), *told[first:]]
