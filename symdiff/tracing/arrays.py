"""What counts as an array of numbers, whoever gave it: its kind, its shape, its size."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.language.limits import LIMITS

DEEPEST = 32
"""So many lists may stand in each other: as many axes as NumPy's arrays once had."""

FORMS = "a number, 0,1,2,3, [[1,2],[3,4]], arange(4), linspace(0,1,5) or @file.npy|.npz|.csv|.json"
"""How values are written, for errors."""


def array_of(name: str, value: object) -> Array:
    """What is no text, as an array of float64, float32, integers or booleans.

    Raises:
        InputError: it is not a rectangular array of real numbers.

    >>> array_of("x", [[1, 2], [3, 4]]).shape
    (2, 2)
    """
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
        raise InputError(f"{name} holds {array.dtype}, not numbers; give {FORMS}")
    if not array.size:
        raise InputError(
            f"{name} has no elements (shape {array.shape}): there is nothing to differentiate; give at least one number"
        )
    check_size(name, array.shape)
    if kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def check_size(name: str, shape: Sequence[int]) -> None:
    """InputError where an array of ``shape`` has more elements than are taken."""
    if math.prod(shape) > LIMITS.elements:
        raise InputError(f"{name} has {math.prod(shape)} elements; the limit is {LIMITS.elements}")


def check_rectangular(name: str, rows: Sequence[object]) -> None:
    """Refuses nested lists whose rows differ in length, naming the lengths."""
    _rectangular(name, rows, 0)


def _rectangular(name: str, rows: Sequence[Any], depth: int) -> tuple[int, ...]:
    if depth > DEEPEST:
        raise InputError(f"{name}: lists are nested deeper than {DEEPEST}")
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
