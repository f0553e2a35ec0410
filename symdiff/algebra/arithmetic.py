"""Arithmetic of forms: products that stay brackets, powers over the reals, exponentials of sums, logarithms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symdiff.algebra import atoms
from symdiff.algebra.forms import Algebra, Atom, Exact, Form, Monomial, common_number, exact_number, ratio


class Arithmetic(Algebra):
    """Products, powers and functions of forms; what was worked out once is not worked out again."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._products: dict[tuple[Form, Form], Form] = {}
        self._merged: dict[tuple[Monomial, Monomial], tuple[Monomial, Exact]] = {}
        self._powers: dict[tuple[Form, Exact], Form] = {}
        self._contents: dict[Form, tuple[Exact, Monomial, Form]] = {}
        super().__init__(*args, **options)

    # --- products ---------------------------------------------------------------------------------------------------

    def times(self, left: Form, right: Form) -> Form:
        """The product; a sum times a sum stays a product of two brackets."""
        key = (left, right)
        found = self._products.get(key)
        if found is None:
            found = self._products[key] = self._times(left, right)
        return found

    def _times(self, left: Form, right: Form) -> Form:
        if not left.terms or not right.terms:
            return self.zero
        if len(left.terms) > 1 and len(right.terms) > 1:
            left, right = self.bracket(left, 1), self.bracket(right, 1)
        if len(left.terms) == 1:
            left, right = right, left
        (factor, scale) = next(iter(right.terms.items()))
        if len(left.terms) > 1 and self._cancels(left, factor):
            left = self.bracket(left, 1)
        total: dict[Monomial, Exact] = {}
        for monomial, coefficient in left.terms.items():
            product, extra = self.merged(monomial, factor)
            if extra:
                total[product] = total.get(product, 0) + coefficient * scale * extra
        return self.form(total)

    def merged(self, left: Monomial, right: Monomial) -> tuple[Monomial, Exact]:
        """The product of two monomials and the number that it brings out (0 where conditions exclude each other)."""
        if not right.powers:
            return left, 1
        if not left.powers:
            return right, 1
        key = (left, right)
        found = self._merged.get(key)
        if found is None:
            powers: dict[Atom, Exact] = dict(left.powers)
            for atom, exponent in right.powers:
                powers[atom] = exact_number(powers.get(atom, 0) + exponent)
            found = self._merged[key] = self._product(powers)
        return found

    def _product(self, powers: dict[Atom, Exact]) -> tuple[Monomial, Exact]:
        """The monomial of these powers, and the number that it brings out."""
        number: Exact = 1
        for atom in [
            a for a in powers if isinstance(a, atoms.Bracket) and a.inside.single and powers[a].denominator == 1
        ]:
            # a product under a root, squared: the bracket goes
            opened, coefficient = next(iter(self.power(atom.inside, powers.pop(atom)).terms.items()))
            for inner, exponent in opened.powers:
                powers[inner] = exact_number(powers.get(inner, 0) + exponent)
            number = number * coefficient
        conditions = [atom for atom in powers if isinstance(atom, atoms.Condition)]
        if len(conditions) > 1 and any(a.excludes(b) for a in conditions for b in conditions):
            return self.unit, 0
        for root in [atom for atom in powers if isinstance(atom, atoms.Number)]:
            whole, rest = divmod(powers[root], 1)
            number, powers[root] = number * Fraction(root.value) ** int(whole), rest
        return self.monomial((a, a.raised(e)) for a, e in powers.items() if e), exact_number(number)

    def _cancels(self, total: Form, factor: Monomial) -> bool:
        negative = {atom for atom, exponent in factor.powers if isinstance(atom, atoms.Bracket) and exponent < 0}
        if not negative:
            return False
        return any(atom in negative for atom, _ in next(iter(self.bracket(total, 1).terms)).powers)

    def bracket(self, total: Form, exponent: Exact) -> Form:
        """A sum kept together under an exponent, what all its terms share taken out."""
        content, common, rest = self.content(total)
        if rest.constant == 1:
            return self.form({common: content})
        if exponent.denominator != 1:
            # only what cannot be negative may leave a root, and numbers stay where the author put them
            outside = self.monomial((atom, e) for atom, e in common.powers if atom.nonnegative)
            inside = self.monomial((atom, e) for atom, e in common.powers if not atom.nonnegative)
            rest = self.times(rest, self.form({inside: content}))
            common, content = outside, 1
        front = self.power(self.form({common: content}), exponent) if exponent != 1 else self.form({common: content})
        return self.times(front, self.of(self.intern(atoms.Bracket, rest), exponent))

    def content(self, total: Form) -> tuple[Exact, Monomial, Form]:
        """``(number, monomial, rest)`` with total = number * monomial * rest and nothing left that all terms share."""
        found = self._contents.get(total)
        if found is None:
            found = self._contents[total] = self._content(total)
        return found

    def _content(self, total: Form) -> tuple[Exact, Monomial, Form]:
        monomials = list(total.terms)
        number = common_number(total.terms.values())
        if total.terms[min(monomials, key=lambda m: (m.height, m.number))] < 0:
            number = -number
        shared: dict[Atom, Exact] = dict(monomials[0].powers)
        exponents = [dict(m.powers) for m in monomials]
        for powers in exponents:
            shared.update((a, 0) for a in powers if isinstance(a, atoms.Exponential) and a not in shared)
        for atom in list(shared):
            found = [powers.get(atom, 0) for powers in exponents]
            if all(e > 0 for e in found) or isinstance(atom, atoms.Exponential):
                shared[atom] = min(found)
            else:
                shared[atom] = max(found) if all(e < 0 for e in found) else 0
        common = self.monomial((a, e) for a, e in shared.items() if e)
        inverse = self.monomial((a, -e) for a, e in common.powers)
        rest = {self.merged(m, inverse)[0]: ratio(c, number) for m, c in total.terms.items()}
        return number, common, self.form(rest)

    # --- powers -----------------------------------------------------------------------------------------------------

    def power(self, base: Form, exponent: Exact) -> Form:
        """``base ** exponent``, over the reals: sqrt(x**2) is abs(x)."""
        exponent = exact_number(exponent)
        if exponent == 1:
            return base
        if exponent == 0:
            return self.one
        key = (base, exponent)
        known = self._powers.get(key)
        if known is None:
            known = self._powers[key] = self._power(base, exponent)
        return known

    def _power(self, base: Form, exponent: Exact) -> Form:
        found = base.single
        if found is None:
            return self._empty_power(exponent) if not base.terms else self.bracket(base, exponent)
        monomial, coefficient = found
        if any(isinstance(atom, atoms.Condition | atoms.Delta) for atom, _ in monomial.powers) and exponent < 0:
            return self.of(self.intern(atoms.Bracket, base), exponent)
        if exponent.denominator == 1:
            product, extra = self._product({atom: exact_number(e * exponent) for atom, e in monomial.powers})
            return self.form({product: Fraction(coefficient) ** int(exponent) * extra})
        return self._root(monomial, coefficient, exponent)

    def _empty_power(self, exponent: Exact) -> Form:
        return self.zero if exponent > 0 else self.make(atoms.Constant, "zoo")

    def _root(self, monomial: Monomial, coefficient: Exact, exponent: Exact) -> Form:
        result = self.one
        under = self.one
        for atom, e in monomial.powers:
            if atom.nonnegative or e.denominator != 1:
                result = result * self.of(atom, exact_number(e * exponent))
            elif e % 2 == 0:
                result = result * self.of(self.function("Abs", self.of(atom)).atom or atom, exact_number(e * exponent))
            else:
                under = under * self.of(atom, e)
        if coefficient < 0 or under is not self.one:
            sign = -1 if coefficient < 0 else 1
            inside = under.scaled(sign)
            result = result * self.of(self.intern(atoms.Bracket, inside), exponent) if inside.constant != 1 else result
        return result * self._number_power(max(coefficient, -coefficient), exponent)

    def _number_power(self, base: Exact, exponent: Exact) -> Form:
        base = Fraction(base)
        result = self.one
        for whole, sign in ((base.numerator, 1), (base.denominator, -1)):
            if whole == 1:
                continue
            power = Fraction(exponent) * sign
            root = round(whole ** (1 / power.denominator)) if whole < 2**52 else 0
            if root**power.denominator == whole:
                result = result.scaled(Fraction(root) ** power.numerator)
            else:
                floor = power.numerator // power.denominator
                result = (result * self.of(self.intern(atoms.Number, whole), exact_number(power - floor))).scaled(
                    Fraction(whole) ** floor
                )
        return result

    # --- functions --------------------------------------------------------------------------------------------------

    def exponential(self, exponent: Form) -> Form:
        """exp of a sum, as the product of the exponentials of its terms."""
        result = self.one
        for monomial, coefficient in exponent.terms.items():
            log = _only_log(monomial)
            base = log if log is not None else self.make(atoms.Exponential, monomial)
            result = result * self.power(base, coefficient)
        return result

    def logarithm(self, argument: Form) -> Form:
        """log, with exponentials among the factors of its argument taken out, and -log(s) for log(1/s)."""
        found = argument.single
        if found is None or found[1] <= 0:
            return self._log_function(argument)
        monomial, number = found
        out = self.zero
        rest = []
        for atom, exponent in monomial.powers:
            if isinstance(atom, atoms.Exponential):
                out = out + self.form({atom.exponent: exponent})
            else:
                rest.append((atom, exponent))
        if out is not self.zero:
            return out + self.logarithm(self.form({self.monomial(rest): number}))
        if number == 1 and len(rest) == 1 and (rest[0][0].nonnegative or rest[0][1] == -1):
            return self._log_function(self.of(rest[0][0])).scaled(rest[0][1])
        return self._log_function(argument)

    def _log_function(self, argument: Form) -> Form:
        return self.zero if argument.constant == 1 else self.function("log", argument)

    def function(self, name: str, *arguments: Form) -> Form:
        """A function of forms, by sympy's name for it."""
        return self.make(atoms.Function, name, arguments)

    def power_of(self, base: Form, exponent: Form) -> Form:
        """A power whose exponent is not a number: one atom for each term of the exponent."""
        result = self.one
        for monomial, coefficient in exponent.terms.items():
            if not monomial.powers:
                result = result * self.power(base, coefficient)
            else:
                result = result * self.of(self.intern(atoms.Power, base, monomial), coefficient)
        return result


def _only_log(monomial: Monomial) -> Form | None:
    if len(monomial.powers) != 1:
        return None
    atom, exponent = monomial.powers[0]
    return atom.arguments[0] if isinstance(atom, atoms.Function) and atom.name == "log" and exponent == 1 else None
