"""The sentences of a language, by key, from ``templates/locale``: data in, words out, at any station.

What a station finds is data; only a catalogue has words for it, so that another language needs no code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from symdiff.catalogues import compile_catalogue, is_compiled
from symdiff.errors import InputError

__all__ = ["Said", "Sentences", "is_wide", "languages", "listed", "sentences", "template_folder", "told"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as data: its key in the catalogue, and what its placeholders stand for, which may be sentences, too.

    With a ``count`` it is the sentence for that number, and ``{count}`` stands for it.

    >>> Said("reason.jump", {"operations": listed(["floor", "sign"])}).in_words()
    'the value jumps here (floor, sign): the derivative beside it is meant'
    """

    key: str
    values: Mapping[str, str | Said] = field(default_factory=dict)
    count: int | None = None

    def in_words(self, language: str = "en") -> str:
        """The sentence in a language."""
        known = sentences(language)
        sentence = known[self.key] if self.count is None else known.count(self.key, self.count)
        values = {name: told(each, language) for name, each in self.values.items()} | (
            {} if self.count is None else {"count": str(self.count)}
        )
        written = ""
        for place, piece in enumerate(_PLACEHOLDER.split(sentence)):
            written += values[piece] if place % 2 else piece.removeprefix(" " if is_wide(written) else "")
        return written

    def __hash__(self) -> int:
        return hash((self.key, self.count, *sorted(self.values.items())))


_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_WIDE = tuple("，。：；、？！（）「」《》")


def is_wide(written: str) -> bool:
    """Whether a text ends in a full-width mark, after which no space stands."""
    return written.endswith(_WIDE)


def told(value: str | Said, language: str = "en") -> str:
    """What is said, in words; a text as it is."""
    return value.in_words(language) if isinstance(value, Said) else value


def listed(parts: Sequence[str | Said], key: str = "list") -> str | Said:
    """Parts one after the other, with what a language puts between them: ``list``, ``list.or``, ``list.clauses``."""
    first, *rest = parts
    return reduce(lambda front, last: Said(key, {"front": front, "last": last}), rest, first)


class Sentences:
    """The catalogue of a language: sentences by key. What is not translated yet is English.

    >>> sentences()["verdict.agree"], "no such key" in sentences()
    ('agree', False)
    >>> sentences().count("table.hidden", 2)
    '{count} more elements are not shown.'
    """

    def __init__(self, tag: str, translations: NullTranslations) -> None:
        self.tag = tag
        self._translations = translations

    def __getitem__(self, key: str) -> str:
        return self._translations.gettext(key)

    def __contains__(self, key: str) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    def count(self, key: str, number: int) -> str:
        """The sentence for a number, by the plurals of the language."""
        return self._translations.ngettext(key, key, number)


class _Unknown(NullTranslations):
    """At the end of all catalogues: where gettext gives back what it was asked, a key is no sentence."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)


@lru_cache(maxsize=1)
def template_folder() -> Path:
    """``symdiff/templates`` where the package was installed, ``templates/`` beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    candidates = (package / "templates", package.parent / "templates")
    for folder in candidates:
        if (folder / "locale").is_dir():
            return folder
    raise FileNotFoundError(f"the templates are in none of {', '.join(map(str, candidates))}: install symdiff again")


@lru_cache(maxsize=1)
def _catalogues() -> dict[str, str]:
    """By the name of each language its folder: ``{"en": "en", "zh": "zh_Hans"}``."""
    folders = sorted(path.name for path in (template_folder() / "locale").iterdir() if path.is_dir())
    return {folder.partition("_")[0]: folder for folder in folders}


def languages() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(_catalogues())


@lru_cache(maxsize=8)
def sentences(language: str = "en") -> Sentences:
    """The catalogue of a language: ``zh``, or with its script ``zh-Hans``.

    Raises:
        InputError: there is no such language; those there are are named.
    """
    known = _catalogues()
    folder = known.get(language, str(language).replace("-", "_"))
    if folder not in known.values():
        raise InputError(f"language {language!r}: there is {', '.join(known)}")
    found = _translations(folder)
    if folder != "en":
        found.add_fallback(_translations("en"))
    found.add_fallback(_Unknown())
    return Sentences(folder.replace("_", "-"), found)


def _translations(folder: str) -> GNUTranslations:
    source = template_folder() / "locale" / folder / "LC_MESSAGES" / "symdiff.po"
    if is_compiled(source):
        with source.with_suffix(".mo").open("rb") as file:
            return GNUTranslations(file)
    try:
        return GNUTranslations(BytesIO(compile_catalogue(source)))
    except ModuleNotFoundError:
        raise InputError(
            f"{source} has changed since it was compiled: pip install -e . in this checkout, or pip install babel"
        ) from None
