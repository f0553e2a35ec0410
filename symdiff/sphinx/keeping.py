"""What was derived once is kept from build to build, in files beside the doctrees that many processes may share."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from symdiff.output import whole_file
from symdiff.sentences import template_folder

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["digest", "fingerprint", "forget_old", "kept"]

FOLDER = "symdiff"
DAYS = 30
"""What no build has asked for so long is thrown away."""

Printed = dict[str, str]


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """Another one when anything in symdiff, autodiff or the templates is another."""
    package = Path(__file__).resolve().parents[1]
    found = hashlib.sha256()
    for folder in dict.fromkeys((package, package.parent / "autodiff", template_folder())):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def digest(asked: Mapping[str, object]) -> str:
    """The name of what was asked for: the same for the same, whatever book it stands in.

    >>> digest({"program": "x"}) == digest({"program": "x"}) != digest({"program": "y"})
    True
    """
    text = json.dumps([fingerprint(), asked], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def kept(doctrees: Path, name: str, make: Callable[[], Printed]) -> Printed:
    """What is kept under a name, or else what is made now, which is then kept."""
    path = doctrees / FOLDER / f"{name}.json"
    with suppress(OSError, ValueError):
        found: Printed = json.loads(path.read_text(encoding="utf-8"))
        os.utime(path)
        return found
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(json.dumps(made, ensure_ascii=False).encode())
    return made


def forget_old(app: Sphinx, error: Exception | None) -> None:
    """After a build: throw away what was not asked for in a month."""
    oldest = time.time() - DAYS * 86400
    for path in (Path(app.doctreedir) / FOLDER).glob("*.json"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
