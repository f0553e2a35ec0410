"""Where a document goes: a file that appears whole or not at all, in the format that its suffix names."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from symdiff.errors import InputError, printable
from symdiff.formats import BY_SUFFIX, FORMATS, Format
from symdiff.language.names import shown


def format_of(path: Path | None, wanted: str | None) -> Format:
    """The format of a document: what the suffix of its file says, or what was asked for, or text.

    Raises:
        InputError: the suffix is not known, or says something else than what was asked for.
    """
    if path is None:
        return FORMATS[wanted or "text"]
    said = BY_SUFFIX.get(path.suffix.lower())
    if said is None and wanted is None:
        raise InputError(
            f"-o {shown(str(path), 200)}: the suffix {shown(path.suffix) or '(none)'} is not known; use "
            f"{' '.join(BY_SUFFIX)}"
        )
    if said is not None and wanted is not None and said.name != wanted:
        raise InputError(
            f"-o {shown(str(path), 200)} is {said.name} by its suffix, and --format says {wanted}; leave one of "
            "them out"
        )
    return said or FORMATS[wanted or "text"]


def check_place(path: Path) -> Path:
    """The regular file that ``path`` is, or may become, through links to where they point.

    Raises:
        InputError: it is something else, may not be written, or its folder cannot be written to.
    """
    name = f"-o {shown(str(path), 200)}"
    try:
        target = path.resolve()
        there = target.stat() if target.exists() else None
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, links in a circle, a zero byte
        raise InputError(f"{name} cannot be a file ({_reason(error)}); give another name") from None
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise InputError(f"{name} is a folder; give the name of a file in it")
    if there is not None and not stat.S_ISREG(there.st_mode):
        raise InputError(
            f"{name} is no regular file but a device, pipe or socket, which stays as it is; without -o, --format "
            "writes to standard output"
        )
    # whoever is root may write everywhere, and does not mean to where nobody may
    if there is not None and not (there.st_mode & 0o222 and os.access(target, os.W_OK)):
        raise InputError(f"{name} is read-only and stays as it is; give another name, or make it writable first")
    folder = target.parent
    if not folder.is_dir():
        raise InputError(f"{name}: there is no folder {shown(str(path.parent), 200)}; make it first")
    with _part(path, target):
        pass
    return target


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that takes its name when the block ends; when the block raises, nothing is left.

    It is on the disk before it takes its name, and has the mode of what it replaces.

    Raises:
        InputError: it cannot be written, as ``check_place`` says, or the disk is full.
    """
    target = check_place(path)
    with _part(path, target) as temporary:
        try:
            with open(temporary, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)
        except OSError as error:
            raise InputError(f"-o {shown(str(path), 200)} cannot be written ({_reason(error)})") from None


@contextmanager
def _part(path: Path, target: Path) -> Iterator[Path]:
    """The name of a new empty file beside the target, which is gone when the block ends."""
    temporary = target.parent / f".symdiff.{secrets.token_hex(8)}.part"
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except OSError as error:
        raise InputError(
            f"-o {shown(str(path), 200)}: the folder {shown(str(path.parent), 200)} cannot be written to "
            f"({_reason(error)})"
        ) from None
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else printable(str(error)).lower()
