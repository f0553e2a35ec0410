"""How the names and formulas of one explanation are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from symdiff.agreement.evidence import Evidence
from symdiff.arrays import Array
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.records import Definition
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.explained.explained import Explained
from symdiff.explained.symbols import element_symbol
from symdiff.meaning.formula import readable_numbers
from symdiff.printing.ascii import ascii_text
from symdiff.printing.from_sympy import from_sympy
from symdiff.printing.numbers import number, vector
from symdiff.printing.shorthand import dot, partial, symbol
from symdiff.printing.tree import Call, Math, Symbol
from symdiff.viewing.local_partials import Elementwise

Place: TypeAlias = "tuple[int, ...]"

LISTED = 12
"""Up to so many numbers of a given array are listed."""


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
        written: Symbol = symbol(name, *(from_sympy(i) for i in indices))
        return written

    def math(self, expression: Any) -> Math:
        """An expression in the symbols of elements."""
        return from_sympy(readable_numbers(expression), self.explained.symbols.written)

    def formula(self, expression: sp.Expr) -> Math:
        """A general formula, in which the adjoint of a named element is the partial of the result by it."""
        names: dict[sp.Basic, Math] = {}
        expression = self.without_own(expression)
        for atom in expression.atoms(sp.Indexed):
            name = str(atom.base.label)
            if name in self._bars:
                names[atom] = partial(self.result, self.general(self._bars[name], atom.indices))
        for atom in expression.free_symbols:
            if isinstance(atom, sp.Symbol) and atom.name in self._bars:
                names[atom] = partial(self.result, Symbol(self._bars[atom.name]))
            elif isinstance(atom, sp.Symbol) and atom.name in self._scalars:
                names[atom] = Symbol(atom.name)
        return from_sympy(expression, names)

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
        return self.forms.bars

    @cached_property
    def _own(self) -> sp.Symbol | None:
        """The adjoint of a result that is one number."""
        forms, result = self.forms, self.evidence.program.result
        own = forms.steps.backward(result)
        return None if own is None or own.indices else sp.Symbol(own.adjoint, real=True)

    @cached_property
    def _scalars(self) -> frozenset[str]:
        return frozenset(self.forms.names.values())

    def definition(self, defined: Definition) -> tuple[Math, ...]:
        """``p_i = ...``; a position that was chosen is the argmax of what it was chosen from."""
        left = self.general(defined.name, defined.indices)
        if defined.formula is not None:
            return left, self.formula(defined.formula)
        if defined.kind == "chosen" and defined.element is not None:
            return left, *self._chosen(defined)
        if defined.value is not None and defined.value.size <= LISTED:
            shift = 1 if defined.kind == "table" else 0
            return left, number(float(defined.value)) if defined.value.ndim == 0 else vector(
                (defined.value + shift).reshape(-1).tolist()
            )
        return (left,)

    def _chosen(self, defined: Definition) -> tuple[Math, ...]:
        assert defined.element is not None
        element = self.evidence.program.elements[defined.element]
        of = Symbol(self.name(element.operands[0]))
        word = "argmin" if element.operation in ("min", "argmin") else "argmax"
        if element.operation not in ("max", "min", "max_pool"):
            return (Call("position", (of,)),)
        found = self.winner(defined.element)
        return (Call(word, (of,)), *found)

    def winner(self, index: int) -> tuple[Math, ...]:
        """Where an extreme over a whole line was found, counting from 1; nothing where it was found more than once."""
        numbers = self.evidence.numbers
        choice = numbers.bounded.picks.get(index) if numbers is not None else None
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
    def adjoints(self) -> Mapping[int, Array]:
        """The adjoint of every element as floats, rounded once where mpmath can be afforded."""
        derivation, numbers = self.evidence.derivation, self.evidence.numbers
        assert derivation is not None
        assert numbers is not None
        run = numbers.bounded
        with mp.workprec(400), np.errstate(all="ignore"):
            if numbers.small:
                run = forward(derivation.program, Exact(), choices=run)
            return {index: run.field.to_float(each) for index, each in backward(derivation, run).items()}


def _head(factor: sp.Expr) -> str:
    """The name that a symbol or an element has."""
    base = factor.base.label if isinstance(factor, sp.Indexed) else factor
    return str(base.name) if isinstance(base, sp.Symbol) else ""


def without_repeats(parts: tuple[Math | None, ...]) -> tuple[Math, ...]:
    """A chain of equals in which nothing stands twice in a row."""
    kept: list[Math] = []
    for part in parts:
        if part is not None and (not kept or ascii_text(kept[-1]) != ascii_text(part)):
            kept.append(part)
    return tuple(kept)
