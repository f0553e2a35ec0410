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
from symdiff.errors import InputError, said_by
from symdiff.language.limits import LIMITS
from symdiff.language.names import shown
from symdiff.tracing.arrays import DEEPEST, array_of, check_array

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
        raise InputError(
            f"{name}=@{_shown(path)}: {os.strerror(error.errno or 0).lower()}; give another file"
        ) from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name}=@{_shown(path)} cannot be the name of a file ({said_by(error, 60)})") from None


def _read_npy(name: str, path: Path) -> Array:
    try:
        with path.open("rb") as file:
            return _array_from(name, file, path.stat().st_size)
    except (InputError, OSError):
        raise
    except Exception as error:  # NumPy's reader raises many things at bytes that are no header
        raise InputError(f"{name}=@{_shown(path)} is not a .npy file of numbers: {said_by(error, 100)}") from error


def _array_from(name: str, file: Any, size: int) -> Array:
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise InputError(f"{name}: the file holds Python objects, which are not read; save an array of numbers")
    # of its first element all that is said of an array but its size is true as well
    check_array(name, np.zeros((1,) * min(len(shape), DEEPEST), dtype))
    elements = math.prod(shape)
    if min(shape, default=0) < 0 or elements * dtype.itemsize > size:
        raise ValueError(f"its header says shape {shape} of {dtype}, more than the file holds")
    if elements > LIMITS.elements:
        raise InputError(f"{name} has {elements} elements (shape {shape}); the limit is {LIMITS.elements}")
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
                    f"{name}=@{_shown(path)}: {shown(key, 40)} unpacks to {member.file_size} bytes; the limit is "
                    f"{LARGEST_FILE}"
                )
            with archive.open(member) as file:
                return _array_from(name, file, member.file_size)
    except (InputError, OSError):
        raise
    except Exception as error:  # damaged archives are told of by zipfile, zlib and NumPy, each in its own way
        raise InputError(f"{name}=@{_shown(path)} is not a .npz file of numbers: {said_by(error, 100)}") from error


def _read_csv(name: str, path: Path) -> Array:
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in enumerate(csv.reader(file), start=1):
                stripped = [cell.strip() for cell in cells]
                if not any(stripped):
                    continue
                if not rows and not any(_is_number(cell) for cell in stripped):
                    _check_separator(name, path, stripped, line)
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


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cell(name: str, path: Path, cell: str, line: int, column: int) -> float:
    try:
        found = float(cell)
    except ValueError:
        _check_separator(name, path, [cell], line)
        raise InputError(
            f"{name}=@{_shown(path)}: line {line}, cell {column} is {shown(cell, 20)!r}, not a number"
        ) from None
    return _in_range(name, path, found, cell)


def _in_range(name: str, path: Path, found: float, written: str) -> float:
    if math.isinf(found) and "inf" not in written.lower():
        raise InputError(
            f"{name}=@{_shown(path)}: the number {shown(written, 20)} is larger than float64 holds; the limit is "
            "1.8e308"
        )
    return found


_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", ":": "colons", " ": "spaces"}


def _check_separator(name: str, path: Path, cells: list[str], line: int) -> None:
    """Refuses numbers that something else than commas separates."""
    for cell in cells:
        for mark, word in _SEPARATORS.items():
            parts = cell.split(mark) if mark != " " else cell.split()
            if len(parts) > 1 and all(_is_number(part.strip()) for part in parts if part.strip()):
                raise InputError(
                    f"{name}=@{_shown(path)}: line {line} has {shown(cell, 30)!r} in one cell: which separator? "
                    f"Numbers are separated by commas, not {word}, and have a decimal point"
                )


def _read_json(name: str, path: Path) -> Array:
    try:
        data = json.loads(
            path.read_bytes(),
            parse_float=lambda text: _in_range(name, path, float(text), text),
            parse_int=lambda text: _in_range(name, path, float(text), text) if len(text) > 16 else int(text),
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}=@{_shown(path)} is not a .json file: {said_by(error, 100)}") from error
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
