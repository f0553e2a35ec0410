"""The sentences of a language as lines of inline parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, reduce

from symdiff.pages.blocks import CodeSpan, Emphasis, Formula, Inline, Line, Words
from symdiff.printing.tree import Math
from symdiff.sentences import Said, Sentences, is_wide, languages, sentences

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

    def told(self, said: Said | str) -> Line:
        """What a station below the pages has to say, as a line: names, formulas and messages of others as code."""
        if isinstance(said, str):
            return (Words(said) if _is_number(said) else CodeSpan(said),)
        values = {name: self.told(each) for name, each in said.values.items()}
        return self.say(said.key, **values) if said.count is None else self.count(said.key, said.count, **values)

    def listed(self, parts: Sequence[Value], key: str = "list") -> Line:
        """Parts one after the other, with what the language puts between them; nothing for none."""
        lines = [_as_line(part) for part in parts]
        return reduce(lambda front, last: self.say(key, front=front, last=last), lines) if lines else ()

    def running(self, lines: Sequence[Line]) -> Line:
        """Sentences one after the other."""
        return self.listed(lines, "list.sentences")

    def _parse(self, sentence: str, values: dict[str, Value]) -> Line:
        parts: list[Inline] = []
        end = 0
        for found in _PARTS.finditer(sentence):
            parts += _beside(parts, sentence[end : found.start()])
            end = found.end()
            placeholder, code, stress = found.groups()
            if placeholder:
                parts.extend(_as_line(values[placeholder]))
            else:
                parts.append(CodeSpan(code) if code else Emphasis(self._parse(stress, values)))
        return (*parts, *_beside(parts, sentence[end:]))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _beside(parts: list[Inline], words: str) -> Line:
    """Words that go on after what stands before them: no space after a full-width mark."""
    before = parts[-1].text if parts and isinstance(parts[-1], Words) else ""
    words = words.removeprefix(" " if is_wide(before) else "")
    return (Words(words),) if words else ()


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
