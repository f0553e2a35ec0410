"""Which letter stands for what: the author's names first, then those that textbooks use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from typing import Any

import sympy as sp

from symdiff.closed_forms.elements import Elements
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element

PARTIAL = ("k", "l", "q", "r", "s", "t")
"""Indices of the input that is differentiated by."""
GENERAL = ("i", "j", "k", "l", "q", "r", "s")
"""Indices of other general elements."""
BOUND = ("i", "j", "k", "l", "q", "r", "s", "t", "u", "a", "b", "c")
SIZES = ("n", "m", "c", "b", "g", "f", "w")

_USUAL: Mapping[str, str] = {
    "mean": "mu",
    "var": "v",
    "std": "sigma",
    "sqrt": "r",
    "sum": "s",
    "exp": "e",
    "tanh": "h",
    "relu": "h",
    "sigmoid": "h",
    "matmul": "z",
    "dot": "z",
    "max": "m",
    "min": "m",
    "inv": "X",
    "solve": "X",
    "det": "d",
    "log": "u",
    "subtract": "d",
    "divide": "q",
    "add": "z",
}
_ROLES: Mapping[str, tuple[str, ...]] = {
    "chosen": ("p", "q", "r"),
    "table": ("t", "tau"),
    "probability": ("p", "q"),
}


class Letters:
    """The names of one page; every name is given once."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements
        program = elements.program
        self._taken: set[str] = set(program.inputs)
        self.names: dict[tuple[str, Any], str] = {}
        for name, index in program.inputs.items():
            self.names["value", index] = name
        self._authors(program)

        self.sizes: dict[sp.Symbol, sp.Symbol] = {}
        self._known_sizes: dict[sp.Expr, tuple[sp.Symbol, ...]] = {}
        self._counts: dict[str, Iterator[int]] = {}
        self._reserved = frozenset("ijkl")
        self._sizes(program)
        self._result(program)

    def _authors(self, program: SymbolicProgram) -> None:
        for element in program.elements:
            name = self._elements.authors_name(element.index)
            if name is not None and element.meaning is not None and name not in self._taken:
                self.names["value", element.index] = name
                self._taken.add(name)

    def _sizes(self, program: SymbolicProgram) -> None:
        waiting: list[tuple[sp.Symbol, ...]] = []
        for index in program.inputs.values():
            waiting.append(self._symbols(program.elements[index]))
        for element in program.elements:
            waiting.append(self._symbols(element))
        for symbols in waiting:
            new = [s for s in dict.fromkeys(symbols) if s not in self.sizes]
            order = ["m", "n"] if len(new) == 2 and not self.sizes else []
            for symbol, letter in zip(new, self._free((*order, *SIZES), "n"), strict=False):
                self.sizes[symbol] = sp.Symbol(letter, integer=True, positive=True)
                self._taken.add(letter)

    def _symbols(self, element: Element) -> tuple[sp.Symbol, ...]:
        return tuple(symbol for size in element.sizes for symbol in self._resolved(size.formula))

    def _resolved(self, formula: sp.Expr) -> tuple[sp.Symbol, ...]:
        """The sizes in the length of an axis, each as what it was tied to."""
        if formula not in self._known_sizes:
            resolved = self._elements.program.unifier.resolve(formula)
            self._known_sizes[formula] = tuple(sorted(resolved.free_symbols, key=str))
        return self._known_sizes[formula]

    def _result(self, program: SymbolicProgram) -> None:
        result = program.elements[program.result]
        if ("value", result.index) in self.names:
            return
        if "y" in self._taken:
            self._reduced(program, result)
            return
        self.names["value", result.index] = "y"
        self._taken.add("y")
        if result.sizes or not result.operands:
            return
        before = program.elements[result.operands[0]]
        if before.meaning is not None and self._has_index(before) and ("value", before.index) not in self.names:
            self.names["value", before.index] = "y"

    def _reduced(self, program: SymbolicProgram, result: Element) -> None:
        """What an author's array y is reduced to is called y as well, as people write by hand."""
        before = program.elements[result.operands[0]] if result.operands else result
        named = self.names.get(("value", before.index))
        if not result.sizes and self._has_index(before) and before.meaning and named == "y":
            self.names["value", result.index] = "y"

    def _has_index(self, element: Element) -> bool:
        """Whether an array is written with an index, which tells it apart from a number of the same name."""
        return bool(self._elements.shown(element.index))

    # --- names ------------------------------------------------------------------------------------------------------

    def name(self, role: str, source: Any) -> str:
        """The name of an array."""
        found = self.names.get((role, source))
        if role == "adjoint":
            bar = f"{self.name('value', source)}_bar"
            while bar in self._taken:
                bar += "_bar"
            return bar
        if found is None:
            found = next(self._free(self._wishes(role, source), "v"))
            self.names[role, source] = found
            self._taken.add(found)
        return found

    def size(self, symbol: sp.Symbol) -> sp.Expr:
        """The letter of a size."""
        found = self.sizes.get(symbol)
        if found is None:
            letter = next(self._free(SIZES, "n"))
            self._taken.add(letter)
            found = self.sizes[symbol] = sp.Symbol(letter, integer=True, positive=True)
        return found

    def partial_letters(self, number: int) -> list[str]:
        """Letters for the index of an input."""
        return self._letters(PARTIAL, number)

    def general_letters(self, number: int) -> list[str]:
        """Letters for the index of any other array."""
        return self._letters(GENERAL, number)

    def bound_letters(self) -> list[str]:
        """Letters for sums."""
        return [letter for letter in BOUND if letter not in self._taken] or ["i_1"]

    def _letters(self, wanted: Iterable[str], number: int) -> list[str]:
        free = (letter for letter in (*wanted, *(f"k_{k}" for k in range(1, 40))) if letter not in self._taken)
        return [next(free) for _ in range(number)]

    def _wishes(self, role: str, source: Any) -> tuple[str, ...]:
        if role in ("inverse", "determinant"):
            of = self.name("value", source)
            return (f"{of}_inv" if role == "inverse" else f"det_{of}",)
        if role in _ROLES:
            return _ROLES[role]
        element = self._elements.program.elements[source]
        if self._elements.probability(source):
            return ("p",)
        usual = (_USUAL[element.operation],) if element.operation in _USUAL else ()
        return (*usual, element.name) if element.name is not None else usual

    def _free(self, wishes: Iterable[str], root: str) -> Iterator[str]:
        """Names that nothing has yet: the wishes, then v_1, v_2, ..."""
        # what was once passed over stays taken
        numbers = self._counts.setdefault(root, count(1))
        for wish in chain(wishes, (f"{root}_{number}" for number in numbers)):
            if wish not in self._taken and wish not in self._reserved:
                yield wish
