"""The answer: the formula for every n, what its names mean, when it holds, and the gradient as code prints it."""

from __future__ import annotations

from symdiff.pages.blocks import Block, Code, CodeSpan, Display, Paragraph
from symdiff.pages.sections.matrix_form import matrix_form
from symdiff.pages.step_blocks import definitions, exceptions
from symdiff.pages.teller import Teller
from symdiff.printing.tree import Chain
from symdiff.viewing.view import GradientView

__all__ = ["answer"]


def answer(teller: Teller) -> list[Block]:
    """The gradient by every input."""
    return [block for gradient in teller.view.gradients for block in _gradient(gradient, teller)]


def _gradient(gradient: GradientView, teller: Teller) -> list[Block]:
    alone = len(teller.view.gradients) == 1
    key = teller.kind + ("" if alone else ".by")
    title = teller.heading(key, f"gradient-{gradient.name}", name=CodeSpan(gradient.name))
    printed = [Code(f"{gradient.name}.grad = {gradient.printed}", "python")] if gradient.printed else []
    return [title, *_general(gradient, teller), *printed]


def _general(gradient: GradientView, teller: Teller) -> list[Block]:
    view, words = teller.view, teller.words
    beyond = gradient.beyond
    # what is said of the whole program is said once
    again = beyond is not None and beyond == view.gradients[0].beyond and gradient != view.gradients[0]
    if not gradient.general:
        if beyond is None or again:
            return []
        return [teller.paragraph("general.beyond.array", count=beyond.count, most=beyond.most)]
    told = teller.paragraph("general.mostly" if gradient.exceptions else "general")
    if beyond is not None:
        key = "general.beyond.again" if again else f"general.beyond.{beyond.what}"
        told = teller.paragraph(key, count=beyond.count, most=beyond.most)
    blocks: list[Block] = [told, Display(Chain(gradient.general))]
    blocks += exceptions(gradient.exceptions, gradient.except_for, words)
    blocks += definitions(gradient.definitions, words)
    if gradient.divides and not gradient.exceptions:
        blocks.append(teller.paragraph("general.divides"))
    return [*blocks, *matrix_form(gradient, teller), *_here(gradient, teller)]


def _here(gradient: GradientView, teller: Teller) -> list[Block]:
    """What positions, sizes and conditions are at this point."""
    words = teller.words
    blocks: list[Block] = [
        teller.paragraph("general.position", position=position, code=CodeSpan(str(code)))
        for position, code in gradient.positions
    ]
    if gradient.sizes:
        sizes = words.listed([Chain(size) for size in gradient.sizes])
        blocks.append(teller.paragraph("general.here", sizes=sizes))
    if gradient.conditions:
        conditions = words.listed(gradient.conditions)
        blocks.append(teller.paragraph("conditions", conditions=conditions))
    if gradient.branches:
        blocks.append(Paragraph(teller.say("conditions.others")))
    return blocks
