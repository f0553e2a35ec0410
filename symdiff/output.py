"""Where a document goes: a file that appears whole or not at all, in the format that its suffix names."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

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


def check_target(path: Path) -> None:
    """See that a document can be written to ``path``, before the work of making it.

    Raises:
        InputError: it is a folder, a device, a pipe or a read-only file, or its folder cannot be written to.
    """
    target = Path(os.path.realpath(path))
    named = f"-o {shown(str(path))}"
    if target.is_dir():
        raise InputError(f"{named} is a folder; give the name of a file in it")
    if not target.parent.is_dir():
        raise InputError(f"{named}: there is no folder {shown(str(target.parent))}; make it first")
    if target.exists():
        mode = target.stat().st_mode
        if not stat.S_ISREG(mode):
            raise InputError(f"{named} is no regular file (a device or a pipe); without -o the document is printed")
        if not mode & 0o222 or not os.access(target, os.W_OK):
            raise InputError(f"{named} is read-only; give another name, or make it writable")
    handle, temporary = _temporary(path, target)
    os.close(handle)
    os.unlink(temporary)


def write_whole(path: Path, data: bytes) -> None:
    """Write a regular file, through links, that takes its name when all of it is on the disk; or leave nothing.

    Raises:
        InputError: see :func:`check_target`; or the disk is full.
    """
    check_target(path)
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, temporary = _temporary(path, target)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise InputError(f"-o {shown(str(path))} cannot be written ({_reason(error)})") from None
        raise


def _temporary(path: Path, target: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except OSError as error:
        folder = shown(str(target.parent))
        raise InputError(
            f"-o {shown(str(path))}: the folder {folder} cannot be written to ({_reason(error)})"
        ) from None


def _reason(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()


def _umask() -> int:
    # there is no way to read it but to set it
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
