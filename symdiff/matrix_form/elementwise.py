"""Elementwise sums and products: what is alike is taken together, numbers stand in front."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp

from symdiff.matrix_form.nodes import Factor, Node, Nodes, is_negative


class Elementwise(Nodes, ABC):
    """Makes sums and products of nodes beside each other."""

    def coefficient(self, node: Node) -> tuple[sp.Expr, Node]:
        """``(number, rest)`` whose product the node is; the rest of a number is the number 1."""
        if node.head == "number":
            return node.data, self.number(1)
        if node.head == "mul" and node.data[0] != 1:
            return node.data[0], self._product(sp.Integer(1), zip(node.args, node.data[1], strict=True))
        if node.head == "add" and len(set(node.data)) == 1 and node.data[0] != 1:
            return node.data[0], self.make("add", node.args, (sp.Integer(1),) * len(node.args), node.ndim)
        return sp.Integer(1), node

    def scaled(self, coefficient: sp.Expr, node: Node) -> Node:
        return self.mul(coefficient, [(node, sp.Integer(1))])

    def add(self, terms: Iterable[tuple[sp.Expr, Node]]) -> Node:
        """A sum of terms with their coefficients; terms that are alike are taken together."""
        total: dict[Node, sp.Expr] = {}
        for coefficient, term in _opened(self, terms):
            number, rest = self.coefficient(term)
            total[rest] = total.get(rest, sp.Integer(0)) + coefficient * number
        kept = {node: value for node, value in total.items() if value != 0}
        if not kept:
            return self.number(0)
        ordered = sorted(kept, key=lambda node: _order(node, kept[node]))
        if len(ordered) == 1:
            return self.scaled(kept[ordered[0]], ordered[0])
        ndim = max(node.ndim for node in ordered)
        numbers = [kept[node] for node in ordered]
        common = _content(numbers, any(node.head == "number" for node in ordered))
        made = self.best_turned(self.make("add", ordered, tuple(value / common for value in numbers), ndim))
        return made if common == 1 else self._product(common, [(made, sp.Integer(1))])

    def mul(self, coefficient: sp.Expr, factors: Iterable[Factor]) -> Node:
        """An elementwise product; factors that are alike are taken together, those of products are its own."""
        powers: dict[Node, sp.Expr] = {}
        waiting = list(factors)
        while waiting:
            node, exponent = waiting.pop(0)
            if node.head == "number":
                coefficient = coefficient * node.data**exponent
            elif node.head == "mul" and (exponent.is_Integer or len(node.args) == 1):
                coefficient = coefficient * node.data[0] ** exponent
                waiting[:0] = [(f, e * exponent) for f, e in zip(node.args, node.data[1], strict=True)]
            elif node.head == "call" and node.data[0] == "sqrt" and exponent in (2, -2):
                waiting.insert(0, (node.args[0], exponent / 2))
            elif node.head == "holds" and exponent > 0:
                powers[node] = sp.Integer(1)
            else:
                powers[node] = powers.get(node, sp.Integer(0)) + exponent
        if coefficient == 0:
            return self.number(0)
        return self._product(coefficient, ((n, e) for n, e in powers.items() if e != 0))

    def _product(self, coefficient: sp.Expr, factors: Iterable[Factor]) -> Node:
        kept = sorted(factors, key=lambda factor: factor[0].number)
        if not kept:
            return self.number(coefficient)
        if coefficient == 1 and len(kept) == 1 and kept[0][1] == 1:
            return kept[0][0]
        ndim = max(node.ndim for node, _ in kept)
        arrays = [pair for pair in kept if pair[0].ndim]
        if ndim == 2 and len(arrays) > 1:
            inner = self.make("mul", [n for n, _ in arrays], (sp.Integer(1), tuple(e for _, e in arrays)), 2)
            turned = self.best_turned(inner)
            if turned is not inner:
                kept = [pair for pair in kept if not pair[0].ndim] + [(turned, sp.Integer(1))]
                if coefficient == 1 and len(kept) == 1:
                    return turned
        return self.make("mul", [n for n, _ in kept], (coefficient, tuple(e for _, e in kept)), ndim)

    def _upright(self, total: Node) -> Node:
        """A sum whose sign does not matter, with the term that is written first added: (X @ w - y)**2."""
        if total.head != "add":
            return total
        first = min(range(len(total.args)), key=lambda place: _order(total.args[place], sp.Integer(1)))
        if not is_negative(total.data[first]):
            return total
        return self.add((-value, term) for value, term in zip(total.data, total.args, strict=True))

    def positive(self, node: Node) -> Node:
        """A negative product with the sign of a difference in it turned: -2*A.T @ (b - x) is 2*A.T @ (x - b)."""
        if node.head != "mul":
            return node
        if not is_negative(node.data[0]):
            factors = zip(node.args, node.data[1], strict=True)
            upright = ((self._upright(part) if power % 2 == 0 else part, power) for part, power in factors)
            return self.mul(node.data[0], upright)
        turned = self._signs_turned(list(zip(node.args, node.data[1], strict=True)))
        return node if turned is None else self.mul(-node.data[0], turned)

    def _signs_turned(self, factors: list[Factor]) -> list[Factor] | None:
        for place, (node, exponent) in enumerate(factors):
            other = self.turned(node) if exponent == 1 else None
            if other is not None:
                return [*factors[:place], (other, exponent), *factors[place + 1 :]]
        return None

    def turned(self, node: Node) -> Node | None:
        """The negative of a difference as a difference, of a product by turning one of its factors; else None."""
        if node.head == "add" and any(map(is_negative, node.data)):
            return self.add((-value, term) for value, term in zip(node.data, node.args, strict=True))
        if node.head in ("mm", "col", "T", "sum"):
            if len(set(node.args)) < len(node.args):
                return None
            for place, part in enumerate(node.args):
                other = self.turned(part)
                if other is not None:
                    return self.make(
                        node.head, (*node.args[:place], other, *node.args[place + 1 :]), node.data, node.ndim
                    )
        return None

    def scalars_out(self, node: Node) -> tuple[sp.Expr, list[Factor], Node]:
        """``(number, scalar factors, rest)`` whose product an array is."""
        if node.head == "add":
            number, rest = self.coefficient(node)
            return number, [], rest
        if node.head != "mul":
            return sp.Integer(1), [], node
        number, exponents = node.data
        pairs = list(zip(node.args, exponents, strict=True))
        scalars = [pair for pair in pairs if not pair[0].ndim]
        return number, scalars, self._product(sp.Integer(1), [pair for pair in pairs if pair[0].ndim])

    @abstractmethod
    def best_turned(self, node: Node) -> Node:
        """A matrix of transposes as the transpose of what it is of, where that is easier to read."""

    @abstractmethod
    def T(self, node: Node) -> Node:
        """The transpose; of a vector the vector itself."""


def rebuilt_sum(matrices: Elementwise, node: Node, parts: Sequence[Node]) -> Node:
    """An elementwise sum or product of other parts."""
    if node.head == "add":
        return matrices.add(zip(node.data, parts, strict=True))
    return matrices.mul(node.data[0], zip(parts, node.data[1], strict=True))


def _opened(matrices: Elementwise, terms: Iterable[tuple[sp.Expr, Node]]) -> Iterable[tuple[sp.Expr, Node]]:
    """The terms, those of a sum that stands in a sum among them."""
    for coefficient, term in terms:
        if term.head == "add":
            yield from _opened(
                matrices, ((coefficient * own, part) for own, part in zip(term.data, term.args, strict=True))
            )
        elif term.head == "mul" and len(term.args) == 1 and term.data[1] == (1,) and term.args[0].head == "add":
            yield from _opened(matrices, [(coefficient * term.data[0], term.args[0])])
        elif term.head == "T" and term.args[0].head == "add" and all(p.ndim == 2 for p in term.args[0].args):
            inner = term.args[0]
            yield from _opened(
                matrices,
                ((coefficient * own, matrices.T(part)) for own, part in zip(inner.data, inner.args, strict=True)),
            )
        else:
            yield coefficient, term


def _order(node: Node, coefficient: sp.Expr) -> tuple[Any, ...]:
    """What is added comes before what is taken off, computed arrays before given ones, large ones before small ones."""
    negative = is_negative(coefficient)
    simple = node.head in ("name", "T")
    return negative, node.head == "number" and negative, -node.ndim, simple, node.number


def _content(numbers: Sequence[sp.Expr], has_number: bool) -> sp.Expr:
    """What all coefficients share: their common factor if they are whole multiples of one of them, without its sign."""
    least = min(numbers, key=lambda value: abs(value))
    share = abs(least)
    if has_number and any(abs(value) != share for value in numbers):
        return sp.Integer(1)
    # a decimal stays with its term: w/10 + 2*r, not (w + 20*r)/10
    whole = share.is_Rational and share.q % 5 == 0 and any(value.is_Integer for value in numbers)
    if share != 1 and not whole and all((value / share).is_Integer for value in numbers):
        return share * (-1 if all(map(is_negative, numbers)) else 1)
    return sp.Integer(-1) if all(map(is_negative, numbers)) else sp.Integer(1)
