"""Tensors as text, by the rules that PyTorch prints by.

All numbers of a tensor are written alike: as integers with a point where all are integral, else with four digits, or in
scientific notation where the largest and the smallest (but 0) are too far apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 80
EDGE = 3
THRESHOLD = 1000

DEFAULT = "float64"
UNNAMED = (DEFAULT, "int64", "bool", "complex128")  # the dtypes that the numbers themselves show


def tensor_text(array: NDArray[Any], requires_grad: bool, grad_fn: str | None) -> str:
    """Return ``tensor([0., 1.], grad_fn=<MulBackward0>)``."""
    notes = []
    if array.size:
        shown = array if array.size <= THRESHOLD else edges(array)
        body = _nested(array, 8, number_format(shown), array.size > THRESHOLD)
    else:
        body = "[]"
        if array.ndim != 1:
            notes.append(f"size={array.shape}")
    if array.dtype.name not in (UNNAMED if array.size else (DEFAULT,)):
        notes.append(f"dtype={array.dtype.name}")
    if grad_fn is not None:
        notes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(f"tensor({body}", notes)


def _with_notes(text: str, notes: list[str]) -> str:
    """Append the notes, each on a line of its own where the line would grow too long."""
    used = len(text) - text.rfind("\n") + 1  # PyTorch counts one or two characters more than there are
    for note in notes:
        if used + len(note) + 2 > LINE:
            text += f",\n{' ' * 7}{note}"
            used = 7 + len(note)
        else:
            text += f", {note}"
            used += len(note) + 2
    return text + ")"


def edges(array: NDArray[Any]) -> NDArray[Any]:
    """Return the elements that a summary shows."""
    for axis, length in enumerate(array.shape):
        if length > 2 * EDGE:
            array = np.take(array, [*range(EDGE), *range(length - EDGE, length)], axis)
    return array


def number_format(array: NDArray[Any]) -> Callable[[Any], str]:
    """Return the function that writes one element, padded to the width of the widest."""
    if array.dtype.kind == "c":
        real, imaginary = number_format(array.real), number_format(array.imag)
        return lambda z: f"{real(z.real)}{_signed(imaginary(z.imag).strip())}j"
    if array.dtype.kind != "f":
        width = max(len(str(value)) for value in array.ravel().tolist())
        return lambda value: str(value).rjust(width)
    values = array.astype(np.float64).ravel()
    values = values[np.isfinite(values) & (values != 0)]
    write = _float_format(values)
    width = max((len(write(value)) for value in values.tolist()), default=1)
    return lambda value: write(value).rjust(width)


def _signed(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"


def _float_format(values: NDArray[np.float64]) -> Callable[[float], str]:
    if not values.size:
        return _integral
    sizes = np.abs(values)
    smallest, largest = float(sizes.min()), float(sizes.max())
    integral = bool((values == np.ceil(values)).all())
    with np.errstate(over="ignore"):
        far_apart = np.float64(largest) / smallest > 1000.0
    if far_apart or largest > 1e8 or (not integral and smallest < 1e-4):
        return "{:.4e}".format
    return _integral if integral else "{:.4f}".format


def _integral(value: float) -> str:
    return f"{value:.0f}." if np.isfinite(value) else f"{value:.0f}"


def _nested(array: NDArray[Any], indent: int, write: Callable[[Any], str], summary: bool) -> str:
    if array.ndim == 0:
        return write(array.item())
    if array.ndim == 1:
        return _row(array, indent, write, summary)
    parts = [_nested(part, indent + 1, write, summary) for part in _ends(array, summary)]
    if summary and len(array) > 2 * EDGE:
        parts.insert(EDGE, "...")
    separator = "," + "\n" * (array.ndim - 1) + " " * indent
    return f"[{separator.join(parts)}]"


def _row(array: NDArray[Any], indent: int, write: Callable[[Any], str], summary: bool) -> str:
    words = [write(value) for value in _ends(array, summary).tolist()]
    width = len(write(array.ravel()[0].item())) if len(array) else 1
    if summary and len(array) > 2 * EDGE:
        words.insert(EDGE, " ...")
    per_line = max(1, (LINE - indent + 1) // (width + 2))
    lines = [", ".join(words[k : k + per_line]) for k in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * indent).join(lines) + "]"


def _ends(array: NDArray[Any], summary: bool) -> NDArray[Any]:
    return np.concatenate([array[:EDGE], array[-EDGE:]]) if summary and len(array) > 2 * EDGE else array
