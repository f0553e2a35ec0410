"""Do both ways agree? Element by element."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Fold, Line, Paragraph, Table, line
from symdiff.pages.teller import Teller
from symdiff.printing.breadth import breadth
from symdiff.printing.numbers import number
from symdiff.printing.tree import Math
from symdiff.viewing.view import ElementView, GradientView

__all__ = ["agreement"]

LISTED = 12
"""Of more elements the table is folded away, and paper is without it."""

SERIOUS = ("disagree", "undefined", "unsupported", "imprecise", "kink", "agree")
"""Verdicts, the worst first."""

BROADEST = 30.0
"""A formula and the two numbers beside it may take so many letters of a table."""


def agreement(teller: Teller) -> list[Block]:
    """One table for all inputs; of many elements a line for each input first."""
    gradients = [each for each in teller.view.gradients if each.elements]
    if not gradients:
        return []
    blocks: list[Block] = [teller.heading("agreement", "agreement")]
    elements = tuple(element for each in gradients for element in each.elements)
    hidden = sum(each.total for each in gradients) - len(elements)
    if hidden + len(elements) <= LISTED:
        left_out = [Paragraph(teller.words.count("table.hidden", hidden))] if hidden else []
        return [*blocks, _table(elements, teller), *left_out, teller.paragraph("agreement.rests")]
    blocks.append(_summary(gradients, teller))
    inner: list[Block] = [_table(elements, teller)]
    if hidden:
        inner.append(Paragraph(teller.words.count("table.hidden", hidden)))
    title = teller.words.count("agreement.elements", len(elements))
    return [*blocks, Fold(title, tuple(inner), closed=True, on_paper=False), teller.paragraph("agreement.rests")]


def _summary(gradients: list[GradientView], teller: Teller) -> Table:
    """A row for each input: how many elements, and the largest difference."""
    rows = []
    for each in gradients:
        worst = max(each.elements, key=_seriousness)
        rows.append(
            (
                line(CodeSpan(each.name)),
                line(str(each.total)),
                line(worst.symbol),
                line(number(worst.symbolic)),
                line(number(worst.automatic)),
                line(_ulps(worst.error_ulps)),
                line(_ulps(worst.allowed)),
                teller.say(f"verdict.{worst.verdict}"),
            )
        )
    keys = ("input", "count", "worst", "symbolic", "automatic", "error", "allowed", "verdict")
    return Table(tuple(teller.say(f"table.{key}") for key in keys), tuple(rows), "lrlrrrrl")


def _seriousness(element: ElementView) -> tuple[int, float]:
    rank = SERIOUS.index(element.verdict) if element.verdict in SERIOUS else len(SERIOUS)
    return -rank, element.error_ulps if element.error_ulps == element.error_ulps else 1e308


def _ulps(value: float) -> Math:
    return number(float(f"{value:.3g}"))


def _table(elements: tuple[ElementView, ...], teller: Teller) -> Table:
    written = any(element.partial is not None for element in elements) and _has_room(elements)
    partials = ("partial",) if written else ()
    keys = ("element", "code", *partials, "symbolic", "automatic", "error", "allowed", "verdict")
    rows = tuple(_cells(element, written, teller) for element in elements)
    return Table(tuple(teller.say(f"table.{key}") for key in keys), rows, "llcrrrrl" if written else "llrrrrl")


def _cells(element: ElementView, written: bool, teller: Teller) -> tuple[Line, ...]:
    partials = (line(element.partial) if element.partial is not None else (),) if written else ()
    return (
        line(element.symbol),
        line(CodeSpan(element.code)),
        *partials,
        line(number(element.symbolic)),
        line(number(element.automatic)),
        line(_ulps(element.error_ulps)),
        line(_ulps(element.allowed)),
        teller.say(f"verdict.{element.verdict}"),
    )


def _has_room(elements: tuple[ElementView, ...]) -> bool:
    """Whether formulas stand beside the numbers of a table without making it broader than a page."""
    formulas = max((breadth(each.partial) for each in elements if each.partial is not None), default=0.0)
    numbers = max(breadth(number(each.symbolic)) + breadth(number(each.automatic)) for each in elements)
    return formulas + numbers <= BROADEST
