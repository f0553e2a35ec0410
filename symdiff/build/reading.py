"""Cases from files: TOML, JSON Lines, JSON, the textbook and Feynman files as they are, and marked functions."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from symdiff.build.case import Case, Wrong, case_of, defaults_of
from symdiff.errors import InputError, said_by
from symdiff.language.names import shown

__all__ = ["SUFFIXES", "Item", "Marked", "check_sources", "count", "read"]

Item: TypeAlias = Case | Wrong
Marked: TypeAlias = Callable[[str], Sequence[tuple[str, dict[str, Any]]]]
"""Gives the names and the marks of the functions of a module: a worker runs it, since it is somebody else's code."""

LONGEST_LINE = 50_000_000
"""Bytes of one case: what is longer is refused before it is in memory."""

LARGEST_FILE = 200_000_000
"""Bytes of a file that is read whole; JSON Lines are not."""


def check_sources(paths: Sequence[Path]) -> None:
    """Find out before the work begins what is no file of cases.

    Raises:
        InputError: it is missing, cannot be read, or is of no kind that is known.
    """
    for path in paths:
        if path.suffix.lower() not in SUFFIXES:
            raise InputError(
                f"{_shown(path)}: cases stand in {', '.join(SUFFIXES)} files; its suffix is {path.suffix or '(none)'}"
            )
        try:
            with open(path, "rb"):
                pass
            large = path.suffix.lower() != ".jsonl" and path.stat().st_size > LARGEST_FILE
        except (OSError, ValueError) as error:
            raise InputError(f"{_shown(path)} cannot be read ({_reason(error)})") from None
        if not path.is_file():
            raise InputError(f"{_shown(path)} is no regular file; give a file of cases")
        if large:
            raise InputError(f"{_shown(path)} is larger than {LARGEST_FILE} bytes; many cases are given as JSON Lines")


def read(paths: Sequence[Path], marked: Marked) -> Iterator[Item]:
    """The cases of all files, one after the other, numbered from 0; one that is wrong does not keep the rest.

    Raises:
        InputError: a file as a whole cannot be used.
    """
    number = 0
    for path in paths:
        for item in _READERS[path.suffix.lower()](path, number, marked):
            yield item
            number += 1


def count(paths: Sequence[Path]) -> int | None:
    """How many cases there are, for the time that remains; None where only reading them tells."""
    if any(path.suffix.lower() != ".jsonl" for path in paths):
        return None
    total = 0
    for path in paths:
        with open(path, "rb") as file:
            total += sum(1 for line in _lines(file) if line.strip())
    return total


# --- kinds of files ---------------------------------------------------------------------------------------------------


def _toml(path: Path, number: int, marked: Marked) -> Iterator[Item]:
    try:
        with open(path, "rb") as file:
            given = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{_shown(path)} is not TOML: {said_by(error, 200)}") from None
    cases = given.pop("case", [])
    defaults = defaults_of(given, _shown(path))
    if not isinstance(cases, list):
        raise InputError(f"{_shown(path)}: case is a single table; write [[case]], with two brackets, before each case")
    yield from _listed(cases, path, number, defaults)


def _json(path: Path, number: int, marked: Marked) -> Iterator[Item]:
    try:
        given = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"{_shown(path)} is not JSON: {said_by(error, 200)}") from None
    if isinstance(given, dict) and isinstance(given.get("equations"), list):
        cases = [case for equation in given["equations"] for case in _points(equation)]
    elif isinstance(given, dict) and isinstance(given.get("cases"), list):
        cases = given["cases"]
    elif isinstance(given, list):
        cases = given
    else:
        raise InputError(f'{_shown(path)} holds no cases; give a list of them, or an object with "cases"')
    yield from _listed(cases, path, number, {})


def _lines_of_json(path: Path, number: int, marked: Marked) -> Iterator[Item]:
    with open(path, "rb") as file:
        for place, line in enumerate(_lines(file), start=1):
            if not line.strip():
                continue
            origin = f"{_shown(path)}, line {place}"
            try:
                if len(line) > LONGEST_LINE:
                    raise InputError(f"the line is longer than {LONGEST_LINE} bytes; give large values as files")
                given = json.loads(line)
            except (ValueError, RecursionError) as error:
                reason = said_by(error, 200) if isinstance(error, InputError) else f"not JSON: {said_by(error, 200)}"
                yield Wrong(number, origin, reason)
            else:
                yield _item(given, number, origin, path.absolute().parent, {})
            number += 1


def _module(path: Path, number: int, marked: Marked) -> Iterator[Item]:
    found = marked(str(path.resolve()))
    if not found:
        raise InputError(f"{_shown(path)} has no function marked with @symdiff.case(x=[...])")
    for place, (name, mark) in enumerate(found):
        origin = f"{_shown(path)}:{name}"
        given = {**mark, "function": f"{path.name}:{name}", "title": mark.get("title") or name}
        yield _item(given, number + place, origin, path.absolute().parent, {})


def _lines(file: Any) -> Iterator[bytes]:
    """The lines of a file, of which none takes more memory than a case may."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass  # the rest is only passed over
        yield line


_READERS: dict[str, Callable[[Path, int, Marked], Iterator[Item]]] = {
    ".toml": _toml,
    ".jsonl": _lines_of_json,
    ".json": _json,
    ".py": _module,
}
SUFFIXES = tuple(_READERS)
"""What files of cases end in."""


# --- one case ---------------------------------------------------------------------------------------------------------


def _listed(cases: Sequence[object], path: Path, number: int, defaults: Mapping[str, Any]) -> Iterator[Item]:
    for place, given in enumerate(cases):
        yield _item(given, number + place, f"{_shown(path)}, case {place + 1}", path.absolute().parent, defaults)


def _item(given: object, number: int, origin: str, folder: Path, defaults: Mapping[str, Any]) -> Item:
    if isinstance(given, dict) and "expr" in given:
        given = _textbook(given)
    title = given.get("title") if isinstance(given, dict) else ""
    try:
        return case_of(given, number, origin, folder, defaults)
    except InputError as error:
        return Wrong(number, origin, str(error), shown(title, 200) if isinstance(title, str) else "")


def _textbook(given: Mapping[str, Any]) -> dict[str, Any]:
    """A worked gradient of the textbook file, in the words of a case; what else stands there is about its source."""
    said = {
        "expression": given["expr"],
        "at": given.get("inputs", {}),
        "order": 2 if given.get("kind") == "second" else 1,
    }
    return {
        **said,
        "title": given.get("title") or given.get("id") or "",
        "name": given.get("id") or "",
        **({"wrt": given["wrt"]} if "wrt" in given else {}),
    }


def _points(equation: object) -> Iterator[dict[str, Any]]:
    """A formula of the Feynman file at each of its points."""
    if not isinstance(equation, dict):
        return
    name = str(equation.get("id", ""))
    for place, point in enumerate(equation.get("points", []), start=1):
        yield {
            "expression": equation.get("expr", ""),
            "at": point.get("at", {}) if isinstance(point, dict) else {},
            "title": f"{equation.get('title') or name} ({place})",
            "name": f"{name} {place}",
        }


def _shown(path: Path) -> str:
    return shown(str(path), 100)


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else said_by(error, 60)
