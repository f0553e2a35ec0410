"""The sentences of a language as lines of inline parts."""

from __future__ import annotations

import re
from functools import lru_cache

from symdiff.pages.blocks import CodeSpan, Emphasis, Formula, Inline, Line, Words
from symdiff.printing.tree import Math
from symdiff.sentences import Sentences, languages, sentences

__all__ = ["Locale", "languages", "locale"]

# what a sentence may hold: {a placeholder}, `code`, *stress*
_PARTS = re.compile(r"\{(\w+)\}|`([^`]+)`|\*([^*]+)\*")

Value = Inline | Math | Line | str | int | float


class Locale:
    """Sentences by key; a sentence comes as a line of inline parts."""

    def __init__(self, sentences: Sentences) -> None:
        self.language = sentences.tag
        self.sentences = sentences

    def word(self, key: str) -> str:
        """A single word or bare sentence."""
        return self.sentences[key]

    def say(self, key: str, /, **values: Value) -> Line:
        """The sentence with its placeholders filled; values are never searched for placeholders themselves."""
        return self._parse(self.sentences[key], values)

    def count(self, key: str, number: int, /, **values: Value) -> Line:
        """The sentence for this number, with ``{count}`` filled."""
        return self._parse(self.sentences.count(key, number), {"count": number, **values})

    def _parse(self, sentence: str, values: dict[str, Value]) -> Line:
        parts: list[Inline] = []
        end = 0
        for found in _PARTS.finditer(sentence):
            if found.start() > end:
                parts.append(Words(sentence[end : found.start()]))
            end = found.end()
            placeholder, code, stress = found.groups()
            if placeholder:
                parts.extend(_as_line(values[placeholder]))
            else:
                parts.append(CodeSpan(code) if code else Emphasis(self._parse(stress, values)))
        if end < len(sentence):
            parts.append(Words(sentence[end:]))
        return tuple(parts)


def _as_line(value: Value) -> Line:
    if isinstance(value, tuple):
        return value
    if isinstance(value, Math):
        return (Formula(value),)
    return (value,) if isinstance(value, Inline) else (Words(str(value)),)


@lru_cache(maxsize=8)
def locale(language: str = "en") -> Locale:
    """The sentences of a language; InputError names those there are."""
    return Locale(sentences(language))
