"""How the names and formulas of one explanation are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import sympy as sp

from symdiff.agreement.evidence import Evidence
from symdiff.at_point import chosen_position
from symdiff.closed_forms.closed_form import ClosedForms, Formulas
from symdiff.closed_forms.records import Definition
from symdiff.evaluation.fields.expressions import decimal_number
from symdiff.explained.explained import Explained
from symdiff.explained.symbols import element_symbol
from symdiff.meaning.formula import readable_numbers
from symdiff.meaning.terms import Pick
from symdiff.printing.ascii import ascii_text
from symdiff.printing.breadth import breadth
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.numbers import number, vector
from symdiff.printing.shorthand import dot, partial, symbol
from symdiff.printing.tree import Add, Call, List, Math, Matrix, Number, Power, Subscript, Symbol
from symdiff.viewing.at_the_point import AtThePoint
from symdiff.viewing.local_partials import Elementwise
from symdiff.viewing.page_names import WHOLE, PageNames, page_names

Place: TypeAlias = "tuple[int, ...]"

_EXTREMES = frozenset(["max", "min", "amax", "amin", "argmax", "argmin"])

_TIMES = (sp.Integer(1), sp.Integer(2), sp.Integer(3), sp.Integer(4), sp.Rational(1, 2))
LONGEST_DECIMAL = 10**6

LISTED = 12
"""Up to so many numbers of a given array are listed."""


_KNOWN: WeakKeyDictionary[Formulas, dict[tuple[Any, ...], Math]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Writing:
    """The words of mathematics for one explanation that has a derivation."""

    explained: Explained
    forms: ClosedForms

    @property
    def evidence(self) -> Evidence:
        """What both ways found."""
        return self.explained.evidence

    @cached_property
    def result(self) -> Symbol:
        """The result's name, without an index."""
        return Symbol(self.name(self.evidence.program.result))

    @cached_property
    def page_names(self) -> PageNames:
        """What every array is called on the page; trees are written in the names of the forms, and renamed at last."""
        return page_names(self.forms)

    def code_name(self, index: int) -> str:
        """The name of an array in code on the page."""
        return self.page_names.elements.get(index, self.name(index))

    def whole(self, name: str) -> Symbol:
        """An array as a whole, told apart from a number of the same name."""
        return Symbol(WHOLE + name if WHOLE + name in self.page_names.numbers else name)

    def name(self, index: int) -> str:
        """The name of an array."""
        return self.forms.name(index) or f"v_{index}"

    def element(self, index: int, place: Place) -> Symbol:
        """An element of an array, counting from 1."""
        if index not in self.evidence.program.inputs.values():
            place = tuple(place[axis] for axis in self.forms.shown(index))
        return element_symbol(self.name(index), place)

    def general(self, name: str, indices: tuple[sp.Expr, ...]) -> Symbol:
        """A general element: y_i."""
        written: Symbol = symbol(name, *(from_sympy(i) for i in self._filled(name, indices)))
        return written

    def _filled(self, name: str, indices: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
        """The indices of an input with 1 along the axes of length 1, which formulas leave out."""
        index = self.evidence.program.inputs.get(name)
        shape = () if index is None else self.evidence.program.elements[index].shape
        long = [axis for axis, length in enumerate(shape) if length != 1]
        if len(indices) >= len(shape) or len(indices) != len(long):
            return indices
        given = iter(indices)
        return tuple(next(given) if axis in long else sp.Integer(1) for axis in range(len(shape)))

    def math(self, expression: Any) -> Math:
        """An expression in the symbols of elements."""
        known, key = self._known, ("element", type(expression), expression)
        if key not in known:
            known[key] = from_sympy(readable_numbers(expression), self._written, self.decimals)
        return known[key]

    @cached_property
    def _known(self) -> dict[tuple[Any, ...], Math]:
        """What was written before, of elements and in general: it does not depend on values, as the forms do not."""
        return _KNOWN.setdefault(self.forms.formulas, {})

    @cached_property
    def _written(self) -> Mapping[sp.Basic, Math]:
        """How symbols are written: what is computed from sizes alone as the number that it is."""
        symbols, values = self.explained.symbols, self.at_the_point.run.values
        found = dict(symbols.written)
        for index in self.counts:
            for place, each in np.ndenumerate(symbols.arrays.get(index, np.empty(0))):
                found[each] = number(
                    float(np.broadcast_to(np.asarray(values[index], dtype=object), place or ())[place])
                )
        return found

    @cached_property
    def decimals(self) -> frozenset[sp.Basic]:
        """The decimals that somebody typed, 0.3 or 0.05, doubled and halved: they stay decimals."""
        found: set[sp.Basic] = set()
        for node in self.evidence.traced.graph.nodes:
            if node.op is None and node.name is None and node.value.ndim == 0 and node.value.dtype.kind == "f":
                typed = decimal_number(float(node.value))
                if typed.is_Rational and 4 < typed.q <= LONGEST_DECIMAL:
                    found |= {sign * typed * times for times in _TIMES for sign in (1, -1)}
        return frozenset(found)

    @cached_property
    def numbers(self) -> Mapping[Math, float]:
        """The value of every element, by how it is written."""
        found: dict[Math, float] = {}
        values, elements = self.at_the_point.run.values, self.evidence.program.elements
        for index, array in self.explained.symbols.arrays.items():
            known = np.broadcast_to(np.asarray(values[index]), elements[index].shape)
            for place, each in np.ndenumerate(array):
                written = self._written.get(each)
                if isinstance(written, Symbol):
                    found[written] = float(known[place])
        return found

    @cached_property
    def counts(self) -> frozenset[int]:
        """The single numbers that are computed from sizes alone: a step that says so would say nothing."""
        found: set[int] = set()
        for element in self.evidence.program.elements:
            counted = bool(element.operands) and all(k in found for k in element.operands)
            if element.operation == "count" or (counted and not element.shape):
                found.add(element.index)
        return frozenset(found)

    def formula(self, expression: sp.Expr) -> Math:
        """A general formula, in which the adjoint of a named element is the partial of the result by it."""
        known, key = self._known, ("general", expression)
        if key not in known:
            known[key] = self._formula(expression)
        return known[key]

    def _formula(self, expression: sp.Expr) -> Math:
        names: dict[sp.Basic, Math] = {}
        expression = self.without_own(expression)
        for atom in expression.atoms(sp.Indexed):
            name = str(atom.base.label)
            if name in self._inverses:
                inverse = Power(self.whole(self._inverses[name]), Number("-1"))
                names[atom] = Subscript(inverse, tuple(map(from_sympy, atom.indices)))
            if len(self._filled(name, atom.indices)) > len(atom.indices):
                names[atom] = self.general(name, atom.indices)
            if name in self._bars:
                names[atom] = partial(self.result, self.general(self._bars[name], atom.indices))
        labels = {str(atom.base.label) for atom in expression.atoms(sp.Indexed)}
        for atom in expression.free_symbols:
            if isinstance(atom, sp.Symbol) and atom.name not in labels and self._filled(atom.name, ()):
                names[atom] = self.general(atom.name, ())
            elif isinstance(atom, sp.Symbol) and atom.name in self._bars:
                names[atom] = partial(self.result, Symbol(self._bars[atom.name]))
            elif isinstance(atom, sp.Symbol) and atom.name in self._determinants:
                names[atom] = Call("det", (self.whole(self._determinants[atom.name]),))
            elif isinstance(atom, sp.Symbol) and atom.name in self._scalars:
                names[atom] = Symbol(atom.name)
        return from_sympy(expression, names, self.decimals)

    def without_own(self, expression: sp.Expr) -> sp.Expr:
        """A formula without the result's partial by itself, which is 1."""
        own = self._own
        if own is None:
            return expression
        # an array of the same name keeps its partials
        kept = {atom: sp.Dummy(real=True) for atom in expression.atoms(sp.Indexed)}
        without = expression.xreplace(kept).xreplace({own: sp.Integer(1)})
        return without.xreplace({dummy: atom for atom, dummy in kept.items()})

    def product(self, expression: sp.Expr) -> Math:
        """A formula with one adjoint as a factor: the adjoint, a dot, and the partial that it is multiplied by."""
        expression = self.without_own(expression)
        adjoints = [factor for factor in sp.Mul.make_args(expression) if _head(factor) in self._bars]
        rest = sp.Mul(*(factor for factor in sp.Mul.make_args(expression) if factor not in adjoints))
        if len(adjoints) != 1 or rest == 1:
            return self.formula(expression)
        return dot(self.formula(adjoints[0]), self.formula(rest))

    @cached_property
    def _bars(self) -> Mapping[str, str]:
        defined = (each for general in self.forms.general.values() for each in general.definitions)
        adjoints = {each.name: self.name(each.element) for each in defined if each.kind == "adjoint" and each.element}
        return {**adjoints, **self.forms.bars}

    @cached_property
    def _own(self) -> sp.Symbol | None:
        """The adjoint of a result that is one number."""
        forms, result = self.forms, self.evidence.program.result
        own = forms.steps.backward(result)
        return None if own is None or own.indices else sp.Symbol(own.adjoint, real=True)

    @cached_property
    def _inverses(self) -> Mapping[str, str]:
        return self._given_of("inverse")

    @cached_property
    def _determinants(self) -> Mapping[str, str]:
        return self._given_of("determinant")

    def _given_of(self, kind: str) -> Mapping[str, str]:
        """By the name that formulas use the matrix whose inverse or determinant it is."""
        given = (each for each in self.forms.given if each.kind == kind and each.element is not None)
        return {each.name: self.name(each.element) for each in given if each.element is not None}

    def is_said_in_formulas(self, defined: Definition) -> bool:
        """Whether a name never appears, since formulas say what it stands for: A⁻¹, det A."""
        return defined.kind in ("inverse", "determinant")

    @cached_property
    def _scalars(self) -> frozenset[str]:
        return frozenset(self.forms.names.values())

    def definition(self, defined: Definition) -> tuple[Math, ...]:
        """``p_i = ...``; a position that was chosen is the argmax of what it was chosen from."""
        left: Math = self.general(defined.name, defined.indices)
        if defined.name in self._bars:
            left = partial(self.result, self.general(self._bars[defined.name], defined.indices))
        elif defined.element is not None and not defined.indices and self.forms.shown(defined.element):
            left = self.whole(defined.name)
        if defined.formula is not None:
            formula = self.formula(defined.formula)
            # what code counts from 0 counts from 1 in mathematics
            from_zero = isinstance(formula, Call) and formula.function in ("argmax", "argmin")
            return left, Add((formula, Number("-1"))) if from_zero else formula
        if defined.kind == "chosen" and defined.element is not None:
            return left, *self._chosen(defined)
        if defined.value is not None and defined.value.size <= LISTED:
            return left, _given(defined.value + int(defined.kind == "table"))
        return (left,)

    def _chosen(self, defined: Definition) -> tuple[Math, ...]:
        """The positions that were chosen, counted from 1; of the extreme of a whole line in words as well."""
        assert defined.element is not None
        element = self.evidence.program.elements[defined.element]
        found = chosen_position(self.evidence.program, self.at_the_point.run, defined)
        if found.ndim == 0 and isinstance(element.meaning, Pick) and element.operation in _EXTREMES:
            word = "argmin" if "min" in element.operation else "argmax"
            chosen = Call(word, (self.whole(self.name(element.operands[0])),))
            shape = self.evidence.program.elements[element.operands[0]].shape
            axes = [axis for axis, length in enumerate(shape) if length != 1]
            if len(axes) < 2:
                return chosen, number(int(found))
            # of a matrix it is a row and a column: one name each
            place = axes.index(defined.axis or 0) + 1
            return Subscript(chosen, (Number(str(place)),)), number(int(found))
        if found.ndim == 2:
            return (Matrix(tuple(tuple(number(int(k)) for k in row) for row in found)),)
        return (number(int(found)) if found.ndim == 0 else vector(found.reshape(-1).tolist()),)

    def winner(self, index: int) -> tuple[Math, ...]:
        """Where an extreme over a whole line was found, counting from 1; nothing where it was found more than once."""
        numbers = self.evidence.numbers
        choice = numbers.bounded.sources.get(index) if numbers is not None else None
        weights = getattr(choice, "weights", None)
        if weights is None or weights.ndim != 1 or np.count_nonzero(weights) != 1:
            return ()
        return (number(int(np.flatnonzero(weights)[0]) + 1),)

    @cached_property
    def elementwise(self) -> Elementwise:
        """The derivation with a symbol for every element."""
        assert self.evidence.derivation is not None
        assert self.evidence.numbers is not None
        return Elementwise(self.evidence.derivation, self.evidence.numbers.bounded, self.explained.symbols.arrays)

    @cached_property
    def at_the_point(self) -> AtThePoint:
        """The numbers of the chain rule at the point."""
        assert self.evidence.derivation is not None
        assert self.evidence.numbers is not None
        return AtThePoint(self.evidence, self.evidence.derivation, self.evidence.numbers)


def _given(values: np.ndarray) -> Math:
    """A given array: a number, a vector, a matrix, or a list of matrices."""
    if values.ndim == 0:
        return number(float(values))
    if values.ndim == 1:
        return vector(values.tolist())
    if values.ndim == 2:
        return Matrix(tuple(tuple(number(float(each)) for each in row) for row in values))
    return List(tuple(map(_given, values)))


def _head(factor: sp.Expr) -> str:
    """The name that a symbol or an element has."""
    base = factor.base.label if isinstance(factor, sp.Indexed) else factor
    return str(base.name) if isinstance(base, sp.Symbol) else ""


def _reads_the_same(left: Math, right: Math) -> bool:
    if left == right:
        return True
    # what is much broader cannot be the same text, and this is sooner seen
    return abs(breadth(left) - breadth(right)) < 1.5 and ascii_text(left) == ascii_text(right)


def without_repeats(parts: tuple[Math | None, ...]) -> tuple[Math, ...]:
    """A chain of equals in which nothing stands twice in a row."""
    kept: list[Math] = []
    for part in parts:
        if part is not None and (not kept or not _reads_the_same(kept[-1], part)):
            kept.append(part)
    return tuple(kept)
