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
from symdiff.closed_forms.readable.naming import Naming
from symdiff.closed_forms.records import BackwardStep, Definition, Edge, ForwardStep, General

__all__ = ["ClosedForms", "closed_forms"]


@dataclass(frozen=True, slots=True)
class WrittenSteps:
    """The steps forward and back, and the names in them that words must define."""

    forward: tuple[ForwardStep, ...]
    backward: tuple[BackwardStep, ...]
    given: tuple[Definition, ...]
    names: Mapping[int, str]


@dataclass(frozen=True)
class ClosedForms:
    """The general partials of a derivation, and how the forms that they come from were named.

    ``unsupported`` are the operations without a general formula: inputs whose partials pass through one are not in
    ``general``.
    """

    derivation: Derivation
    composed: Composed
    naming: Naming
    general: Mapping[str, General]
    unsupported: tuple[str, ...]

    @cached_property
    def steps(self) -> WrittenSteps:
        """The steps, written when somebody reads them, in the names that the partials were given."""
        return write_steps(self.composed, self.naming)

    @property
    def forward(self) -> tuple[ForwardStep, ...]:
        """The steps forward, of every element that the result depends on."""
        return self.steps.forward

    @property
    def backward(self) -> tuple[BackwardStep, ...]:
        """The steps back, from the result to the inputs."""
        return self.steps.backward

    @property
    def given(self) -> tuple[Definition, ...]:
        """The names in the steps that words must define: positions that were chosen or given, constants, inverses."""
        return self.steps.given

    @property
    def names(self) -> Mapping[int, str]:
        """The name of every element that was given one, by its number."""
        return self.steps.names

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
    general = {name: naming.partial(name) for name in program.wrt if program.inputs[name] not in failed}
    return ClosedForms(derivation, composed, naming, general, tuple(dict.fromkeys(failed.values())))


def write_steps(composed: Composed, naming: Naming) -> WrittenSteps:
    """The steps of a derivation: forward, then back."""
    program = composed.derivation.program
    needed = program.needed()
    forward = tuple(
        _forward(composed, naming, e.index) for e in program.elements if e.meaning is not None and e.index in needed
    )
    names = naming.values
    backward = tuple(_backward(naming, adjoint) for adjoint in composed.adjoints.values())
    return WrittenSteps(forward, backward, naming.given(), names)


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


def _backward(naming: Naming, adjoint: Adjoint) -> BackwardStep:
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
    return BackwardStep(adjoint.index, name, bar, indices, tuple(edges), naming.write(adjoint.closed, letters))
