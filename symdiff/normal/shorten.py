"""Which names a formula keeps: those that make it, with the definitions it then needs, shortest."""

from __future__ import annotations

from typing import Any

from symdiff.normal.algebra import Form, TooLong
from symdiff.normal.atoms import Element, Number, Size, Sum, Variable
from symdiff.normal.conditions import expanded
from symdiff.normal.elements import Elements, NoForm
from symdiff.normal.fold import factored
from symdiff.normal.rewrite import elements_replaced, substituted

SHORT = 15
"""A formula of about this many signs is written in the inputs alone."""
NAME = 4
"""What it costs a reader to look up one more name, in signs."""
FAR = 1 << 60
LONGEST = 400
"""Forms beyond this are not written out further."""


class Shortener:
    """Shortens forms of one program; remembers every definition in its shortest form."""

    def __init__(self, elements: Elements) -> None:
        self.elements = elements
        self._definitions: dict[int, tuple[tuple[Variable, ...], Form] | None] = {}
        self._sums: dict[Sum, Form | None] = {}
        self._costs: dict[int, int] = {}
        self._factored: dict[Form, Form] = {}

    # --- names ----------------------------------------------------------------------------------------------------------

    def inner_names(self, form: Form) -> list[int]:
        """The elements of the program, no inputs, that a form names, the last first."""
        program = self.elements.program.elements
        found = [source for role, source in form.sources if role == "value" and program[source].meaning is not None]
        return sorted(found, reverse=True)

    def definition(self, index: int) -> tuple[tuple[Variable, ...], Form] | None:
        """An element's general value in its shortest form, and its variables; None where there is no formula."""
        if index not in self._definitions:
            at = self.elements.general(index)
            try:
                form = self.shortest(self.elements.value(index, at), index)
            except NoForm:
                self._definitions[index] = None
            else:
                shown = tuple(v for k in self.elements.shown(index) for v in [at[k].atom])
                self._definitions[index] = (shown, form)  # type: ignore[assignment]
        return self._definitions[index]

    def written_out(self, form: Form, index: int, step: bool = False) -> Form:
        """``form`` with one name replaced by its definition (``step``: by what it is made of, one step back)."""

        def value(at: tuple[Form, ...]) -> Form | None:
            if step:
                return self.elements.value(index, self.elements.whole_position(index, at))
            found = self.definition(index)
            if found is None:
                return None
            variables, inside = found
            return substituted(inside, dict(zip(variables, at, strict=True)))

        return elements_replaced(form, ("value", index), value)

    # --- lengths --------------------------------------------------------------------------------------------------------

    def factored(self, form: Form) -> Form:
        """``form`` as it is written."""
        found = self._factored.get(form)
        if found is None:
            found = self._factored[form] = factored(form)
        return found

    def cost(self, form: Form) -> int:
        """The length of a form as it is written, with the definitions of all names that it needs."""
        total = self.factored(form).cost
        needed: set[int] = set()
        waiting = self.inner_names(form)
        while waiting:
            index = waiting.pop()
            if index not in needed:
                needed.add(index)
                found = self.definition(index)
                if found is not None:
                    waiting += self.inner_names(found[1])
        return total + sum(self._definition_cost(index) for index in needed)

    def _definition_cost(self, index: int) -> int:
        if index not in self._costs:
            found = self.definition(index)
            named = self.elements.program.elements[index].name is not None
            self._costs[index] = NAME // (2 if named else 1) + (self.factored(found[1]).cost if found else 0)
        return self._costs[index]

    # --- shortening -----------------------------------------------------------------------------------------------------

    def shortest(self, form: Form, below: int = FAR) -> Form:
        """``form`` in the names (of elements before ``below``) that make it shortest; in the inputs alone where that is short."""
        best = self.settled(form, below)
        names = self.inner_names(best)
        if not names:
            return best
        least = self.cost(best)
        index = 0
        while index < len(names):
            trial = self._tried(best, names[index], below)
            if trial is not None and (cost := self.cost(trial)) <= least:
                best, least = trial, cost
                names = self.inner_names(best)
                index = 0
            else:
                index += 1
        return self._in_inputs(best, below)

    def _tried(self, form: Form, index: int, below: int) -> Form | None:
        if self.definition(index) is None:
            return None
        try:
            trial = self.settled(self.written_out(form, index), below)
        except TooLong:
            return None
        return None if index in self.inner_names(trial) or trial.cost > LONGEST else trial

    def _in_inputs(self, form: Form, below: int) -> Form:
        trial = form
        for _ in range(len(self.elements.program.elements)):
            names = self.inner_names(trial)
            if not names:
                break
            after = self._tried(trial, names[0], below)
            if after is None or after.cost > 6 * SHORT:
                return form
            trial = after
        return trial if self.factored(trial).cost <= SHORT else form

    def settled(self, form: Form, below: int = FAR) -> Form:
        """``form`` with sums that vanish or count decided, and with names folded in where that shortens it."""
        return self.folded(self.decided(form), below)

    def decided(self, form: Form) -> Form:
        """Sums that are 0 or a size once their names are written out, replaced by that."""
        if not any(isinstance(atom, Sum) for atom in form.atoms()):
            return form
        algebra = form.algebra
        total = algebra.zero
        for monomial, coefficient in form.terms.items():
            product = algebra.lift(coefficient)
            rest = []
            for atom, exponent in monomial.powers:
                known = self._decided_sum(atom) if isinstance(atom, Sum) else None
                if known is None:
                    rest.append((atom, exponent))
                else:
                    product = product * algebra.power(known, exponent)
            total = total + product * algebra.form({algebra.monomial(rest): 1})
        return total

    def _decided_sum(self, atom: Sum) -> Form | None:
        if atom not in self._sums:
            self._sums[atom] = None
            self._sums[atom] = self._counted(atom)
        return self._sums[atom]

    def _counted(self, atom: Sum) -> Form | None:
        form = atom.algebra.of(atom)
        for _ in range(8):
            names = self.inner_names(form)
            if not names:
                return None
            try:
                form = expanded(self.written_out(form, names[0], step=True))
            except (NoForm, TooLong):
                return None
            if len(form.terms) > 12:
                return None
            if all(isinstance(found, Size | Number) for found in form.atoms()):
                return form
        return None

    def folded(self, form: Form, below: int) -> Form:
        """``form`` with the monomials that a name (before ``below``) stands for written by that name, where that is shorter."""
        least = self.factored(form).cost
        for index in self._folds(form, below):
            trial = self._fold(form, index)
            if trial is not None:
                trial = self.decided(trial)
                if (cost := self.factored(trial).cost) < least:
                    form, least = trial, cost
        return form

    def _folds(self, form: Form, below: int) -> list[int]:
        """Elements whose definition only names what the form names, and reads one of these at its own position."""
        names = {source for role, source in form.sources if role == "value"}
        if len(names) < 2:
            return []
        found = []
        for element in self.elements.program.elements[:below]:
            if element.meaning is not None and len(names.intersection(element.operands)) > 1:
                found.append(element.index)
        return found

    def _fold(self, form: Form, index: int) -> Form | None:
        """``form`` with an element's definition solved for an operand: e[i] = p[i]*S from p[i] = e[i]/S."""
        elements, algebra = self.elements, form.algebra
        at = elements.general(index)
        try:
            value = elements.value(index, at)
        except NoForm:
            return None
        found = value.single
        result = elements.read(index, at)
        if found is None or result.atom is None:
            return None
        shown = tuple(at[k] for k in elements.shown(index))
        for atom, exponent in found[0].powers:
            if isinstance(atom, Element) and atom.role == "value" and exponent in (1, -1) and atom.index == shown and shown:
                rest = algebra.form({algebra.monomial(power for power in found[0].powers if power[0] is not atom): found[1]})
                solved = (result / rest) ** exponent
                return self._solved_for(form, atom, solved)
        return None

    def _solved_for(self, form: Form, atom: Element, solved: Form) -> Form:
        def value(at: tuple[Form, ...]) -> Form:
            values: dict[Any, Form] = {p.atom: new for p, new in zip(atom.index, at, strict=True)}
            return substituted(solved, values)

        return elements_replaced(form, (atom.role, atom.source), value)
