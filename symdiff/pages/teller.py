"""What every section of a page is given: what there is to tell, and the words for it."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Heading, Line, Paragraph
from symdiff.pages.locale import Locale, Value
from symdiff.viewing.view import View

__all__ = ["Teller"]


class Teller:
    """A view and the sentences of a language."""

    def __init__(self, view: View, words: Locale) -> None:
        self.view, self.words = view, words
        self.kind = "jacobian" if view.error else "gradient"
        """What the page is about: the key of its name."""
        self.told: list[Block] = []
        """What the sections so far have said."""

    def say(self, key: str, /, **values: Value) -> Line:
        """The sentence with its placeholders filled."""
        return self.words.say(key, **values)

    def paragraph(self, key: str, /, **values: Value) -> Paragraph:
        """The sentence as running text."""
        return Paragraph(self.say(key, **values))

    def heading(self, key: str, anchor: str = "", level: int = 2, /, **values: Line | CodeSpan | str) -> Heading:
        """The sentence as a title."""
        return Heading(level, self.say(key, **values), anchor)
