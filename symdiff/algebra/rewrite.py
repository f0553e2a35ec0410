"""Replacing what stands inside of forms: variables by index forms, named elements by what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symdiff.algebra.atoms import Bracket, Element
from symdiff.algebra.forms import Algebra, Atom, Exact, Form, Monomial, Variable

Replace = Callable[[Atom], "Form | None"]

REBUILT: dict[type[Atom], Callable[[Any, Rewriter], Form]] = {}
"""How an atom of each kind is made anew when a part of it was rewritten; filled by ``symdiff.algebra.rebuilding``."""


class Rewriter:
    """Applies ``replace`` to every atom that ``concerned`` says may hold something to replace; None means: look inside.

    ``indices_only`` promises that nothing but index variables is replaced, by forms of variables that no sum binds;
    ``keep_sums`` leaves a sum
    that comes to stand beside other factors in brackets, instead of multiplying it out.
    """

    def __init__(
        self,
        algebra: Algebra,
        replace: Replace,
        concerned: Callable[[Any], bool],
        indices_only: bool = False,
        keep_sums: bool = False,
    ) -> None:
        self.algebra, self._replace, self._concerned = algebra, replace, concerned
        self.indices_only, self._keep_sums = indices_only, keep_sums
        self._done: dict[Any, Form] = {}

    def __call__(self, part: Form | Monomial) -> Form:
        found = self._done.get(part)
        if found is None:
            found = self._done[part] = self._form(part) if isinstance(part, Form) else self._monomial(part)
        return found

    def _form(self, form: Form) -> Form:
        if not self._concerned(form):
            return form
        total = self.algebra.zero
        same: dict[Monomial, Any] = {}
        for monomial, coefficient in form.terms.items():
            if self._concerned(monomial):
                total = total + self(monomial).scaled(coefficient)
            else:
                same[monomial] = coefficient
        return total + self.algebra.form(same) if same else total

    def _monomial(self, monomial: Monomial) -> Form:
        algebra = self.algebra
        if not self._concerned(monomial):
            return algebra.form({monomial: 1})
        kept: list[tuple[Atom, Exact]] = []
        changed: list[tuple[Atom, Exact]] = []
        for atom, exponent in monomial.powers:
            (changed if self._concerned(atom) else kept).append((atom, exponent))
        result = algebra.form({algebra.monomial(kept): 1})
        for atom, exponent in changed:
            # under an exponent the bracket is made anew, so that a root keeps its numbers
            value = self(atom.inside) if isinstance(atom, Bracket) and exponent != 1 else self.atom(atom)
            if self._keep_sums and exponent == 1 and len(value.terms) > 1 and len(monomial.powers) > 1:
                value = algebra.bracket(value, 1)
            result = result * algebra.power(value, exponent)
        return result

    def atom(self, atom: Atom) -> Form:
        """What an atom becomes."""
        found = self._done.get(atom)
        if found is None:
            replaced = self._replace(atom)
            found = self._done[atom] = REBUILT[type(atom)](atom, self) if replaced is None else replaced
        return found


def substituted(form: Form, values: Mapping[Variable, Form]) -> Form:
    """``form`` with index variables replaced by index forms."""
    names = values.keys()
    if form.free.isdisjoint(names):
        return form
    rewriter = Rewriter(
        form.algebra,
        lambda atom: values.get(atom) if isinstance(atom, Variable) else None,
        lambda part: not part.free.isdisjoint(names),
        indices_only=True,
    )
    return rewriter(form)


def elements_replaced(
    form: Form, source: tuple[str, Any], value: Callable[[tuple[Form, ...]], Form | None], keep_sums: bool = False
) -> Form:
    """``form`` with every element of one named array replaced by ``value`` of its index."""
    if source not in form.sources:
        return form

    def replace(atom: Atom) -> Form | None:
        if isinstance(atom, Element) and (atom.role, atom.source) == source:
            return value(tuple(rewriter(i) for i in atom.index))
        return None

    rewriter = Rewriter(form.algebra, replace, lambda part: source in part.sources, keep_sums=keep_sums)
    return rewriter(form)
