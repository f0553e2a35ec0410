"""Forms as sympy expressions, with letters for indices, sizes and names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from symdiff.algebra.atoms import (
    Bracket,
    Condition,
    Constant,
    Delta,
    Either,
    Element,
    Exponential,
    Function,
    Number,
    Power,
    Product,
    Size,
    Sum,
)
from symdiff.algebra.fold import deep_atoms
from symdiff.algebra.forms import Atom, Form, Monomial, Variable
from symdiff.closed_forms.readable.letters import Letters
from symdiff.deadline import look
from symdiff.meaning.formula import applied

Places = Mapping[Any, sp.Expr]


class Writer:
    """Writes forms in the letters of one page."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def __call__(self, form: Form, letters: Places) -> sp.Expr:
        return _Scope(self, dict(letters)).form(form)

    def base(self, role: str, source: Any) -> str:
        return self._letters.name(role, source)

    def size(self, symbol: Any) -> sp.Expr:
        return self._letters.size(symbol)

    def letters(self, used: set[sp.Expr], count: int) -> list[sp.Symbol]:
        """Letters for bound variables that are not in use where the sum stands."""
        pool = [index_symbol(letter) for letter in self._letters.bound_letters()]
        free = [letter for letter in pool if letter not in used][:count]
        number = 1
        while len(free) < count:
            letter = index_symbol(f"{pool[0]}_{number}")
            number += 1
            if letter not in used:
                free.append(letter)
        return free


def index_symbol(name: str) -> sp.Symbol:
    """The symbol of an index."""
    return sp.Symbol(name, integer=True, positive=True)


class _Scope:
    """One place in a formula: the variables in scope and their letters."""

    def __init__(self, writer: Writer, letters: dict[Any, sp.Expr]) -> None:
        self.writer, self.letters = writer, letters

    def form(self, form: Form) -> sp.Expr:
        look()
        if not form.terms:
            return sp.Integer(0)
        cases: dict[frozenset[Condition], list[sp.Expr]] = {}
        for monomial, coefficient in form.terms.items():
            conditions = frozenset(atom for atom, _ in monomial.powers if isinstance(atom, Condition))
            cases.setdefault(conditions, []).append(self.monomial(monomial, coefficient))
        plain = cases.pop(frozenset(), [])
        if not cases:
            return sp.Add(*plain)
        return sp.Add(*plain, *self.pieces({key: sp.Add(*parts) for key, parts in cases.items()}))

    def pieces(self, cases: dict[frozenset[Condition], sp.Expr]) -> list[sp.Expr]:
        """Piecewise expressions: one for conditions that exclude each other, one more for each that does not."""
        groups: list[list[tuple[frozenset[Condition], sp.Expr]]] = []
        for conditions, value in cases.items():
            for group in groups:
                if all(any(a.excludes(b) for a in conditions for b in others) for others, _ in group):
                    group.append((conditions, value))
                    break
            else:
                groups.append([(conditions, value)])
        return [self.piecewise(group) for group in groups]

    def piecewise(self, group: list[tuple[frozenset[Condition], sp.Expr]]) -> sp.Expr:
        size = {abs(value) if value.is_number else None for _, value in group}
        front = size.pop() if len(group) > 1 and len(size) == 1 else None
        if front is not None and front.is_positive and front.is_finite and front != 1:
            # one number with several signs stands in front
            return sp.Mul(front, self.piecewise([(conditions, value / front) for conditions, value in group]))
        exhaustive = len(group) == 2 and all(len(c) == 1 for c, _ in group)
        pairs = [(value, self.all_of(conditions)) for conditions, value in group]
        if exhaustive:
            return sp.Piecewise(pairs[0], (pairs[1][0], True))
        return sp.Piecewise(*pairs, (0, True))

    def all_of(self, conditions: Any) -> sp.Basic:
        return sp.And(*(self.condition(c) for c in sorted(conditions, key=lambda c: c.number)))

    def condition(self, atom: Condition) -> sp.Basic:
        if isinstance(atom, Either):
            choices = [[a for a, _ in m.powers if isinstance(a, Condition)] for m in atom.choices]
            return sp.Or(*(self.all_of(choice) for choice in choices))
        difference, sign = atom.difference, atom.sign
        named = [c for m, c in difference.terms.items() if not _of_sizes(m)]
        if named and max(named) < 0:
            difference, sign = -difference, _FLIPPED.get(sign, sign)
        left, right = sp.Integer(0), sp.Integer(0)
        for monomial, coefficient in difference.terms.items():
            if coefficient > 0 and not (named and _of_sizes(monomial)):
                left += self.monomial(monomial, coefficient)
            else:
                right -= self.monomial(monomial, coefficient)
        return _RELATIONS[sign](left, right)

    def monomial(self, monomial: Monomial, coefficient: Any) -> sp.Expr:
        """A monomial without its conditions."""
        factors: list[sp.Expr] = []
        exponent = sp.Integer(0)
        roots: list[sp.Expr] = []
        powers = dict(monomial.powers)
        if coefficient.denominator % 5 == 0:
            coefficient, powers = _decimal_inside(coefficient, powers)
        for atom, power in monomial.powers:
            if isinstance(atom, Power) and atom.base.atom in powers:
                # x**y/x is x**(y - 1)
                extra = _number(powers.pop(atom.base.atom))
                factors.append(sp.Pow(self.form(atom.base), _number(power) * self.monomial(atom.exponent, 1) + extra))
                del powers[atom]
        for atom, power in powers.items():
            if isinstance(atom, Exponential):
                exponent += _number(power) * self.monomial(atom.exponent, 1)
            elif power in _HALVES:
                roots.append(self.power(atom, 2 * power))
            elif not isinstance(atom, Condition):
                factors.append(self.power(atom, power))
        if exponent != 0:
            factors.append(sp.exp(exponent))
        if roots:
            # one root over a fraction, which sympy would take apart
            under = sp.Mul(*roots)
            turned = not any(power > 0 for _, power in monomial.powers if power in _HALVES)
            root = _root(1 / under if turned else under)
            factors.append(1 / root if turned else root)
        number = _number(coefficient)
        if roots or (len(factors) == 1 and factors[0].is_Add and number not in (1, -1)):
            # sympy would spread 2*(a + b), and move numbers out of a root
            front = [number] if number != 1 else []
            flat = [part for factor in factors for part in sp.Mul.make_args(factor)]
            return sp.Mul(*front, *flat, evaluate=False) if len(front) + len(flat) > 1 else flat[0]
        return sp.Mul(number, *factors)

    def power(self, atom: Atom, exponent: Any) -> sp.Expr:
        base = _WRITERS[type(atom)](self, atom)
        return base if exponent == 1 else sp.Pow(base, _number(exponent))

    def inside(self, variables: Sequence[Variable]) -> tuple[_Scope, list[sp.Symbol]]:
        """The scope inside of a sum, and the letters of its variables."""
        new = self.writer.letters(set(self.letters.values()), len(variables))
        return _Scope(self.writer, self.letters | dict(zip(variables, new, strict=True))), new

    # --- one method an atom -----------------------------------------------------------------------------------------

    def variable(self, atom: Variable) -> sp.Expr:
        return self.letters[atom]

    def size(self, atom: Size) -> sp.Expr:
        return self.writer.size(atom.symbol)

    def constant(self, atom: Constant) -> sp.Expr:
        return _CONSTANTS[atom.name]

    def number(self, atom: Number) -> sp.Expr:
        return sp.Integer(atom.value)

    def element(self, atom: Element) -> sp.Expr:
        name = self.writer.base(atom.role, atom.source)
        whole = atom.role in ("chosen", "table")
        if not atom.index:
            return index_symbol(name) if whole else sp.Symbol(name, real=True)
        base = sp.IndexedBase(name, integer=True, positive=True) if whole else sp.IndexedBase(name, real=True)
        return sp.Indexed(base, *map(self.form, atom.index))

    def function(self, atom: Function) -> sp.Expr:
        function = getattr(sp, atom.name, None) or sp.Function(atom.name)
        return applied(function, *map(self.form, atom.arguments))

    def exponential(self, atom: Exponential) -> sp.Expr:
        return sp.exp(self.monomial(atom.exponent, 1))

    def general_power(self, atom: Power) -> sp.Expr:
        return sp.Pow(self.form(atom.base), self.monomial(atom.exponent, 1))

    def bracket(self, atom: Bracket) -> sp.Expr:
        return self.form(atom.inside)

    def sum(self, atom: Sum) -> sp.Expr:
        scope, letters = self.inside(atom.variables)
        bounds = _Bounds(scope, {v: (sp.Integer(1), scope.form(v.size)) for v in atom.variables})
        shifts = scope.shifted(atom)
        rest = []
        # conditions on one variable first: those between two may then be put where no other stands
        conditions = [factor for factor, _ in atom.body.powers if isinstance(factor, Condition)]
        conditions.sort(key=lambda condition: len(condition.free.intersection(atom.variables)))
        taken = list(filter(bounds.take, conditions))
        for factor, exponent in atom.body.powers:
            if factor not in taken:
                rest.append((factor, exponent))
        body = scope.form(atom.algebra.form({atom.algebra.monomial(rest): 1}))
        letter = dict(zip(atom.variables, letters, strict=True))
        limits = []
        for v in bounds.inner_first():
            low, high = bounds.of[v]
            limits.append((letter[v], low + shifts.get(v, 0), high + shifts.get(v, 0)))
        return sp.Sum(body, *limits)

    def shifted(self, atom: Sum) -> dict[Variable, sp.Expr]:
        """Variables that are only read at a distance: the sum of x[i + 1] over 1 ... 2 is that of x[i] over 2 ... 3."""
        found: dict[Variable, set[Form]] = {v: set() for v in atom.variables}
        for part in deep_atoms(atom.algebra.form({atom.body: 1})):
            if isinstance(part, Element):
                for index in part.index:
                    for v in index.free.intersection(found):
                        coefficient = index.terms.get(atom.algebra.monomial(((v, 1),)))
                        found[v].add(index - atom.algebra.of(v) if coefficient == 1 else atom.algebra.of(v))
            elif isinstance(part, Delta | Condition):
                for v in part.free.intersection(found):
                    found[v].add(atom.algebra.zero)
        shifts = {}
        for v, rests in found.items():
            rest = next(iter(rests)) if len(rests) == 1 else atom.algebra.zero
            if rest.terms and rest.free.isdisjoint(found):
                shifts[v] = self.form(rest)
                self.letters[v] = self.letters[v] - shifts[v]
        return shifts

    def product(self, atom: Product) -> sp.Expr:
        scope, (letter,) = self.inside([atom.variable])
        return sp.Product(scope.form(atom.body), (letter, 1, scope.form(atom.variable.size)))

    def delta(self, atom: Delta) -> sp.Expr:
        left, right = sp.Integer(0), sp.Integer(0)
        for monomial, coefficient in atom.difference.terms.items():
            if coefficient > 0:
                left += self.monomial(monomial, coefficient)
            else:
                right -= self.monomial(monomial, coefficient)
        return sp.KroneckerDelta(left, right)

    def indicator(self, atom: Condition) -> sp.Expr:
        return sp.Piecewise((1, self.condition(atom)), (0, True))


def _decimal_inside(number: Any, powers: dict[Atom, Any]) -> tuple[Any, dict[Atom, Any]]:
    """A decimal that stands before a bracket only since all its terms are multiples of it, put back into the bracket:
    ``w/10 + 2*r``, not ``(w + 20*r)/10``.
    """
    for atom, power in powers.items():
        scaled = _times(atom, number) if power == 1 else None
        if scaled is not None:
            return 1, {scaled if other is atom else other: power for other, power in powers.items()}
    return number, powers


def _times(atom: Atom, number: Any) -> Atom | None:
    """A bracket, alone or within a sum, times a decimal that makes one of its coefficients whole; None for others."""
    if isinstance(atom, Bracket):
        coefficients = [number * each for each in atom.inside.terms.values()]
        if all(each.denominator > 1 for each in coefficients):
            return None
        return atom.algebra.make(Bracket, atom.inside * number).atom
    if isinstance(atom, Sum):
        for inner, power in atom.body.powers:
            scaled = _times(inner, number) if power == 1 else None
            if scaled is not None:
                rest = [(scaled if other is inner else other, exponent) for other, exponent in atom.body.powers]
                return atom.algebra.make(Sum, atom.variables, atom.algebra.monomial(rest)).atom
    return None


class _Bounds:
    """The bounds of a sum's variables, narrowed by range conditions; one may depend on another variable."""

    def __init__(self, scope: _Scope, of: dict[Variable, tuple[sp.Expr, sp.Expr]]) -> None:
        self._scope, self.of = scope, of
        self._behind: dict[Variable, set[Variable]] = {v: set() for v in of}

    def take(self, condition: Condition) -> bool:
        """Whether a condition could be put into the bounds."""
        if not condition.whole:
            return False
        bound = [v for v in self.of if v in condition.free]
        if len(bound) == 1:
            return self._narrow(condition, bound[0], lone=True)
        return any(self._narrow(condition, v, lone=False) for v in bound)

    def inner_first(self) -> list[Variable]:
        """The variables, each before those that its bounds depend on."""
        order: list[Variable] = []
        waiting = list(self.of)
        while waiting:
            v = next(v for v in waiting if not any(v in self._behind[other] for other in waiting))
            waiting.remove(v)
            order.append(v)
        return order

    def _narrow(self, condition: Condition, variable: Variable, lone: bool) -> bool:
        """Narrow the bounds of one variable; unless it is ``lone`` only by a bound that needs no Min or Max."""
        algebra = condition.algebra
        alone = algebra.monomial(((variable, 1),))
        coefficient = condition.difference.terms.get(alone)
        beyond = condition.difference - algebra.form({alone: coefficient or 0})
        others = beyond.free.intersection(self.of)
        if coefficient not in (1, -1) or variable in others or any(variable in self._behind[v] for v in others):
            return False
        low, high = self.of[variable]
        rest = self._scope.form(beyond)
        if coefficient == 1:
            clean = low == 1 and _above_one(condition, alone)
            bounds = (-rest if clean else sp.Max(low, -rest), high)
        else:
            clean = high == self._scope.form(variable.size) and _within(condition, alone, variable)
            bounds = (low, rest if clean else sp.Min(high, rest))
        if not clean and not lone:
            return False
        self.of[variable] = bounds
        for v in others:
            self._behind[variable] |= {v} | self._behind[v]
        return True


def _of_sizes(monomial: Monomial) -> bool:
    return all(isinstance(atom, Size) for atom, _ in monomial.powers)


def _above_one(condition: Condition, alone: Monomial) -> bool:
    from symdiff.algebra.conditions import never_negative

    rest = condition.difference - condition.algebra.form({alone: 1})
    return never_negative(condition.algebra, rest.scaled(-1) - 1)


def _within(condition: Condition, alone: Monomial, variable: Variable) -> bool:
    from symdiff.algebra.conditions import never_negative

    rest = condition.difference - condition.algebra.form({alone: -1})
    return never_negative(condition.algebra, variable.size - rest)


def _root(under: sp.Expr) -> sp.Expr:
    return sp.sqrt(under) if under.is_Atom or under.is_Pow else sp.Pow(under, sp.S.Half, evaluate=False)


def _number(value: Any) -> sp.Expr:
    return sp.Integer(value) if isinstance(value, int) else sp.Rational(value.numerator, value.denominator)


_WRITERS: dict[type, Callable[[_Scope, Any], sp.Expr]] = {
    Variable: _Scope.variable,
    Size: _Scope.size,
    Constant: _Scope.constant,
    Number: _Scope.number,
    Element: _Scope.element,
    Function: _Scope.function,
    Exponential: _Scope.exponential,
    Power: _Scope.general_power,
    Bracket: _Scope.bracket,
    Sum: _Scope.sum,
    Product: _Scope.product,
    Delta: _Scope.delta,
    Condition: _Scope.indicator,
    Either: _Scope.indicator,
}
_FLIPPED = {">": "<", ">=": "<="}
_HALVES = (Fraction(1, 2), Fraction(-1, 2))
_RELATIONS: dict[str, Callable[[sp.Expr, sp.Expr], sp.Basic]] = {
    ">": sp.Gt, ">=": sp.Ge, "<": sp.Lt, "<=": sp.Le, "==": sp.Eq, "!=": sp.Ne,
}  # fmt: skip
_CONSTANTS = {
    "pi": sp.pi,
    "E": sp.E,
    "oo": sp.oo,
    "-oo": -sp.oo,
    "nan": sp.nan,
    "zoo": sp.zoo,
    "EulerGamma": sp.EulerGamma,
    "I": sp.I,
}
