"""Closed forms: one formula for every n and every index, made by composing the chain rule's own contributions.

``closed_forms(derivation)`` gives ``ClosedForms``, whose parts are sympy expressions in ``x[k]`` (``sympy.Indexed``,
counting from 1), sizes ``n, m``, ``Sum``,
``KroneckerDelta`` and ``Piecewise``, never evaluated:

- ``general["x"]`` is a ``General``: ``expression`` is the partial of the result by ``x[k]`` (``2*x[k]/n``),
  ``indices`` its letters (``k``; for an array
  result those of the result first), ``definitions`` the named intermediates that it uses, each after those it needs;
- ``forward`` has one ``ForwardStep`` for every element that is computed, in order: ``y[i] = x[i]**2``;
- ``backward`` has one ``BackwardStep`` for every element that an input's partial passes through, from the result
  back. Its ``edges`` are what each consumer
  sends, in the consumer's named adjoint, and add up to the adjoint: the sum over consumers of the chain rule.
  ``closed`` is the same with the adjoints
  written out. The last steps are the inputs': their ``closed`` is the answer in ``general``;
- ``given`` has the names in those steps that no formula defines: the position of a maximum, a given array, an inverse;
- ``names`` says which letter an element got, ``sizes`` which number each size has here.

An element whose adjoint is shorter than its name is written out in what follows; what an operation without a meaning
hides is ``unsupported``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from symdiff.algebra.fold import deltas_applied
from symdiff.algebra.forms import Form, TooLong, Variable
from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.backward import Adjoint, Backward
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.closed_forms.implicit import VALUES
from symdiff.closed_forms.moves import axis_of
from symdiff.closed_forms.readable.letters import Letters
from symdiff.closed_forms.readable.probabilities import with_probabilities
from symdiff.closed_forms.readable.settle import Settler
from symdiff.closed_forms.readable.shorten import LONG, Defined, Name, Shortener
from symdiff.closed_forms.readable.to_sympy import Writer, index_symbol
from symdiff.meaning.terms import Decided, Element, Implicit, Lookup


@dataclass(frozen=True, slots=True)
class Definition:
    """A named intermediate: ``formula`` is its general element at ``indices``, None where words must say what it is.

    ``kind`` is "value", "adjoint", "probability" (of the exponential ``element``), "chosen" (the position along
    ``axis`` that the pick ``element`` chose; ``rank`` numbers the several that a median
    averages), "table" (positions along ``axis`` that the program was given, counted from 0 in ``value``), "constant"
    (a given array, in ``value``), "equation" (what an operation defines by an equation, or decides by the order of its
    operands; ``formula`` names it), "inverse" or "determinant" (of ``element``, as its formula says).
    """

    name: str
    indices: tuple[sp.Symbol, ...]
    formula: sp.Expr | None
    kind: str = "value"
    element: int | None = None
    axis: int | None = None
    rank: int | None = None
    value: np.ndarray | None = None

    @property
    def symbol(self) -> sp.Expr:
        """The name with its indices, as it stands in formulas."""
        return indexed(self.name, self.indices)


@dataclass(frozen=True, slots=True)
class General:
    """The partial of the result by a general element of an input."""

    name: str
    indices: tuple[sp.Symbol, ...]
    expression: sp.Expr
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """How a general element is computed: ``name[indices] = formula``; formula is None where no formula is known."""

    element: int
    name: str
    indices: tuple[sp.Symbol, ...]
    ranges: tuple[sp.Expr, ...]
    formula: sp.Expr | None


@dataclass(frozen=True, slots=True)
class Edge:
    """What a consumer sends back: ``formula`` in its named adjoint, summed; ``local`` is the partial
    of the consumer's element that enters.
    """

    consumer: int
    formula: sp.Expr
    local: sp.Expr | None


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """The adjoint of a general element: ``name[indices]`` is the sum of the edges; ``closed`` has the
    adjoints written out.
    """

    element: int
    name: str
    adjoint: str
    indices: tuple[sp.Symbol, ...]
    edges: tuple[Edge, ...]
    closed: sp.Expr

    @property
    def formula(self) -> sp.Expr:
        """The contributions added up, in named adjoints."""
        return sp.Add(*(edge.formula for edge in self.edges)) if self.edges else self.closed


def indexed(name: str, indices: tuple[sp.Expr, ...]) -> sp.Expr:
    """``name[indices]``, or the symbol itself where there are none."""
    return sp.Indexed(sp.IndexedBase(name, real=True), *indices) if indices else sp.Symbol(name, real=True)


@dataclass(frozen=True)
class ClosedForms:
    """See the module's own words; everything is worked out when it is first asked for, and then kept."""

    derivation: Derivation

    @cached_property
    def unsupported(self) -> tuple[str, ...]:
        """The operations that have no general formula: the inputs whose partials pass through one are
        not in ``general``.
        """
        return tuple(dict.fromkeys(self._backward.failed.values()))

    @cached_property
    def general(self) -> Mapping[str, General]:
        """The general partial by every input that is differentiated by."""
        program = self.derivation.program
        return {name: self._general(name) for name in program.wrt if program.inputs[name] not in self._backward.failed}

    @cached_property
    def forward(self) -> tuple[ForwardStep, ...]:
        """The steps forward, of every element that the result depends on."""
        _ = self.general  # the names that the answer uses are given first
        elements = self.derivation.program.elements
        return tuple(self._forward(e.index) for e in elements if e.meaning is not None and e.index in self._needed)

    @cached_property
    def backward(self) -> tuple[BackwardStep, ...]:
        """The steps back, from the result to the inputs."""
        _ = self.forward
        return tuple(map(self._step, self._backward.adjoints.values()))

    @cached_property
    def given(self) -> tuple[Definition, ...]:
        """The names in the steps that words must define: positions that were chosen or given, constants, inverses."""
        _ = self.backward
        elements = self.derivation.program.elements
        return tuple(
            self._given(role, source)
            for role, source in self._letters.names
            if role not in ("value", "probability")
            or (role == "value" and self._without_formula(elements[source]) and not self._is_input((role, source)))
        )

    @property
    def names(self) -> Mapping[int, str]:
        """The name of every element that was given one, by its number."""
        _ = self.forward
        return {source: name for (role, source), name in self._letters.names.items() if role == "value"}

    @property
    def taken(self) -> frozenset[str]:
        """The names that stand for an array or a size, and so for no index."""
        return frozenset(self._letters.names.values()) | {symbol.name for symbol in self._letters.sizes.values()}

    def shown(self, element: int) -> tuple[int, ...]:
        """The axes along which an element has an index: those that are not of length 1 by their nature."""
        return tuple(self._elements.shown(element))

    @property
    def sizes(self) -> Mapping[sp.Symbol, int]:
        """What the letters of the sizes are here: ``{n: 4}``."""
        values = self._elements.size_values
        return {letter: values[symbol] for symbol, letter in self._letters.sizes.items() if symbol in values}

    # --- how they are made ------------------------------------------------------------------------------------------

    @cached_property
    def _elements(self) -> Elements:
        return Elements(self.derivation.program)

    @cached_property
    def _shortener(self) -> Shortener:
        shortener = Shortener(self._elements)
        for index, adjoint in self._backward.adjoints.items():
            step = adjoint.closed if adjoint.closed.cost <= LONG else adjoint.step
            shortener.adjoints[index] = tuple(self._variables(index, adjoint.at)), step
        return shortener

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self._elements)

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._letters.name, self._letters.size, self._letters.bound_letters())

    @cached_property
    def _backward(self) -> Backward:
        return Backward(self.derivation, self._elements, Settler(self._elements))

    @cached_property
    def _needed(self) -> frozenset[int]:
        return self.derivation.program.needed()

    def _general(self, name: str) -> General:
        index = self.derivation.program.inputs[name]
        adjoint = self._backward.adjoints.get(index)
        at = self._elements.general(index) if adjoint is None else adjoint.at
        letters, indices = self.partial_letters((index, at))
        if adjoint is None:
            return General(name, indices, sp.Integer(0))
        named = adjoint.step if not self._backward.result_at else None
        return self.general_in_names(name, self._tied(adjoint), letters, indices, named)

    def general_in_names(
        self,
        name: str,
        form: Form,
        letters: Mapping[Variable, sp.Symbol],
        indices: tuple[sp.Symbol, ...],
        named: Form | None = None,
    ) -> General:
        """A form written in the names that make it easiest to read; ``named`` is another way to write it, if it is
        long.
        """
        written = self._shortener.shortest(with_probabilities(self._elements, form))
        if named is not None and self._shortener.factored(written.form).cost > LONG:
            other = self._shortener.shortest(named)
            written = other if 10 * other.cost < 9 * written.cost else written
        definitions = [self._definition(name, defined) for name, defined in written.definitions.items()]
        forms = map(self._shortener.factored, (written.form, *(form for _, form in written.definitions.values())))
        given = {name for form in forms for name in form.sources} - written.definitions.keys()
        first = [self._given(*name) for name in sorted(given, key=str) if not self._is_input(name)]
        return General(name, indices, self._write(written.form, letters), (*first, *definitions))

    def _tied(self, adjoint: Adjoint) -> Form:
        """The closed form; one of several terms with a delta keeps the result's index beside it, as
        p[i]*(delta(i, k) - p[k]) does.
        """
        form = adjoint.closed
        if len(form.terms) < 2 or not self._backward.result_at:
            return form
        ranks = {v: k for k, p in enumerate([*self._backward.result_at, *adjoint.at]) for v in p.free}
        return deltas_applied(form, ranks)

    def _is_input(self, name: Name) -> bool:
        return name[0] == "value" and name[1] in self.derivation.program.inputs.values()

    def _write(self, form: Form, letters: Mapping[Variable, sp.Symbol]) -> sp.Expr:
        return self._writer(self._shortener.factored(form), letters)

    def partial_letters(self, *places: tuple[int, Position]) -> tuple[dict[Variable, sp.Symbol], tuple[sp.Symbol, ...]]:
        """Letters for the positions of elements; for an array result those of its own position first."""
        out = self._variables(self.derivation.program.result, self._backward.result_at)
        here = [v for index, at in places for v in self._variables(index, at)]
        names = self._letters.general_letters(len(out))
        rest = [n for n in self._letters.partial_letters(len(here) + len(out)) if n not in names][: len(here)]
        symbols = tuple(map(index_symbol, [*names, *rest]))
        return dict(zip([*out, *here], symbols, strict=True)), symbols

    def _variables(self, index: int, at: Position) -> list[Variable]:
        shown = [at[k].atom for k in self._elements.shown(index)]
        return [atom for atom in shown if isinstance(atom, Variable)]

    def _general_letters(self, variables: list[Variable]) -> dict[Variable, sp.Symbol]:
        names = self._letters.general_letters(len(variables))
        return dict(zip(variables, map(index_symbol, names), strict=True))

    def _forward(self, index: int) -> ForwardStep:
        at = self._elements.general(index)
        variables = self._variables(index, at)
        letters = self._general_letters(variables)
        try:
            formula = self._write(self._elements.value(index, at), letters)
        except (NoForm, TooLong):
            formula = None
        ranges = tuple(self._writer(v.size, {}) for v in variables)
        return ForwardStep(index, self._letters.name("value", index), tuple(letters.values()), ranges, formula)

    def _step(self, adjoint: Adjoint) -> BackwardStep:
        letters, indices = self.partial_letters((adjoint.index, adjoint.at))
        edges = []
        for sent in adjoint.sent:
            local = None
            if sent.local is not None:
                inner = [v for v in sorted(sent.local.free, key=lambda v: v.number) if v not in letters]
                more = self._writer.letters(set(letters.values()), len(inner))
                local = self._write(sent.local, letters | dict(zip(inner, more, strict=True)))
            edges.append(Edge(sent.consumer, self._write(sent.whole, letters), local))
        name, bar = self._letters.name("value", adjoint.index), self._letters.name("adjoint", adjoint.index)
        return BackwardStep(adjoint.index, name, bar, indices, tuple(edges), self._write(adjoint.closed, letters))

    # --- definitions ------------------------------------------------------------------------------------------------

    def _definition(self, name: Name, defined: Defined) -> Definition:
        variables, form = defined
        letters = self._general_letters(list(variables))
        element = name[1][0] if name[0] == "probability" else name[1]
        return Definition(
            self._letters.name(*name), tuple(letters.values()), self._write(form, letters), name[0], element
        )

    def _given(self, role: str, source: Any) -> Definition:
        """A name that no formula defines: a given array, a position that was chosen, an inverse."""
        name = self._letters.name(role, source)
        if isinstance(source, Lookup):
            return Definition(name, (), None, role, axis=axis_of(self._elements, source), value=source.table)
        if role == "chosen":
            element, axis, rank = source
            return Definition(name, (), None, role, element, axis, rank)
        if role == "value":
            element = self.derivation.program.elements[source]
            if isinstance(element.meaning, Implicit | Decided):
                operands = [sp.Symbol(self._letters.name("value", k), real=True) for k in element.operands]
                words = sp.Function(str(element.operation).removesuffix("_packed"))(*operands)
                return Definition(name, (), words, "equation", source)
            return Definition(name, (), None, "constant", source, value=element.value)
        return Definition(name, (), self._in_words(role, source), role, source)

    def _without_formula(self, element: Element) -> bool:
        if isinstance(element.meaning, Implicit):
            return element.meaning.kind not in VALUES
        return element.meaning is None or isinstance(element.meaning, Decided)

    def _in_words(self, role: str, source: int) -> sp.Expr:
        of = sp.Symbol(self._letters.name("value", source), real=True)
        return sp.Function("inv" if role == "inverse" else "det")(of)


def closed_forms(derivation: Derivation) -> ClosedForms:
    """The general partials of a derivation, and the general steps that lead to them."""
    return ClosedForms(derivation)
