"""The general elements of a program as forms: what each is made of, one step back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from symdiff.algebra.arithmetic import Arithmetic
from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.atoms import Size as SizeAtom
from symdiff.algebra.atoms import nonnegative
from symdiff.algebra.forms import Algebra, Form, Variable
from symdiff.algebra.rewrite import substituted
from symdiff.algebra.sums import delta, multiplied, summed
from symdiff.arrays import Array
from symdiff.closed_forms.indexing import Box, run_holds, solved_box
from symdiff.closed_forms.translate import NotScalar, translated, translated_condition
from symdiff.deadline import look
from symdiff.meaning.formula import exact
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.sizes import Size
from symdiff.meaning.terms import Affine, Element, Index, Lookup, Term, slot
from symdiff.sentences import Said

Position = tuple[Form, ...]


DEFINED: dict[type, Callable[[Elements, Element, Position], Form]] = {}
"""By kind of meaning, an element at a position in terms of those that it reads; filled by ``definitions``."""


class NoForm(ValueError):
    """An operation has no general formula; ``operation`` names it."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation} has no general formula")
        self.operation = operation

    @property
    def said(self) -> Said:
        """The same for a reader."""
        return Said("missing.form", {"operation": self.operation})


class Elements:
    """Forms for the elements of one program; ``ranks`` orders the free variables of adjoints, the one
    that a delta keeps first. Of a ``long`` program forms are not looked into for their sign, which costs more than it
    shortens, and a sum may have a term for every step.
    """

    def __init__(self, program: SymbolicProgram, algebra: Algebra | None = None, long: bool = False) -> None:
        self.program = program
        most_terms = 400 + (len(program.elements) if long else 0)
        self.algebra = Arithmetic(most_terms, watch=look) if algebra is None else algebra
        self._sizes: dict[Any, Form] = {}
        self.ranks: dict[Variable, int] = {}
        self._definitions: dict[int, tuple[Position, Form]] = {}
        self.lookups: dict[tuple[int, int], Lookup] = {}
        self._traced_sizes = {
            size.formula: size.value for e in program.elements for size in e.sizes if size.formula.is_Symbol
        }
        for element in () if long else program.elements:
            self._note_sign(element)

    @property
    def size_values(self) -> dict[sp.Symbol, int]:
        """The value that every free size has here."""
        return {
            atom.symbol: atom.value
            for form in self._sizes.values()
            for atom in form.atoms()
            if isinstance(atom, SizeAtom)
        }

    # --- sizes and positions ----------------------------------------------------------------------------------------

    def size(self, size: Size) -> Form:
        """The length of an axis as a form of the sizes that are free."""
        found = self._sizes.get(size.formula)
        if found is None:
            resolved = self.program.unifier.resolve(size.formula)
            symbols = {symbol: self.symbol(symbol) for symbol in resolved.free_symbols}
            found = self._sizes[size.formula] = translated(self.algebra, resolved, symbols)
        return found

    def symbol(self, symbol: sp.Symbol) -> Form:
        """A size symbol as a form: itself, or what it was tied to."""
        resolved = self.program.unifier.resolve(symbol)
        if resolved != symbol:
            return self.size(Size(0, resolved))
        return self.algebra.make(SizeAtom, symbol, self._traced_sizes.get(symbol, 0))

    def sizes(self, index: int) -> tuple[Form, ...]:
        """The shape of an element as forms."""
        return tuple(map(self.size, self.program.elements[index].sizes))

    def shown(self, index: int) -> tuple[int, ...]:
        """The axes that an element is written with: all of an input's, of others those longer than 1."""
        element = self.program.elements[index]
        named = element.operation is None and element.name is not None
        return tuple(k for k, size in enumerate(element.sizes) if named or size.value != 1 or size.symbolic)

    def general(self, index: int) -> Position:
        """Fresh free variables for an element's axes; an axis of length 1 has the position 1."""
        return tuple(
            self.algebra.one if size.constant == 1 else self.algebra.of(self.algebra.fresh(size))
            for size in self.sizes(index)
        )

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self, index: int, at: Position) -> Form:
        """An element at a position: by its name, or seen through where it only moves or counts."""
        element = self.program.elements[index]
        if element.meaning is None:
            if element.name is None and element.value is not None and is_uniform(element.value):
                return translated(self.algebra, exact(float(element.value.flat[0])), {})
            if element.name is None and element.value is not None and is_identity(element.value):
                return delta(self.algebra, at[0] - at[1])
        elif self.transparent(element):
            return self.value(index, at)
        return self.named("value", index, at)

    def named(self, role: str, index: int, at: Position) -> Form:
        """The atom for an element of an array of the program, or of its adjoint."""
        return self.algebra.make(ElementAtom, role, index, tuple(at[k] for k in self.shown(index)))

    def whole_position(self, index: int, shown: Position) -> Position:
        """A position in all axes from one in the axes that are shown."""
        given = iter(shown)
        axes = self.shown(index)
        return tuple(
            next(given) if k in axes else self.algebra.one for k in range(len(self.program.elements[index].sizes))
        )

    def transparent(self, element: Element) -> bool:
        """Whether the page reads through an element: it moves what it reads, or is a size."""
        if element.by_position:
            return True
        if len(element.terms) != 1:
            return False
        (term,) = element.terms
        if not term.reads:
            return True
        return (
            term.formula == slot(0)
            and term.condition is None
            and not term.product
            and all(_in_place(i) for i in term.out)
            and sorted(v for i in term.out for v in i.variables) == list(range(len(term.box)))
        )

    def authors_name(self, index: int) -> str | None:
        """The name that the program's author gave an element, not one from inside an operation's meaning."""
        element = self.program.elements[index]
        return element.name if element.origin is not None else None

    def probability(self, index: int) -> bool:
        """Whether an element is an exponential over the sum of its kind."""
        program = self.program.elements
        element = program[index]
        if element.operation != "divide" or len(element.operands) != 2:
            return False
        over, under = (program[k] for k in element.operands)
        while self.transparent(under) and under.operands:
            under = program[under.operands[0]]
        return over.operation == "exp" and under.operation == "sum" and under.operands == (over.index,)

    # --- values -----------------------------------------------------------------------------------------------------

    def value(self, index: int, at: Position) -> Form:
        """An element in terms of the elements that it reads.

        Raises:
            NoForm: its operation has no general formula.
        """
        if self.program.elements[index].meaning is None:
            return self.read(index, at)
        general, form = self.definition(index)
        values = {p.atom: new for p, new in zip(general, at, strict=True) if isinstance(p.atom, Variable)}
        return substituted(form, values)

    def definition(self, index: int) -> tuple[Position, Form]:
        """A general position of an element, and its value there."""
        if index not in self._definitions:
            element = self.program.elements[index]
            at = self.general(index)
            try:
                self._definitions[index] = at, DEFINED[type(element.meaning)](self, element, at)
            except NotScalar as error:
                raise NoForm(str(element.operation)) from error
        return self._definitions[index]

    def relation_value(self, element: Element, at: Position) -> Form:
        total = self.algebra.zero
        for term in element.terms:
            box = solved_box(self.algebra, self.size, term, term.out, at)
            if term.run is not None:
                total = total + self._running(element, term, box) * box.holds
                continue
            slots = self.slots(element, term, box)
            body = translated(self.algebra, term.formula, slots) * self.condition(term, slots)
            if term.product:
                for variable in reversed(box.summed):
                    body = multiplied(self.algebra, variable, body)
                total = total + body * box.holds
            else:
                total = total + summed(self.algebra, box.summed, body * box.holds)
        return total

    def _running(self, element: Element, term: Term, box: Box) -> Form:
        """A running sum or product: over as many positions as the bound leaves."""
        algebra, run = self.algebra, term.run
        assert run is not None
        if not term.product:
            body = translated(algebra, term.formula, self.slots(element, term, box))
            return summed(algebra, box.summed, body * run_holds(algebra, run, box))
        # its variable counts from 1 to the number of factors
        outer, size = box.at[run.outer], self.size(term.box[run.outer])
        first = outer + int(run.strict) if run.onward else algebra.one
        number = size - first + 1 if run.onward else outer - int(run.strict)
        variable = algebra.fresh(number)
        at = tuple(algebra.of(variable) + first - 1 if k == run.inner else place for k, place in enumerate(box.at))
        inside = replace(box, at=at)
        return multiplied(algebra, variable, translated(algebra, term.formula, self.slots(element, term, inside)))

    def slots(self, element: Element, term: Term, box: Box) -> dict[sp.Symbol, Form]:
        """What the slots and sizes in a term's formula stand for."""
        found = {
            slot(k): self.read(element.operands[read.operand], box.positions(self.algebra, self.size, read.at))
            for k, read in enumerate(term.reads)
        }
        for symbol in term.formula.free_symbols:
            if symbol not in found:
                found[symbol] = self.symbol(symbol)
        return found

    def condition(self, term: Term, slots: dict[sp.Symbol, Form]) -> Form:
        """Where a term applies."""
        return self.algebra.one if term.condition is None else translated_condition(self.algebra, term.condition, slots)

    def _note_sign(self, element: Element) -> None:
        # a root or a square needs no absolute value where what it is taken of cannot be negative
        if self.transparent(element) or not element.terms:
            return
        try:
            _, form = self.definition(element.index)
        except NoForm:
            return
        if form.terms and all(c > 0 and nonnegative(m) for m, c in form.terms.items()):
            self.algebra.nonnegative_arrays.add(("value", element.index))


def _in_place(index: Index) -> bool:
    """Whether an index map is one variable as it stands, or the first position."""
    return (
        isinstance(index, Affine)
        and index.const.formula == 0
        and len(index.terms) < 2
        and all(c == 1 for _, c in index.terms)
    )


def is_uniform(value: Array) -> bool:
    """Whether a given array is one number everywhere: ones, zeros, a number."""
    return bool(value.size) and bool(np.all(value == value.flat[0]))


def is_identity(value: Array) -> bool:
    """Whether a given matrix is the identity."""
    return value.ndim == 2 and value.shape[0] == value.shape[1] > 1 and bool(np.array_equal(value, np.eye(len(value))))
