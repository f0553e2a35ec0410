"""Elementwise rules as scalar formulas with the conditions under which they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from symdiff.calculus.chain_rule import Through
from symdiff.meaning.formula import readable_numbers
from symdiff.meaning.terms import Element, Term, slot
from symdiff.proof.trial import Cotangent, Trial

Piece = tuple[sp.Basic, sp.Expr]
"""A condition and the formula that holds there; the conditions of a list exclude each other."""

MOST_PIECES = 400


class NotScalar(ValueError):
    """A rule is not made of elementwise operations with formulas."""


class Pieces:
    """The scalar formulas of one trial on numbers."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self._known: dict[int, tuple[Piece, ...]] = {}

    def letter(self, index: int) -> sp.Symbol:
        """The letter of an operand, or of the cotangent."""
        name = str(self.trial.program.elements[index].name)
        # a letter must not be taken for a slot
        return sp.Symbol(f"{name}_" if name[:1] == "s" and name[1:].isdigit() else name, real=True)

    def said(self, cotangent: Cotangent) -> tuple[Piece, ...]:
        """What the rule returns."""
        assert cotangent.index is not None
        return self.of(cotangent.index)

    def derived(self, operand: int) -> tuple[Piece, ...]:
        """The cotangent times the partial of the meaning, piece by piece."""
        found: dict[int, tuple[Term, sp.Expr]] = {}
        y = self.trial.program.elements[self.trial.value]
        places = {id(term): place for place, term in enumerate(y.terms)}
        for contribution in self.trial.derivation.contributions.get(operand, ()):
            if contribution.consumer != y.index or isinstance(contribution, Through):
                raise NotScalar("the meaning is no formula of its operands")
            term = contribution.term
            place = places[id(term)]
            before = found[place][1] if place in found else sp.Integer(0)
            found[place] = term, before + contribution.partial
        g = self.letter(self.trial.g)
        pieces = []
        for condition, expression, term in [(t.condition, e, t) for t, e in found.values()]:
            slots = self._letters_of(y, term)
            holds = sp.true if condition is None else condition.xreplace(slots)
            pieces.append((holds, g * readable_numbers(expression.xreplace(slots))))
        return tuple(pieces)

    def value(self) -> tuple[Piece, ...]:
        """The meaning itself."""
        return self.of(self.trial.value)

    def _letters_of(self, element: Element, term: Term) -> dict[sp.Symbol, sp.Expr]:
        return {slot(k): self.letter(element.operands[read.operand]) for k, read in enumerate(term.reads)}

    def of(self, index: int) -> tuple[Piece, ...]:
        """The pieces of an element in the letters of the operands."""
        if index not in self._known:
            self._known[index] = tuple(self._made(self.trial.program.elements[index]))
        return self._known[index]

    def _made(self, element: Element) -> Iterator[Piece]:
        if element.meaning is None:
            if element.name is not None:
                yield sp.true, self.letter(element.index)
            else:
                yield sp.true, readable_numbers(_number(element))
            return
        if not element.terms:
            raise NotScalar(f"{element.operation} has no formula")
        count = 0
        for term in element.terms:
            reads = [self.of(element.operands[read.operand]) for read in term.reads]
            for chosen in product(*reads):
                slots = {slot(k): expression for k, (_, expression) in enumerate(chosen)}
                holds = sp.true if term.condition is None else _filled(term.condition, slots)
                holds = sp.And(holds, *(condition for condition, _ in chosen))
                if holds != sp.false:
                    count += 1
                    if count > MOST_PIECES:
                        raise NotScalar("there are too many pieces")
                    yield holds, readable_numbers(_filled(term.formula, slots))


def _number(element: Element) -> sp.Expr:
    from symdiff.meaning.formula import exact

    assert element.value is not None
    if element.value.ndim:
        raise NotScalar("it reads an array of its own")
    return exact(float(element.value))


def _filled(expression: sp.Basic, slots: Mapping[sp.Symbol, sp.Expr]) -> sp.Basic:
    return expression.xreplace(dict(slots))


def relations(pieces: tuple[Piece, ...]) -> set[Relational]:
    """The comparisons in the conditions of some pieces."""
    return {atom for condition, _ in pieces for atom in condition.atoms(Relational)}
