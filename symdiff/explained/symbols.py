"""A symbol for every element of a program's arrays, and how each is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.evaluation.fields.expressions import decimal_number
from symdiff.meaning.program import SymbolicProgram
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.shorthand import symbol
from symdiff.printing.tree import Math, Symbol

LARGEST = 4096
"""Up to so many elements an array has symbols."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """``arrays`` holds by element index an object array of sympy symbols (numbers for a constant), ``written`` the tree
    of each symbol.
    """

    arrays: Mapping[int, Array]
    written: Mapping[sp.Basic, Math]
    _known: dict[sp.Basic, Math] = field(default_factory=dict)

    def tree(self, expression: sp.Basic) -> Math:
        """An expression in these symbols as it is written."""
        if expression not in self._known:
            self._known[expression] = from_sympy(expression, self.written)
        return self._known[expression]


def symbols_of(
    program: SymbolicProgram, names: Mapping[int, str], shown: Callable[[int], tuple[int, ...]] | None = None
) -> Symbols:
    """Symbols ``x_1``, ``W_{2,3}`` for the elements of every array that the result depends on.

    ``shown`` says along which axes an intermediate array has an index; an input has all of them.
    """
    inputs = set(program.inputs.values())
    arrays: dict[int, Array] = {}
    written: dict[sp.Basic, Math] = {}
    taken = {name for index, name in names.items() if not program.elements[index].shape}
    for index in sorted(program.needed() | set(program.inputs.values())):
        element, name = program.elements[index], names.get(index)
        if element.size > LARGEST:
            continue
        array = np.empty(element.shape, dtype=object)
        for place in np.ndindex(*element.shape):
            if name is None and element.meaning is None and element.value is not None:
                array[place] = decimal_number(float(element.value[place]))
                continue
            known = name or f"v_{index}"
            at = place if shown is None or index in inputs else tuple(place[axis] for axis in shown(index))
            tree = element_symbol(known, at)
            array[place] = sp.Symbol(_spelt(known, at, taken), real=True)
            written[array[place]] = tree
        arrays[index] = array
    return Symbols(arrays, written)


def element_symbol(name: str, place: tuple[int, ...]) -> Symbol:
    """An element as it is written, counting from 1."""
    written: Symbol = symbol(name, *(k + 1 for k in place))
    return written


def _spelt(name: str, place: tuple[int, ...], taken: set[str]) -> str:
    if not place:
        return name
    index = ",".join(str(k + 1) for k in place)
    short = f"{name}_{index}" if len(place) == 1 else f"{name}_{{{index}}}"
    # a variable that is itself called x_1 keeps that name
    return short if short not in taken else f"{name}_{{{index}}}"
