"""The folder that is made: found out before the work begins whether it can be, and one run at a time."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from symdiff.build.ledger import FOLDER
from symdiff.errors import InputError, printable
from symdiff.language.names import shown

__all__ = ["opened", "write_whole"]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[None]:
    """The folder is ours meanwhile; the system gives it back however the process ends.

    Raises:
        InputError: it cannot be made or written to, holds something else, or another run is at it.
    """
    name = f"-o {shown(str(folder), 200)}"
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{name} is no folder; give the name of a folder")
        if folder.is_dir() and not (folder / FOLDER).is_dir() and any(_visible(folder)):
            raise InputError(
                f"{name} is not empty and was not made by symdiff build, which would write over what is there; give a "
                "new folder"
            )
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        write_whole(folder, f".{secrets.token_hex(8)}", b"").unlink()
        lock = os.open(folder / FOLDER / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = (
            os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else printable(str(error))
        )
        raise InputError(f"{name}: the folder cannot be written to ({reason})") from None
    try:
        if not _locked(lock):
            raise InputError(f"{name}: another run is making this folder; wait for it, or give another folder")
        yield
    finally:
        os.close(lock)  # which gives the lock back


def write_whole(folder: Path, name: str, data: bytes) -> Path:
    """A file that is there whole or not at all, wherever the process ends; its name is one of ours, not a user's."""
    part, path = folder / FOLDER / "part", folder / name
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)
    return path


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if not path.name.startswith("."))


def _locked(lock: int) -> bool:
    """Whether nobody else had the lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        with contextlib.suppress(OSError):
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            return True
        return False
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
