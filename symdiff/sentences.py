"""The sentences of a language, by key, from ``templates/locale/<language>.json``: data in, words out, at any station.

What a station finds is data; only a catalogue has words for it, so that a second language needs no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from symdiff.errors import InputError

__all__ = ["Said", "languages", "sentences", "template_folder"]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as data: its key in the catalogue, and what its placeholders stand for.

    >>> Said("reason.jump", {"operations": "floor"}).in_words()
    'the value jumps here (floor): the derivative beside it is meant'
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def in_words(self, language: str = "en") -> str:
        """The sentence in a language."""
        return sentences(language)[self.key].format_map(self.values)

    def __hash__(self) -> int:
        return hash((self.key, *sorted(self.values.items())))


@lru_cache(maxsize=1)
def template_folder() -> Path:
    """``symdiff/templates`` where the package was installed, ``templates/`` beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    candidates = (package / "templates", package.parent / "templates")
    for folder in candidates:
        if (folder / "locale").is_dir():
            return folder
    raise FileNotFoundError(f"the templates are in none of {', '.join(map(str, candidates))}: install symdiff again")


def languages() -> tuple[str, ...]:
    """The languages there are."""
    return tuple(sorted(path.stem for path in (template_folder() / "locale").glob("*.json")))


@lru_cache(maxsize=8)
def sentences(language: str = "en") -> Mapping[str, str]:
    """The catalogue of a language.

    Raises:
        InputError: there is no such language; those there are are named.
    """
    if language not in languages():
        raise InputError(f"language {language!r}: there is {', '.join(languages())}")
    found: dict[str, str] = json.loads((template_folder() / "locale" / f"{language}.json").read_text(encoding="utf-8"))
    return found
