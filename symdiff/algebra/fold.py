"""Making forms short: known results by their names, sums that vanish or count, names put in or written out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from symdiff.algebra.atoms import Bracket, Delta, Element, Exponential, Power, Size, Sum
from symdiff.algebra.forms import Algebra, Atom, Exact, Form, Monomial, Variable, remembered
from symdiff.algebra.rewrite import Rewriter, substituted


def known_result(local: Form, value: Form, result: Form) -> Form:
    """A local partial with its consumer's own result by name: 1 - h**2 for tanh, p for exp, 1/(2*r) for a root."""
    found = value.single
    if found is None or not found[0].powers:
        return local
    logistic = _logistic(found)
    if logistic is not None:
        return _replaced(local, _in_logistic(logistic, result))
    if len(found[0].powers) != 1:
        return local
    atom, exponent = found[0].powers[0]
    # x**y/x would be 0/0 at 0 where x**(y - 1) is not
    if isinstance(atom, Power) or (isinstance(atom, Element | Size) and exponent.denominator == 1):
        return local
    root = result.scaled(1 / Fraction(found[1]))
    return _power_replaced(local, atom, exponent, root)


def _power_replaced(form: Form, atom: Atom, exponent: Exact, root: Form) -> Form:
    """``form`` with powers of ``atom`` written in ``root = atom ** exponent``, where that leaves whole powers."""
    algebra = form.algebra
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        power = dict(monomial.powers).get(atom, 0)
        ratio = Fraction(power) / Fraction(exponent)
        if not power or ratio.denominator != 1 or (exponent.denominator != 1 and power.denominator == 1):
            total = total + algebra.form({monomial: coefficient})
            continue
        rest = algebra.monomial((a, e) for a, e in monomial.powers if a is not atom)
        total = total + algebra.form({rest: coefficient}) * algebra.power(root, ratio)
    return total


def _logistic(found: tuple[Monomial, Exact]) -> tuple[Atom, Atom, int] | None:
    """``(E, 1 + E, e)`` where a value is 1/(1 + E) (e = 0) or E/(1 + E) (e = 1), E an exponential."""
    monomial, coefficient = found
    brackets = [(a, e) for a, e in monomial.powers if isinstance(a, Bracket)]
    others = [(a, e) for a, e in monomial.powers if not isinstance(a, Bracket)]
    if coefficient != 1 or len(brackets) != 1 or brackets[0][1] != -1 or len(others) > 1:
        return None
    terms = brackets[0][0].inside.terms
    unit = brackets[0][0].algebra.unit
    if len(terms) != 2 or terms.get(unit) != 1:
        return None
    (term, number) = next((m, c) for m, c in terms.items() if m is not unit)
    if number != 1 or len(term.powers) != 1 or not isinstance(term.powers[0][0], Exponential):
        return None
    base, exponent = term.powers[0]
    if others and others != [(base, exponent)]:
        return None
    return base, brackets[0][0], int(exponent) if exponent.denominator == 1 and others else 0


def _in_logistic(found: tuple[Atom, Atom, int], result: Form) -> dict[Atom, Form]:
    exponential, bracket, exponent = found
    other = 1 - result
    if exponent:
        return {exponential: (result / other) ** Fraction(1, exponent), bracket: other**-1}
    return {exponential: other / result, bracket: result**-1}


def _replaced(form: Form, values: dict[Atom, Form]) -> Form:
    """``form`` with atoms among the factors of its monomials replaced."""
    algebra = form.algebra
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        product = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if a not in values): coefficient})
        for atom, exponent in monomial.powers:
            if atom in values:
                product = product * algebra.power(values[atom], exponent)
        total = total + product
    return total


# --- deltas ---------------------------------------------------------------------------------------------------------


def deltas_applied(form: Form, rank: dict[Variable, int]) -> Form:
    """``form`` with what a delta ties together written alike in the rest of its monomial.

    ``rank`` orders the free variables: the one of the lowest rank stays; a position that a pick chose gives way to any.
    """
    algebra = form.algebra
    if not any(isinstance(atom, Delta) for atom in form.atoms()):
        return form
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        total = total + _tied(algebra, monomial, rank).scaled(coefficient)
    return total


def _tied(algebra: Algebra, monomial: Monomial, rank: dict[Variable, int]) -> Form:
    deltas = [atom for atom, _ in monomial.powers if isinstance(atom, Delta)]
    rest = algebra.form({algebra.monomial((a, e) for a, e in monomial.powers if not isinstance(a, Delta)): 1})
    for atom in deltas:
        single = {
            m.powers[0][0]: c for m, c in atom.difference.terms.items() if len(m.powers) == 1 and m.powers[0][1] == 1
        }
        chosen = [a for a, c in single.items() if isinstance(a, Element) and c in (1, -1)]
        free = [a for a, c in single.items() if isinstance(a, Variable) and a in rank and c in (1, -1)]
        if (chosen and not rest.free.isdisjoint(free)) or chosen:
            goner: Atom = chosen[0]
        elif len(free) > 1:
            goner = max(free, key=lambda v: rank[v])
        else:
            continue
        value = algebra.of(goner) - atom.difference.scaled(single[goner])
        rest = _atom_replaced(rest, goner, value)
    return rest * algebra.form({algebra.monomial((atom, 1) for atom in deltas): 1})


def _atom_replaced(form: Form, goner: Atom, value: Form) -> Form:
    if isinstance(goner, Variable):
        return substituted(form, {goner: value})
    source = next(iter(goner.own_sources()))
    rewriter = Rewriter(form.algebra, lambda a: value if a is goner else None, lambda part: source in part.sources)
    return rewriter(form)


# --- the common factor ----------------------------------------------------------------------------------------------


@remembered
def factored(form: Form) -> Form:
    """``form`` as it is written: sums over the same range joined, what all terms share in front of a bracket."""
    algebra = form.algebra
    form = _joined(form)
    if len(form.terms) < 2:
        return _inside_factored(form)
    number, common, rest = algebra.content(form)
    if _better_turned(number, rest):
        number, rest = -number, -rest
    exponentials = [(a, e) for a, e in common.powers if isinstance(a, Exponential) and _spoils(form, a)]
    if exponentials:
        rest = rest * algebra.form({algebra.monomial(exponentials): 1})
        common = algebra.monomial(power for power in common.powers if power not in exponentials)
    rest = _inside_factored(rest)
    if not common.powers and abs(number) == 1:
        return _inside_factored(form)
    bracket = algebra.of(algebra.intern(Bracket, rest)) if len(rest.terms) > 1 else rest
    together = algebra.form({common: number}) * bracket
    return together if together.cost <= form.cost + 1 else _inside_factored(form)


def _better_turned(number: Exact, rest: Form) -> bool:
    """Whether ``-number * (-rest)`` has fewer minus signs, or as many and the leading term of the bracket positive."""
    inside = sum(c < 0 for c in rest.terms.values())
    before, after = inside + (number < 0), len(rest.terms) - inside + (number > 0)
    if before != after:
        return after < before
    return rest.terms[min(rest.terms, key=lambda m: (m.height, m.cost, m.number))] < 0


def _spoils(form: Form, atom: Atom) -> bool:
    return any(not dict(m.powers).get(atom, 0) for m in form.terms)


@remembered
def _inside_factored(form: Form) -> Form:
    """Every sum's body, and every bracket, factored too."""
    algebra = form.algebra
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        total = total + _turned(_monomial_factored(algebra.single(monomial, 1)).scaled(coefficient))
    return total


@remembered
def _turned(form: Form) -> Form:
    """A single monomial with the sign of a bracket in it where it reads best: 2*(x - m) for -2*(m - x)."""
    found = form.single
    if found is None:
        return form
    algebra, (monomial, number) = form.algebra, found
    powers = dict(monomial.powers)
    for atom, exponent in monomial.powers:
        if isinstance(atom, Bracket) and exponent % 2 == 1 and _better_turned(number, atom.inside):
            del powers[atom]
            powers[algebra.intern(Bracket, -atom.inside)] = exponent
            number = -number
        elif isinstance(atom, Bracket) and exponent % 2 == 0 and _better_turned(1, atom.inside):
            del powers[atom]
            powers[algebra.intern(Bracket, -atom.inside)] = exponent
    return algebra.form({algebra.monomial(powers.items()): number})


@remembered
def _monomial_factored(form: Form) -> Form:
    algebra, (monomial,) = form.algebra, form.terms
    changed: list[Form] = []
    powers = []
    powers_of: dict[Atom, Exact] = {
        atom: exponent for atom, exponent in monomial.powers if isinstance(atom, Exponential)
    }
    for atom, exponent in monomial.powers:
        if isinstance(atom, Bracket):
            inside = _divided(atom, exponent, powers_of)
            # under a root no number comes out: 1/100000 + v stays as it is
            inside = factored(inside) if exponent.denominator == 1 else _inside_factored(_joined(inside))
            if inside is not atom.inside:
                whole = len(inside.terms) == 1 and exponent.denominator == 1
                changed.append(
                    algebra.power(inside, exponent) if whole else algebra.of(algebra.intern(Bracket, inside), exponent)
                )
                continue
        powers.append((atom, exponent))
    result = algebra.form({algebra.monomial((a, powers_of.get(a, e)) for a, e in powers if powers_of.get(a, e)): 1})
    for form in changed:
        result = result * form
    return result


def _divided(bracket: Bracket, exponent: Exact, powers: dict[Atom, Exact]) -> Form:
    """The inside of a bracket below the line, divided by an exponential above it: 1/(1 + exp(-z)) for
    exp(z)/(1 + exp(z)).
    """
    inside, algebra = bracket.inside, bracket.algebra
    if exponent >= 0:
        return inside
    for atom, above in list(powers.items()):
        highest = max((dict(m.powers).get(atom, 0) for m in inside.terms), default=0)
        if isinstance(atom, Exponential) and highest > 0 and above == -exponent * highest:
            powers[atom] = 0
            return inside * algebra.of(atom, -highest)
    return inside


@remembered
def _joined(form: Form) -> Form:
    """Sums over the same range, with the same factors in front, as one sum of a bracket."""
    algebra = form.algebra
    groups: dict[tuple[Any, ...], list[tuple[Sum, Exact]]] = {}
    total = algebra.zero
    for monomial, coefficient in form.terms.items():
        sums = [atom for atom, exponent in monomial.powers if isinstance(atom, Sum) and exponent == 1]
        if len(sums) != 1:
            total = total + algebra.form({monomial: coefficient})
            continue
        rest = algebra.monomial((a, e) for a, e in monomial.powers if a is not sums[0])
        key = (rest, tuple(v.size for v in sums[0].variables))
        groups.setdefault(key, []).append((sums[0], coefficient))
    for (rest, _), members in groups.items():
        if len(members) == 1:
            atom, coefficient = members[0]
            total = total + algebra.form({algebra.merged(rest, algebra.monomial(((atom, 1),)))[0]: coefficient})
        else:
            total = total + algebra.form({rest: 1}) * _one_sum(algebra, members)
    return total


def _one_sum(algebra: Algebra, members: list[tuple[Sum, Exact]]) -> Form:
    depth = max(atom.body.height for atom, _ in members)
    names = tuple(algebra.intern(Variable, -(depth + 1 + k), v.size) for k, v in enumerate(members[0][0].variables))
    body = algebra.zero
    for atom, coefficient in members:
        here = dict(zip(atom.variables, map(algebra.of, names), strict=True))
        body = body + substituted(algebra.form({atom.body: coefficient}), here)
    inside = factored(body)
    found = inside.single
    if found is None:
        found = algebra.monomial(((algebra.intern(Bracket, inside), 1),)), 1
    outside = [(a, e) for a, e in found[0].powers if a.free.isdisjoint(names)]
    rest = algebra.monomial((a, e) for a, e in found[0].powers if not a.free.isdisjoint(names))
    return algebra.make(Sum, names, rest) * algebra.form({algebra.monomial(outside): found[1]})


def deep_atoms(form: Form) -> Iterable[Atom]:
    """Every atom in a form, those inside of others too."""
    seen: set[Any] = set()
    waiting: list[Any] = [form]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if isinstance(part, Atom):
            yield part
            waiting.extend(part.parts())
        elif isinstance(part, Form):
            waiting.extend(part.terms)
        else:
            waiting.extend(atom for atom, _ in part.powers)
