"""What to watch out for: only what applies to this program at this point."""

from __future__ import annotations

from math import isfinite, isnan

from symdiff.pages.blocks import Block, Code, CodeSpan, Line, Note, Paragraph, Sketch, Table, line
from symdiff.pages.sections.head import spelt
from symdiff.pages.teller import Teller
from symdiff.picture.sketches import slice_drawing
from symdiff.printing.numbers import number, short
from symdiff.printing.tree import Math, Partial, Rounded
from symdiff.viewing.view import KinkView

__all__ = ["watch_out"]

FEW = 6
"""So many elements in a branch that is not taken are named."""

TWICE = "safe = where(condition, x, 1)\nwhere(condition, f(safe), 0)"
"""The way around: the argument is chosen before the value."""


def watch_out(teller: Teller) -> list[Block]:
    """Kinks, branches that are not taken, and what is easily got wrong."""
    told = [*_kinks(teller), *_where(teller), *_session(teller), *_adding(teller)]
    return [teller.heading("watch", "watch-out"), *told] if told else []


def _kinks(teller: Teller) -> list[Block]:
    if not teller.view.kinks:
        return []
    inner = tuple(block for kink in teller.view.kinks for block in _kink(kink, teller))
    return [Note("kink", (inner[0], *_slice(teller), *inner[1:]), teller.say("kinks"))]


def _slice(teller: Teller) -> list[Block]:
    """The function along the first element that stands at a kink."""
    found = teller.view.slice
    if found is None:
        return []
    told = teller.say("slice.jump" if found.slopes is None else "slice", element=found.element, result=found.result)
    return [Sketch(slice_drawing(found), told)]


def _where(teller: Teller) -> list[Block]:
    """A branch that is not taken, in which a factor is not finite: elsewhere that is nan."""
    elements = [
        row[0].by
        for step in teller.view.backward
        for row, remark in zip(step.rows, step.remarks, strict=False)
        if remark == "idle" and isinstance(row[0], Partial) and isinstance(row[0].by, Math)
    ]
    if not elements:
        return []
    told = teller.paragraph("trap.words", elements=teller.words.listed(elements[:FEW]))
    return [Note("warning", (told, Code(TWICE, "python"), teller.paragraph("trap.way")), teller.say("trap"))]


def _adding(teller: Teller) -> list[Block]:
    """What a second call of backward() does to the gradient."""
    view = teller.view
    elements = [each for gradient in view.gradients for each in gradient.elements]
    known = [each for each in elements if isfinite(each.automatic) and each.automatic]
    if view.error or view.verdict not in ("agree", "imprecise", "kink") or not known or view.detail == "result":
        return []
    largest = max(known, key=lambda each: abs(each.automatic))
    name = view.gradients[0].name if len(view.gradients) == 1 else largest.code.split("[")[0]
    told = teller.say(
        "adding.words",
        name=CodeSpan(f"{name}.grad"),
        clear=CodeSpan(f"{name}.grad = None"),
        element=CodeSpan(largest.code.replace(name, f"{name}.grad", 1)),
        once=_bare(largest.automatic),
        twice=_bare(2 * largest.automatic),
    )
    return [Note("info", (Paragraph(told),), teller.say("adding"))]


def _bare(value: float) -> Math:
    written = short(value)
    return written.body if isinstance(written, Rounded) else written


def _kink(kink: KinkView, teller: Teller) -> list[Block]:
    sentence = teller.say(
        f"kink.{_kind_of(kink)}",
        element=spelt(kink.symbol, kink.code, teller.words),
        operation=CodeSpan(kink.operation),
        left=number(kink.left),
        right=number(kink.right),
        returned=number(kink.returned),
    )
    if not kink.conventions:
        return [Paragraph(sentence)]
    rows = tuple((line(engine), _returns(returns, teller)) for engine, returns in kink.conventions)
    titles = (teller.say("kink.engine"), teller.say("kink.returns"))
    return [Paragraph(sentence), Table(titles, rows, "ll", teller.say("kink.conventions"))]


def _returns(told: str, teller: Teller) -> Line:
    """What an operation declares that an engine returns at its kink: a number, or words that the catalogue has."""
    key = f"convention.{told}"
    return teller.say(key) if key in teller.words.sentences else line(told)


def _kind_of(kink: KinkView) -> str:
    if kink.jump:
        return "jump"
    return "meet" if isnan(kink.left) or isnan(kink.right) or kink.left == kink.right else "one"


def _session(teller: Teller) -> list[Block]:
    if teller.view.session is None:
        return []
    mean, largest = teller.view.session
    words = teller.say("session", mean=number(mean), max=number(largest), total=number(mean + largest))
    return [Note("info", (Paragraph(words),), teller.say("session.title"))]
