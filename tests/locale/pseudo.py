"""A language in which every sentence is marked: what is not marked on a page did not come from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations

import pytest

import symdiff.pages.locale
import symdiff.sentences

CODE = "xx"
_KEPT = re.compile(r"\{\w+\}|`[^`]+`")
_MARKED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "ɐɓƈɖɘʄɠɦɨʝƙɭɱɳøþʠɽʂƭʊʋⱳϰɣʐȺƁƇĐƎƑƓĦƗɈƘŁⱮƝØƤɊɌȘŦɄɅШӾɎƵ"
)


def marked(sentence: str) -> str:
    """The sentence with every letter changed, placeholders and code as they are."""
    kept = _KEPT.findall(sentence)
    pieces = [piece.translate(_MARKED) for piece in _KEPT.split(sentence)]
    return "".join(part for pair in zip(pieces, [*kept, ""], strict=True) for part in pair)


class Pseudo(NullTranslations):
    """English, marked."""

    def gettext(self, message: str) -> str:
        return marked(symdiff.sentences.sentences("en")[message])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return marked(symdiff.sentences.sentences("en").count(msgid1, n))


@contextmanager
def pseudo_language() -> Iterator[str]:
    """The language ``xx`` beside English."""
    real = symdiff.sentences._translations
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symdiff.sentences, "_catalogues", lambda: {"en": "en", CODE: CODE})
        patch.setattr(symdiff.sentences, "_translations", lambda folder: real(folder) if folder == "en" else Pseudo())
        caches = (symdiff.sentences.sentences, symdiff.pages.locale.locale)
        for cache in caches:
            cache.cache_clear()
        try:
            yield CODE
        finally:
            for cache in caches:
                cache.cache_clear()
