"""Where a document goes: a file that appears whole or not at all, in the format that its suffix names."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from symdiff.errors import InputError
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
    if said is None and path.suffix.lower() == ".pdf":
        raise InputError(
            f"-o {shown(str(path))}: PDF is not written yet; write .tex and run pdflatex on it, or print the .html"
        )
    if said is None and wanted is None:
        raise InputError(
            f"-o {shown(str(path))}: the suffix {path.suffix or '(none)'} is not known; use {' '.join(BY_SUFFIX)}"
        )
    if said is not None and wanted is not None and said.name != wanted:
        raise InputError(
            f"-o {shown(str(path))} is {said.name} by its suffix, and --format says {wanted}; leave one of them out"
        )
    return said or FORMATS[wanted or "text"]


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that takes its name when the block ends; when the block raises, nothing is left.

    Raises:
        InputError: before the block, if the folder cannot be written to.
    """
    folder = path.parent
    if path.is_dir():
        raise InputError(f"-o {shown(str(path))} is a folder; give the name of a file in it")
    if not folder.is_dir():
        raise InputError(f"-o {shown(str(path))}: there is no folder {shown(str(folder))}; make it first")
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.name[:40]}.", suffix=".part")
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise InputError(
            f"-o {shown(str(path))}: the folder {shown(str(folder))} cannot be written to ({reason})"
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    # there is no way to read it but to set it
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
