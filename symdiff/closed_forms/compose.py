"""Adjoints in closed form: the contributions of the chain rule composed, shortened on the way, short
ones written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from symdiff.algebra.fold import deltas_applied
from symdiff.algebra.forms import Form, TooLong, Variable
from symdiff.algebra.rewrite import elements_replaced, substituted
from symdiff.algebra.sums import delta
from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.adjoints import Sent, sent_back
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.closed_forms.readable.costs import EFFORT, INLINED, LONG_PROGRAM
from symdiff.closed_forms.readable.settle import Settler
from symdiff.deadline import look
from symdiff.sentences import Said

FAR = 100
"""Ranks the indices of the result after those of what it is differentiated by."""


@dataclass(frozen=True, slots=True)
class Adjoint:
    """The adjoint of a general element: its position, what its consumers sent, the sum of that, and
    the whole in closed form.
    """

    index: int
    at: Position
    sent: tuple[Sent, ...]
    step: Form
    closed: Form


class Composed:
    """The adjoints of a derivation as forms, each composed of those of its consumers.

    ``failed`` holds the elements whose adjoint has no form, and the operation to blame. In a ``long`` program nothing
    is composed: an adjoint is the sum of what its consumers send in their own, made when it is asked for.
    """

    def __init__(self, derivation: Derivation, elements: Elements, settler: Settler) -> None:
        self.long = is_long(derivation)
        self.derivation, self.elements, self._settler = derivation, elements, settler
        self.result_at = elements.general(derivation.program.result)
        elements.ranks.update((v, FAR + k) for k, p in enumerate(self.result_at) for v in p.free)
        self._adjoints: dict[int, Adjoint] = {}
        self.failed: dict[int, Said] = {}
        self._effort = elements.algebra.asked + EFFORT
        if not self.long:
            _ = self.adjoints

    @property
    def adjoints(self) -> Mapping[int, Adjoint]:
        """The adjoint of every element that has one."""
        for index in self.derivation.order:
            self.adjoint(index)
        return {index: self._adjoints[index] for index in self.derivation.order if index in self._adjoints}

    def adjoint(self, index: int) -> Adjoint | None:
        """The adjoint of an element; None where it has no form, or the result does not depend on it."""
        if index in self.derivation.contributions and index not in self._adjoints and index not in self.failed:
            self._try(index)
        return self._adjoints.get(index)

    def _try(self, index: int) -> None:
        """An element's adjoint; where it has no form, the operation to blame."""
        look()
        for contribution in self.derivation.contributions[index]:
            if contribution.consumer in self.failed:
                self.failed[index] = self.failed[contribution.consumer]
                return
        try:
            self._adjoints[index] = self._adjoint(index)
        except NoForm as error:
            self.failed[index] = error.said
        except TooLong:
            operation = self.derivation.program.elements[index].operation
            named = Said("missing.long_formula.at", {"operation": operation}) if operation else None
            self.failed[index] = named or Said("missing.long_formula")

    def _adjoint(self, index: int) -> Adjoint:
        elements, algebra = self.elements, self.elements.algebra
        at = elements.general(index)
        elements.ranks.update((v, k) for k, p in enumerate(at) for v in p.free)
        if index == self.derivation.program.result:
            seed = algebra.one
            for out, here in zip(self.result_at, at, strict=True):
                seed = seed * delta(algebra, out - here)
            return Adjoint(index, at, (), seed, seed)
        sent = tuple(sent_back(elements, self.derivation, index, at))
        total = algebra.total(part.whole for part in sent)
        return Adjoint(index, at, sent, total, total if self.long else self._in_closed_form(total))

    def _in_closed_form(self, total: Form) -> Form:
        try:
            if self._effort < self.elements.algebra.asked:
                raise TooLong("the effort for this program is spent")
            return self.composed(total)
        except TooLong:
            if self.result_at:
                raise
            # in the consumers' named adjoints
            return total

    def composed(self, form: Form) -> Form:
        """``form`` with every short adjoint in it written out, and simplified."""
        return self.simplified(self.with_adjoints(form))

    def with_adjoints(self, form: Form) -> Form:
        """``form`` with every short adjoint in it written out."""
        for role, source in sorted(form.sources, key=str):
            known = self._adjoints.get(source) if role == "adjoint" else None
            # of an array result there is an adjoint for each of its elements, which a name would not say
            if known is not None and (
                known.closed.cost <= INLINED or self.result_at or source == self.derivation.program.result
            ):
                form = elements_replaced(form, (role, source), partial(self._at, known))
        return form

    def simplified(self, form: Form) -> Form:
        """``form`` with what its deltas tie together written alike, and settled."""
        return self._settler.settled(deltas_applied(form, self.elements.ranks))

    def _at(self, adjoint: Adjoint, place: Position) -> Form:
        values: dict[Variable, Form] = {}
        shown = [adjoint.at[k] for k in self.elements.shown(adjoint.index)]
        for variable, position in zip(shown, place, strict=True):
            atom = variable.atom
            if isinstance(atom, Variable):
                values[atom] = position
        return substituted(adjoint.closed, values)


def is_long(derivation: Derivation) -> bool:
    """Whether a derivation goes through so many steps that no closed form is attempted."""
    return len(derivation.order) > LONG_PROGRAM


def compose(derivation: Derivation) -> Composed:
    """The adjoint of every element that matters, as a form."""
    elements = Elements(derivation.program, long=is_long(derivation))
    return Composed(derivation, elements, Settler(elements))
