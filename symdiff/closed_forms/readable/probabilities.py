"""Probabilities that a program never computes: exp(x[k])/Σ exp(x[j]) in the derivative of a logsumexp is p[k]."""

from __future__ import annotations

from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.forms import Form
from symdiff.algebra.rewrite import elements_replaced
from symdiff.closed_forms.elements import Elements, Position
from symdiff.closed_forms.indexing import position

Pair = tuple[int, int]
"""An exponential, and the sum of its kind."""


def probability(elements: Elements, pair: Pair, at: Position) -> Form:
    """The exponential at a position over the sum that it is part of."""
    over, under = pair
    return elements.read(over, at) / elements.read(under, _sum_position(elements, under, at))


def with_probabilities(elements: Elements, form: Form) -> Form:
    """``form`` with every exponential over its sum written as a probability, where no such sum remains."""
    program = elements.program.elements
    names = {source for role, source in form.sources if role == "value"}
    for under in names:
        if program[under].operation == "sum" and program[under].operands[0] in names:
            over = program[under].operands[0]
            if program[over].operation == "exp":
                form = _folded(elements, form, (over, under))
    return form


def _folded(elements: Elements, form: Form, pair: Pair) -> Form:
    over, under = pair

    def value(shown: Position) -> Form:
        at = elements.whole_position(over, shown)
        share = elements.algebra.make(ElementAtom, "probability", pair, shown)
        return share * elements.read(under, _sum_position(elements, under, at))

    trial = elements_replaced(form, ("value", over), value)
    return form if ("value", under) in trial.sources else trial


def _sum_position(elements: Elements, index: int, at: Position) -> Position:
    term = elements.program.elements[index].terms[0]
    return tuple(position(elements.algebra, elements.size, out, at) for out in term.out)
