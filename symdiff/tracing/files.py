"""Values in files: .npy, .npz, .csv, .json; size and header are checked before reading, and nothing in them is run."""

from __future__ import annotations

import csv
import json
import math
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.language.names import shown
from symdiff.tracing.arrays import DEEPEST, array_of, check_array, check_size

LARGEST_FILE = 1_000_000_000  # bytes of numbers
LARGEST_TEXT_FILE = 200_000_000  # bytes of .csv and .json, which take a multiple of it in memory
_WORDS = {
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}


def read_values(name: str, path: Path) -> Array:
    """The array in a file, chosen by its suffix.

    Raises:
        InputError: the file is missing, cannot be read, is too large, or does not hold one array of real numbers.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{name}=@{_shown(path)}: the suffix {path.suffix or '(none)'} is not known; give {', '.join(_READERS)}"
        )
    read, largest = reader
    try:
        information = path.stat()
        if not stat.S_ISREG(information.st_mode):
            raise InputError(f"{name}=@{_shown(path)} is not a file; give a file of numbers")
        if information.st_size > largest:
            raise InputError(
                f"{name}=@{_shown(path)} has {information.st_size} bytes; the limit for {path.suffix} is {largest}: "
                "give a part of it"
            )
        return check_array(name, read(name, path))
    except FileNotFoundError:
        raise InputError(f"{name}=@{_shown(path)}: there is no such file") from None
    except PermissionError:
        raise InputError(f"{name}=@{_shown(path)}: there is no permission to read it") from None
    except OSError as error:
        raise InputError(f"{name}=@{_shown(path)}: {os.strerror(error.errno or 0)}") from error


def _read_npy(name: str, path: Path) -> Array:
    try:
        with path.open("rb") as file:
            return _array_from(name, file, path.stat().st_size)
    except (InputError, OSError):
        raise
    except Exception as error:  # NumPy reads the header as Python's source, which may fail in any way
        raise InputError(f"{name}=@{_shown(path)} is not a .npy file of numbers: {error}") from error


def _array_from(name: str, file: Any, size: int) -> Array:
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise InputError(f"{name}: the file holds Python objects, which are not read; save an array of numbers")
    if math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"its header says shape {shape} of {dtype}, more than the file holds")
    check_size(name, shape)
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def _read_npz(name: str, path: Path) -> Array:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
            key = name if name in members else next(iter(members), "")
            if name not in members and len(members) != 1:
                raise InputError(
                    f"{name}=@{_shown(path)} holds {shown(', '.join(members), 80)}; one of them must be called {name}"
                )
            member = members[key]
            if member.file_size > LARGEST_FILE:
                raise InputError(
                    f"{name}=@{_shown(path)}: {key} unpacks to {member.file_size} bytes; the limit is {LARGEST_FILE}"
                )
            with archive.open(member) as file:
                return _array_from(name, file, member.file_size)
    except (InputError, OSError):
        raise
    except Exception as error:  # as above, and what compression can fail by
        raise InputError(f"{name}=@{_shown(path)} is not a .npz file of numbers: {error}") from error


def _read_csv(name: str, path: Path) -> Array:
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in enumerate(csv.reader(file), start=1):
                stripped = [cell.strip() for cell in cells]
                if not any(stripped):
                    continue
                if len(stripped) == 1 and (separator := _another_separator(stripped[0])):
                    raise InputError(
                        f"{name}=@{_shown(path)}: line {line} holds {shown(stripped[0], 30)!r}; which separator is "
                        f"that? .csv has commas: replace {separator} by ,"
                    )
                if not rows and not any(_is_number(cell) for cell in stripped):
                    continue  # a header
                rows.append([_cell(name, path, cell, line, column) for column, cell in enumerate(stripped, start=1)])
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}=@{_shown(path)} is not a .csv file of numbers: {error}") from error
    widths = sorted({len(row) for row in rows})
    if len(widths) > 1:
        raise InputError(
            f"{name}=@{_shown(path)}: its rows have {' and '.join(map(str, widths[:4]))} numbers; every row must "
            "have the same length"
        )
    array = np.asarray(rows, dtype=np.float64)
    return array.reshape(-1) if array.ndim == 2 and 1 in array.shape else array


def _another_separator(line: str) -> str | None:
    """What stands between numbers that no comma divides."""
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (" ", "spaces")):
        parts = [part.strip() for part in line.split(sign) if part.strip()]
        if len(parts) > 1 and all(_is_number(part.replace(",", ".")) for part in parts):
            return word
    return None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cell(name: str, path: Path, cell: str, line: int, column: int) -> float:
    try:
        return _in_range(f"{name}=@{_shown(path)}", cell)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{name}=@{_shown(path)}: line {line}, cell {column} is {shown(cell, 20)!r}, not a number"
        ) from None


def _in_range(named: str, text: str) -> float:
    """The number that a text stands for; InputError where float64 would make inf of digits."""
    value = float(text)
    if math.isinf(value) and any(character.isdigit() for character in text):
        raise InputError(f"{named}: {shown(text, 20)} is larger than float64 holds; the limit is 1.8e308")
    return value


def _read_json(name: str, path: Path) -> Array:
    try:
        named = f"{name}=@{_shown(path)}"
        data = json.loads(
            path.read_bytes(),
            parse_int=lambda digits: int(digits) if len(digits) < 300 else _in_range(named, digits),
            parse_float=lambda digits: _in_range(named, digits),
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}=@{_shown(path)} is not a .json file: {error}") from error
    if isinstance(data, dict):
        if name not in data:
            raise InputError(
                f"{name}=@{_shown(path)} holds {shown(', '.join(data), 80)}; one of them must be called {name}"
            )
        data = data[name]
    return array_of(name, _numbers(name, data, 0))


def _numbers(name: str, data: Any, depth: int) -> Any:
    if isinstance(data, list) and depth < DEEPEST:
        return [_numbers(name, each, depth + 1) for each in data]
    if isinstance(data, str) and data in _WORDS:
        return _WORDS[data]
    if isinstance(data, int | float) and not isinstance(data, bool):
        return float(data) if abs(data) > 2**53 else data
    raise InputError(f"{name}: the file holds {shown(repr(data), 30)} where a number is wanted")


def _shown(path: Path) -> str:
    return shown(str(path), 80)


_READERS: dict[str, tuple[Callable[[str, Path], Array], int]] = {
    ".npy": (_read_npy, LARGEST_FILE),
    ".npz": (_read_npz, LARGEST_FILE),
    ".csv": (_read_csv, LARGEST_TEXT_FILE),
    ".json": (_read_json, LARGEST_TEXT_FILE),
}
