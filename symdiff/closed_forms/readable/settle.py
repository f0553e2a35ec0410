"""Simplification while adjoints are composed: sums that vanish or count, and results known by name."""

from __future__ import annotations

from symdiff.algebra.atoms import Bracket, Element, Number, Size, Sum
from symdiff.algebra.conditions import expanded
from symdiff.algebra.fold import factored
from symdiff.algebra.forms import Exact, Form, TooLong
from symdiff.algebra.rewrite import elements_replaced
from symdiff.closed_forms.elements import Elements, NoForm
from symdiff.closed_forms.readable.costs import COUNTED
from symdiff.closed_forms.readable.logistic import Logistics, divisors, solved_for


class Settler:
    """Simplifies forms of one program, and remembers what it found out about sums."""

    def __init__(self, elements: Elements) -> None:
        self._elements = elements
        self._sums: dict[Sum, Form | None] = {}
        self._logistics = Logistics(elements)
        self._equations: dict[int, tuple[Element, Form] | None] = {}

    def settled(self, form: Form) -> Form:
        """``form`` with sums that vanish or count decided, and with names folded in where that shortens it."""
        return self._folded(self.decided(lone_opened(form)))

    def _outer(self, form: Form) -> int | None:
        """The last element, no input, that is a factor in a form, not the argument of a function."""
        latest = None
        waiting = list(form.terms)
        while waiting:
            for atom, exponent in waiting.pop().powers:
                if isinstance(atom, Sum):
                    waiting.append(atom.body)
                elif isinstance(atom, Bracket):
                    waiting.extend(atom.inside.terms)
                elif isinstance(atom, Element) and self._worth_opening(atom, exponent):
                    latest = atom.source if latest is None else max(latest, atom.source)
        return latest

    def _worth_opening(self, atom: Element, exponent: Exact) -> bool:
        if atom.role != "value" or self._elements.program.elements[atom.source].meaning is None:
            return False
        # the square of a sum is not multiplied out
        return exponent == 1 or self._elements.definition(atom.source)[1].single is not None

    # --- sums that vanish or count ----------------------------------------------------------------------------------

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
                known = self._known_sum(atom) if isinstance(atom, Sum) else None
                if known is None:
                    rest.append((atom, exponent))
                else:
                    product = product * algebra.power(known, exponent)
            total = total + product * algebra.form({algebra.monomial(rest): 1})
        return total

    def _known_sum(self, atom: Sum) -> Form | None:
        if atom not in self._sums:
            self._sums[atom] = self._counted(atom) if self._hopeful(atom) else None
        return self._sums[atom]

    def _hopeful(self, atom: Sum) -> bool:
        """Whether a sum may be a number: no factor is an input, nothing could cancel that, and its
        degree is at most 2.
        """
        program = self._elements.program.elements
        degree: Exact = 0
        for factor, exponent in atom.body.powers:
            if isinstance(factor, Element) and factor.role == "value":
                degree += max(exponent, 0)
                if program[factor.source].meaning is None:
                    return False
        return degree <= 2

    def _counted(self, atom: Sum) -> Form | None:
        form = atom.algebra.of(atom)
        for _ in range(8):
            try:
                name = self._outer(form)
                if name is None:
                    return None
                form = expanded(self._one_step_back(form, name))
            except (NoForm, TooLong):
                return None
            if len(form.terms) > 12 or form.cost > COUNTED:
                return None
            if all(isinstance(found, Size | Number) for found in form.atoms()):
                return form
        return None

    def _one_step_back(self, form: Form, index: int) -> Form:
        elements = self._elements
        return elements_replaced(
            form, ("value", index), lambda at: elements.value(index, elements.whole_position(index, at))
        )

    # --- names ------------------------------------------------------------------------------------------------------

    def _folded(self, form: Form) -> Form:
        """``form`` with what a name stands for written by that name, where that leaves less to read."""
        least = None
        for index in self._candidates(form):
            equation = self._equation(index)
            if equation is None or (equation[0].role, equation[0].source) not in form.sources:
                continue
            trial = self.decided(solved_for(form, *equation))
            if least is None:
                least = self._length(form)
            if (length := self._length(trial)) < least and divisors(trial) <= divisors(form):
                form, least = trial, length
        return self._logistics.folded(form, self._length)

    def _length(self, form: Form) -> int:
        return factored(form).cost + 2 * len(form.sources)

    def _candidates(self, form: Form) -> list[int]:
        """Elements that are made of at least two of those that the form names."""
        names = {source for role, source in form.sources if role == "value"}
        if len(names) < 2:
            return []
        program = self._elements.program.elements
        return [e.index for e in program if e.meaning is not None and len(names.intersection(e.operands)) > 1]

    def _equation(self, index: int) -> tuple[Element, Form] | None:
        """An element's definition solved for an operand at the same position: e[i] = p[i]*S from p[i] = e[i]/S."""
        if index not in self._equations:
            self._equations[index] = self._solved(index)
        return self._equations[index]

    def _solved(self, index: int) -> tuple[Element, Form] | None:
        elements = self._elements
        algebra = elements.algebra
        try:
            at, form = elements.definition(index)
        except NoForm:
            return None
        found = form.single
        result = elements.read(index, at)
        shown = tuple(at[k] for k in elements.shown(index))
        if found is None or result.atom is None or not shown:
            return None
        for atom, exponent in found[0].powers:
            if isinstance(atom, Element) and atom.role == "value" and exponent in (1, -1) and atom.index == shown:
                rest = algebra.form(
                    {algebra.monomial(power for power in found[0].powers if power[0] is not atom): found[1]}
                )
                return atom, (result / rest) ** exponent
        return None


def lone_opened(form: Form) -> Form:
    """The form with every bracket opened that is a term by itself."""
    total = None
    for monomial, coefficient in form.terms.items():
        if len(monomial.powers) == 1 and monomial.powers[0][1] == 1 and isinstance(monomial.powers[0][0], Bracket):
            own = form.algebra.form({monomial: coefficient})
            total = (form if total is None else total) - own + monomial.powers[0][0].inside.scaled(coefficient)
    return form if total is None else total
