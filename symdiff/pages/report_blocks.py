"""A check as a document: the page of its derivation, in words for a gradient that was given, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from symdiff.agreement.outcome import Outcome
from symdiff.agreement.wording import worst_said
from symdiff.pages.blocks import Block, Code, CodeSpan, Document, Heading, ListBlock, Note, Paragraph, Words
from symdiff.pages.document import document
from symdiff.pages.judged import words_about
from symdiff.pages.locale import Locale, locale
from symdiff.printing.record import replace
from symdiff.viewing.view import View

__all__ = ["report_document", "with_claims"]


def report_document(view: View, report: Outcome, language: str) -> Document:
    """The page of a report: the badge, what was checked, and the derivation."""
    words = words_about(report.judged, language)
    page = document(view, language, words)
    badge, *rest = page.blocks
    return replace(page, blocks=(badge, *_blocks(report, words), *rest), verdict=str(report.verdict))


def with_claims(page: Document, claims: Sequence[Outcome], language: str) -> Document:
    """A page with what is said of claims behind its badge."""
    if not claims:
        return page
    words = locale(language)
    told = tuple(Paragraph((Words(each.causes[0].in_words(language)),)) for each in claims)
    mood = "info" if all(each.ok for each in claims) else "warning"
    badge, *rest = page.blocks
    return replace(page, blocks=(badge, Note(mood, told, words.say("report.page.claims")), *rest))


def _blocks(report: Outcome, words: Locale) -> tuple[Block, ...]:
    """What was found beside the numbers, and what reproduces it."""
    told = [] if report.verdict.ok else worst_said(report)
    told += [] if report.blame is None else [report.blame.said()]
    told += [*report.causes, *(finding.said for finding in report.findings)]
    found: list[Block] = []
    if told:
        found += [
            Heading(2, words.say("report.page.heading"), "checked"),
            ListBlock(tuple(map(words.told, dict.fromkeys(told)))),
        ]
    if report.call:
        found += [
            Paragraph(words.say("report.page.again", function=CodeSpan("check_gradients"))),
            Code(report.call, "python"),
        ]
    return tuple(found)
