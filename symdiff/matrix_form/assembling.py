"""From closed forms to matrix forms: names, their definitions, and the statements that a text consists of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.records import Definition, General
from symdiff.language.functions import unbindable
from symdiff.matrix_form.contraction import Contractions, Labelled
from symdiff.matrix_form.costs import MOST_CONSTANTS, MOST_DEFINITIONS
from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Node, NoMatrix
from symdiff.matrix_form.reading import Reader


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: a node, and along which of the axes that have an index in formulas."""

    node: Node
    axes: tuple[int, ...]


class Assembly:
    """The names of one derivation, as nodes; ``defined`` receives what the names in use stand for."""

    def __init__(self, forms: ClosedForms) -> None:
        self._forms = forms
        self._program = forms.derivation.program
        self.matrices = Matrices()
        self.contractions = Contractions(self.matrices)
        self.reader = Reader(self.matrices, self.contractions, self)
        self.defined: dict[str, Node] = {}
        self.pages: dict[str, str] = {}
        self.shapes: dict[str, tuple[sp.Expr, ...]] = {}
        self._named: dict[tuple[str, int], Named] = {}
        self._working: set[tuple[str, int]] = set()
        self._definitions: dict[str, Definition] = {}
        self._steps: dict[tuple[str, int], int] | None = None
        self._bars: dict[str, int] | None = None
        self.taken: set[str] = set(self._program.inputs)
        self._sizes = self._axes()

    # --- formulas -----------------------------------------------------------------------------------------------------

    def form(self, general: General) -> Labelled:
        """The partial of a general element, as a labelled array.

        Raises:
            NoMatrix: there is none.
        """
        self._definitions = {each.name: each for each in general.definitions}
        if len(general.expression.atoms(sp.Sum)) > 1 or general.definitions:
            # what reaches other values is written first: what is shared with it is then found again
            for _, found in self.adjoints():
                self.contractions.saw(found.node)
        self.reader.ranges(self._ranges(general))
        return self.reader.read(general.expression, frozenset(general.indices))

    def elements(self, general: General) -> Node:
        """A partial by a vector of which single elements are used, element by element."""
        self._definitions = {each.name: each for each in general.definitions}
        (letter,) = general.indices
        (length,) = self._program.elements[self._program.inputs[general.name]].shape
        parts = []
        for place in range(1, length + 1):
            found = self.reader.read(general.expression.subs(letter, place))
            if found.index:
                raise NoMatrix("an array for an element")
            parts.append(found.node)
        return self.matrices.make("elements", parts, None, 1)

    def _ranges(self, general: General) -> dict[sp.Symbol, Node]:
        """The lengths through which the indices of a partial run."""
        result = self._program.elements[self._program.result]
        here = self._program.elements[self._program.inputs[general.name]]
        sizes = [s for element in (result, here) for s in element.sizes if s.formula != 1]
        return {
            letter: self.reader.read(self._forms.naming.length(size.formula)).node
            for letter, size in zip(general.indices, sizes, strict=False)
            if len(sizes) == len(general.indices)
        }

    @property
    def authors(self) -> frozenset[str]:
        """The names that the author gave to values."""
        return frozenset(e.name for e in self._program.elements if e.name is not None and e.origin is not None)

    def input_sizes(self, name: str) -> tuple[sp.Expr, ...]:
        """The lengths of an input's axes, as letters."""
        return self.shapes[name]

    def result_sizes(self) -> tuple[sp.Expr, ...]:
        """The lengths of the result's axes, as letters."""
        return tuple(
            self._forms.naming.length(size.formula) for size in self._program.elements[self._program.result].sizes
        )

    def letter_of(self, name: str) -> sp.Expr | None:
        """The letter of a size that a text names."""
        return next((letter for letter in self._sizes if self._own(letter.name) == name), None)

    def of_shape(self, shape: tuple[sp.Expr | None, ...]) -> str | None:
        """The first input of this shape."""
        return next((name for name, own in self.shapes.items() if own == shape), None)

    # --- sizes --------------------------------------------------------------------------------------------------------

    def _axes(self) -> dict[sp.Expr, tuple[str, int]]:
        """By letter of a size an input and the axis of that length."""
        found: dict[sp.Expr, tuple[str, int]] = {}
        for name, index in self._program.inputs.items():
            element = self._program.elements[index]
            self.shapes[name] = tuple(self._forms.naming.length(size.formula) for size in element.sizes)
            for axis, letter in enumerate(self.shapes[name]):
                if letter.is_Symbol:
                    found.setdefault(letter, (name, axis))
        return found

    def is_size(self, letter: sp.Symbol) -> bool:
        return letter in self._forms.sizes

    def size(self, letter: sp.Symbol) -> Node:
        if letter not in self._sizes:
            raise NoMatrix(f"{letter} is the length of no input")
        name, axis = self._sizes[letter]
        rank = len(self.shapes[name])
        source = self.matrices.name(name, rank)
        text = self._own(letter.name)
        self.defined.setdefault(text, self.matrices.make("shape", (source,), None if rank == 1 else axis, 0))
        return self.matrices.name(text, 0)

    # --- arrays -------------------------------------------------------------------------------------------------------

    def array(self, name: str, rank: int) -> Named:
        key = (name, rank)
        if key not in self._named:
            if key in self._working:
                raise NoMatrix(f"{name} is defined by itself")
            self._working.add(key)
            try:
                self._named[key] = self._input(name, rank) or self._intermediate(name, rank)
            finally:
                self._working.discard(key)
        return self._named[key]

    def _input(self, name: str, rank: int) -> Named | None:
        index = self._program.inputs.get(name)
        if index is None:
            return None
        element = self._program.elements[index]
        shown = [axis for axis, size in enumerate(element.sizes) if size.formula != 1]
        if len(element.sizes) == rank or len(shown) != rank:
            if len(element.sizes) != rank:
                return None
            return Named(self.matrices.name(name, rank), tuple(range(rank)))
        if len(element.sizes) > 2:
            raise NoMatrix(f"{name} has {len(element.sizes)} axes")
        places = [":" if axis in shown else "0" for axis in range(len(element.sizes))]
        if places[-1] == ":":
            places.pop()
        whole = self.matrices.name(name, len(element.sizes))
        return Named(self.matrices.make("item", (whole,), ", ".join(places), rank), tuple(range(rank)))

    def position(self, number: int) -> str:
        """A position that is a number, by the input that only says a position, if one is that."""
        for name, index in self._program.inputs.items():
            value = self._program.elements[index].value
            if value is not None and value.dtype.kind in "iu" and value.ndim == 0 and int(value) == number:
                return name
        return str(number)

    def place(self, name: str) -> str | None:
        """The input whose positions a table in formulas holds."""
        definition = self._definitions.get(name) or next((d for d in self._forms.given if d.name == name), None)
        if definition is None or definition.kind != "table" or definition.value is None:
            return None
        for other, index in self._program.inputs.items():
            value = self._program.elements[index].value
            if value is not None and np.asarray(value).dtype.kind in "iu" and np.array_equal(value, definition.value):
                return other
        return None

    def _intermediate(self, name: str, rank: int) -> Named:
        definition = self._definitions.get(name)
        if definition is not None and definition.kind in ("inverse", "determinant"):
            return self._of_matrix(definition)
        if definition is not None and definition.kind == "constant" and definition.value is not None:
            return self._constant(definition.value)
        if definition is not None and definition.formula is not None and len(definition.indices) == rank:
            if definition.kind == "equation":
                raise NoMatrix(f"{name} is defined by an equation")
            return self._by_formula(name, definition.indices, definition.formula)
        return self._by_step(name, rank)

    def _ranges_of(self, name: str, indices: tuple[sp.Symbol, ...]) -> dict[sp.Symbol, Node]:
        """The lengths through which the indices of a definition run."""
        element = self._element(name, len(indices))
        if element is None:
            return {}
        sizes = [self._program.elements[element].sizes[axis] for axis in self._forms.shown(element)]
        lengths = (self.reader.read(self._forms.naming.length(size.formula)).node for size in sizes)
        return dict(zip(indices, lengths, strict=True))

    def _element(self, name: str, rank: int) -> int | None:
        """The value that has a name and so many indices."""
        if self._steps is None:
            self._steps = {}
            for index, own in self._forms.names.items():
                self._steps.setdefault((own, len(self._forms.shown(index))), index)
        return self._steps.get((name, rank))

    def _by_step(self, name: str, rank: int) -> Named:
        """A value or an adjoint that a step defines."""
        element = self._element(name, rank)
        if element is not None:
            step = self._forms.steps.forward(element)
            if step.formula is not None:
                return self._by_formula(name, step.indices, step.formula)
            given = self._program.elements[element]
            if given.meaning is None and given.value is not None:
                return self._constant(given.value)
        inverse = next((d for d in self._forms.given if d.name == name and d.kind in ("inverse", "determinant")), None)
        if inverse is not None:
            return self._of_matrix(inverse)
        raise NoMatrix(f"nothing defines {name}")

    def _by_formula(self, name: str, indices: tuple[sp.Symbol, ...], formula: sp.Expr) -> Named:
        if formula.has(sp.KroneckerDelta):
            self.reader.ranges(self._ranges_of(name, indices))
        found = self.reader.read(formula, frozenset(indices))
        if len(found.index) == 2 and found.index != tuple(i for i in indices if i in found.index):
            found = Labelled(self.matrices.T(found.node), found.index[::-1])
        return self._as_name(name, found.node, tuple(indices.index(letter) for letter in found.index))

    def _as_name(self, name: str, node: Node, axes: tuple[int, ...]) -> Named:
        if not node.args:
            return Named(node, axes)
        text = self._own(name)
        if text in self.defined and self.defined[text] is not node:
            text = self._own(f"{name}_{node.ndim}")
        if len(self.defined) > 4 * MOST_DEFINITIONS:
            raise NoMatrix("too many names")
        self.defined[text] = node
        self.pages[text] = name
        if self.matrices.is_symmetric(node):
            self.matrices.symmetric.add(text)
        return Named(self.matrices.name(text, node.ndim), axes)

    def _of_matrix(self, definition: Definition) -> Named:
        """The inverse or the determinant of a matrix that has a name."""
        (of,) = definition.formula.args if definition.formula is not None else (None,)
        if not isinstance(of, sp.Symbol):
            raise NoMatrix(f"{definition.name} is of no matrix with a name")
        matrix = self.array(of.name, 2)
        if matrix.axes != (0, 1):
            raise NoMatrix(f"{of.name} is no matrix")
        if definition.kind == "inverse":
            return self._as_name(definition.name, self.matrices.call("inv", matrix.node, ndim=2), (0, 1))
        return self._as_name(definition.name, self.matrices.call("det", matrix.node, ndim=0), ())

    def _constant(self, value: np.ndarray) -> Named:
        value = np.asarray(value)
        if value.ndim > 2 or value.size > MOST_CONSTANTS or value.dtype.kind not in "fiu":
            raise NoMatrix("an array of many numbers")
        shown = tuple(axis for axis, length in enumerate(value.shape) if length != 1)
        squeezed = value.reshape([value.shape[axis] for axis in shown])
        if squeezed.size and np.all(squeezed == squeezed.flat[0]):
            # stretched from one number, as ones(4) is
            return Named(self.matrices.number(sp.Rational(repr(float(squeezed.flat[0])))), ())
        text = str(squeezed.tolist()) if squeezed.ndim else repr(float(squeezed))
        return Named(self.matrices.make("literal", (), text, squeezed.ndim), tuple(range(squeezed.ndim)))

    # --- names --------------------------------------------------------------------------------------------------------

    def _own(self, name: str) -> str:
        """A name that a text may bind, for one that the page uses."""
        return name if name not in unbindable() and name not in ("e", "pi") else f"{name}_"

    def free(self, wishes: Iterable[str]) -> str:
        """The first of these names that nothing has."""
        used = self.taken | self.defined.keys() | {letter.name for letter in self._forms.sizes}
        for wish in (*wishes, *(f"u_{k}" for k in range(1, 100))):
            if wish not in used and wish not in unbindable() and wish not in ("e", "pi"):
                return wish
        raise NoMatrix("too many names")

    @property
    def _adjoints_of(self) -> dict[int, str]:
        """By element the name that the author gave to it."""
        return {
            e.index: e.name
            for e in self._program.elements
            if e.name is not None and e.meaning is not None and e.sizes and e.origin is not None
        }

    def adjoints(self) -> Iterator[tuple[str, Labelled]]:
        """The adjoints of values that have the author's names, from the result back."""
        authors = self._adjoints_of
        for index in self._forms.derivation.order:
            if index not in authors or index == self._program.result:
                continue
            step = self._forms.steps.backward(index)
            if step is None:
                continue
            try:
                found = self.reader.read(step.closed, frozenset(step.indices))
            except NoMatrix:
                continue
            if found.index and set(found.index) == set(step.indices):
                index_of = tuple(i for i in step.indices if i in found.index)
                yield authors[index], Labelled(self.contractions.aligned(found, index_of), index_of)


def shares_of_one(values: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Matrices whose rows (1) or columns (0) are shares of 1: labels as a distribution for each example."""
    found = {}
    for name, value in values.items():
        if value.ndim == 2 and np.all(value >= 0):
            for axis in (1, 0):
                if value.shape[axis] > 1 and np.all(value.sum(axis=axis) == 1.0):
                    found[name] = axis
                    break
    return found
