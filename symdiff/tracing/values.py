"""Values of inputs: ``--at NAME=VALUES``, files of numbers, and what Python callers pass."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from symdiff.errors import InputError
from symdiff.language.functions import unbindable
from symdiff.language.limits import LIMITS
from symdiff.language.names import check_name, shown

Array = np.ndarray[Any, Any]

LARGEST_TEXT = 2_000_000
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER}|[-+]?(?:nan|NaN|inf|Infinity)(?![A-Za-z0-9_]))|(?P<word>[A-Za-z_]\w*)|(?P<mark>[\[\](),]))"
)
_CLOSES = {"[": "]", "(": ")"}
_DEEPEST = 32
_CREATORS: dict[str, tuple[Callable[..., Array], tuple[int, ...]]] = {
    "arange": (np.arange, (1, 2, 3)),
    "linspace": (np.linspace, (2, 3)),
    "zeros": (np.zeros, (1,)),
    "ones": (np.ones, (1,)),
    "full": (np.full, (2,)),
    "eye": (np.eye, (1, 2)),
}
_FORMS = "a number, 0,1,2,3, [[1,2],[3,4]], arange(4), linspace(0,1,5) or @file.npy|.npz|.csv|.json"


def parse_at(text: str) -> tuple[str, Array]:
    """``NAME=VALUES`` -> the name and its array; whole numbers stay integers, so that they may serve as an index.

    Raises:
        InputError: the name or the values cannot be used.
    """
    name, equals, values = text.partition("=")
    name = name.strip()
    if not equals:
        raise InputError(f"--at {shown(text)}: there is no =; write --at NAME=VALUES, such as --at x=0,1,2,3")
    check_name(name, unbindable())
    return name, parse_values(name, values)


def parse_values(name: str, text: str) -> Array:
    """The array that ``text`` stands for; ``name`` is for errors.

    Raises:
        InputError: the text is none of the forms, or a file cannot be used.
    """
    text = text.strip()
    if text.startswith("@"):
        from symdiff.tracing.files import read_values

        return read_values(name, Path(text[1:].strip()))
    if len(text) > LARGEST_TEXT:
        raise InputError(
            f"{name}: the values take {len(text)} characters; above {LARGEST_TEXT} give a file, {name}=@values.npy"
        )
    return _Reader(name, text).array()


def as_array(name: str, value: object) -> Array:
    """What a Python caller gave, as an array of float64, float32, integers or booleans.

    Raises:
        InputError: it is not a rectangular array of real numbers.
    """
    if isinstance(value, str):
        return parse_values(name, value)
    if hasattr(value, "__autodiff_apply__") and hasattr(value, "detach"):
        value = value.detach().data
    if isinstance(value, list | tuple):
        check_rectangular(name, value)
    # numpy.ma takes long to import, and nobody has a masked array without it
    if "numpy.ma" in sys.modules and isinstance(value, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array, whose mask would be lost; give its .data, or select with where(mask, ...)"
        )
    try:
        array = np.asarray(value)
        if (
            array.dtype == object
            and array.size
            and not any(isinstance(each, complex | str | bytes | None) for each in array.flat)
        ):
            array = array.astype(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{name}: {type(value).__name__} cannot be read as an array of numbers: {error}") from error
    return check_array(name, array)


def check_array(name: str, array: Array) -> Array:
    """The array in a dtype that is differentiated or indexes: float64, float32, integers, booleans.

    Raises:
        InputError: it holds something else, nothing, or too much.
    """
    kind = array.dtype.kind
    if kind == "c":
        raise InputError(f"{name} holds complex numbers ({array.dtype}); only real numbers are supported")
    if kind not in "biuf":
        raise InputError(f"{name} holds {array.dtype}, not numbers; give {_FORMS}")
    if not array.size:
        raise InputError(
            f"{name} has no elements (shape {array.shape}): there is nothing to differentiate; give at least one number"
        )
    if array.size > LIMITS.elements:
        raise InputError(f"{name} has {array.size} elements; the limit is {LIMITS.elements}")
    if kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def check_rectangular(name: str, rows: Sequence[object]) -> None:
    """Refuses nested lists whose rows differ in length, naming the lengths."""
    _rectangular(name, rows, 0)


def _rectangular(name: str, rows: Sequence[Any], depth: int) -> tuple[int, ...]:
    if depth > _DEEPEST:
        raise InputError(f"{name}: lists are nested deeper than {_DEEPEST}")
    shapes = [
        _rectangular(name, row, depth + 1) if isinstance(row, list | tuple) else tuple(np.shape(row)) for row in rows
    ]
    for position, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise InputError(f"{name}: {_difference(shapes[0], shape, position)}; every row must have the same length")
    return (len(rows), *(shapes[0] if shapes else ()))


def _difference(first: tuple[int, ...], other: tuple[int, ...], position: int) -> str:
    if not first or not other:
        kinds = ["a number" if not shape else f"a row of {shape[0]}" for shape in (first, other)]
        return f"element 0 is {kinds[0]} and element {position} is {kinds[1]}"
    return (
        f"row 0 has length {first[0]} and row {position} has length {other[0]}"
        if len(first) == 1 == len(other)
        else (f"row 0 has shape {first} and row {position} has shape {other}")
    )


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
            raise InputError(f"{self.name} has no values; give {_FORMS}")
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
        if value not in _CLOSES or depth >= _DEEPEST:
            self.position = self.start
            self._refuse(f"lists are nested deeper than {_DEEPEST}" if value in _CLOSES else "this is not a number")
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
        try:
            made: Array = create(*(tuple(a) if isinstance(a, list) else a for a in arguments))
            return made
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise InputError(f"{self.name}: {word}({', '.join(map(str, arguments))}): {error}") from error

    def _check_created(self, word: str, arguments: list[Any]) -> None:
        from symdiff.language.sizes import check

        check(word, tuple(arguments), {}, LIMITS)

    def _refuse(self, problem: str) -> NoReturn:
        rest = self.text[self.position :].strip()
        where = f"at character {self.position + 1}, {shown(rest, 20)}" if rest else "at the end"
        raise InputError(f"{self.name}={shown(self.text, 40)}: {problem} {where}; give {_FORMS}")
