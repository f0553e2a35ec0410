"""Values that are drawn: ``uniform(1, 3, shape=(4,))``, from a seed, so that the same text gives the same numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import numpy as np

from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.language.names import shown
from symdiff.tracing.arrays import check_array, check_size
from symdiff.tracing.values import number

__all__ = ["DRAWN", "drawn", "is_drawn"]

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_CALL = re.compile(
    rf"(?P<word>[a-z]+)\s*\(\s*(?P<first>{_NUMBER})\s*,\s*(?P<second>{_NUMBER})\s*"
    r"(?:,\s*shape\s*=\s*(?P<shape>\d{1,9}|\(\s*(?:\d{1,9}\s*,\s*)*(?:\d{1,9}\s*)?\))\s*)?,?\s*\)"
)

DRAWN: dict[str, Callable[[np.random.Generator, float, float, tuple[int, ...]], Array]] = {
    "uniform": lambda draw, low, high, shape: draw.uniform(low, high, shape),
    "normal": lambda draw, mean, deviation, shape: draw.normal(mean, deviation, shape),
    "integers": lambda draw, low, high, shape: draw.integers(int(low), int(high), shape),
}
"""By name what draws an array: from low to high, around a mean, whole numbers from low to below high."""

_FORMS = "uniform(LOW, HIGH, shape=(4,)), normal(MEAN, DEVIATION, shape=(2, 3)) or integers(LOW, HIGH, shape=5)"


def is_drawn(text: str) -> bool:
    """Whether the text is a call of one of the functions that draw."""
    return text.strip().partition("(")[0].strip() in DRAWN and "(" in text


def drawn(name: str, text: str, seed: int) -> Array:
    """The array that ``text`` stands for; every input of a case has numbers of its own, whichever the others are.

    Raises:
        InputError: the text is not such a call, or its numbers cannot be used.

    >>> drawn("x", "uniform(1, 3, shape=(2,))", seed=0)
    array([1.83612..., 2.08203...])
    """
    written = f"{name}={shown(text.strip(), 60)}"
    found = _CALL.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{written}: write {_FORMS}")
    first, second = number(found["first"]), number(found["second"])
    shape = tuple(int(size) for size in re.findall(r"\d+", found["shape"] or ""))
    check_size(name, shape)
    _check_numbers(written, found["word"], first, second)
    # the name's digest keeps the inputs apart; Python's own hash differs from process to process
    entropy = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return check_array(
        name, np.asarray(DRAWN[found["word"]](np.random.default_rng([seed, entropy]), first, second, shape))
    )


def _check_numbers(written: str, word: str, first: float, second: float) -> None:
    if not np.isfinite(first) or not np.isfinite(second) or not np.isfinite(float(second) - float(first)):
        raise InputError(f"{written}: its numbers are larger than float64 holds")
    if word == "normal" and second < 0:
        raise InputError(f"{written}: the deviation is negative; write normal(MEAN, DEVIATION)")
    if word == "integers" and not (isinstance(first, int) and isinstance(second, int)):
        raise InputError(f"{written}: integers takes whole numbers")
    if word != "normal" and not first < second:
        raise InputError(f"{written}: the first number must be below the second")
