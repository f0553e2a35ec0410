"""Which names a formula keeps: those that make it, with the definitions it then needs, easiest to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from symdiff.algebra.fold import deltas_applied
from symdiff.algebra.forms import Form, TooLong, Variable
from symdiff.algebra.quotients import simplest
from symdiff.algebra.rewrite import elements_replaced, substituted
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.closed_forms.readable.costs import EFFORT, LONGEST, NAME, SHORT, TRIVIAL, WELCOME
from symdiff.closed_forms.readable.probabilities import probability
from symdiff.closed_forms.readable.settle import lone_opened
from symdiff.deadline import look

Name: TypeAlias = "tuple[str, Any]"
"""The role and the source of a named array."""
Defined: TypeAlias = "tuple[tuple[Variable, ...], Form]"
"""The variables of a general element, and its value."""


@dataclass(frozen=True, slots=True)
class Written:
    """A formula and the definitions of the names in it, each after those that it needs."""

    form: Form
    definitions: dict[Name, Defined]
    cost: int = 0


class Shortener:
    """Chooses names for formulas of one program."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self.adjoints: dict[int, Defined] = {}
        self._values: dict[int, Defined | None] = {}
        self._factored: dict[Form, Form] = {}
        self._written_out: dict[Any, Form | None] = {}
        self._left = EFFORT

    # --- names ------------------------------------------------------------------------------------------------------

    def one_step(self, name: Name) -> Defined | None:
        """What a named array is made of, one step back; None for inputs and for what words must define."""
        role, source = name
        if role == "adjoint":
            return self.adjoints.get(source)
        if role == "probability":
            at, _ = self.elements.definition(source[0])
            return self._variables(source[0], at), probability(self.elements, source, at)
        if role != "value" or self.elements.program.elements[source].meaning is None:
            return None
        if source not in self._values:
            self._values[source] = self._value(source)
        return self._values[source]

    def _value(self, index: int) -> Defined | None:
        try:
            at, form = self.elements.definition(index)
        except NoForm:
            return None
        return self._variables(index, at), form

    def _variables(self, index: int, at: Position) -> tuple[Variable, ...]:
        shown = [at[k].atom for k in self.elements.shown(index)]
        return tuple(atom for atom in shown if isinstance(atom, Variable))

    def names(self, form: Form) -> list[Name]:
        """The names in a form that have a definition, the last first."""
        return sorted((n for n in form.sources if self.one_step(n) is not None), key=_lateness, reverse=True)

    def factored(self, form: Form) -> Form:
        """``form`` as it is written."""
        found = self._factored.get(form)
        if found is None:
            found = self._factored[form] = simplest(form)
        return found

    # --- choosing ---------------------------------------------------------------------------------------------------

    def shortest(self, form: Form) -> Written:
        """``form`` in the names that make it easiest to read with all their definitions; in the inputs
        alone where that is short. When the effort for all formulas of a program is spent, a formula is left as short as
        it is by then.
        """
        before = self.elements.algebra.asked
        try:
            return self._shortest(form)
        finally:
            self._left -= self.elements.algebra.asked - before

    def _shortest(self, form: Form) -> Written:
        began = self.elements.algebra.asked
        formulas = self._trivial_out(self._all_formulas(form))
        alone = self._in_inputs(formulas)
        if alone is not None:
            return Written(alone, {}, self.factored(alone).cost)
        total = self._difficulty(formulas)
        tried: set[tuple[Name, int]] = set()
        while True:
            before = len(formulas)
            # the author's own names are the last to go
            for name in sorted((n for n in formulas if n is not None), key=self._order):
                if (name, len(formulas)) in tried:
                    continue
                look()
                if self.elements.algebra.asked - began > self._left:
                    return _in_order(formulas, total)
                self._left -= len(formulas)
                tried.add((name, len(formulas)))
                for kept in (True, False):
                    trial = self._without(formulas, name, kept)
                    if trial is not None and (cost := self._difficulty(trial)) < total:
                        formulas, total = trial, cost
                        break
            if len(formulas) == before:
                break
        return _in_order(formulas, total)

    def _all_formulas(self, form: Form) -> dict[Name | None, Defined]:
        formulas: dict[Name | None, Defined] = {None: ((), form)}
        waiting = self.names(form)
        while waiting:
            name = waiting.pop()
            if name not in formulas:
                found = self.one_step(name)
                assert found is not None
                formulas[name] = found
                waiting += self.names(found[1])
        return formulas

    def _difficulty(self, formulas: dict[Name | None, Defined]) -> int:
        total = 0
        for name, (_, form) in formulas.items():
            cost = self.factored(form).cost
            # one formula of twice the length is more than twice as hard to read
            total += cost + cost * cost // 30 + (0 if name is None else self._look_up(name))
        return total

    def _look_up(self, name: Name) -> int:
        role, source = name
        if role == "adjoint":
            return 2 * NAME
        if role == "probability" or self.elements.probability(source):
            return WELCOME
        return 0 if self._known(name) else NAME

    def _order(self, name: Name) -> tuple[bool, bool, int]:
        derived, late = _lateness(name)
        return self._known(name), not derived, -late

    def _known(self, name: Name) -> bool:
        """Whether the reader knows a name already: the author's own, and the result's."""
        role, source = name
        return role == "value" and (
            self.elements.authors_name(source) is not None or source == self.elements.program.result
        )

    def _trivial_out(self, formulas: dict[Name | None, Defined]) -> dict[Name | None, Defined]:
        for name in sorted((n for n in formulas if n is not None), key=_lateness):
            if self._look_up(name) == NAME and self.factored(formulas[name][1]).cost <= TRIVIAL:
                formulas = self._without(formulas, name, kept=True) or formulas
        return formulas

    def _without(
        self, formulas: dict[Name | None, Defined], name: Name, kept: bool
    ) -> dict[Name | None, Defined] | None:
        """The formulas with one name written out wherever it stands."""
        definition = formulas[name]
        trial: dict[Name | None, Defined] = {}
        for other, (variables, form) in formulas.items():
            if other == name:
                continue
            if name in form.sources:
                after = self._replaced(form, name, definition, kept)
                if after is None:
                    return None
                form = after
            trial[other] = variables, form
        return trial

    def _replaced(self, form: Form, name: Name, definition: Defined, kept: bool) -> Form | None:
        key = (form, name, definition[1], kept)
        if key not in self._written_out:
            try:
                after: Form | None = deltas_applied(written_out(form, name, definition, kept), self.elements.ranks)
            except TooLong:
                after = None
            if after is not None and (after.cost > LONGEST or name in after.sources):
                after = None
            self._written_out[key] = after
        return self._written_out[key]

    def _in_inputs(self, formulas: dict[Name | None, Defined]) -> Form | None:
        """The formula with every name written out, where that is short."""
        trial = formulas
        for name in sorted((n for n in formulas if n is not None), key=_lateness):
            after = self._without(trial, name, kept=True)
            if after is None or any(self.factored(form).cost > 4 * SHORT for _, form in after.values()):
                return None
            trial = after
        form = trial[None][1]
        return form if self.factored(form).cost <= SHORT else None


def written_out(form: Form, name: Name, definition: Defined, kept: bool) -> Form:
    """``form`` with a name replaced by its definition; ``kept`` leaves one that is a sum in brackets."""
    variables, inside = definition

    def value(at: tuple[Form, ...]) -> Form:
        return substituted(inside, dict(zip(variables, at, strict=True)))

    return lone_opened(elements_replaced(form, name, value, keep_sums=kept))


def _lateness(name: Name) -> tuple[bool, int]:
    """A key that sorts names in the order in which they become known."""
    role, source = name
    if role == "probability":
        return False, max(source)
    return role == "adjoint", -source if role == "adjoint" else source


def _in_order(formulas: dict[Name | None, Defined], cost: int) -> Written:
    names = sorted((name for name in formulas if name is not None), key=_lateness)
    needed: set[Name] = set()
    waiting = [formulas[None][1]]
    while waiting:
        for name in waiting.pop().sources:
            if name in formulas and name not in needed:
                needed.add(name)
                waiting.append(formulas[name][1])
    return Written(formulas[None][1], {name: formulas[name] for name in names if name in needed}, cost)
