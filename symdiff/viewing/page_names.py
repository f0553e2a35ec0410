"""One name, one value: what every array is called on the page.

Closed forms bring names that textbooks use, and numbered ones (v_1) when these run out. A page keeps the author's
names and those textbook names that mean one thing; every other array gets an unused single letter: never a letter with
a number, which reads as an element, and never one that is an index, a size or a constant here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, product
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import sympy as sp

from symdiff.closed_forms.closed_form import ClosedForms, Formulas
from symdiff.closed_forms.folding import Fold
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Element
from symdiff.printing.names import GREEK
from symdiff.printing.record import Record, fields_of, kept
from symdiff.printing.tree import Call, Math, Symbol

__all__ = ["LETTERS", "NEVER", "PageNames", "letters_of", "page_names", "renamed"]

AnyRecord = TypeVar("AnyRecord", bound=Any)

RESULT = "L"
NEVER = frozenset("edijklmno")
"""Euler's number, the differential, indices and sizes; o is read as 0."""

LETTERS = (*"abcuvwzhgprsqtxyf", *"ABCDEFGHJKMNPQRSTUVWXYZ")
GREEKS = tuple(name for name in GREEK if name not in ("delta", "pi", "Sigma", "Pi", "Delta", "lambda", "iota"))

WHOLE = "whole "
"""Stands before the name of an array that is meant as a whole, where a number has the same name."""

OF_WHOLE = frozenset(["argmax", "argmin", "position", "det", "inv"])
"""Functions of a whole array: their argument has no index and is no number."""


@dataclass(frozen=True)
class PageNames:
    """``elements`` names every array by its number, ``numbers`` and ``arrays`` say what a name becomes where it has no
    index, and where it has one; ``named`` are the names of all arrays that are written.
    """

    elements: Mapping[int, str]
    numbers: Mapping[str, str]
    arrays: Mapping[str, str]

    @property
    def changes_nothing(self) -> bool:
        """Whether every name is as it was."""
        return all(old == new for part in (self.numbers, self.arrays) for old, new in part.items())


def page_names(forms: ClosedForms) -> PageNames:
    """The names of one page, from those that its closed forms were written in when they were first asked for."""
    if forms.formulas not in _CHOSEN:
        _CHOSEN[forms.formulas] = _Choice(forms).names()
    return _CHOSEN[forms.formulas]


_CHOSEN: WeakKeyDictionary[Formulas, PageNames] = WeakKeyDictionary()


class _Choice:
    def __init__(self, forms: ClosedForms) -> None:
        self.forms = forms
        self.program: SymbolicProgram = forms.derivation.program
        self.inputs = {index: name for name, index in self.program.inputs.items()}
        self.old: dict[int, str] = {**forms.names, **self.inputs}
        self.authors = {index for index in self.old if self._is_authors(index)}
        self.letters = letters_of(forms)
        self.sizes = {str(letter) for letter in forms.sizes}
        defined = {each.name for general in forms.general.values() for each in general.definitions}
        others = defined - set(self.old.values()) - {each.name for each in forms.given}
        self.pool = _pool()  # what is taken stays so
        self.taken = {self.old[index] for index in self.authors} | self.sizes | self.letters | NEVER | others

    def names(self) -> PageNames:
        found: dict[int, str] = {index: self.old[index] for index in self.authors}
        result, before = self.program.result, self._before()
        if result not in found:
            found[result] = self._of_result(before, found)
            self.taken.add(found[result])
            if before is not None and before not in found and found[result] == self.old.get(before):
                found[before] = found[result]
        for index in sorted(self.old.keys() - found.keys()):
            found[index] = self._free(self.old[index])
            self.taken.add(found[index])
        numbers, arrays = self._given()
        for index, name in self.old.items():
            kind = (
                arrays
                if self.forms.shown(index) or (index in self.inputs and self.program.elements[index].shape)
                else numbers
            )
            kind[name] = found[index]
        for name, new in arrays.items():
            if name not in self.letters:  # which is an index where it stands without one
                numbers.setdefault(name, new)
        for name, new in list(numbers.items()):
            arrays.setdefault(name, new)
        numbers |= {WHOLE + name: new for name, new in arrays.items() if numbers.get(name) != new}
        return PageNames(found, numbers, arrays)

    def _is_authors(self, index: int) -> bool:
        element = self.program.elements[index]
        return index in self.inputs or (element.origin is not None and element.name == self.old[index])

    def _given(self) -> tuple[dict[str, str], dict[str, str]]:
        """Positions and tables, which are no elements of the program."""
        numbers: dict[str, str] = {}
        arrays: dict[str, str] = {}
        known = set(self.old.values())
        for each in self.forms.given:
            if each.kind in ("chosen", "table") and each.name not in known and each.name not in numbers:
                new = self._free(each.name)
                self.taken.add(new)
                numbers[each.name] = arrays[each.name] = new
        return numbers, arrays

    def _of_result(self, before: int | None, found: Mapping[int, str]) -> str:
        """y where its elements may be called so as well, or nothing else is an array; L otherwise."""
        element, old = self.program.elements[self.program.result], self.old.get(self.program.result, "y")
        if element.shape:
            return self._free(old)
        if before is not None and (before in found or old == self.old.get(before)):
            name = found.get(before, old)
            return name if name == "y" or before not in found else self._free(RESULT)
        alone = not any(self.program.elements[index].shape for index in self.old)
        return self._free(old if alone else RESULT)

    def _before(self) -> int | None:
        """The elementwise result that is reduced at once to the scalar, and used nowhere else."""
        result = self.program.elements[self.program.result]
        if result.shape or len(result.operands) != 1:
            return None
        before = self.program.elements[result.operands[0]]
        readers = [e.index for e in self.program.elements if before.index in e.operands and e.operation != "count"]
        written = bool(self.forms.shown(before.index))  # with an index, that is: y_i is not y
        return before.index if written and readers == [result.index] and _is_elementwise(before) else None

    def _free(self, wish: str) -> str:
        fits = len(wish) > 1 and wish.isalpha() if wish in GREEK else wish.isalpha()
        if fits and wish not in self.taken:
            return wish
        return next(name for name in self.pool if name not in self.taken)


def _pool() -> Iterator[str]:
    """Single letters, then two, and three where a program has thousands of arrays."""
    yield from LETTERS
    yield from GREEKS
    for length in count(2):
        yield from map("".join, product(LETTERS, repeat=length))


def _is_elementwise(element: Element) -> bool:
    """Whether every element is made of those at its own place."""
    return bool(element.terms) and all(map(element.stands_beside, element.terms))


def letters_of(forms: ClosedForms) -> set[str]:
    """The letters that stand for an index somewhere on the page; steps that it leaves out are written like those."""
    found: set[str] = set()
    formulas: list[sp.Expr] = []
    for step in forms.shown_forward:
        if not isinstance(step, Fold):
            found |= {str(letter) for letter in step.indices}
            formulas += [] if step.formula is None else [step.formula]
    for back in forms.shown_backward:
        if not isinstance(back, Fold):
            found |= {str(letter) for letter in back.indices}
            formulas += [back.closed, *(edge.formula for edge in back.edges)]
    for general in forms.general.values():
        found |= {str(letter) for letter in general.indices}
        formulas.append(general.expression)
        for definition in general.definitions:
            found |= {str(letter) for letter in definition.indices}
            formulas += [] if definition.formula is None else [definition.formula]
    for formula in formulas:
        for big in formula.atoms(sp.Sum, sp.Product):
            found |= {str(limit[0]) for limit in big.limits}
    return found


def renamed(node: AnyRecord, names: PageNames) -> AnyRecord:
    """A tree, or anything that holds trees, in the names of the page."""
    if isinstance(node, tuple):
        parts = tuple(renamed(part, names) for part in node)
        return node if all(a is b for a, b in zip(parts, node, strict=True)) else parts  # type: ignore[return-value]
    if isinstance(node, Symbol):
        name = (names.arrays if node.index else names.numbers).get(node.name, node.name)
        index = renamed(node.index, names)
        return node if name == node.name and index is node.index else Symbol(name, index)  # type: ignore[return-value]
    if isinstance(node, Call) and node.function in OF_WHOLE:
        return Call(node.function, tuple(_whole(each, names) for each in node.arguments))  # type: ignore[return-value]
    if not isinstance(node, Record):
        return node
    if not isinstance(node, Math):
        return cast("AnyRecord", _renamed(node, names))
    known = kept(node)  # formulas are shared by points, and so are their names
    if known.get("renamed", (None,))[0] is not names:
        known["renamed"] = names, _renamed(node, names)
    return cast("AnyRecord", known["renamed"][1])


def _renamed(node: Any, names: PageNames) -> Any:
    old = [getattr(node, field) for field in fields_of(node)]
    new = [renamed(value, names) for value in old]
    if all(a is b for a, b in zip(old, new, strict=True)):
        return node
    return type(node)(*new)


def _whole(node: Any, names: PageNames) -> Any:
    if isinstance(node, Symbol) and not node.index and not node.name.startswith(WHOLE):
        return Symbol(names.arrays.get(node.name, node.name))
    return renamed(node, names)
