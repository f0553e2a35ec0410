"""Bounds of indices that meet, and bounds that a delta decides."""

from __future__ import annotations

from symdiff.algebra.atoms import Condition, Delta
from symdiff.algebra.conditions import at_least_zero
from symdiff.algebra.forms import Algebra, Form, Monomial, Variable
from symdiff.algebra.rewrite import substituted
from symdiff.algebra.sums import delta


def with_deltas(form: Form) -> Form:
    """The form with bounds that meet as deltas, and bounds that a delta decides decided."""
    algebra = form.algebra
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        total = total + _decided(algebra, monomial).scaled(coefficient)
    return total


def _decided(algebra: Algebra, monomial: Monomial) -> Form:
    bounds = [a for a, _ in monomial.powers if isinstance(a, Condition) and a.whole]
    for bound in bounds:
        other = next((b for b in bounds if b.difference is bound.difference.scaled(-1)), None)
        if other is not None:
            rest = algebra.monomial((a, e) for a, e in monomial.powers if a is not bound and a is not other)
            return with_deltas(algebra.form({rest: 1}) * delta(algebra, bound.difference))
    for tie in [a for a, _ in monomial.powers if isinstance(a, Delta)]:
        for apart in [a for a, _ in monomial.powers if isinstance(a, Condition) and a.sign == "!="]:
            if tie.difference in (apart.difference, apart.difference.scaled(-1)):
                return algebra.zero
    for tie in [a for a, _ in monomial.powers if isinstance(a, Delta)]:
        for variable, value in ties(algebra, tie):
            for bound in bounds:
                known = at_least_zero(algebra, substituted(bound.difference, {variable: value}))
                if known.constant is not None:
                    rest = algebra.monomial((a, e) for a, e in monomial.powers if a is not bound)
                    return with_deltas(algebra.form({rest: known.constant}))
    return algebra.form({monomial: 1})


def ties(algebra: Algebra, tie: Delta) -> list[tuple[Variable, Form]]:
    """The variables that a delta fixes, each with its value."""
    found = []
    for variable in tie.free:
        alone = algebra.monomial(((variable, 1),))
        coefficient = tie.difference.terms.get(alone)
        rest = tie.difference - algebra.form({alone: coefficient or 0})
        if coefficient in (1, -1) and variable not in rest.free:
            found.append((variable, rest.scaled(-coefficient)))
    return found
