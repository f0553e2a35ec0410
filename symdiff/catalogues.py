"""From a catalogue that translators edit (``.po``) to the one that is read (``.mo``): by Babel, when symdiff is built.

In a ``.po`` the context of a message is the key that code asks by, the message itself is the English sentence: every
translator's tool shows the English, and marks a translation as fuzzy when the English changes. In the ``.mo`` the key
is the message. The build hook (``hatch_build.py``) runs this file by itself: it imports nothing of ours.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

__all__ = ["compile_catalogue", "is_compiled"]

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def is_compiled(source: Path) -> bool:
    """Whether the ``.mo`` beside a ``.po`` is there and as new; where only the ``.mo`` was installed, it is."""
    compiled = source.with_suffix(".mo")
    try:
        return not source.exists() or compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def compile_catalogue(source: Path) -> bytes:
    """The compiled catalogue; also written beside its source where that can be written to.

    Messages without a translation, and fuzzy ones, are left out. Without translations at all (English) a message is
    its own.

    Raises:
        ModuleNotFoundError: Babel is not installed.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        read = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    # the same source, the same bytes
    keyed = Catalog(locale=read.locale, project="symdiff-explain", creation_date=_NEVER, revision_date=_NEVER)
    for message in read:
        if not message.id:
            continue
        key = message.context
        if not key:
            raise ValueError(f"{source}: {message.id!r} has no context; its key is wanted there")
        told = message.string or ""
        if not any(told):
            told = message.id if read.locale_identifier == "en" else ""
        if told and not message.fuzzy:
            keyed.add((key, key) if message.pluralizable else key, told)
    written = BytesIO()
    write_mo(written, keyed)
    _write_beside(source, written.getvalue())
    return written.getvalue()


def _write_beside(source: Path, content: bytes) -> None:
    """Whole or not at all: several processes may do this at once."""
    target, mine = source.with_suffix(".mo"), source.with_suffix(f".{os.getpid()}.part")
    try:
        mine.write_bytes(content)
        mine.replace(target)
    except OSError:  # a checkout that may only be read: compiled again the next time
        mine.unlink(missing_ok=True)
