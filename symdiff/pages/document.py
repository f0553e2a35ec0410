"""A View as a document: the sections of ``story``, in the words of a language."""

from __future__ import annotations

from symdiff.pages.blocks import CodeSpan, Document
from symdiff.pages.judged import words_about
from symdiff.pages.locale import Locale
from symdiff.pages.story import blocks_of
from symdiff.pages.teller import Teller
from symdiff.pages.worksheet import worksheet
from symdiff.viewing.view import View

__all__ = ["document"]


def document(view: View, language: str = "en", words: Locale | None = None, blank: bool = False) -> Document:
    """The document of an explanation, or its worksheet (``blank``); ``words`` are others than the language's own."""
    teller = Teller(view, words or words_about(view.judged, language))
    return Document(
        title=teller.say(f"title.{teller.kind}", expression=CodeSpan(_in_one_line(view.expression))),
        blocks=worksheet(teller) if blank else blocks_of(teller),
        language=teller.words.language,
        verdict=view.verdict,
        summary=teller.say("summary"),
        foot=teller.say("foot"),
        otherwise=teller.words.word("otherwise"),
        copying=tuple(teller.words.word(f"copy.{key}") for key in ("formula", "code", "done", "failed")),
    )


def _in_one_line(program: str) -> str:
    """A program of several lines as one types it in one."""
    return "; ".join(filter(None, (line.strip().removesuffix(";") for line in program.split("\n"))))
