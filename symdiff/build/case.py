"""A case: what is differentiated, where, and which documents of it are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symdiff.errors import InputError
from symdiff.formats import FORMATS
from symdiff.language.names import nearest, shown
from symdiff.options import DETAILS, ORDERS
from symdiff.sentences import languages

__all__ = ["KEYS", "Case", "Wrong", "case_of", "defaults_of"]

_DEFAULTS = ("wrt", "order", "detail", "seed", "language", "format")
KEYS = ("expression", "function", "at", "title", "name", *_DEFAULTS)
"""What a case may say."""

LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Case:
    """One derivation to be made: a text, or ``FILE.py:FUNCTION`` with the whole path, at values still to be read."""

    number: int
    origin: str
    expression: str
    is_function: bool
    at: Mapping[str, object]
    title: str
    name: str = ""
    folder: Path = field(default_factory=Path)
    wrt: tuple[str, ...] | None = None
    order: int = 1
    detail: str = "steps"
    seed: int = 0
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A case that cannot be read: where it stands, and why."""

    number: int
    origin: str
    reason: str
    title: str = ""


def defaults_of(given: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """What a file says for all its cases.

    Raises:
        InputError: it says something else.
    """
    for key in given:
        if key not in _DEFAULTS:
            raise InputError(
                f"{origin}: {shown(key, 30)} is not known at the top{nearest(key, (*_DEFAULTS, 'case'))}; there it "
                f"has {', '.join(_DEFAULTS)}, and [[case]] for each case"
            )
    return dict(given)


def case_of(given: object, number: int, origin: str, folder: Path, defaults: Mapping[str, Any]) -> Case:
    """The case that a table of TOML, an object of JSON or a mark describes; paths are seen from ``folder``.

    Raises:
        InputError: a key is not known, one is missing, or a value cannot be used.
    """
    if not isinstance(given, dict):
        raise InputError("a case is a table of keys such as expression and at")
    for key in given:
        if key not in KEYS:
            raise InputError(
                f"{shown(str(key), 30)} is not known{nearest(str(key), KEYS)}; a case has {', '.join(KEYS)}"
            )
    said = {**defaults, **given}
    expression, is_function = _target(said, folder)
    return Case(
        number=number,
        origin=origin,
        expression=expression,
        is_function=is_function,
        at=_values(said.get("at", {})),
        title=_text(said, "title") or (_text(said, "function") or expression),
        name=_text(said, "name"),
        folder=folder,
        wrt=None if said.get("wrt") is None else _names(said, "wrt", None),
        order=_choice(said, "order", 1, ORDERS),
        detail=_choice(said, "detail", "steps", DETAILS),
        seed=_seed(said.get("seed", 0)),
        languages=_names(said, "language", languages()),
        formats=_names(said, "format", tuple(FORMATS)),
    )


def _target(said: Mapping[str, Any], folder: Path) -> tuple[str, bool]:
    expression, function = _text(said, "expression"), _text(said, "function")
    if bool(expression) == bool(function):
        raise InputError(
            "a case has either expression or function, not both"
            if function
            else 'a case has neither expression nor function; give one, such as expression = "mean(x * x)"'
        )
    if expression:
        return expression, False
    file, colon, name = function.rpartition(":")
    if not colon or not file.endswith(".py"):
        raise InputError(f"function = {shown(function)!r}: write FILE.py:FUNCTION, such as losses.py:mse")
    return f"{(folder / file).resolve()}:{name}", True


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{key} is {type(value).__name__}; give a text")
    return value.strip()


def _values(at: object) -> Mapping[str, object]:
    if not isinstance(at, dict) or not all(isinstance(name, str) for name in at):
        raise InputError("at has the values by name, such as at = {x = [0, 1, 2, 3]}")
    return dict(at)


def _names(said: Mapping[str, Any], key: str, known: tuple[str, ...] | None) -> tuple[str, ...]:
    value = said.get(key, ())
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{key} is a name or a list of names")
    for name in names:
        if known is not None and name not in known:
            raise InputError(f"{key} = {shown(name, 30)!r}{nearest(name, known)}: there is {', '.join(known)}")
    return tuple(dict.fromkeys(names))


def _choice(said: Mapping[str, Any], key: str, usual: Any, known: tuple[Any, ...]) -> Any:
    value = said.get(key, usual)
    if isinstance(value, bool) or value not in known:
        raise InputError(f"{key} = {shown(repr(value), 30)}: choose one of {', '.join(map(str, known))}")
    return value


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_SEED:
        raise InputError(f"seed = {shown(repr(value), 30)}: give a whole number from 0 to {LARGEST_SEED}")
    return value
