"""Closed forms: one formula for every n and every index, made by composing the chain rule's own contributions.

A pipeline of plain data: ``compose`` makes every adjoint a form, ``Naming`` chooses names and letters, and what is
written in them is the answer:

- ``general["x"]`` is a ``General``: ``expression`` is the partial of the result by ``x[k]`` (``2*x[k]/n``),
  ``indices`` its letters (``k``; for an array result those of the result first), ``definitions`` the named
  intermediates that it uses, each after those it needs;
- ``forward`` has one ``ForwardStep`` for every element that is computed, in order: ``y[i] = x[i]**2``;
- ``backward`` has one ``BackwardStep`` for every element that an input's partial passes through, from the result
  back. Its ``edges`` are what each consumer sends, in the consumer's named adjoint, and add up to the adjoint: the sum
  over consumers of the chain rule. ``closed`` is the same with the adjoints written out. The last steps are the
  inputs': their ``closed`` is the answer in ``general``;
- of a long program no closed form is attempted: its partials are in ``general`` as what the consumers of an input send
  back, in their named adjoints, and ``shown_forward`` and ``shown_backward`` are the steps that a page has room for;
- ``given`` has the names in those steps that no formula defines: the position of a maximum, a given array, an inverse.

Formulas are sympy expressions in ``x[k]`` (``sympy.Indexed``, counting from 1), sizes ``n, m``, ``Sum``,
``KroneckerDelta`` and ``Piecewise``, never evaluated. An element whose adjoint is shorter than its name is written out
in what follows; what an operation without a meaning hides is ``unsupported``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symdiff.algebra.forms import TooLong
from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.compose import Adjoint, Composed, compose
from symdiff.closed_forms.elements import NoForm
from symdiff.closed_forms.folding import Fold, folded
from symdiff.closed_forms.readable.costs import LONG_PROGRAM
from symdiff.closed_forms.readable.naming import Naming
from symdiff.closed_forms.records import BackwardStep, Beyond, Definition, Edge, ForwardStep, General
from symdiff.deadline import look
from symdiff.sentences import Said

__all__ = ["ClosedForms", "Formulas", "closed_forms"]


class WrittenSteps:
    """The steps forward and back; those that a page shows are written first: names do not depend on who asks."""

    def __init__(self, composed: Composed, naming: Naming) -> None:
        self._composed, self._naming = composed, naming
        program = composed.derivation.program
        needed = program.needed()
        # the size of an axis is no step
        self._elements = [e.index for e in program.elements if e.meaning is not None and e.index in needed]
        steps = [index for index in self._elements if program.elements[index].operation != "count"]
        self.shown_forward = folded(program, steps)
        self.shown_backward = folded(program, composed.derivation.order)
        self._forward: dict[int, ForwardStep] = {}
        self._backward: dict[int, BackwardStep | None] = {}
        shown = self.shown_forward
        if any(isinstance(each, Fold) for each in (*shown, *self.shown_backward)):
            naming.name_all(self._elements)
        else:
            shown = tuple(self._elements)
        for write, part in ((self.forward, shown), (self.backward, self.shown_backward)):
            for index in part:
                if not isinstance(index, Fold):
                    write(index)

    def forward(self, index: int) -> ForwardStep:
        """How an element is computed."""
        if index not in self._forward:
            look()
            self._forward[index] = _forward(self._composed, self._naming, index)
        return self._forward[index]

    def backward(self, index: int) -> BackwardStep | None:
        """The adjoint of an element; None where it has no form."""
        if index not in self._backward:
            adjoint = self._composed.adjoint(index)
            long = self._composed.long
            self._backward[index] = None if adjoint is None else _backward(self._naming, adjoint, long)
        return self._backward[index]

    @cached_property
    def all_forward(self) -> tuple[ForwardStep, ...]:
        """The steps forward, of every element that the result depends on."""
        return tuple(map(self.forward, self._elements))

    @cached_property
    def all_backward(self) -> tuple[BackwardStep, ...]:
        """The steps back, of every element whose adjoint has a form."""
        found = map(self.backward, self._composed.derivation.order)
        return tuple(step for step in found if step is not None)


@dataclass(frozen=True, eq=False)
class Formulas:
    """What was found of a program that is the same at every point: nothing in it depends on the inputs' values."""

    composed: Composed
    naming: Naming
    general: Mapping[str, General]
    unsupported: tuple[Said, ...]

    @cached_property
    def steps(self) -> WrittenSteps:
        """The steps, written when somebody reads them, in the names that the partials were given."""
        return WrittenSteps(self.composed, self.naming)


@dataclass(frozen=True, eq=False)
class ClosedForms:
    """The general partials of a derivation, and how the forms that they come from were named.

    ``derivation`` has the values of the inputs; ``formulas`` may have been found at others, of an equal program.
    """

    derivation: Derivation
    formulas: Formulas

    @property
    def composed(self) -> Composed:
        """The adjoints as forms."""
        return self.formulas.composed

    @property
    def naming(self) -> Naming:
        """In which names and letters the forms are written."""
        return self.formulas.naming

    @property
    def general(self) -> Mapping[str, General]:
        """By input the general partial."""
        return self.formulas.general

    @property
    def unsupported(self) -> tuple[Said, ...]:
        """What stands in the way: inputs whose partials pass through such an operation are not in ``general``."""
        return self.formulas.unsupported

    @property
    def steps(self) -> WrittenSteps:
        """The steps, in the names that the partials were given."""
        return self.formulas.steps

    @property
    def forward(self) -> tuple[ForwardStep, ...]:
        """The steps forward, of every element that the result depends on."""
        return self.steps.all_forward

    @property
    def backward(self) -> tuple[BackwardStep, ...]:
        """The steps back, from the result to the inputs."""
        return self.steps.all_backward

    @property
    def shown_forward(self) -> tuple[ForwardStep | Fold, ...]:
        """The steps forward as a page shows them: of a long program not all."""
        steps = self.steps
        return tuple(each if isinstance(each, Fold) else steps.forward(each) for each in steps.shown_forward)

    @property
    def shown_backward(self) -> tuple[BackwardStep | Fold, ...]:
        """The steps back as a page shows them: of a long program not all."""
        steps = self.steps
        found = (each if isinstance(each, Fold) else steps.backward(each) for each in steps.shown_backward)
        return tuple(step for step in found if step is not None)

    @property
    def beyond(self) -> Beyond | None:
        """Why a long program has no closed forms at all."""
        return Beyond("steps", len(self.derivation.order), LONG_PROGRAM) if self.composed.long else None

    @cached_property
    def bars(self) -> Mapping[str, str]:
        """By name of an adjoint the name of what it is the adjoint of."""
        order, name = self.derivation.order, self.naming.name
        _ = self.steps
        return {name("adjoint", index): name("value", index) for index in order if index not in self.composed.failed}

    @property
    def given(self) -> tuple[Definition, ...]:
        """The names in the steps that words must define: positions that were chosen or given, constants, inverses."""
        # those of the steps that a page leaves out are known when these are written
        _ = self.shown_forward, self.shown_backward
        return self.naming.given()

    @property
    def names(self) -> Mapping[int, str]:
        """The name of every element that was given one, by its number."""
        _ = self.steps
        return self.naming.values

    def name(self, element: int) -> str | None:
        """The name of an element, if it was given one."""
        _ = self.steps
        return self.naming.given_name(element)

    @property
    def sizes(self) -> Mapping[sp.Symbol, int]:
        """What the letters of the sizes are here: ``{n: 4}``."""
        return self.naming.sizes

    def shown(self, element: int) -> tuple[int, ...]:
        """The axes along which an element has an index: those that are not of length 1 by their nature."""
        return tuple(self.composed.elements.shown(element))


def closed_forms(derivation: Derivation) -> ClosedForms:
    """The general partials of a derivation, and the general steps that lead to them."""
    composed = compose(derivation)
    naming = Naming(composed)
    program, failed = derivation.program, composed.failed
    for name in program.wrt:
        composed.adjoint(program.inputs[name])
    # what reaches one element of an array result has no name in a long program
    asked = () if composed.long and composed.result_at else program.wrt
    general = {name: naming.partial(name) for name in asked if program.inputs[name] not in failed}
    return ClosedForms(derivation, Formulas(composed, naming, general, tuple(dict.fromkeys(failed.values()))))


def _forward(composed: Composed, naming: Naming, index: int) -> ForwardStep:
    at = composed.elements.general(index)
    variables = naming.variables(index, at)
    letters = naming.general_letters(variables)
    try:
        formula = naming.write(composed.elements.value(index, at), letters)
    except (NoForm, TooLong):
        formula = None
    ranges = tuple(naming.write(v.size, {}) for v in variables)
    return ForwardStep(index, naming.name("value", index), tuple(letters.values()), ranges, formula)


def _backward(naming: Naming, adjoint: Adjoint, long: bool) -> BackwardStep:
    letters, indices = naming.partial_letters((adjoint.index, adjoint.at))
    edges = []
    for sent in adjoint.sent:
        local = None
        if sent.local is not None:
            inner = [v for v in sorted(sent.local.free, key=lambda v: v.number) if v not in letters]
            more = naming.bound_letters(set(letters.values()), len(inner))
            local = naming.write(sent.local, letters | dict(zip(inner, more, strict=True)))
        edges.append(Edge(sent.consumer, naming.write(sent.whole, letters), local))
    name, bar = naming.name("value", adjoint.index), naming.name("adjoint", adjoint.index)
    # of a long program that is what the edges add up to, of which there may be a thousand
    closed = sp.Add(*(edge.formula for edge in edges)) if long and edges else naming.write(adjoint.closed, letters)
    return BackwardStep(adjoint.index, name, bar, indices, tuple(edges), closed)
