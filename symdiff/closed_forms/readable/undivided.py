"""Products without one factor, and powers less one, where the rules of differentiation divide by it.

The derivative of x_1 x_2 x_3 by x_k is their product over x_k, which is 0/0 where x_k is 0. Written as the product of
the others it holds for every element: ``Product(x[i], i)/x[k]`` is the product over all i but k. In the same way
``Sum(a[i]*x**a[i], i)/x`` is ``Sum(a[i]*x**(a[i] - 1), i)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from symdiff.algebra.atoms import Bracket, Condition, Element, Exponential, Power, Product, Sum
from symdiff.algebra.conditions import compared, in_range
from symdiff.algebra.fold import deep_atoms
from symdiff.algebra.forms import Atom, Exact, Form, Monomial, exact_number
from symdiff.algebra.rewrite import substituted

Powers = dict[Atom, Exact]


def undivided(form: Form, opened: Callable[[Element], Form] | None = None) -> Form:
    """``form`` with products, and sums of them, in the place of quotients that a product rule left.

    ``opened`` is what the name of an array stands for: a name that is a product is opened where one factor is left out.
    """
    if not divides(form):
        return form
    algebra, writer = form.algebra, _Undivided(opened)
    found = algebra.zero
    for monomial, coefficient in form.terms.items():
        term = algebra.form({monomial: coefficient})
        spread = writer.form(writer.spread(term))
        found = found + (spread if _below(spread) < _below(term) else writer.form(term))
    return found


def divides(form: Form) -> bool:
    """Whether something that is no number is below a line in a form, however deep."""
    return bool(_below(form))


def _below(form: Form) -> set[Atom]:
    """What is below a line; exp(-x) has none, nor has x**y/x, which is one power."""
    found: set[Atom] = set()
    waiting: list[Form | Monomial] = [form]
    while waiting:
        part = waiting.pop()
        for monomial in part.terms if isinstance(part, Form) else (part,):
            bases = {atom.base.atom for atom, _ in monomial.powers if isinstance(atom, Power)}
            for atom, exponent in monomial.powers:
                if exponent < 0 and atom.sources and not isinstance(atom, Exponential) and atom not in bases:
                    found.add(atom)
                waiting += atom.parts()
    return found


class _Undivided:
    def __init__(self, opened: Callable[[Element], Form] | None) -> None:
        self._opened = opened

    def form(self, form: Form) -> Form:
        algebra = form.algebra
        return algebra.total(algebra.form({self.monomial(m, frozenset()): c}) for m, c in form.terms.items())

    def monomial(self, monomial: Monomial, known: frozenset[Condition]) -> Monomial:
        """A monomial in which nothing is below a line that stands above it, too; ``known`` conditions hold here."""
        algebra, powers = monomial.algebra, dict(monomial.powers)
        known = known | {atom for atom in powers if isinstance(atom, Condition)}
        self._without_factors(powers, known)
        for atom in [each for each in powers if isinstance(each, Sum) and powers[each] == 1]:
            del powers[atom]
            inside = dict(atom.body.powers)
            self._draw_in(inside, powers, known | {each for each in inside if isinstance(each, Condition)})
            body = algebra.monomial(inside.items())
            powers[atom if body is atom.body else algebra.intern(Sum, atom.variables, body)] = 1
        return algebra.monomial(powers.items())

    def spread(self, form: Form) -> Form:
        """One term with a product multiplied into the brackets beside it that divide by something."""
        ((monomial, coefficient),) = form.terms.items()
        brackets = [a for a, e in monomial.powers if isinstance(a, Bracket) and e == 1 and divides(a.inside)]
        if not brackets or not any(self._product(atom) for atom, _ in monomial.powers):
            return form
        algebra = form.algebra
        rest = algebra.form({algebra.monomial(p for p in monomial.powers if p[0] is not brackets[0]): coefficient})
        terms = ({term: number} for term, number in brackets[0].inside.terms.items())
        return algebra.total(rest * algebra.form(term) for term in terms)

    def _draw_in(self, inside: Powers, outside: Powers, known: frozenset[Condition]) -> None:
        """What is below the line beside a sum is drawn into it, as far as it is below a product or a power there."""
        below = {atom: exponent for atom, exponent in outside.items() if exponent < 0 and atom not in inside}
        bases = {atom.base.atom for atom, exponent in inside.items() if isinstance(atom, Power) and exponent >= 1}
        for atom in [each for each in below if each in bases]:
            # x**y/x is written as one power
            inside[atom] = Fraction(-1)
            _take(outside, atom, 1)
            del below[atom]
        inside.update(below)
        self._without_factors(inside, known)
        for atom, exponent in below.items():
            left = inside.pop(atom, 0)
            _take(outside, atom, left - exponent)

    def _without_factors(self, powers: Powers, known: frozenset[Condition]) -> None:
        """Every product over one of its own factors becomes the product of the others."""
        for atom, exponent in list(powers.items()):
            product = self._product(atom) if exponent >= 1 and exponent.denominator == 1 else None
            rest = None if product is None else self._without_one(product, powers, known)
            if rest is not None:
                _take(powers, atom, -1)
                _take(powers, rest, 1)

    def _product(self, atom: Atom) -> Product | None:
        """The product that an atom is, or that it is the name of."""
        if isinstance(atom, Element) and self._opened is not None:
            atom = self._opened(atom).atom or atom
        return atom if isinstance(atom, Product) else None

    def _without_one(self, product: Product, powers: Powers, known: frozenset[Condition]) -> Product | None:
        """The product of all factors but the one that ``powers`` divides by, which is taken out of them."""
        algebra, variable = product.algebra, product.variable
        for at in _positions(product, powers):
            found = substituted(product.body, {variable: at})
            factor = found.single or algebra.bracket(found, 1).single
            if factor is None or factor[1] != 1:
                continue
            if any(powers.get(atom, 0) > -exponent for atom, exponent in factor[0].powers):
                continue
            within = in_range(algebra, at, variable.size).single
            if within is None or not known.issuperset(atom for atom, _ in within[0].powers):
                continue
            for atom, exponent in factor[0].powers:
                _take(powers, atom, exponent)
            difference = algebra.of(variable) - at
            others = product.body * compared(algebra, "!=", difference) + compared(algebra, "==", difference)
            return algebra.intern(Product, variable, others)  # type: ignore[no-any-return]
        return None


def _take(powers: Powers, atom: Atom, exponent: Exact) -> None:
    """Multiply by a power of an atom."""
    powers[atom] = exact_number(powers.get(atom, 0) + exponent)
    if not powers[atom]:
        del powers[atom]


def _positions(product: Product, powers: Powers) -> Iterator[Form]:
    """Where a factor of the product may be that stands below the line: where the same array is read."""
    alone = product.algebra.monomial(((product.variable, 1),))
    inner = [atom for atom in deep_atoms(product.body) if isinstance(atom, Element) and product.variable in atom.free]
    below = [product.algebra.of(atom) for atom, exponent in powers.items() if exponent < 0]
    seen: set[Form] = set()
    for there in (atom for form in below for atom in deep_atoms(form) if isinstance(atom, Element)):
        for here in inner:
            if (here.role, here.source) == (there.role, there.source):
                for mine, theirs in zip(here.index, there.index, strict=True):
                    if mine.terms.get(alone) == 1:
                        seen.add(theirs - (mine - product.algebra.of(product.variable)))
    yield from sorted(seen, key=lambda form: form.number)
