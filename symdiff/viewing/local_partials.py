"""The chain rule element by element: which elements a value reaches, and the partial of each by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Contribution, Derivation, ThroughTerm
from symdiff.evaluation.evaluate import Forward, positions_of, slots_of
from symdiff.evaluation.fields.base import Field
from symdiff.evaluation.fields.expressions import Expressions
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.running import exclusive_product
from symdiff.meaning.formula import exact, meant, readable
from symdiff.meaning.terms import Element, Relation, Term

Place: TypeAlias = "tuple[int, ...]"

LARGEST_BOX = 4096
"""Up to so many products are written out one by one."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An element that a value reaches: which array, where in it, and its partial by the value."""

    consumer: int
    place: Place
    partial: sp.Expr


@dataclass(frozen=True, slots=True)
class Summand:
    """What one element is made of: summands (or factors) in symbols, with a common coefficient."""

    parts: tuple[sp.Expr, ...]
    coefficient: sp.Expr = field(default=sp.Integer(1))
    product: bool = False


class Elementwise:
    """A derivation with a symbol for every element, or with a number; conditions and picks are those of ``choices``."""

    def __init__(
        self, derivation: Derivation, choices: Forward, symbols: Mapping[int, Any], field: Field | None = None
    ) -> None:
        self.derivation = derivation
        self.symbols = symbols
        sizes = {symbol: sp.Integer(int(choices.field.to_float(size))) for symbol, size in choices.sizes.items()}
        values = [symbols.get(element.index) for element in derivation.program.elements]
        field = field or Expressions()
        numbers = {symbol: field.number(size) for symbol, size in sizes.items()}
        self.run = Forward(field, values, numbers, choices.conditions, choices.sources, choices.decided)

    def edges(self, index: int) -> list[list[Edge]] | None:
        """For every element of an array (flat) what it reaches; None where no such list is known or it is too long."""
        element = self.derivation.program.elements[index]
        if element.size > LARGEST_BOX:
            return None
        found: list[dict[tuple[int, Place], sp.Expr]] = [{} for _ in range(element.size)]
        for contribution in self.derivation.contributions[index]:
            listed = self._listed(element, contribution)
            if listed is None:
                return None
            for flat, place, partial in listed:
                key = (contribution.consumer, place)
                found[flat][key] = found[flat][key] + partial if key in found[flat] else partial
        return [[Edge(consumer, place, partial) for (consumer, place), partial in each.items()] for each in found]

    def uses(self, index: int) -> list[tuple[int, Place, list[sp.Expr]]]:
        """What an array's first element reaches in one step by several uses, each with the partial of every use."""
        element = self.derivation.program.elements[index]
        if element.size > LARGEST_BOX:
            return []
        several = Counter(c.consumer for c in self.derivation.contributions[index] if isinstance(c, ThroughTerm))
        found: dict[tuple[int, Place], list[sp.Expr]] = {}
        for contribution in self.derivation.contributions[index]:
            if several[contribution.consumer] > 1:
                for flat, place, partial in self._listed(element, contribution) or []:
                    if flat == 0 and partial != 0:
                        found.setdefault((contribution.consumer, place), []).append(partial)
        return [(consumer, place, parts) for (consumer, place), parts in found.items() if len(parts) > 1]

    def _listed(self, element: Element, contribution: Contribution) -> list[tuple[int, Place, sp.Expr]] | None:
        consumer = self.derivation.program.elements[contribution.consumer]
        if isinstance(contribution, ThroughTerm):
            return self._through_term(element, consumer, contribution)
        sources = self.run.sources.get(consumer.index)
        if sources is None or consumer.size > LARGEST_BOX:
            return None
        return [(position, place, readable(exact(weight))) for position, place, weight in sources.edges()]

    def _through_term(
        self, element: Element, consumer: Element, contribution: ThroughTerm
    ) -> list[tuple[int, Place, sp.Expr]] | None:
        term, run = contribution.term, self.run
        box = tuple(size.value for size in term.box)
        if int(np.prod(box, dtype=np.int64)) > LARGEST_BOX or any(run.values[k] is None for k in consumer.operands):
            return None
        slots = slots_of(run, term, [run.values[k] for k in consumer.operands])
        partial = _over(box, formula_value(run.field, contribution.partial, slots))
        if term.product:
            own = _over(box, formula_value(run.field, term.formula, slots))
            factors = np.where(_within(term, box), own, sp.Integer(1))
            axes = [v for v in range(len(box)) if v not in term.kept]
            partial = partial * exclusive_product(run.field, factors, axes)
        partial = np.asarray(np.where(self._holds(consumer, term, box), partial, sp.Integer(0)), dtype=object)
        within = _within(term, box)
        here = _places(contribution.at, box)
        there = _places(term.out, box)
        listed: list[tuple[int, Place, sp.Expr]] = []
        for v in np.ndindex(*box):
            flat = int(np.ravel_multi_index(here[v], element.shape)) if here[v] else 0
            if term.run is None or within[v]:
                listed.append((flat, there[v], partial[v]))
        return listed

    def _holds(self, consumer: Element, term: Term, box: Place) -> Array:
        if term.condition is None:
            return _within(term, box)
        number = next(k for k, other in enumerate(consumer.terms) if other is term)
        return np.broadcast_to(self.run.conditions[consumer.index, number], box) & _within(term, box)

    def relation(self, index: int) -> sp.Basic | None:
        """What a comparison of single numbers says; None for any other element."""
        element = self.derivation.program.elements[index]
        if element.relation is None or element.shape or not isinstance(element.meaning, Relation):
            return None
        term = element.terms[0]
        operands = [self._number_or_symbol(k) for k in element.operands]
        if any(each is None for each in operands):
            return None
        slots = slots_of(self.run, term, operands)
        return element.relation.xreplace({name: sp.S(np.asarray(each).item()) for name, each in slots.items()})

    def _number_or_symbol(self, index: int) -> Any:
        """The symbol of a single number, or the number itself where it is a constant; None where it has neither."""
        element = self.derivation.program.elements[index]
        if self.run.values[index] is not None or element.meaning is not None or element.value is None:
            return self.run.values[index]
        return None if np.shape(element.value) else np.asarray(meant(exact(element.value.item())), dtype=object)

    def made_of(self, index: int) -> list[Summand] | None:
        """For every element (flat) of a computed array what it is made of; None where that is not known or too long."""
        element = self.derivation.program.elements[index]
        size = element.size
        if not isinstance(element.meaning, Relation) or size > LARGEST_BOX:
            return None
        parts: list[list[sp.Expr]] = [[] for _ in range(size)]
        coefficient, product = sp.Integer(1), False
        for term in element.terms:
            box = tuple(size.value for size in term.box)
            if int(np.prod(box, dtype=np.int64)) > LARGEST_BOX or any(
                self.run.values[k] is None for k in element.operands
            ):
                return None
            formula = term.formula
            if len(element.terms) == 1 and len(term.kept) < len(box) and not term.product:
                outer, formula = formula.as_independent(*(s for s in formula.free_symbols if s not in self.run.sizes))
                coefficient = formula_value(self.run.field, outer, self.run.sizes)
            slots = slots_of(self.run, term, [self.run.values[k] for k in element.operands])
            values = _over(box, _kept_apart(formula, slots, self.run))
            holds = self._holds(element, term, box)
            there = _places(term.out, box)
            product = product or term.product
            for v in np.ndindex(*box):
                if holds[v]:
                    flat = int(np.ravel_multi_index(there[v], element.shape)) if there[v] else 0
                    parts[flat].append(values[v])
        return [Summand(tuple(each), coefficient, product) for each in parts]


def _kept_apart(formula: sp.Expr, slots: Mapping[sp.Symbol, Any], run: Forward) -> Any:
    """A product of two elements as written, x_1 x_1 and not x_1**2; any other formula by sympy."""
    factors = formula.args if isinstance(formula, sp.Mul) else ()
    if len(factors) == 2 and all(factor in slots and factor not in run.sizes for factor in factors):
        return np.frompyfunc(lambda a, b: sp.Mul(a, b, evaluate=False), 2, 1)(*(slots[factor] for factor in factors))
    return formula_value(run.field, formula, slots)


def _within(term: Term, box: Place) -> Array:
    """Which positions of the box a term takes: all, but for a running term, which takes those up to another."""
    if term.run is None:
        return np.ones(box, dtype=bool)
    inner, outer = (np.indices(box)[v] for v in (term.run.inner, term.run.outer))
    if term.run.onward:
        inner, outer = outer, inner
    return np.asarray(inner < outer if term.run.strict else inner <= outer)


def _over(box: Place, values: Any) -> Any:
    return np.broadcast_to(np.asarray(values, dtype=object), box)


def _places(at: Sequence[Any], box: Place) -> Any:
    """For every position of the box the position that the index maps give, as an object array of tuples."""
    found = np.empty(box, dtype=object)
    axes = [np.broadcast_to(positions_of(index, box), box) for index in at]
    for v in np.ndindex(*box):
        found[v] = tuple(int(axis[v]) for axis in axes)
    return found

