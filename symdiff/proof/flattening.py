"""Forms multiplied out all through, with the arithmetic of flat indices done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symdiff.algebra.atoms import Bracket, Condition, Delta, Either, Function, Sum
from symdiff.algebra.conditions import compared
from symdiff.algebra.forms import Algebra, Atom, Form, Monomial, TooLong
from symdiff.algebra.rewrite import Replace, Rewriter, substituted
from symdiff.algebra.sums import opened, summed
from symdiff.proof.bounds import ties, with_deltas
from symdiff.proof.brackets import multiplied_out, one_base
from symdiff.proof.indices import counts_rows, factors, forwards, place, row

MOST_STEPS = 600
"""A proof that succeeds takes less than fifty; a formula that needs more than this does not end well."""


class Flattener(Rewriter):
    """Multiplies brackets out at every depth.

    ``replace`` may put other forms in the place of atoms on the way; the square of what ``is_sign`` says of is 1.
    """

    def __init__(self, algebra: Algebra, replace: Replace, is_sign: Callable[[Atom], bool]) -> None:
        super().__init__(algebra, self._replaced, lambda part: True)
        self._first, self._is_sign = replace, is_sign
        self.steps = 0

    def _form(self, form: Form) -> Form:
        return one_base(multiplied_out(super()._form(form)))

    def _monomial(self, monomial: Monomial) -> Form:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooLong(f"{self.steps} steps")
        if any(exponent not in (0, 1) and self._is_sign(atom) for atom, exponent in monomial.powers):
            powers = [(a, e % 2 if self._is_sign(a) else e) for a, e in monomial.powers]
            monomial = self.algebra.monomial((a, e) for a, e in powers if e)
        for atom, exponent in monomial.powers:
            if isinstance(atom, Bracket) and (exponent < 0 or exponent.denominator != 1):
                cases = self._cases(atom, exponent)
                if cases is not None:
                    rest = self.algebra.monomial(power for power in monomial.powers if power[0] is not atom)
                    return self(self.algebra.form({rest: 1}) * cases)
        return one_base(with_deltas(multiplied_out(super()._monomial(monomial))))

    def _replaced(self, atom: Atom) -> Form | None:
        found = self._first(atom)
        if found is not None:
            return self(found) if found.atom is not atom else found
        if isinstance(atom, Sum):
            return self._sum(atom)
        if isinstance(atom, Condition) and not atom.whole and not isinstance(atom, Either):
            return compared(self.algebra, atom.sign, self(atom.difference))
        if isinstance(atom, Function) and atom.name == "ceiling":
            return row(self.algebra, self(atom.arguments[0]))
        if isinstance(atom, Function) and atom.name == "Mod":
            return place(self.algebra, self(atom.arguments[0]), atom.arguments[1])
        return None

    def _cases(self, atom: Bracket, exponent: Any) -> Form | None:
        """A power of a sum with a delta or a condition in it, as the cases that it has."""
        algebra = self.algebra
        inside = self(atom.inside)
        for part in sorted(inside.atoms(), key=lambda a: a.number):
            if isinstance(part, Delta):
                holds, fails = algebra.of(part), compared(algebra, "!=", part.difference)
            elif isinstance(part, Condition) and not part.whole and not isinstance(part, Either):
                holds, fails = algebra.of(part), algebra.of(part.opposite())
            else:
                continue
            tied = ties(algebra, part) if isinstance(part, Delta) else []
            there = _case(inside, part, {holds: algebra.one, fails: algebra.zero})
            if tied:
                there = substituted(there, dict(tied[:1]))
            other = _case(inside, part, {holds: algebra.zero, fails: algebra.one})
            return holds * algebra.power(self(there), exponent) + fails * algebra.power(self(other), exponent)
        return None

    def _sum(self, atom: Sum) -> Form | None:
        variables, body = opened(atom)
        body = forwards(self.algebra, variables, body)
        for number, variable in enumerate(variables):
            parts = factors(self.algebra, variable) if counts_rows(body, variable) else None
            if parts is not None:
                flat, inner = parts
                rest = [v for k, v in enumerate(variables) if k != number]
                return self(summed(self.algebra, [*rest, *inner], substituted(body, {variable: flat})))
        return self._bounded(summed(self.algebra, variables, self(body)))

    def _bounded(self, form: Form) -> Form:
        """The bounds that solving a delta brings in, decided where they can be."""
        return Rewriter(self.algebra, self._bound, lambda part: True)(form)

    def _bound(self, atom: Atom) -> Form | None:
        return self._first(atom) if isinstance(atom, Condition) and atom.whole else None


def _case(form: Form, part: Atom, values: dict[Form, Form]) -> Form:
    """``form`` where an indicator, and its opposite, have these values."""
    known = {atom: value for indicator, value in values.items() if (atom := indicator.atom) is not None}
    return Rewriter(form.algebra, known.get, lambda inner: True)(form)
