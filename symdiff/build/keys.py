"""What a document depends on, as one digest: the case, the files that it names, what is wanted of it, and our code."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from symdiff.build.case import Case
from symdiff.sentences import template_folder

__all__ = ["code_digest", "key_of"]

LENGTH = 32
"""Letters of a key: 128 bits, so that no two cases of any corpus meet."""

_LIBRARIES = ("numpy", "sympy", "mpmath", "jinja2")
_PACKAGE = Path(__file__).resolve().parents[1]
_SOURCES = (".py", ".json", ".po", ".mo", ".html", ".css", ".js", ".tex", ".md", ".woff2")


def key_of(case: Case, name: str, wanted: object) -> str:
    """The case's key, in hexadecimal: equal where the document would be the same, to the last byte."""
    depends = {
        "code": code_digest(),
        "wanted": wanted,
        "name": name,
        "title": case.title,
        "expression": _source_digest(case.expression) if case.is_function else case.expression,
        "at": {key: _value(value, case.folder) for key, value in sorted(case.at.items())},
        "options": [case.wrt, case.order, case.detail, case.seed],
    }
    return hashlib.sha256(json.dumps(depends, default=_plain).encode()).hexdigest()[:LENGTH]


@lru_cache(maxsize=1)
def code_digest() -> str:
    """A digest of everything of ours that a document is made by, and of the versions of what it is made with."""
    digest = hashlib.sha256(repr((sys.version_info[:3], [version(each) for each in _LIBRARIES])).encode())
    for root in (_PACKAGE, _PACKAGE.parent / "autodiff", template_folder()):
        for path in sorted(path for path in root.rglob("*") if _is_source(path)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_source(path: Path) -> bool:
    # a catalogue is compiled when it is first used; then its source is beside it
    compiled = path.suffix == ".mo" and path.with_suffix(".po").is_file()
    return path.suffix in _SOURCES and path.is_file() and not compiled


def _value(value: object, folder: Path) -> object:
    """A value as it is compared: what stands in a file by what it holds."""
    if isinstance(value, str) and value.strip().startswith("@"):
        path = folder / value.strip()[1:].strip()
        return ["file", path.name, _file_digest(path)]
    return value


def _plain(value: object) -> Any:
    """What JSON does not know: arrays, of which every bit counts."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        return ["array", array.dtype.str, array.shape, hashlib.sha256(array.tobytes()).hexdigest()]
    if isinstance(value, Mapping):
        return dict(value)
    return [type(value).__name__, str(value)]


def _file_digest(path: Path) -> str:
    try:
        there = path.stat()
        return _contents(str(path), there.st_size, there.st_mtime_ns)
    except (OSError, ValueError):
        return "none"  # the case will say so itself


@lru_cache(maxsize=4096)
def _contents(path: str, size: int, modified: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- functions --------------------------------------------------------------------------------------------------------


def _source_digest(expression: str) -> list[object]:
    """A function by the text of its file and of those beside it that the file imports, and they import."""
    file, _, name = expression.rpartition(":")
    path = Path(file)
    return [path.name, name, *((each.name, _file_digest(each)) for each in _with_neighbours(path))]


def _with_neighbours(path: Path) -> list[Path]:
    seen: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen[each] = None
            waiting += [Path(found) for found in _imported(str(each), _file_digest(each))]
    return [path, *sorted(each for each in seen if each != path)]


@lru_cache(maxsize=4096)
def _imported(path: str, digest: str) -> tuple[str, ...]:
    """The files beside this one that it imports; ``digest`` makes a file that has changed another one."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return ()
    folder = Path(path).parent
    return tuple(sorted({str(found) for name in _modules(tree) for found in _files(folder, name)}))


def _modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base
            yield from (f"{base}.{alias.name}".lstrip(".") for alias in node.names)


def _files(folder: Path, module: str) -> Iterator[Path]:
    parts = [part for part in module.split(".") if part]
    for depth in range(1, len(parts) + 1):
        place = folder.joinpath(*parts[:depth])
        yield from (each for each in (place.with_suffix(".py"), place / "__init__.py") if each.is_file())
