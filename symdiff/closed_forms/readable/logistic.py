"""Logistic values: with p = 1/(1 + exp(-z)), what is left of the exponential in a partial is written in p.

The chain rule leaves ``(t/p - (1 - t)/(1 - p))*e/v**2`` where ``v = 1 + e`` and ``p = 1/v``. With ``v = 1/p`` and
``e = (1 - p)/p`` that is ``t - p``. No loss is known by its name: the steps from the exponential to p are inverted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from symdiff.algebra.atoms import Bracket, Element
from symdiff.algebra.forms import Form, TooLong
from symdiff.algebra.quotients import simplest
from symdiff.algebra.rewrite import elements_replaced, substituted
from symdiff.closed_forms.elements import Elements, NoForm
from symdiff.closed_forms.readable.costs import TRIVIAL

STEPS = 3
"""So many steps at most, of one operand each, lead from an exponential to its logistic value."""

Equation = tuple[Element, Form]
"""A named element, and what it is in terms of a later one."""


class Logistics:
    """The logistic values of one program, and how what they were made of is written in them."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements

    def folded(self, form: Form, length: Callable[[Form], int]) -> Form:
        """``form`` in the logistic values instead of their exponentials, where that is shorter."""
        for equations in self._values:
            if any((atom.role, atom.source) in form.sources for atom, _ in equations):
                for trial in self._trials(form, equations):
                    key = (length(trial), len(trial.sources))
                    if key < (length(form), len(form.sources)) and divisors(trial) <= divisors(form):
                        form = trial
        return form

    def _trials(self, form: Form, equations: tuple[Equation, ...]) -> Iterator[Form]:
        try:
            for equation in equations:
                form = solved_for(form, *equation)
            yield simplest(form)
            yield simplest(self._trivial_out(form))
        except (NoForm, TooLong):
            return

    def _trivial_out(self, form: Form) -> Form:
        """``form`` with 1 - p in the place of a name that stands for it."""
        elements = self._elements
        for role, source in sorted(form.sources, key=str):
            if role != "value" or elements.program.elements[source].meaning is None:
                continue
            if elements.authors_name(source) is None and elements.definition(source)[1].cost <= TRIVIAL:
                form = elements_replaced(form, (role, source), self._one_step_back(source))
        return form

    def _one_step_back(self, source: int) -> Callable[[tuple[Form, ...]], Form]:
        return lambda at: self._elements.value(source, self._elements.whole_position(source, at))

    @cached_property
    def _values(self) -> tuple[tuple[Equation, ...], ...]:
        """For every logistic value what it was made of, from the exponential on, as it is in the value."""
        reached: dict[int, int] = {}
        for element in self._elements.program.elements:
            steps = min((reached[k] + 1 for k in element.operands if k in reached), default=STEPS + 1)
            if element.operation == "exp":
                reached[element.index] = 0
            elif steps <= STEPS:
                reached[element.index] = steps
        found = (self._equations(index) for index, steps in reached.items() if steps)
        return tuple(equations for equations in found if equations)

    def _equations(self, index: int) -> tuple[Equation, ...]:
        """p = 1/v and v = 1 + e give v = 1/p and e = (1 - p)/p; nothing where a step is of another kind."""
        elements = self._elements
        at = elements.general(index)
        here = elements.read(index, at)
        value, equations = here, list[Equation]()
        while len(equations) < STEPS:
            step = self._inverted(here, value)
            if step is None:
                return ()
            atom, value = step
            if atom.index != tuple(at[k] for k in elements.shown(index)):
                return ()
            equations.append(step)
            if elements.program.elements[atom.source].operation == "exp":
                # 1/(2*e) is no logistic value: something must have been added
                return tuple(equations) if len(value.terms) > 1 or _has_bracket(value) else ()
            here = elements.algebra.of(atom)
        return ()

    def _inverted(self, here: Form, value: Form) -> Equation | None:
        """The v of which an element is 1/v, 1 + v or 1/(1 + v), and what it is where the element is ``value``."""
        elements, atom = self._elements, here.atom
        if not isinstance(atom, Element) or elements.program.elements[atom.source].meaning is None:
            return None
        try:
            form = elements.value(atom.source, elements.whole_position(atom.source, atom.index))
        except NoForm:
            return None
        found = form.single
        if found is not None:
            if found[1] != 1 or len(found[0].powers) != 1 or found[0].powers[0][1] != -1:
                return None
            value = value**-1
            below = found[0].powers[0][0]
            form = below.inside if isinstance(below, Bracket) else form.algebra.of(below)
        rest = form - 1
        whole, inner = form.atom, rest.atom
        if isinstance(whole, Element) and whole.role == "value":
            return whole, value
        return (inner, value - 1) if isinstance(inner, Element) and inner.role == "value" else None


def _has_bracket(form: Form) -> bool:
    return any(isinstance(atom, Bracket) for atom in form.atoms())


def divisors(form: Form) -> set[tuple[str, Any]]:
    """The named arrays whose elements a form divides by: a name that is folded in must not add one, which may be 0."""
    found: set[tuple[str, Any]] = set()
    waiting: list[Any] = list(form.terms)
    seen: set[Any] = set()
    while waiting:
        monomial = waiting.pop()
        for atom, exponent in monomial.powers:
            if exponent < 0:
                found |= atom.sources
            if atom not in seen:
                seen.add(atom)
                waiting += [m for part in atom.parts() for m in (part.terms if isinstance(part, Form) else (part,))]
    return found


def solved_for(form: Form, atom: Element, solved: Form) -> Form:
    """``form`` with a named element replaced by what its equation was solved for."""

    def value(at: tuple[Form, ...]) -> Form:
        values: dict[Any, Form] = {p.atom: new for p, new in zip(atom.index, at, strict=True)}
        return substituted(solved, values)

    return elements_replaced(form, (atom.role, atom.source), value)
