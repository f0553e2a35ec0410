"""Every rule of a derivation as lines of a document, in the order of a proof: what a line rests on stands before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from symdiff.closed_forms.steps import derivation_steps
from symdiff.meaning.rule_steps import PartialDerivative, Rule, Step
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Add, Bracket, Call, Math, Root, Sum, Symbol, Text, Times
from symdiff.viewing.view import RuleGroup, RulesView, RuleView
from symdiff.viewing.writing import Writing, without_repeats

__all__ = ["rules_of"]

_GOES_ON = (Rule.SUBSTITUTION, Rule.SIMPLIFICATION, Rule.NAMES)
"""Rules that change what the line above them ended with."""
_FUNCTION = "derivative of "
LOCAL = "local partials"
"""Names the line of the chain rule in which the local partials stand in the place of their names."""


def rules_of(writing: Writing) -> tuple[RulesView, ...]:
    """The lines of every input that has a general partial, numbered through."""
    return _Rules(writing).views()


class _Rules:
    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.steps = derivation_steps(writing.forms)
        self._groups = _group_numbers(self.steps)

    def views(self) -> tuple[RulesView, ...]:
        return tuple(RulesView(name, self.groups(step)) for name, step in self.steps.items())

    def groups(self, whole: Step) -> tuple[RuleGroup, ...]:
        """The groups of one input; what changes its last adjoint into the answer belongs to the last group."""
        new = [child for child in whole.children if child.number is not None]
        ends = [child for child in whole.children if child.rule in _GOES_ON]
        found = []
        for child in new:
            assert child.number is not None
            lines = [*self.of_adjoint(child), *(self.line(end) for end in ends if child is new[-1])]
            # two ways to the result may rest on the same line
            once = tuple(dict.fromkeys(lines))
            found.append(RuleGroup(self._groups[child.number], self.math(child.applied_to), once))
        return tuple(found)

    def of_adjoint(self, step: Step) -> Iterator[RuleView]:
        """Premises, then the chain rule's line, then what becomes of it."""
        through = isinstance(step.applied_to, PartialDerivative) and any(_is_chain(child) for child in step.children)
        for child in step.children:
            if child.rule in _GOES_ON:
                yield self.line(child)
            elif child.rule == Rule.CONSUMERS and child.reference is None:
                ways = [way for way in step.children if _is_chain(way)]
                sums = (
                    Add(tuple(self.math(way.applied_to) for way in ways)),
                    Add(tuple(self.sent(way.result) for way in ways)),
                )
                yield RuleView((self.math(step.applied_to), sums[0]), str(child.rule))
                yield from _goes_on(*sums)
            elif _is_chain(child):
                yield from self.of_consumer(child, step)
            elif not through and child.reference is None and child is _last_local(step):
                yield from self.local(child, first=step.applied_to)
            else:
                yield from self.local(child)

    def of_consumer(self, chain: Step, whole: Step) -> Iterator[RuleView]:
        for premise in chain.children:
            yield from self.local(premise)
        alone = whole.rule == Rule.CHAIN
        parts = (whole.applied_to, chain.applied_to) if alone else (chain.applied_to,)
        if alone:
            yield RuleView(self.chain(*parts), str(chain.rule))
            yield from _goes_on(self.math(chain.applied_to), self.sent(chain.result))
        else:
            yield RuleView(without_repeats((self.math(chain.applied_to), self.sent(chain.result))), str(chain.rule))

    def local(self, step: Step, first: sp.Basic | None = None) -> Iterator[RuleView]:
        """The lines of a local partial, or one line that says where they were."""
        if step.reference is not None:
            parts = self.chain(step.applied_to, step.result)
            yield RuleView(parts, str(step.rule), reference=self._groups[step.reference])
            return
        changes = [child for child in step.children if child.rule in _GOES_ON]
        for child in step.children:
            if child not in changes:
                yield from self.local(child)
        between = [change.applied_to for change in changes]
        head = () if first is None else (first,)
        rule = str(step.rule)
        function = rule.removeprefix(_FUNCTION) if rule.startswith(_FUNCTION) else ""
        yield RuleView(self.chain(*head, step.applied_to, *between, step.result), rule, function)

    # --- mathematics ------------------------------------------------------------------------------------------------

    def line(self, step: Step) -> RuleView:
        """A line that goes on from the one above."""
        return RuleView((None, self.math(step.result)), str(step.rule))

    def chain(self, *parts: sp.Basic) -> tuple[Math, ...]:
        return without_repeats(tuple(map(self.math, parts)))

    def math(self, expression: sp.Basic) -> Math:
        """A formula in which the factors of the chain rule are kept apart, the result's partial first."""
        if isinstance(expression, PartialDerivative):
            return _derivative(self.writing.formula(expression.of), self.writing.formula(expression.by))
        if isinstance(expression, sp.Sum):
            body = self.math(expression.function)
            for index, *bounds in expression.limits:
                body = Sum(body, self.math(index), *map(self.math, bounds))
            return body
        if isinstance(expression, sp.Add) and expression.has(PartialDerivative):
            return Add(tuple(map(self.math, expression.args)))
        if isinstance(expression, sp.Mul) and expression.has(PartialDerivative):
            factors = sorted(expression.args, key=lambda factor: not self._of_result(factor))
            return Times(tuple(map(self.math, factors)), dot=True)
        return self.writing.formula(expression)

    def sent(self, expression: sp.Basic) -> Math:
        """What consumers send: each its adjoint, a dot, and the local partial."""
        if isinstance(expression, sp.Add):
            return Add(tuple(map(self.sent, expression.args)))
        if isinstance(expression, sp.Sum):
            body = self.sent(expression.function)
            for index, *bounds in expression.limits:
                body = Sum(body, self.math(index), *map(self.math, bounds))
            return body
        return self.writing.product(expression)

    def _of_result(self, factor: sp.Basic) -> bool:
        whole = next(iter(self.steps.values())).applied_to
        return isinstance(factor, PartialDerivative) and factor.of == whole.args[0]


def _goes_on(before: Math, after: Math) -> Iterator[RuleView]:
    """The line in which the local partials stand in the place of their names."""
    if before != after:
        yield RuleView((None, after), LOCAL)


def _derivative(of: Math, by: Math) -> Math:
    """∂y/∂x of a name; of a formula ∂/∂x with the formula behind."""
    if isinstance(of, Symbol):
        return partial(of, by)
    return Times((partial(Text(""), by), of if isinstance(of, Call | Root) else Bracket(of)))


def _is_chain(step: Step) -> bool:
    """Whether a step is the chain rule's own line, not a reference, and not the chain rule inside of a formula."""
    if step.reference is not None or isinstance(step.applied_to, PartialDerivative):
        return False
    return step.rule in (Rule.CHAIN, Rule.IMPLICIT)


def _last_local(step: Step) -> Step | None:
    local = [child for child in step.children if child.rule not in _GOES_ON]
    return local[-1] if local else None


def _group_numbers(steps: Mapping[str, Step]) -> dict[int, int]:
    """By the number of a step the number of the group that shows it."""
    found: dict[int, int] = {}
    count = 0
    for whole in steps.values():
        for child in whole.children:
            if child.number is not None:
                count += 1
                found.update((each.number, count) for each in child.walk() if each.number is not None)
    return found
