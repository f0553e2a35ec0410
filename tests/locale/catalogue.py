"""The catalogues as translators see them, read by Babel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates" / "locale"
TRANSLATIONS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "en")


def source(folder: str) -> Path:
    """The file that is edited."""
    return FOLDER / folder / "LC_MESSAGES" / "symdiff.po"


@cache
def catalogue(folder: str = "en") -> Catalog:
    """One language, strictly read."""
    with source(folder).open("rb") as file:
        return read_po(file, locale=folder, abort_invalid=True)


def messages(folder: str = "en") -> dict[str, Message]:
    """Every message by its key."""
    return {message.context or "": message for message in catalogue(folder) if message.id}


def keys(folder: str = "en") -> set[str]:
    """The keys that code asks by."""
    return set(messages(folder))


def forms(told: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """A sentence, or all plurals of one."""
    return (told,) if isinstance(told, str) else tuple(told)
