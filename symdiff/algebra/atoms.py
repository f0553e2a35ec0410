"""The atoms of the normal form: what a monomial is a product of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symdiff.algebra.forms import NOTHING, Algebra, Atom, Exact, Form, Monomial, Variable


class Size(Atom):
    """The length of an axis: its symbol, and its value where the program was traced."""

    __slots__ = ("symbol", "value")

    def __init__(self, algebra: Algebra, number: int, symbol: Any, value: int) -> None:
        super().__init__(algebra, number)
        self.symbol, self.value = symbol, value
        self.nonnegative = True


class Constant(Atom):
    """A number that is not rational: ``pi``, ``E``, ``oo``, ``nan``."""

    __slots__ = ("name",)

    def __init__(self, algebra: Algebra, number: int, name: str) -> None:
        super().__init__(algebra, number)
        self.name = name
        self.nonnegative = name in ("pi", "E", "oo")


class Number(Atom):
    """A whole number under a root."""

    __slots__ = ("value",)

    def __init__(self, algebra: Algebra, number: int, value: int) -> None:
        super().__init__(algebra, number)
        self.value = value
        self.nonnegative = True


class Element(Atom):
    """An element of a named array: a value of the program (``role`` "value"), an adjoint, a position
    that a pick chose, ...
    """

    __slots__ = ("index", "role", "source")

    def __init__(self, algebra: Algebra, number: int, role: str, source: Any, index: tuple[Form, ...]) -> None:
        super().__init__(algebra, number)
        self.role, self.source, self.index = role, source, index
        self.free = NOTHING.union(*(i.free for i in index))
        self.cost = 1 + sum(1 if i.cost == 1 else i.cost + 1 for i in index)
        self.nonnegative = (role, source) in algebra.nonnegative_arrays

    def own_sources(self) -> frozenset[tuple[str, Any]]:
        return frozenset({(self.role, self.source)})

    def parts(self) -> Iterator[Form | Monomial]:
        return iter(self.index)


class Function(Atom):
    """A function applied to forms."""

    __slots__ = ("arguments", "name")

    def __init__(self, algebra: Algebra, number: int, name: str, arguments: tuple[Form, ...]) -> None:
        super().__init__(algebra, number)
        self.name, self.arguments = name, arguments
        self.free = NOTHING.union(*(a.free for a in arguments))
        self.height = max((a.height for a in arguments), default=0)
        self.cost = 1 + sum(a.cost for a in arguments)
        self.nonnegative = name in ("Abs", "cosh", "acosh", "acos")

    def parts(self) -> Iterator[Form | Monomial]:
        return iter(self.arguments)


class Exponential(Atom):
    """e to the power of one monomial; its coefficient is the exponent of the atom."""

    __slots__ = ("exponent",)

    def __init__(self, algebra: Algebra, number: int, exponent: Monomial) -> None:
        super().__init__(algebra, number)
        self.exponent = exponent
        self.free, self.height, self.cost = exponent.free, exponent.height, 1 + exponent.cost
        self.nonnegative = True

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.exponent


class Power(Atom):
    """A form to the power of a monomial that is no number."""

    __slots__ = ("base", "exponent")

    def __init__(self, algebra: Algebra, number: int, base: Form, exponent: Monomial) -> None:
        super().__init__(algebra, number)
        self.base, self.exponent = base, exponent
        self.free, self.height = base.free | exponent.free, max(base.height, exponent.height)
        self.cost = 1 + base.cost + exponent.cost

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.base
        yield self.exponent


class Bracket(Atom):
    """A sum kept together: under a root, below a fraction's line, or as a factor beside another sum."""

    __slots__ = ("inside",)

    def __init__(self, algebra: Algebra, number: int, inside: Form) -> None:
        super().__init__(algebra, number)
        self.inside = inside
        self.free, self.height, self.cost = inside.free, inside.height, 1 + inside.cost
        self.nonnegative = all(c > 0 and nonnegative(m) for m, c in inside.terms.items())

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.inside


class Sum(Atom):
    """A monomial summed over bound variables, whose names are their depth."""

    __slots__ = ("body", "variables")
    kind = "sum"

    def __init__(self, algebra: Algebra, number: int, variables: tuple[Variable, ...], body: Monomial) -> None:
        super().__init__(algebra, number)
        self.variables, self.body = variables, body
        self.free = body.free - frozenset(variables)
        self.height = body.height + len(variables)
        self.cost = 2 + len(variables) + body.cost
        self.nonnegative = nonnegative(body)

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.body


class Product(Atom):
    """A form multiplied over one bound variable."""

    __slots__ = ("body", "variable")

    def __init__(self, algebra: Algebra, number: int, variable: Variable, body: Form) -> None:
        super().__init__(algebra, number)
        self.variable, self.body = variable, body
        self.free = (body.free - {variable}) | variable.size.free
        self.height = body.height + 1
        self.cost = 3 + body.cost

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.body
        yield self.variable.size


class Delta(Atom):
    """1 where an index form is 0, else 0."""

    __slots__ = ("difference",)

    def __init__(self, algebra: Algebra, number: int, difference: Form) -> None:
        super().__init__(algebra, number)
        self.difference = difference
        self.free, self.cost = difference.free, 1 + difference.cost
        self.nonnegative = True

    def raised(self, exponent: Exact) -> Exact:
        return 1 if exponent > 0 else exponent

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.difference


class Condition(Atom):
    """1 where a comparison of a form with 0 holds, else 0; ``whole`` marks forms that are whole numbers."""

    __slots__ = ("difference", "sign", "whole")

    def __init__(self, algebra: Algebra, number: int, sign: str, difference: Form, whole: bool) -> None:
        super().__init__(algebra, number)
        self.sign, self.difference, self.whole = sign, difference, whole
        self.free, self.height, self.cost = difference.free, difference.height, 2 + difference.cost
        self.nonnegative = True

    def raised(self, exponent: Exact) -> Exact:
        return 1 if exponent > 0 else exponent

    def excludes(self, other: Atom) -> bool:
        """Whether both cannot hold at once."""
        return isinstance(other, Condition) and self.opposite() is other

    def opposite(self) -> Condition:
        """The condition that holds where this one does not."""
        make = self.algebra.intern
        if self.whole:
            return make(Condition, ">=", self.difference.scaled(-1) - 1, True)  # type: ignore[no-any-return]
        sign, turned = _OPPOSITES[self.sign]
        return make(Condition, sign, self.difference.scaled(turned), False)  # type: ignore[no-any-return]

    def parts(self) -> Iterator[Form | Monomial]:
        yield self.difference


class Either(Condition):
    """1 where at least one of several monomials of conditions holds."""

    __slots__ = ("choices",)

    def __init__(self, algebra: Algebra, number: int, choices: tuple[Monomial, ...]) -> None:
        super().__init__(algebra, number, "or", algebra.zero, False)
        self.choices = choices
        self.free = NOTHING.union(*(m.free for m in choices))
        self.height = max(m.height for m in choices)
        self.cost = sum(1 + m.cost for m in choices)

    def excludes(self, other: Atom) -> bool:
        return False

    def parts(self) -> Iterator[Form | Monomial]:
        return iter(self.choices)


_OPPOSITES = {">": (">=", -1), ">=": (">", -1), "==": ("!=", 1), "!=": ("==", 1)}


def nonnegative(monomial: Monomial) -> bool:
    """Whether every real value of the monomial is at least 0."""
    return all(atom.nonnegative or exponent % 2 == 0 or exponent.denominator != 1 for atom, exponent in monomial.powers)
