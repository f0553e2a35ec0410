"""What to watch out for: only what applies to this program at this point."""

from __future__ import annotations

from math import isnan

from symdiff.pages.blocks import Block, CodeSpan, Line, Note, Paragraph, Table, line
from symdiff.pages.sections.head import spelt
from symdiff.pages.teller import Teller
from symdiff.printing.numbers import number
from symdiff.viewing.view import KinkView

__all__ = ["watch_out"]


def watch_out(teller: Teller) -> list[Block]:
    """Kinks, and what is easily got wrong."""
    return [*_kinks(teller), *_session(teller)]


def _kinks(teller: Teller) -> list[Block]:
    if not teller.view.kinks:
        return []
    inner = tuple(block for kink in teller.view.kinks for block in _kink(kink, teller))
    return [Note("kink", inner, teller.say("kinks"))]


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
