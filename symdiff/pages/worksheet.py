"""A worksheet: the program, the way forward, blanks where the way back has its factors, and the answers at the end."""

from __future__ import annotations

from symdiff.pages.blocks import Block, Break, Derivation, Display, Fold, Heading, Row
from symdiff.pages.sections.answer import answer
from symdiff.pages.sections.backward import backward
from symdiff.pages.sections.forward import forward
from symdiff.pages.sections.head import head
from symdiff.pages.sections.single_number import single_number
from symdiff.pages.teller import Teller
from symdiff.printing.record import replace
from symdiff.printing.tree import Chain, Math, Partial, Rounded, Text, Times

__all__ = ["BLANK", "blanked", "worksheet"]

BLANK = Text("______")
"""Where something is to be filled in."""


def worksheet(teller: Teller) -> tuple[Block, ...]:
    """The blocks of a worksheet. An array has no way back: there the blanks stand in the way forward."""
    there, back = forward(teller), backward(teller)
    asked = [blanked(block) for block in back or there]
    given = there if back else []
    before = single_number(teller) if back else []
    sheet = [*head(teller), teller.paragraph("blank.words"), *given, *before, *asked]
    answers = [_without_anchor(block) for block in (*(back or there),)]
    behind = [] if back else single_number(teller)
    return (*sheet, Break(), teller.heading("blank.answers", "answers"), *answer(teller), *behind, *answers)


def blanked(block: Block) -> Block:
    """A block with blanks for the factors and numbers of its lines; their left sides, and the partials, stay."""
    match block:
        case Derivation():
            return replace(block, rows=tuple(map(_row, block.rows)))
        case Display(math=Chain(parts=parts)):
            return replace(block, math=Chain((parts[0], *map(_part, parts[1:]))))
        case Fold():
            return replace(block, blocks=tuple(map(blanked, block.blocks)))
    return block


def _row(row: Row) -> Row:
    return replace(row, parts=(row.parts[0], *map(_part, row.parts[1:])))


def _part(part: Math) -> Math:
    """A part of a line: of a product each factor is a blank of its own."""
    body = part.body if isinstance(part, Rounded) else part
    if isinstance(body, Partial):
        return body
    if isinstance(body, Times) and body.dot:
        return Times(tuple(factor if isinstance(factor, Partial) else BLANK for factor in body.factors), dot=True)
    return BLANK


def _without_anchor(block: Block) -> Block:
    """A block that stands a second time: its anchors are those of the first."""
    match block:
        case Heading():
            return replace(block, anchor="")
        case Derivation():
            return replace(block, rows=tuple(replace(row, anchor="") for row in block.rows))
        case Fold():
            return replace(block, blocks=tuple(map(_without_anchor, block.blocks)))
    return block
