"""Do both ways agree? Element by element."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Line, Paragraph, Table, line
from symdiff.pages.teller import Teller
from symdiff.printing.breadth import breadth
from symdiff.printing.numbers import number
from symdiff.viewing.view import ElementView, GradientView

__all__ = ["agreement"]

BROADEST = 34.0
"""A formula and the two numbers beside it may take so many letters of a table."""


def agreement(teller: Teller) -> list[Block]:
    """One table for all inputs."""
    told = [block for gradient in teller.view.gradients for block in _compared(gradient, teller)]
    return [teller.heading("agreement", "agreement"), *told] if told else []


def _compared(gradient: GradientView, teller: Teller) -> list[Block]:
    if not gradient.elements:
        return []
    hidden = gradient.total - len(gradient.elements)
    left_out = [Paragraph(teller.words.count("table.hidden", hidden))] if hidden else []
    return [_table(gradient.elements, teller), *left_out]


def _table(elements: tuple[ElementView, ...], teller: Teller) -> Table:
    written = any(element.partial is not None for element in elements) and _has_room(elements)
    partials = ("partial",) if written else ()
    keys = ("element", "code", *partials, "symbolic", "automatic", "error", "verdict")
    rows = tuple(_cells(element, written, teller) for element in elements)
    return Table(tuple(teller.say(f"table.{key}") for key in keys), rows, "llcrrrl" if written else "llrrrl")


def _cells(element: ElementView, written: bool, teller: Teller) -> tuple[Line, ...]:
    partials = (line(element.partial) if element.partial is not None else (),) if written else ()
    return (
        line(element.symbol),
        line(CodeSpan(element.code)),
        *partials,
        line(number(element.symbolic)),
        line(number(element.automatic)),
        line(number(float(f"{element.error_ulps:.3g}"))),
        teller.say(f"verdict.{element.verdict}"),
    )


def _has_room(elements: tuple[ElementView, ...]) -> bool:
    """Whether formulas stand beside the numbers of a table without making it broader than a page."""
    formulas = max((breadth(each.partial) for each in elements if each.partial is not None), default=0.0)
    numbers = max(breadth(number(each.symbolic)) + breadth(number(each.automatic)) for each in elements)
    return formulas + numbers <= BROADEST
