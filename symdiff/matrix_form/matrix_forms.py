"""Matrix forms: for every input the gradient as a text of the language, where there is one.

The closed form of a partial (``2*Sum((z[i] - y[i])*X[i, k], (i, 1, m))/m``) is read as matrix algebra: every bound
index links factors of at most two indices each, and is a product, a row sum, a trace. What its names stand for is read
the same way. The nodes are then rewritten (known functions, common factors), adjoints of values that the author named
get that name with a d, and what stands twice gets a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from weakref import WeakKeyDictionary

import numpy as np
import sympy as sp

from symdiff.algebra.forms import TooLong
from symdiff.closed_forms.closed_form import ClosedForms, Formulas
from symdiff.closed_forms.records import General
from symdiff.matrix_form.assembling import Assembly, shares_of_one
from symdiff.matrix_form.contraction import Labelled
from symdiff.matrix_form.costs import MOST_ELEMENTS
from symdiff.matrix_form.nodes import Node, NoMatrix
from symdiff.matrix_form.statements import Finisher, Statements
from symdiff.matrix_form.verifying import Verifier
from symdiff.meaning.terms import Element

__all__ = ["MatrixForms", "Statements"]


class MatrixForms(Mapping[str, "str | None"]):
    """The matrix forms of one derivation by input, each made and verified when it is asked for.

    As a mapping it has the texts, None where there is none; ``form`` has their statements.
    """

    def __init__(self, forms: ClosedForms) -> None:
        program = forms.derivation.program
        self._forms, self._program = forms, program
        self._found: dict[str, Statements | None] = {}
        given = {
            name: np.asarray(program.elements[index].value)
            for name, index in program.inputs.items()
            if program.elements[index].value is not None and np.asarray(program.elements[index].value).dtype.kind == "f"
        }
        self._ones = shares_of_one(given)
        self._verifier = Verifier(forms.derivation, frozenset(self._ones))

    def __getitem__(self, name: str) -> str | None:
        if name not in self._program.wrt:
            raise KeyError(name)
        found = self.form(name)
        return None if found is None else found.text

    def __iter__(self) -> Iterator[str]:
        return iter(self._program.wrt)

    def __len__(self) -> int:
        return len(self._program.wrt)

    def form(self, name: str) -> Statements | None:
        """The gradient by an input in matrix form; None where there is none."""
        if name not in self._found:
            made = self.proposed(name)
            self._found[name] = made if made is not None and self._verifier.holds(name, made.text) else None
        return self._found[name]

    def proposed(self, name: str) -> Statements | None:
        """What ``form`` gives if it is the gradient: not yet verified, which costs more than to make it."""
        return self._made(name, self._ones)

    def without_shares(self, name: str) -> Statements | None:
        """A form that holds whatever the rows of the inputs add up to."""
        found = self.form(name)
        if found is None or not found.shares:
            return found
        made = self._made(name, {})
        return made if made is not None and self._verifier.holds(name, made.text) else None

    def _made(self, name: str, ones: Mapping[str, int]) -> Statements | None:
        made, key = _MADE.setdefault(self._forms.formulas, {}), (name, tuple(ones.items()))
        if key not in made:
            try:
                made[key] = self._written(name, ones)
            except (NoMatrix, TooLong):
                made[key] = None
        return made[key]

    def _written(self, name: str, ones: Mapping[str, int]) -> Statements | None:
        if self._forms.beyond is not None:
            return None  # of a long program there is no closed form, either
        general = self._forms.general.get(name)
        if general is None or len(general.indices) > 2 or not _are_numbers(general.expression):
            return None
        assembly = Assembly(self._forms)
        if _single_elements(
            general, self._program.elements[self._program.inputs[name]]
        ):
            root = assembly.elements(general)
        else:
            root = _shaped(assembly, name, assembly.form(general), general.indices)
        return Finisher(assembly, root, ones).finished()


_MADE: WeakKeyDictionary[Formulas, dict[tuple[str, tuple[tuple[str, int], ...]], Statements | None]] = (
    WeakKeyDictionary()
)
"""By formulas, which points share, and by input and shares, what was written and is true or not at a point."""


def _are_numbers(expression: sp.Expr) -> bool:
    """Whether every function of a constant is a number; outside of its domain (``ndtri(1000)``) it is none."""
    try:
        return all(isfinite(float(each)) for each in expression.atoms(sp.Function) if each.is_number)
    except (TypeError, ValueError, OverflowError):
        return False


def _single_elements(general: General, element: Element) -> bool:
    """Whether a partial by a short vector tells single elements apart, as that of ``x[0]**2 + 2*x[1]**2`` does."""
    if len(general.indices) != 1 or len(element.sizes) != 1 or element.shape[0] > MOST_ELEMENTS:
        return False
    deltas = general.expression.atoms(sp.KroneckerDelta)
    return any(any(part.is_Integer for part in delta.args) for delta in deltas)


def _shaped(assembly: Assembly, name: str, found: Labelled, indices: tuple[sp.Symbol, ...]) -> Node:
    """An array in the shape that a gradient has: that of the result, then that of the input."""
    matrices = assembly.matrices
    result, here = assembly.result_sizes(), assembly.input_sizes(name)
    sizes = (*result, *here)
    if len(sizes) > 2:
        raise NoMatrix("more than two axes")
    shown = [axis for axis, size in enumerate(sizes) if size != 1]
    present = tuple(letter for letter in indices if letter in found.index)
    node = assembly.contractions.aligned(found, present)
    if node.head == "number" and node.data == 0 and not result:
        # what the result does not depend on
        return matrices.call("zeros_like", matrices.name(name, len(sizes))) if sizes else node
    if len(present) == len(sizes):
        return node
    places = [shown[indices.index(letter)] for letter in present]
    if len(sizes) == 2 and len(present) == 1 and sizes[1 - places[0]] == 1:
        return matrices.col(node) if places == [0] else matrices.row(node)
    if result:
        raise NoMatrix("an array result that is stretched")
    # what is the same along an axis
    if places == [0] and len(sizes) == 2:
        node = matrices.col(node)
    like = matrices.call("ones_like", matrices.name(name, len(sizes)))
    return matrices.mul(sp.Integer(1), [(node, sp.Integer(1)), (like, sp.Integer(1))])
