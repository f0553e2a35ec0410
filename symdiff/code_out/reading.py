"""Arrays as terms read and write them, in code: slices where they lead there, arrays of positions elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy as sp

from symdiff.code_out.backends import Backend, atom
from symdiff.code_out.from_text import NotSpelt
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.sizes import Size
from symdiff.meaning.terms import Affine, Element, Index, Lookup, Term

MOST_NUMBERS = 512
"""Arrays that the program holds are written out up to so many numbers."""


def is_straight(at: Sequence[Index], sizes: Sequence[Size], box: Sequence[Size]) -> bool:
    """Whether positions are all of an array's, each once, its axes in the order of the box's variables."""
    variables = []
    for index, size in zip(at, sizes, strict=True):
        if not isinstance(index, Affine) or len(index.terms) != 1 or index.terms[0][1] != 1:
            return False
        variable = index.terms[0][0]
        if index.const.value != 0 or box[variable].value != size.value:
            return False
        variables.append(variable)
    return variables == sorted(set(variables))


class Arrays:
    """Writes how arrays of one program are read; ``sizes`` has the code of every size symbol."""

    def __init__(self, backend: Backend, program: SymbolicProgram) -> None:
        self._backend, self._program = backend, program
        self.sizes: dict[sp.Symbol, str] = {}
        for name, index in program.inputs.items():
            for axis, size in enumerate(program.elements[index].sizes):
                letter = program.unifier.resolve(size.formula)
                if letter.is_Symbol:
                    self.sizes.setdefault(letter, f"{name}.shape[{axis}]")
        for element in program.elements:
            for size in element.sizes:
                for symbol in size.formula.free_symbols:
                    if symbol not in self.sizes:
                        self.sizes[symbol] = self._length(symbol, size)

    def _length(self, symbol: sp.Symbol, size: Size) -> str:
        resolved = self._program.unifier.resolve(symbol)
        if resolved.is_Integer:
            return str(resolved)
        if resolved in self.sizes:
            return self.sizes[resolved]
        if size.formula == symbol:
            return str(size.value)
        raise NotSpelt("a size of its own")

    def length(self, size: Size) -> str:
        """The length of an axis."""
        formula = self._program.unifier.resolve(size.formula)
        if formula.is_Integer or any(symbol not in self.sizes for symbol in formula.free_symbols):
            return str(size.value)
        if formula.is_Symbol:
            return self.sizes[formula]
        text = sp.sstr(formula)
        return str(size.value) if formula.free_symbols and text != "" else text

    def shape(self, sizes: Sequence[Size]) -> list[str]:
        """The lengths of axes."""
        return [self.length(size) for size in sizes]

    # --- constants ----------------------------------------------------------------------------------------------------

    def literal(self, values: np.ndarray) -> str:
        """An array that the program holds, written out."""
        if values.size > MOST_NUMBERS:
            raise NotSpelt(f"an array of {values.size} numbers that the program holds")
        if values.size > 1 and np.all(values == values.flat[0]):
            kind = ", dtype=torch.float64" if self._backend.name == "torch" else ""
            return f"{self._backend.module}.full({values.shape}, {float(values.flat[0])!r}{kind})"
        return self._backend.literal(repr(np.asarray(values, dtype=float).tolist()))

    def positions(self, values: np.ndarray) -> str:
        """Positions that the program was given, by their input's name if they are one."""
        for name, index in self._program.inputs.items():
            own = self._program.elements[index].value
            if own is not None and own.dtype.kind in "iu" and own.shape == values.shape and np.array_equal(own, values):
                return name
        if values.size > MOST_NUMBERS:
            raise NotSpelt(f"{values.size} positions that the program was given")
        return self._backend.literal(repr(values.tolist()), whole=True)

    # --- reading ------------------------------------------------------------------------------------------------------

    def along_axes(
        self, code: str, at: tuple[Index, ...], element: Element, term: Term
    ) -> tuple[str, tuple[int, ...]] | None:
        """An array with a variable along each of its axes, slices taken; None where positions are not that."""
        places, variables = [], []
        for index, size in zip(at, element.sizes, strict=True):
            if not isinstance(index, Affine):
                return None
            if not index.terms:
                places.append(str(index.const.value))
                continue
            if len(index.terms) > 1 or index.terms[0][1] < 1 or index.terms[0][0] in variables:
                return None
            ((variable, step),) = index.terms
            variables.append(variable)
            places.append(self._slice(index.const.value, step, term.box[variable], size))
        while places and places[-1] == ":":
            places.pop()
        return (f"{atom(code)}[{', '.join(places)}]" if places else code), tuple(variables)

    def _slice(self, start: int, step: int, box: Size, size: Size) -> str:
        if start == 0 and step == 1 and box.value == size.value:
            return ":"
        stop = start + step * (box.value - 1) + 1
        end = "" if stop + step > size.value else str(stop)
        return f"{start or ''}:{end}" + ("" if step == 1 else f":{step}")

    def read(self, code: str, at: tuple[Index, ...], element: Element, term: Term) -> tuple[str, tuple[int, ...]]:
        """An array over the box of a term: axes that it does not depend on have length 1."""
        if not at:
            return code, ()
        plain = self.along_axes(code, at, element, term)
        if plain is None:
            index = ", ".join(self.position(each, term) for each in at)
            return f"{atom(code)}[{index}]", tuple(sorted({v for each in at for v in each.variables}))
        text, variables = plain
        order = sorted(range(len(variables)), key=lambda k: variables[k])
        text = self._backend.transpose(text, order)
        places = [":" if v in variables else "None" for v in range(len(term.box))]
        while places and places[-1] == ":":
            places.pop()
        if not places or not variables:
            return text, variables
        return f"{atom(text)}[{', '.join(places)}]", tuple(sorted(variables))

    def position(self, index: Index, term: Term) -> str:
        """An index map as an array of positions over the box."""
        ndim = len(term.box)
        if isinstance(index, Lookup):
            return self._spread(atom(self.positions(index.table)), index.variables, ndim)
        parts = []
        for variable, step in index.terms:
            length = self.length(term.box[variable])
            grid = self._spread(f"{self._backend.module}.arange({length})", (variable,), ndim)
            parts.append(grid if step == 1 else f"{step} * {grid}")
        if index.const.value or not parts:
            parts.append(str(index.const.value))
        return " + ".join(parts).replace("+ -", "- ")

    @staticmethod
    def _spread(array: str, variables: Sequence[int], ndim: int) -> str:
        """An array along these variables, with an axis of length 1 for every other."""
        places = [":" if v in variables else "None" for v in range(ndim)]
        return array if places == [":"] * ndim else f"{array}[{', '.join(places)}]"

    def whole(self, at: tuple[Index, ...], element: Element, term: Term) -> tuple[list[int], str] | None:
        """``(order, places)`` where positions are all of an array's: the order of their axes, and axes of length 1."""
        variables, places = [], []
        for index, size in zip(at, element.sizes, strict=True):
            if not isinstance(index, Affine) or index.const.value != 0 or len(index.terms) > 1:
                return None
            if not index.terms:
                if size.value != 1:
                    return None
                places.append("None")
                continue
            ((variable, step),) = index.terms
            if step != 1 or term.box[variable].value != size.value or variable in variables:
                return None
            variables.append(variable)
            places.append(":")
        kept = sorted(variables)
        while places and places[-1] == ":":
            places.pop()
        return [kept.index(v) for v in variables], ", ".join(places)

    # --- writing ------------------------------------------------------------------------------------------------------

    def target(
        self, at: tuple[Index, ...], element: Element, term: Term, kept: Sequence[int]
    ) -> tuple[str, list[int], bool]:
        """``(index, order, slices)``: where values over the ``kept`` variables go, and in which order of their axes."""
        plain = self.along_axes("_", at, element, term)
        if plain is not None:
            text, variables = plain
            index = text[2:-1] if text != "_" else "..."
            return index, [list(kept).index(v) for v in variables], True
        small = Term((), (), sp.Integer(0), tuple(term.box[v] for v in kept))
        place = {v: k for k, v in enumerate(kept)}
        moved = [_renumbered(index, place) for index in at]
        return ", ".join(self.position(index, small) for index in moved), list(range(len(kept))), False


def _renumbered(index: Index, place: dict[int, int]) -> Index:
    if isinstance(index, Lookup):
        return Lookup(index.table, tuple(place[v] for v in index.variables))
    return Affine(index.const, tuple((place[v], step) for v, step in index.terms))
