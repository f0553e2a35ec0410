"""Sums and products over index variables, and deltas: what can be taken out is, what can be counted is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from symdiff.algebra.atoms import Condition, Delta, Product, Sum
from symdiff.algebra.conditions import in_range, never_negative, traced_value
from symdiff.algebra.forms import Algebra, Atom, Form, Monomial, Variable
from symdiff.algebra.rewrite import substituted


def summed(algebra: Algebra, variables: Sequence[Variable], body: Form) -> Form:
    """The sum of ``body`` over ``variables``, each from 1 to its size."""
    if not variables:
        return body
    total = algebra.zero
    for monomial, coefficient in body.terms.items():
        total = total + _sum_of_monomial(algebra, list(variables), monomial).scaled(coefficient)
    return total


def _sum_of_monomial(algebra: Algebra, variables: list[Variable], monomial: Monomial) -> Form:
    if any(variable.size.constant == 0 for variable in variables):
        return algebra.zero
    bound = frozenset(variables)
    for variable in variables:
        if variable.size.constant == 1:
            fixed = substituted(algebra.form({monomial: 1}), {variable: algebra.one})
            return summed(algebra, [v for v in variables if v is not variable], fixed)
    for atom, _ in monomial.powers:
        if isinstance(atom, Delta) and not bound.isdisjoint(atom.free):
            found = _solved(algebra, atom, variables)
            if found is not None:
                variable, value = found
                rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a is not atom): 1})
                fixed = substituted(rest, {variable: value}) * in_range(algebra, value, variable.size)
                return summed(algebra, [v for v in variables if v is not variable], fixed)
    for atom, _ in monomial.powers:
        if isinstance(atom, Condition) and atom.whole:
            shorter = _shortened(algebra, atom, variables)
            if shorter is not None:
                variable, new, value = shorter
                rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a is not atom): 1})
                others = [v for v in variables if v is not variable]
                return summed(algebra, [*others, new], substituted(rest, {variable: value}))
    counted = _counted(algebra, variables, monomial)
    if counted is not None:
        return counted
    for atom, exponent in monomial.powers:
        if exponent == 1 and isinstance(atom, Sum) and not bound.isdisjoint(atom.free):
            rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a is not atom): 1})
            inner, inside = opened(atom)
            return summed(algebra, [*variables, *inner], rest * inside)
    return _by_components(algebra, variables, monomial)


def _solved(algebra: Algebra, atom: Delta, variables: Sequence[Variable]) -> tuple[Variable, Form] | None:
    """A variable that the delta fixes, and its value."""
    for variable in variables:
        alone = algebra.monomial(((variable, 1),))
        coefficient = atom.difference.terms.get(alone)
        others = [m for m in atom.difference.terms if m is not alone and variable in m.free]
        if coefficient in (1, -1) and not others:
            rest = atom.difference - algebra.form({alone: coefficient})
            return variable, rest.scaled(-coefficient)
    return None


def _shortened(
    algebra: Algebra, condition: Condition, variables: Sequence[Variable]
) -> tuple[Variable, Variable, Form] | None:
    """A variable that a bound of sizes alone cuts short, the one that takes its place, and the old one in the new."""
    for variable in variables:
        alone = algebra.monomial(((variable, 1),))
        coefficient = condition.difference.terms.get(alone)
        if coefficient not in (1, -1) or condition.free != {variable}:
            continue
        bound = condition.difference - algebra.form({alone: coefficient})
        if coefficient == -1 and never_negative(algebra, bound):
            # variable <= bound, which is within its range wherever the condition had to be kept
            new = algebra.fresh(bound)
            if traced_value(bound) is not None and traced_value(bound) <= traced_value(variable.size):
                return variable, new, algebra.of(new)
        elif coefficient == 1 and never_negative(algebra, -bound - 1):
            # variable >= -bound
            size = variable.size + bound + 1
            if traced_value(size) is not None and traced_value(size) >= 0:
                new = algebra.fresh(size)
                return variable, new, algebra.of(new) - bound - 1
    return None


def _counted(algebra: Algebra, variables: list[Variable], monomial: Monomial) -> Form | None:
    """The sum over a variable that only a bound contains, which counts: Σ over i >= k of 1 is n - k + 1."""
    for variable in variables:
        alone = algebra.monomial(((variable, 1),))
        holders = [atom for atom, _ in monomial.powers if variable in atom.free]
        if len(holders) != 1 or not isinstance(holders[0], Condition) or not holders[0].whole:
            continue
        coefficient = holders[0].difference.terms.get(alone)
        bound = holders[0].difference - algebra.form({alone: coefficient or 0})
        if coefficient not in (1, -1) or variable in bound.free:
            continue
        number = bound if coefficient == -1 else variable.size + bound + 1
        if never_negative(algebra, number) and never_negative(algebra, variable.size - number):
            rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a is not holders[0]): 1})
            return summed(algebra, [v for v in variables if v is not variable], rest * number)
    return None


def _by_components(algebra: Algebra, variables: list[Variable], monomial: Monomial) -> Form:
    result = algebra.one
    outside = [(a, e) for a, e in monomial.powers if a.free.isdisjoint(variables)]
    left = [(a, e) for a, e in monomial.powers if not a.free.isdisjoint(variables)]
    waiting = list(variables)
    while waiting:
        group, factors = {waiting[0]}, []
        while True:
            more = [power for power in left if not group.isdisjoint(power[0].free)]
            if not more:
                break
            factors += more
            left = [power for power in left if power not in more]
            group |= {v for atom, _ in more for v in atom.free if v in variables}
        members = [v for v in variables if v in group]
        waiting = [v for v in waiting if v not in group]
        result = result * (_closed(algebra, members, factors) if factors else members[0].size)
    return result * algebra.form({algebra.monomial(outside): 1})


def _closed(algebra: Algebra, variables: list[Variable], factors: list[tuple[Atom, Any]]) -> Form:
    """The sum as one atom, its variables named by depth in the order that gives the least body."""
    depth = max(atom.height for atom, _ in factors)
    body = algebra.form({algebra.monomial(factors): 1})
    best: tuple[Any, ...] | None = None
    orders = permutations(variables) if 1 < len(variables) <= 3 else [tuple(variables)]
    for order in orders:
        names = [algebra.intern(Variable, -(depth + 1 + k), v.size) for k, v in enumerate(order)]
        renamed = substituted(body, {v: algebra.of(name) for v, name in zip(order, names, strict=True)})
        monomial, coefficient = next(iter(renamed.terms.items()))
        key = ([v.size.number for v in order], [(a.number, e) for a, e in monomial.powers])
        if best is None or key < best[0]:
            best = (key, tuple(names), monomial, coefficient)
    assert best is not None
    return algebra.make(Sum, best[1], best[2]).scaled(best[3])


def opened(atom: Sum) -> tuple[list[Variable], Form]:
    """Fresh variables in the place of a sum's own, and its body in them."""
    algebra = atom.algebra
    fresh = [algebra.fresh(v.size) for v in atom.variables]
    names = {v: algebra.of(new) for v, new in zip(atom.variables, fresh, strict=True)}
    return fresh, substituted(algebra.form({atom.body: 1}), names)


def delta(algebra: Algebra, difference: Form) -> Form:
    """1 where ``difference`` is 0, else 0."""
    number = difference.constant
    if number is not None:
        return algebra.zero if number else algebra.one
    if next(iter(difference.terms.values())) < 0:
        difference = difference.scaled(-1)
    if never_negative(algebra, difference - 1) or never_negative(algebra, difference.scaled(-1) - 1):
        return algebra.zero
    return algebra.make(Delta, difference)


def multiplied(algebra: Algebra, variable: Variable, body: Form) -> Form:
    """The product of ``body`` over one variable."""
    if variable.size.constant is not None and variable.size.constant <= 1:
        return algebra.one if variable.size.constant == 0 else substituted(body, {variable: algebra.one})
    if variable not in body.free:
        return algebra.power_of(body, variable.size)
    name = algebra.intern(Variable, -(body.height + 1), variable.size)
    return algebra.make(Product, name, substituted(body, {variable: algebra.of(name)}))


def reopened(atom: Product, size: Form | None = None) -> tuple[Variable, Form]:
    """A fresh variable (of another size, if one is given) in the place of a product's own, and its body in it."""
    fresh = atom.algebra.fresh(atom.variable.size if size is None else size)
    return fresh, substituted(atom.body, {atom.variable: atom.algebra.of(fresh)})
