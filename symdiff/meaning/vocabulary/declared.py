"""What a declaration is given, and what it yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from symdiff.meaning.sizes import Size
from symdiff.meaning.terms import Meaning


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand as a declaration sees it: its place among the operands, its sizes, its name in a program."""

    place: int
    sizes: tuple[Size, ...]
    name: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(size.value for size in self.sizes)

    @property
    def ndim(self) -> int:
        return len(self.sizes)

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Declared:
    """What a declaration yields: the sizes of the result and its meaning."""

    sizes: tuple[Size, ...]
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Stated:
    """What a declaration yields instead: a text, of the general element or (``opened``) of whole arrays.

    ``names`` are values that the text uses besides the operands and parameters.
    """

    text: str
    opened: bool
    names: Mapping[str, object]
