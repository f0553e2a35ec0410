"""The chain rule on relation terms: one contribution for every edge, derived once for every size.

``xbar_q[tau_q(v)] += ybar[sigma(v)] * df/ds_q`` for each term of each consumer y and each slot q that reads x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Decided, Element, Index, Relation, Term, partial


@dataclass(frozen=True, slots=True)
class Through:
    """What a consumer sends back to an operand through a move or an equation: its meaning itself says how."""

    consumer: int
    operand: int


@dataclass(frozen=True, slots=True)
class ThroughTerm:
    """What a consumer sends back to an operand through one read of one relation term.

    ``slot`` says which of the term's reads, and ``partial`` is df/ds of that slot: for ``y = x*x`` there are two, each
    with the other factor as its partial.
    """

    consumer: int
    operand: int
    term: Term
    slot: int
    partial: sp.Expr

    @property
    def at(self) -> tuple[Index, ...]:
        """The index maps of what is read: where in the operand the adjoint goes."""
        return self.term.reads[self.slot].at


Contribution: TypeAlias = Through | ThroughTerm
"""One edge of the chain rule: what one consumer sends back to one element that it reads."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """For every element that matters what its adjoint is the sum of; ``order`` has consumers before the consumed."""

    program: SymbolicProgram
    order: tuple[int, ...]
    contributions: Mapping[int, tuple[Contribution, ...]]


def derive(program: SymbolicProgram) -> Derivation:
    """Apply the chain rule to a whole program, from its result back to the inputs asked for."""
    wanted = _depends_on(program)
    found: dict[int, list[Contribution]] = {program.result: []}
    order: list[int] = []
    for element in reversed(program.elements[: program.result + 1]):
        if element.index not in found:
            continue
        order.append(element.index)
        for contribution, target in _contributions(element):
            if target in wanted:
                found.setdefault(target, []).append(contribution)
    return Derivation(program, tuple(order), {index: tuple(found[index]) for index in order})


def _depends_on(program: SymbolicProgram) -> set[int]:
    """The elements whose value depends on an input to differentiate by."""
    wanted = {program.inputs[name] for name in program.wrt}
    for element in program.elements:
        if any(operand in wanted for operand in element.operands):
            wanted.add(element.index)
    return wanted


def _contributions(element: Element) -> list[tuple[Contribution, int]]:
    if element.meaning is None or isinstance(element.meaning, Decided):
        return []
    if not isinstance(element.meaning, Relation):
        return [(Through(element.index, place), target) for place, target in enumerate(element.operands)]
    found: list[tuple[Contribution, int]] = []
    for term in element.terms:
        for number, read in enumerate(term.reads):
            derivative = partial(term.formula, number)
            if derivative != 0:
                through = ThroughTerm(element.index, read.operand, term, number, derivative)
                found.append((through, element.operands[read.operand]))
    return found
