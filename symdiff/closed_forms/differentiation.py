"""Total derivatives of forms by an element of an input: a form's own atoms by rules, named elements by the chain rule.

What is differentiated is a formula of the general element, so that what comes out holds for every size again. A named
element's derivative is worked out once, for a general position, in the order in which the elements are computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeGuard

import sympy as sp

from symdiff.algebra import atoms
from symdiff.algebra.conditions import at_least_zero
from symdiff.algebra.fold import deltas_applied, known_result
from symdiff.algebra.forms import Algebra, Atom, Exact, Form, Monomial, TooLong, Variable, exact_number
from symdiff.algebra.rewrite import substituted
from symdiff.algebra.sums import delta, opened, summed
from symdiff.closed_forms.compose import Composed
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.closed_forms.readable.settle import Settler
from symdiff.closed_forms.translate import NotScalar, translated
from symdiff.deadline import look
from symdiff.meaning.scalar_rules import differentiate
from symdiff.meaning.terms import Decided

Name = tuple[str, Any]

LONGEST = 400
"""A derivative of more signs than this helps no reader."""
STEPWISE = frozenset({"floor", "ceiling", "Mod", "sign", "Max", "Min"})
"""Functions of indices, and functions that are constant between their jumps."""


class Differential:
    """The derivatives of forms of one program by the element of the input ``by`` at the position ``at``."""

    def __init__(self, backward: Composed, settler: Settler, by: int, at: Position) -> None:
        self.backward, self.elements, self._settler = backward, backward.elements, settler
        self.by, self.at = by, at
        self._known: dict[Name, tuple[Position, Form]] = {}
        self._dependent = _dependents(backward.elements, by)

    def of(self, form: Form) -> Form:
        """The derivative of a form, simplified.

        Raises:
            NoForm: an element on the way has no general formula.
            TooLong: the derivative has more terms than an algebra allows.
        """
        self._work_out(form)
        return self._settled(self._form(form))

    # --- named elements ---------------------------------------------------------------------------------------------

    def _work_out(self, form: Form) -> None:
        """Every named element that a form depends on, earlier ones first, so that a long chain needs no deep stack."""
        needed: dict[Name, tuple[Position, Form]] = {}
        waiting = [*form.sources]
        while waiting:
            name = waiting.pop()
            if name in needed or name in self._known:
                continue
            found = self._definition(name)
            if found is not None:
                needed[name] = found
                waiting += found[1].sources
        for name in sorted(needed, key=_order):
            look()
            at, definition = needed[name]
            derivative = self._folded(name, at, definition)
            if derivative.cost > LONGEST:
                raise TooLong(f"{derivative.cost} signs")
            self._known[name] = at, self._settled(derivative)

    def _folded(self, name: Name, at: Position, definition: Form) -> Form:
        derivative = self._form(definition)
        if name[0] != "value":
            return derivative
        return known_result(derivative, definition, self.elements.read(name[1], at))

    def _definition(self, name: Name) -> tuple[Position, Form] | None:
        role, source = name
        if role == "value" and source != self.by and source in self._dependent:
            known = self.elements.program.elements[source]
            return None if isinstance(known.meaning, Decided) else self.elements.definition(source)
        if role == "adjoint":
            adjoint = self.backward.adjoints[source]
            return adjoint.at, adjoint.closed
        return None

    def _settled(self, form: Form) -> Form:
        return self._settler.settled(deltas_applied(form, self.elements.ranks))

    def element(self, role: str, source: Any, shown: Position) -> Form:
        """The derivative of an element of a named array."""
        if role == "value" and source == self.by:
            return self._same_place(self.elements.whole_position(source, shown))
        if role in ("inverse", "determinant"):
            return _THROUGH_MATRIX[role](self, source, shown)
        if role not in ("value", "adjoint"):
            raise NoForm(f"derivative of {role}")
        found = self._known.get((role, source))
        if found is None:
            return self.elements.algebra.zero
        general, form = found
        here = [general[k] for k in self.elements.shown(source)]
        values = {p.atom: new for p, new in zip(here, shown, strict=True) if isinstance(p.atom, Variable)}
        return substituted(form, values)

    def _same_place(self, at: Position) -> Form:
        same = self.elements.algebra.one
        for here, there in zip(at, self.at, strict=True):
            same = same * delta(self.elements.algebra, here - there)
        return same

    def read(self, index: int, at: Position) -> Form:
        """The derivative of an element of the program, which may be one that only moves another."""
        form = self.elements.read(index, at)
        self._work_out(form)
        return self._form(form)

    # --- rules ------------------------------------------------------------------------------------------------------

    def _form(self, form: Form) -> Form:
        total = form.algebra.zero
        for monomial, coefficient in form.terms.items():
            total = total + self.monomial(monomial).scaled(coefficient)
        return joined_fractions(total)

    def monomial(self, monomial: Monomial) -> Form:
        """The product rule over the atoms, each to its power.

        A value at one point only (the 1 of sinc at 0) is no function to differentiate: it is left out, and so is the
        condition on the formula around it, which is 0/0 there.
        """
        algebra = monomial.algebra
        total = algebra.zero
        points = {atom: atom.sign for atom, _ in monomial.powers if self._at_a_point(atom)}
        if "==" in points.values():
            return total
        if points:
            monomial = algebra.monomial(power for power in monomial.powers if power[0] not in points)
        for atom, exponent in monomial.powers:
            rule = _RULES.get(type(atom))
            if rule is None:
                continue
            others = algebra.form({algebra.monomial(p for p in monomial.powers if p[0] is not atom): 1})
            factor = rule(self, atom, exponent)
            if factor.terms:
                total = total + _product(algebra, others, factor)
        return total

    def _at_a_point(self, atom: Atom) -> TypeGuard[atoms.Condition]:
        """Whether an atom tells one value of what is differentiated by from all others."""
        if not isinstance(atom, atoms.Condition) or atom.sign not in ("==", "!="):
            return False
        return bool(self._form(atom.difference).terms)


def _product(algebra: Algebra, left: Form, right: Form) -> Form:
    return left * right if len(left.terms) < 2 or len(right.terms) < 2 else algebra.bracket(left, 1) * right


def _outer(atom: Atom, exponent: Exact) -> Form:
    """The power rule: ``e*a**(e - 1)``."""
    algebra = atom.algebra
    return algebra.power(algebra.of(atom), exact_number(exponent - 1)).scaled(exponent)


def _element(d: Differential, atom: atoms.Element, exponent: Exact) -> Form:
    if atom.role in ("chosen", "table"):
        return atom.algebra.zero
    return _outer(atom, exponent) * d.element(atom.role, atom.source, atom.index)


def _function(d: Differential, atom: atoms.Function, exponent: Exact) -> Form:
    algebra = atom.algebra
    total = algebra.zero
    if atom.name in STEPWISE:
        return total
    for place, argument in enumerate(atom.arguments):
        inner = d._form(argument)
        if inner.terms:
            total = total + _slope(algebra, atom, place) * inner
    return _outer(atom, exponent) * total


def _slope(algebra: Algebra, atom: atoms.Function, place: int) -> Form:
    if atom.name == "Abs":
        return atom.arguments[0] / algebra.of(atom)
    symbols = [sp.Symbol(f"u{k}", real=True) for k in range(len(atom.arguments))]
    slope = differentiate(getattr(sp, atom.name)(*symbols), symbols[place]).result
    try:
        return translated(algebra, slope, dict(zip(symbols, atom.arguments, strict=True)))
    except NotScalar as error:
        raise NoForm(atom.name) from error


def _exponential(d: Differential, atom: atoms.Exponential, exponent: Exact) -> Form:
    return (atom.algebra.of(atom, exponent) * d.monomial(atom.exponent)).scaled(exponent)


def _power(d: Differential, atom: atoms.Power, exponent: Exact) -> Form:
    algebra = atom.algebra
    above = d.monomial(atom.exponent) * algebra.logarithm(atom.base)
    below = d._form(atom.base) * algebra.form({atom.exponent: 1}) / atom.base
    return algebra.of(atom, exponent).scaled(exponent) * (above + below)


def _bracket(d: Differential, atom: atoms.Bracket, exponent: Exact) -> Form:
    return _outer(atom, exponent) * d._form(atom.inside)


def _sum(d: Differential, atom: atoms.Sum, exponent: Exact) -> Form:
    variables, body = opened(atom)
    return _outer(atom, exponent) * summed(atom.algebra, variables, d._form(body))


def _over_index(d: Differential, atom: atoms.Product, exponent: Exact) -> Form:
    # the whole over one factor, as the first derivative of a product is written
    algebra = atom.algebra
    size = atom.variable.size
    variable = algebra.fresh(_longest(size))
    here = algebra.of(variable)
    body = substituted(atom.body, {atom.variable: here})
    inside = algebra.one if variable.size is size else at_least_zero(algebra, size - here)
    logarithmic = summed(algebra, [variable], d._form(body) / body * inside)
    return algebra.of(atom, exponent).scaled(exponent) * logarithmic


def _longest(size: Form) -> Form:
    """What the length of a running product is at most, over the range of the indices that it depends on."""
    ends: dict[Variable, Form] = {}
    for variable in size.free:
        coefficient = size.terms.get(size.algebra.monomial(((variable, 1),)), 0)
        ends[variable] = variable.size if coefficient > 0 else size.algebra.one
    return substituted(size, ends)


_RULES: Mapping[type, Callable[[Differential, Any, Exact], Form]] = {
    atoms.Element: _element,
    atoms.Function: _function,
    atoms.Exponential: _exponential,
    atoms.Power: _power,
    atoms.Bracket: _bracket,
    atoms.Sum: _sum,
    atoms.Product: _over_index,
}
"""By kind of atom; indices, sizes, numbers, deltas and conditions do not change with an input's values."""


def _inverse(d: Differential, matrix: int, shown: Position) -> Form:
    # dY = -Y dA Y
    lead = shown[:-2]
    row, column, changed, variables = _entry(d, matrix, lead)
    make = d.elements.algebra.make
    left = make(atoms.Element, "inverse", matrix, (*lead, shown[-2], row))
    right = make(atoms.Element, "inverse", matrix, (*lead, column, shown[-1]))
    return -summed(d.elements.algebra, variables, left * changed * right)


def _determinant(d: Differential, matrix: int, shown: Position) -> Form:
    # d(det A) = det A * sum of (A^-1)[c, r] dA[r, c]
    row, column, changed, variables = _entry(d, matrix, shown)
    make = d.elements.algebra.make
    whole = make(atoms.Element, "determinant", matrix, shown)
    across = make(atoms.Element, "inverse", matrix, (*shown, column, row))
    return whole * summed(d.elements.algebra, variables, across * changed)


def _entry(d: Differential, matrix: int, lead: Position) -> tuple[Form, Form, Form, list[Variable]]:
    """A general entry of a matrix of the program (in a stack the one at ``lead``), its derivative, its two indices."""
    algebra = d.elements.algebra
    variables = [algebra.fresh(size) for size in d.elements.sizes(matrix)[-2:]]
    row, column = map(algebra.of, variables)
    return row, column, d.read(matrix, (*lead, row, column)), variables


_THROUGH_MATRIX: Mapping[str, Callable[[Differential, int, Position], Form]] = {
    "inverse": _inverse,
    "determinant": _determinant,
}


def joined_fractions(form: Form) -> Form:
    """``form`` with ``q - q*E/(1 + E)`` written as ``q/(1 + E)``: the second derivative of a logistic has both."""
    for monomial, coefficient in form.terms.items():
        for atom, exponent in monomial.powers:
            other = _other_term(atom) if isinstance(atom, atoms.Bracket) and exponent < 0 else None
            if other is None:
                continue
            algebra = form.algebra
            whole = algebra.form({monomial: coefficient}) * algebra.of(atom) / other
            found = whole.single
            if found is not None and form.terms.get(found[0]) == -found[1]:
                part = algebra.form({monomial: coefficient})
                return joined_fractions(form + whole - part - whole / algebra.of(atom))
    return form


def _other_term(bracket: atoms.Bracket) -> Form | None:
    """E where a bracket is 1 + E."""
    terms = dict(bracket.inside.terms)
    if len(terms) != 2 or terms.pop(bracket.algebra.unit, None) != 1:
        return None
    ((monomial, coefficient),) = terms.items()
    return bracket.algebra.form({monomial: coefficient})


def _dependents(elements: Elements, by: int) -> set[int]:
    found = {by}
    for element in elements.program.elements:
        if not found.isdisjoint(element.operands):
            found.add(element.index)
    return found


def _order(name: Name) -> tuple[bool, int]:
    """Values as they are computed, then adjoints from the result back."""
    role, source = name
    return role == "adjoint", -source if role == "adjoint" else source


def ranked(elements: Elements, positions: Iterable[Position], first: int) -> None:
    """Order the free variables of positions, so that a delta keeps those of the earlier ones."""
    variables = [v for at in positions for p in at for v in p.free]
    elements.ranks.update((v, first + k) for k, v in enumerate(variables))
