"""Values of inputs: ``--at NAME=VALUES``, files of numbers, and what Python callers pass."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from autodiff.tensor import Tensor
from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.language.functions import unbindable
from symdiff.language.limits import LIMITS
from symdiff.language.names import check_name, shown
from symdiff.language.sizes import check
from symdiff.tracing.arrays import DEEPEST, FORMS, array_of, check_array, check_rectangular

LARGEST_TEXT = 2_000_000
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER}|[-+]?(?:nan|NaN|inf|Infinity)(?![A-Za-z0-9_]))|(?P<word>[A-Za-z_]\w*)|(?P<mark>[\[\](),]))"
)
_CLOSES = {"[": "]", "(": ")"}
_CREATORS: dict[str, tuple[Callable[..., Array], tuple[int, ...]]] = {
    "arange": (np.arange, (1, 2, 3)),
    "linspace": (np.linspace, (2, 3)),
    "zeros": (np.zeros, (1,)),
    "ones": (np.ones, (1,)),
    "full": (np.full, (2,)),
    "eye": (np.eye, (1, 2)),
}

_SPACED = frozenset({"arange", "linspace"})


def values_at(entries: Iterable[str], option: str = "--at") -> dict[str, Array]:
    """The arrays of ``NAME=VALUES``, each name once; ``option`` is what the user spelt it with.

    Raises:
        InputError: a name or values cannot be used, or a name stands twice.
    """
    found: dict[str, Array] = {}
    for entry in entries:
        name, array = parse_at(entry, option)
        if name in found:
            raise InputError(f"{option} {name}=... is given twice; give each input once")
        found[name] = array
    return found


def parse_at(text: str, option: str = "--at") -> tuple[str, Array]:
    """``NAME=VALUES`` -> the name and its array; whole numbers stay integers, so that they may serve as an index.

    Raises:
        InputError: the name or the values cannot be used.
    """
    name, equals, values = text.partition("=")
    name = name.strip()
    if not equals:
        raise InputError(
            f"{option} {shown(text)}: there is no =; write {option} NAME=VALUES, such as {option} x=0,1,2,3"
        )
    check_name(name, unbindable())
    return name, parse_values(name, values)


def parse_values(name: str, text: str) -> Array:
    """The array that ``text`` stands for; ``name`` is for errors.

    Raises:
        InputError: the text is none of the forms, or a file cannot be used.
    """
    text = text.strip()
    if text.startswith("@"):
        # its readers of archives take longer to import than all of this
        from symdiff.tracing.files import read_values

        return read_values(name, Path(text[1:].strip()))
    if len(text) > LARGEST_TEXT:
        raise InputError(
            f"{name}: the values take {len(text)} characters; above {LARGEST_TEXT} give a file, {name}=@values.npy"
        )
    return _Reader(name, text).array()


def as_array(name: str, value: object) -> Array:
    """What a Python caller gave, text included, as an array of float64, float32, integers or booleans.

    Raises:
        InputError: it is not a rectangular array of real numbers.
    """
    return parse_values(name, value) if isinstance(value, str) else array_of(name, value)


def number(text: str) -> int | float:
    """A number exactly as float64 holds it; a whole number that float64 holds exactly stays an integer."""
    try:
        whole = int(text)
    except ValueError:
        return float(text)
    return whole if abs(whole) <= 2**53 else float(text)


class _Reader:
    """Reads one text of values: numbers, nested lists, or the call of a function that creates an array."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.position = 0

    def array(self) -> Array:
        if not self.text:
            raise InputError(f"{self.name} has no values; give {FORMS}")
        kind, value = self._next()
        if kind == "word":
            made = self._created(value)
        else:
            items = [self._item(kind, value, 0)]
            if self._peek() == ",":
                while self._peek() == ",":
                    self._next()
                    if self.position_at_end():
                        break  # one comma may end the list: `3,` is a list of one
                    items.append(self._item(*self._next(), 0))
                made = self._listed(items)
            else:
                made = self._listed(items[0]) if isinstance(items[0], list) else np.asarray(self._checked(items[0]))
        if not self.position_at_end():
            self._refuse("an operator or a comma is missing, or there is too much")
        return check_array(self.name, made)

    def position_at_end(self) -> bool:
        return not self.text[self.position :].strip()

    def _peek(self) -> str:
        match = _TOKEN.match(self.text, self.position)
        return match.group(match.lastgroup or 0) if match else ""

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            self._refuse("a number is missing" if self.position_at_end() else "this is not a number")
        kind = match.lastgroup or ""
        self.start = match.start(kind)
        self.position = match.end()
        return kind, match.group(kind)

    def _item(self, kind: str, value: str, depth: int) -> Any:
        if kind == "number":
            if re.match(r"[A-Za-z_.\d]", self.text[self.position : self.position + 1]):
                self._refuse("this is not a number")
            return self._checked(number(value))
        if value not in _CLOSES or depth >= DEEPEST:
            self.position = self.start
            self._refuse(f"lists are nested deeper than {DEEPEST}" if value in _CLOSES else "this is not a number")
        return self._items(_CLOSES[value], depth + 1)

    def _items(self, closing: str, depth: int) -> list[Any]:
        items: list[Any] = []
        if self._peek() == closing:
            self._next()
            return items
        while True:
            items.append(self._item(*self._next(), depth))
            _, mark = self._next()
            if mark == "," and self._peek() == closing:
                _, mark = self._next()
            if mark == closing:
                return items
            if mark != ",":
                self.position = self.start
                self._refuse(f"a comma or {closing} is missing")

    def _checked(self, value: int | float) -> int | float:
        if isinstance(value, float) and math.isinf(value) and "inf" not in self.text.lower():
            raise InputError(f"{self.name}: a number is larger than float64 holds; the limit is 1.8e308")
        return value

    def _listed(self, items: list[Any]) -> Array:
        check_rectangular(self.name, items)
        return np.asarray(items)

    def _created(self, word: str) -> Array:
        creator = _CREATORS.get(word)
        if creator is None or self._peek() != "(":
            self.position = self.start
            self._refuse(f"{shown(word, 30)} is neither a number nor one of {', '.join(_CREATORS)}")
        create, counts = creator
        self._next()
        arguments = self._items(")", 1)
        if len(arguments) not in counts:
            raise InputError(f"{self.name}: {word} takes {' or '.join(map(str, counts))} numbers, not {len(arguments)}")
        self._check_created(word, arguments)
        written = f"{self.name}: {word}({', '.join(map(str, arguments))})"
        try:
            with np.errstate(all="ignore"):
                made: Array = create(*(tuple(a) if isinstance(a, list) else a for a in arguments))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise InputError(f"{written}: {error}") from error
        if word in _SPACED and not np.isfinite(made).all():
            raise InputError(f"{written}: what lies between is not finite; give ends whose distance float64 holds")
        return made

    def _check_created(self, word: str, arguments: list[Any]) -> None:
        check(word, tuple(arguments), {}, LIMITS)

    def _refuse(self, problem: str) -> NoReturn:
        rest = self.text[self.position :].strip()
        where = f"at character {self.position + 1}, {shown(rest, 20)}" if rest else "at the end"
        raise InputError(f"{self.name}={shown(self.text, 40)}: {problem} {where}; give {FORMS}")


def is_numeric(value: object) -> bool:
    """Whether a value that a caller passes is a number or an array, and so an input."""
    if isinstance(value, bool | np.bool_ | str | bytes) or value is None or callable(value):
        return False
    if isinstance(value, list | tuple):
        return len(value) > 0 and all(is_numeric(each) for each in value)
    return isinstance(value, int | float | np.ndarray | np.generic | Tensor) or hasattr(value, "__array__")
