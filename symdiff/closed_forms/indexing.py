"""Index maps as forms, and their inverses: which variables of a box a position fixes, and under which conditions.

Positions count from 1 here, as mathematics does; the maps of relation terms count from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from symdiff.algebra.atoms import Element
from symdiff.algebra.conditions import at_least_zero, compared, in_range
from symdiff.algebra.forms import Algebra, Form, Variable
from symdiff.algebra.rewrite import substituted
from symdiff.algebra.sums import delta
from symdiff.meaning.sizes import Size
from symdiff.meaning.terms import Affine, Index, Lookup, Run, Term

SizeForm = Callable[[Size], Form]


@dataclass(frozen=True, slots=True)
class Box:
    """The variables of a term's box as forms, those left to sum over, and where the rest may be."""

    at: tuple[Form, ...]
    summed: tuple[Variable, ...]
    holds: Form

    def positions(self, algebra: Algebra, size: SizeForm, indices: Sequence[Index]) -> tuple[Form, ...]:
        """Index maps at these variables."""
        return tuple(position(algebra, size, index, self.at) for index in indices)


def position(algebra: Algebra, size: SizeForm, index: Index, at: Sequence[Form]) -> Form:
    """One index map at given variables."""
    if isinstance(index, Lookup):
        return algebra.make(Element, "table", index, tuple(at[v] for v in index.variables))
    shift = 1 - sum(coefficient for _, coefficient in index.terms)
    total = size(index.const) + shift
    for variable, coefficient in index.terms:
        total = total + at[variable].scaled(coefficient)
    return total


def solved_box(algebra: Algebra, size: SizeForm, term: Term, indices: Sequence[Index], targets: Sequence[Form]) -> Box:
    """The box of ``term`` where its maps ``indices`` are at ``targets``: as many variables solved for as can be."""
    variables = [algebra.fresh(size(length)) for length in term.box]
    at = [algebra.of(variable) for variable in variables]
    fixed: dict[Variable, Form] = {}
    holds = algebra.one
    for index, target in sorted(zip(indices, targets, strict=True), key=lambda pair: len(pair[0].variables)):
        here = substituted(position(algebra, size, index, at), fixed)
        found = _solvable(here, variables)
        if found is None:
            holds = holds * delta(algebra, target - here)
            continue
        variable, step = found
        distance = target - here + algebra.of(variable).scaled(step)
        value = distance.scaled(Fraction(1, step))
        if abs(step) > 1:
            holds = holds * compared(algebra, "==", remainder(algebra, distance, abs(step)))
        fixed = {v: substituted(known, {variable: value}) for v, known in fixed.items()} | {variable: value}
        holds = substituted(holds, {variable: value})
    for variable, value in fixed.items():
        holds = holds * in_range(algebra, value, variable.size)
    box = tuple(fixed.get(v, form) for v, form in zip(variables, at, strict=True))
    return Box(box, tuple(v for v in variables if v not in fixed), holds)


def run_holds(algebra: Algebra, run: Run, box: Box) -> Form:
    """1 where the inner variable of a running term lies within its bound."""
    distance = box.at[run.outer] - box.at[run.inner]
    return at_least_zero(algebra, (-distance if run.onward else distance) - int(run.strict))


def _solvable(here: Form, variables: Sequence[Variable]) -> tuple[Variable, int] | None:
    """The variable of a position to solve for, and its step: the least one."""
    steps = {v: here.terms.get(here.algebra.monomial(((v, 1),))) for v in variables if v in here.free}
    found = [(abs(c), k, v, int(c)) for k, (v, c) in enumerate(steps.items()) if c is not None and c.denominator == 1]
    if not found:
        return None
    _, _, variable, step = min(found)
    return variable, step


def remainder(algebra: Algebra, form: Form, step: int) -> Form:
    """``form`` modulo a number; what is a multiple of it left out."""
    rest = algebra.form({m: c % step if c.denominator == 1 else c for m, c in form.terms.items()})
    number = rest.constant
    return algebra.function("Mod", rest, algebra.lift(step)) if number is None else algebra.lift(number % step)


def size_form(algebra: Algebra, formula: sp.Expr, size: Callable[[sp.Symbol], Form]) -> Form:
    """A size's formula as a form."""
    from symdiff.closed_forms.translate import translated

    return translated(algebra, formula, {symbol: size(symbol) for symbol in formula.free_symbols})


def identity(term: Term) -> bool:
    """Whether the output of a term runs over its box as it stands."""
    return all(isinstance(i, Affine) and i.terms == ((k, 1),) and i.const.formula == 0 for k, i in enumerate(term.out))
