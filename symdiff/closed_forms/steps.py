"""The steps of a whole derivation, from the result back to an input: what the closed forms were made through.

Nothing is told after the fact: each step holds what the chain rule passed on (``ClosedForms.backward``), the local
partials are the results of the same rules that differentiated them, and the last step of an input is its general
partial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from symdiff.algebra.forms import Form, TooLong, Variable
from symdiff.calculus.chain_rule import Contribution, Through, ThroughTerm
from symdiff.closed_forms.adjoints import Sent
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.compose import Adjoint
from symdiff.closed_forms.elements import NoForm, Position
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.records import BackwardStep, indexed
from symdiff.meaning.formula import readable_numbers
from symdiff.meaning.rule_steps import PartialDerivative, Rule, Step
from symdiff.meaning.scalar_rules import differentiate
from symdiff.meaning.terms import Implicit, Move, slot

__all__ = ["derivation_steps"]

Letters = Mapping[Variable, sp.Symbol]
Edge = tuple[Contribution, Sent]
"""A contribution and its forms."""

def derivation_steps(closed: ClosedForms) -> dict[str, Step]:
    """By input the tree of steps whose last result is its general partial.

    Inputs without a general partial are not in it. A step that was shown before, under the same input or an earlier
    one, is a ``reference`` to its number.
    """
    deriver = _Deriver(closed)
    trees = {name: deriver.partial(name) for name in closed.general}
    known: dict[Any, int] = {}
    return {name: _referred(tree, known) for name, tree in trees.items()}


def _referred(step: Step, known: dict[Any, int]) -> Step:
    """``step`` with a number, and a reference in the place of what has one already."""
    key = step.rule, step.applied_to, step.result
    if key in known:
        return Step(step.rule, step.applied_to, step.result, reference=known[key])
    if not step.children:
        return step
    known[key] = number = len(known) + 1
    return replace(step, children=tuple(_referred(child, known) for child in step.children), number=number)


class _Deriver:
    """Writes the forms that a derivation was made of as steps."""

    def __init__(self, closed: ClosedForms) -> None:
        self.closed = closed
        self.naming = closed.naming
        self.elements = closed.composed.elements
        self.program = closed.derivation.program
        self.shown = {each for each in closed.steps.shown_backward if not isinstance(each, Fold)}
        self._shown: dict[int, Step] = {}
        out = closed.naming.partial_letters()[1]
        self.result = indexed(self._name(self.program.result), out)

    def partial(self, name: str) -> Step:
        """All steps to the partial by an input, those of the elements between first."""
        general = self.closed.general[name]
        index = self.program.inputs[name]
        if self.closed.composed.adjoint(index) is None:
            unused = indexed(name, general.indices[self._out :])
            return Step(Rule.CONSTANT, PartialDerivative(self.result, unused), general.expression)
        by = self.adjoint(index).applied_to
        steps = [self.adjoint(k) for k in self._way_to(index) if k != self.program.result or k == index]
        if steps[-1].result != general.expression:
            rule = Rule.NAMES if general.definitions else Rule.SIMPLIFICATION
            steps.append(Step(rule, steps[-1].result, general.expression))
        return Step(Rule.PARTIAL, by, general.expression, tuple(steps))

    @property
    def _out(self) -> int:
        """How many letters an array result has."""
        return len(self.result.indices) if isinstance(self.result, sp.Indexed) else 0

    def _way_to(self, index: int) -> list[int]:
        """The elements that an adjoint is made through, from the result on."""
        needed = {index}
        for element in reversed(self.closed.derivation.order):
            if element in needed:
                needed.update(edge.consumer for edge in self.closed.derivation.contributions[element])
        needed &= self.shown | {index}
        return [element for element in self.closed.derivation.order if element in needed]

    def _name(self, index: int) -> str:
        return self.naming.name("value", index)

    # --- one adjoint ------------------------------------------------------------------------------------------------

    def adjoint(self, index: int) -> Step:
        """The steps to the adjoint of an element, from those of its consumers."""
        found = self._shown.get(index)
        if found is None:
            found = self._shown[index] = self._adjoint(*self._forms(index))
        return found

    def _forms(self, index: int) -> tuple[Adjoint, BackwardStep]:
        adjoint, written = self.closed.composed.adjoint(index), self.closed.steps.backward(index)
        assert adjoint is not None
        assert written is not None
        return adjoint, written

    def _adjoint(self, adjoint: Adjoint, written: BackwardStep) -> Step:
        letters, _ = self.naming.partial_letters((adjoint.index, adjoint.at))
        by = self._element(adjoint.index, adjoint.at, letters)
        target = PartialDerivative(self.result, by)
        if not adjoint.sent:
            return Step(Rule.RESULT, target, written.closed)
        chains = [self._chain(group, by, letters) for group in self._edges(adjoint)]
        ends = self._put_together(adjoint, written, letters)
        if len(chains) == 1:
            (chain,) = chains
            line = () if chain.applied_to == target else (replace(chain, children=()),)
            return Step(Rule.CHAIN, target, written.closed, (*chain.children, *line, *ends))
        parts = sp.Add(*(chain.applied_to for chain in chains))
        whole = Step(Rule.CONSUMERS, parts, self._plain(written.formula))
        return Step(Rule.CONSUMERS, target, written.closed, (*chains, whole, *ends))

    def _plain(self, formula: sp.Expr) -> sp.Expr:
        """A formula without the scalar result's adjoint, which is 1; an array of the same name keeps its own."""
        if self._out:
            return formula
        own = indexed(self.naming.name("adjoint", self.program.result), ())
        kept = {element: sp.Dummy(real=True) for element in formula.atoms(sp.Indexed)}
        without = formula.xreplace(kept).xreplace({own: sp.Integer(1)})
        return without.xreplace({dummy: element for element, dummy in kept.items()})

    def _edges(self, adjoint: Adjoint) -> Iterable[list[Edge]]:
        """The contributions, those in one group that read the same place of the same element through one term."""
        groups: dict[Any, list[Edge]] = {}
        contributions = self.closed.derivation.contributions[adjoint.index]
        for number, (contribution, sent) in enumerate(zip(contributions, adjoint.sent, strict=True)):
            key: Any = number
            if isinstance(contribution, ThroughTerm):
                key = contribution.consumer, id(contribution.term), contribution.at
            groups.setdefault(key, []).append((contribution, sent))
        return groups.values()

    def _put_together(self, adjoint: Adjoint, written: BackwardStep, letters: Letters) -> list[Step]:
        """Known adjoints written out, then simplified."""
        steps: list[Step] = []
        before = self._plain(written.formula)
        try:
            after = self.naming.write(self.closed.composed.with_adjoints(adjoint.step), letters)
        except TooLong:
            after = before
        for rule, result in ((Rule.SUBSTITUTION, after), (Rule.SIMPLIFICATION, written.closed)):
            if result != before:
                steps.append(Step(rule, before, result))
                before = result
        return steps

    # --- one consumer -----------------------------------------------------------------------------------------------

    def _chain(self, group: list[Edge], by: sp.Expr, letters: Letters) -> Step:
        """What one consumer sends back: its own adjoint times its local partial, summed over its positions."""
        contribution, sent = group[0]
        whole = self._plain(sp.Add(*(self.naming.write(each.whole, letters) for _, each in group)))
        position = sent.out
        variables = set(sent.summed)
        if isinstance(self.program.elements[contribution.consumer].meaning, Implicit):
            position = self.elements.general(contribution.consumer)
            variables = {v for p in position for v in p.free}
        inside = self._inside(sent, variables, letters)
        consumer = self._element(contribution.consumer, position, inside)
        product = PartialDerivative(consumer, by)
        if consumer != self.result:
            product = PartialDerivative(self.result, consumer) * product
        free = [v for v in sorted(variables, key=lambda v: v.number) if inside[v] != 1]
        limits = [(inside[v], 1, self.naming.write(v.size, inside)) for v in free]
        applied = sp.Sum(product, *limits) if limits else product
        before = [] if contribution.consumer == self.program.result else [self._reference(contribution.consumer)]
        if sent.local is None:
            return Step(Rule.IMPLICIT, applied, whole, tuple(before))
        return Step(Rule.CHAIN, applied, whole, (*before, self._local(group, consumer, by, inside)))

    def _inside(self, sent: Sent, variables: set[Variable], letters: Letters) -> Letters:
        """Letters for the variables that are summed over, those in the local partial first; 1 for what runs to 1."""
        local = frozenset() if sent.local is None else sent.local.free
        single = {v: sp.Integer(1) for v in variables if v.size.constant == 1}
        waiting = sorted(variables - single.keys(), key=lambda v: (v not in local, v.number))
        more = self.naming.bound_letters(set(letters.values()), len(waiting))
        return {**letters, **single, **dict(zip(waiting, more, strict=True))}

    def _element(self, index: int, position: Position, letters: Letters) -> sp.Expr:
        shown = [position[k] for k in self.elements.shown(index)]
        free = sorted({v for p in shown for v in p.free} - set(letters), key=lambda v: v.number)
        more = self.naming.bound_letters(set(letters.values()), len(free))
        known = {**letters, **dict(zip(free, more, strict=True))}
        return indexed(self._name(index), tuple(self.naming.write(p, known) for p in shown))

    def _reference(self, index: int) -> Step:
        """The step to a consumer's adjoint, which stands further up, or is left out."""
        found = self._shown.get(index)
        if found is not None:
            return replace(found, children=())
        adjoint, written = self._forms(index)
        letters, _ = self.naming.partial_letters((index, adjoint.at))
        target = PartialDerivative(self.result, self._element(index, adjoint.at, letters))
        return Step(Rule.CHAIN if len(adjoint.sent) == 1 else Rule.CONSUMERS, target, written.closed)

    # --- local partials ---------------------------------------------------------------------------------------------

    def _local(self, group: list[Edge], consumer: sp.Expr, by: sp.Expr, letters: Letters) -> Step:
        """The partial of a consumer's element by the element that it reads."""
        contribution, sent = group[0]
        target = PartialDerivative(consumer, by)
        element = self.program.elements[contribution.consumer]
        result = sp.Add(*(self.naming.write(each.local, letters) for _, each in group if each.local is not None))
        if isinstance(contribution, Through):
            assert isinstance(element.meaning, Move)
            return Step(Rule.PICK if element.meaning.by_values else Rule.MOVE, target, result)
        if self.elements.transparent(element) or _moves(contribution):
            return Step(Rule.MOVE, target, result)
        formula = self._formula(contribution, sent, letters)
        whole = target if formula is None else PartialDerivative(formula, by)
        rules = self._rules(group, letters)
        if contribution.term.product:
            return Step(Rule.PRODUCT_OVER_INDEX, whole, result, (rules,))
        pieces = result.has(sp.Piecewise) and not rules.result.has(sp.Piecewise)
        if rules.result != result and not pieces:
            last = Step(Rule.SIMPLIFICATION, rules.result, result)
            rules = replace(rules, result=result, children=(*rules.children, last))
        if formula == rules.applied_to.args[0] and not pieces:
            return rules
        linear = len(element.terms) == 1
        return Step(Rule.PIECES if pieces else Rule.LINEARITY if linear else Rule.SUM, whole, result, (rules,))

    def _rules(self, group: list[Edge], letters: Letters) -> Step:
        """The rules that differentiated a term's formula, in the names of the elements that it reads."""
        contribution, sent = group[0]
        assert isinstance(contribution, ThroughTerm)
        first = slot(contribution.slot)
        same = {slot(other.slot): first for other, _ in group if isinstance(other, ThroughTerm)}
        names = {symbol: self._slot(symbol, form, letters, symbol == first) for symbol, form in sent.slots.items()}
        rules = differentiate(contribution.term.formula.xreplace(same), first)
        return rules.mapped(lambda e: readable_numbers(e).xreplace(names))

    def _slot(self, symbol: sp.Symbol, form: Form, letters: Letters, differentiated: bool) -> sp.Expr:
        free = sorted(form.free - set(letters), key=lambda v: v.number)
        more = self.naming.bound_letters(set(letters.values()), len(free))
        written = self.naming.write(form, {**letters, **dict(zip(free, more, strict=True))})
        # what is differentiated by must be a name
        plain = isinstance(written, sp.Symbol | sp.Indexed)
        return symbol if differentiated and not plain else written

    def _formula(self, contribution: Contribution, sent: Sent, letters: Letters) -> sp.Expr | None:
        """The consumer's whole element at the position that is sent from."""
        try:
            form = self.elements.value(contribution.consumer, sent.out)
            return self.naming.write(form, letters)
        except (NoForm, TooLong):
            return None


def _moves(contribution: Contribution) -> bool:
    """Whether a term only says where an element goes."""
    if not isinstance(contribution, ThroughTerm):
        return False
    term = contribution.term
    plain = term.condition is None and not term.product
    return plain and term.formula == slot(contribution.slot) and len(term.kept) == len(term.box)
