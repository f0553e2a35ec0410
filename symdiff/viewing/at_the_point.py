"""The chain rule at the point: what every factor is as a number, and where a convention stands in for a derivative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

import autodiff as ad
from symdiff.agreement.evidence import Evidence
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import Forward, backward, forward, slots_of
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.precision import mp
from symdiff.evaluation.truth import Numbers
from symdiff.meaning.terms import Element, Relation
from symdiff.tracing.graph import LEFT_OUT
from symdiff.viewing.local_partials import Edge, Elementwise, Place

__all__ = ["AtThePoint", "Factor"]

BITS = 200
NOTHING = 1e-60
"""What is so small may be what is left of a sum that cancels."""

CLOSE = 1e-12
APART = 1e-6
"""Relative to their size, how much two sides differ at a kink."""

BESIDE = 1e-14
"""Relative to an operand, how far beside a kink its sides are looked at."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a line: its value, and whether it is a convention because the step has a kink there."""

    value: float
    at_kink: bool = False


class AtThePoint:
    """Numbers of one derivation at its point, as the page shows them.

    ``is_plain`` says that every derivative on the way exists: then nothing on the page needs a second look. Otherwise
    the factors at kinks are those of the engine, by its convention, and the adjoints what comes of them.
    """

    def __init__(self, evidence: Evidence, derivation: Derivation, numbers: Numbers) -> None:
        self._evidence, self._derivation, self._numbers = evidence, derivation, numbers
        self.program = derivation.program

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing stands at a kink and everything is finite."""
        evidence = self._evidence
        verdicts = {str(v) for each in evidence.report.inputs.values() for v in np.unique(each.verdicts.astype(str))}
        finite = all(np.isfinite(each).all() for each in self._numbers.elements if each is not None)
        return finite and not evidence.ties and verdicts <= {str(Verdict.AGREE), str(Verdict.IMPRECISE)}

    @cached_property
    def jumps(self) -> bool:
        """Whether the value itself jumps here."""
        return any(bool(each.jumps.any()) for each in self._evidence.report.inputs.values())

    @cached_property
    def has_zeros(self) -> bool:
        """Whether any value on the way is 0: only then a formula can divide by it."""
        return any(not np.all(each) for each in self._numbers.elements if each is not None)

    @cached_property
    def run(self) -> Forward:
        """The values of all elements, in mpmath numbers where these can be afforded."""
        arithmetic = Exact() if self._numbers.small else Floats()
        with mp.workprec(2 * BITS), np.errstate(all="ignore"):
            return forward(self.program, arithmetic, choices=self._numbers.bounded)

    @cached_property
    def adjoints(self) -> Mapping[int, Array]:
        """The adjoint of every element as floats: of the inputs what the table says."""
        with mp.workprec(2 * BITS), np.errstate(all="ignore"):
            found = backward(self._derivation, self.run)
            adjoints = {index: np.array(self.run.field.to_float(each)) for index, each in found.items()}
            self._settle(adjoints)
            if not self.is_plain:
                self._by_convention(adjoints)
        for name, index in self.program.inputs.items():
            reported = self._evidence.report.inputs.get(name)
            if index in adjoints and reported is not None and reported.symbolic.shape == np.shape(adjoints[index]):
                adjoints[index] = reported.symbolic
        return adjoints

    def _settle(self, adjoints: dict[int, Array]) -> None:
        """Make 0 of what is left of a sum that cancels: another precision leaves something else."""
        tiny = {k: (np.abs(each) < NOTHING) & (each != 0) for k, each in adjoints.items()}
        if not self._numbers.small or not any(each.any() for each in tiny.values()):
            return
        with mp.workprec(3 * BITS):
            run = forward(self.program, Exact(), choices=self._numbers.bounded)
            again = {k: np.asarray(run.field.to_float(each)) for k, each in backward(self._derivation, run).items()}
        for index, each in tiny.items():
            moved = np.abs(again[index] - adjoints[index]) > CLOSE * np.abs(adjoints[index])
            adjoints[index][each & moved] = 0.0

    def _by_convention(self, adjoints: dict[int, Array]) -> None:
        """Add up what the factors at kinks make of the adjoints, from the result back."""
        for index in self._derivation.order:
            factors = None if index == self.program.result else self.factors(index)
            if factors is None:
                continue
            shape = self.program.elements[index].shape
            total = np.zeros(shape).reshape(-1)
            for flat, each in enumerate(factors):
                total[flat] = sum(_sent(_at(adjoints[consumer], place, self.program.elements[consumer].shape), factor)
                                  for (consumer, place), factor in each.items())  # fmt: skip
            adjoints[index] = total.reshape(shape)

    # --- factors ----------------------------------------------------------------------------------------------------

    def factors(self, index: int) -> list[dict[tuple[int, Place], Factor]] | None:
        """For every element of an array (flat) the factors by what it reaches; None where no such list is known."""
        if index not in self._known:
            with mp.workprec(BITS), np.errstate(all="ignore"):
                self._known[index] = self._factors(index)
        return self._known[index]

    @cached_property
    def _known(self) -> dict[int, list[dict[tuple[int, Place], Factor]] | None]:
        return {}

    def _factors(self, index: int) -> list[dict[tuple[int, Place], Factor]] | None:
        edges = self._exactly.edges(index)
        if edges is None:
            return None
        return [{(e.consumer, e.place): self._factor(index, flat, e) for e in each} for flat, each in enumerate(edges)]

    def _factor(self, index: int, flat: int, edge: Edge) -> Factor:
        consumer, place = edge.consumer, edge.place
        conventions = self._conventions.get(consumer)
        if conventions is not None and conventions.at_kink[place]:
            sent = [p[place] for k, p in zip(conventions.operands, conventions.partials, strict=True) if k == index]
            return Factor(float(sum(sent)), True)
        tied = consumer in self._tied and (self._is_tied(index, flat, consumer) or self._meets(consumer, place))
        return Factor(_float(edge.partial), tied)

    @cached_property
    def _tied(self) -> frozenset[int]:
        return frozenset(tie.element for tie in self._evidence.ties)

    def _meets(self, consumer: int, place: Place) -> bool:
        """Whether the two sides of a condition are equal at an element: it stands between two pieces."""
        if consumer not in self._met:
            self._met[consumer] = self._meeting(self.program.elements[consumer])
        return bool(self._met[consumer][place])

    @cached_property
    def _met(self) -> dict[int, Array]:
        return {}

    def _meeting(self, element: Element) -> Array:
        found = np.zeros(element.shape, dtype=bool)
        for term in element.terms:
            if term.condition is None or tuple(size.value for size in term.box) != element.shape:
                continue
            slots = slots_of(self.run, term, [self.run.values[k] for k in element.operands])
            for side in term.condition.atoms(Relational):
                left, right = (formula_value(self.run.field, part, slots) for part in side.args)
                apart, largest = (
                    abs(np.asarray(left - right)),
                    np.maximum(abs(np.asarray(left)), abs(np.asarray(right))),
                )
                found |= np.broadcast_to(np.asarray(apart <= CLOSE * largest, dtype=bool), element.shape)
        return found

    def _is_tied(self, index: int, flat: int, consumer: int) -> bool:
        """Whether what a pick could take is there more than once: the largest, or anything that is sorted."""
        values = self._numbers.elements[index]
        if not self.program.elements[consumer].by_values or values is None:
            return False
        here = values.reshape(-1)[flat]
        return bool(np.count_nonzero(np.abs(values - here) <= CLOSE * np.abs(here)) > 1)

    @cached_property
    def _exactly(self) -> Elementwise:
        values = dict(enumerate(self.run.values))
        return Elementwise(self._derivation, self.run, values, self.run.field)

    @cached_property
    def _conventions(self) -> Mapping[int, _Convention]:
        """By element with a tie what the engine's rule gives beside what its sides say."""
        found: dict[int, _Convention] = {}
        for node in self._evidence.traced.graph.nodes:
            index = self.program.of_node.get(node.index) if node.op is not None else None
            if index not in self._tied or node.op is None or not node.op.elementwise:
                continue
            if isinstance(self.program.elements[index].meaning, Relation):
                nodes = self._evidence.traced.graph.nodes
                values = [None if k == LEFT_OUT else nodes[k].value for k in node.parents]
                found[index] = _convention(node.op, values, node.params)
                found[index].operands.extend(self.program.of_node.get(k, -1) for k in node.parents)
        return found

    # --- formulas ---------------------------------------------------------------------------------------------------

    def holds(self, expression: sp.Expr, value: float, symbols: Mapping[int, Array]) -> bool:
        """Whether a formula in the symbols of elements has this value at the point."""
        return self.is_plain or close(self.number(expression, symbols), value)

    def number(self, expression: sp.Expr, symbols: Mapping[int, Array]) -> float:
        """A formula in the symbols of elements at the point; nan where it has no value."""
        known = self._values_of(symbols)
        with mp.workprec(BITS), np.errstate(all="ignore"):
            try:
                slots = {symbol: known[symbol] for symbol in expression.free_symbols}
                return _float(formula_value(self.run.field, expression, slots))
            except (KeyError, TypeError, ValueError, NotImplementedError, ZeroDivisionError, AttributeError):
                return float("nan")

    def _values_of(self, symbols: Mapping[int, Array]) -> Mapping[Any, Any]:
        if not self._by_symbol:
            for index, array in symbols.items():
                values = np.broadcast_to(np.asarray(self.run.values[index]), self.program.elements[index].shape)
                for place, symbol in np.ndenumerate(array):
                    if isinstance(symbol, sp.Symbol):
                        self._by_symbol[symbol] = values[place]
        return self._by_symbol

    @cached_property
    def _by_symbol(self) -> dict[Any, Any]:
        return {}


def close(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return bool(a == b or abs(a - b) <= CLOSE * max(abs(a), abs(b)) + 1e-300)


def _sent(adjoint: float, factor: Factor) -> float:
    """What one way sends back; nothing comes of a branch that is not taken, whatever its derivative."""
    return adjoint * factor.value if adjoint else 0.0


def _at(adjoints: Array, place: Place, shape: Place) -> float:
    return float(np.broadcast_to(adjoints, shape)[place])


def _float(value: Any) -> float:
    if isinstance(value, sp.Basic):
        return float(value)
    value = getattr(value, "value", value)
    return float(np.asarray(value, dtype=object).item())


@dataclass(frozen=True, slots=True)
class _Convention:
    """By operand what the engine returns, and where it is no derivative; ``operands`` are their elements."""

    partials: list[Array]
    at_kink: Array
    operands: list[int] = field(default_factory=list)


def _convention(op: Any, operands: list[Array | None], params: Mapping[str, Any]) -> _Convention:
    """What the engine returns for each operand of an elementwise operation, and where its two sides differ from it."""
    shape = np.broadcast_shapes(*(each.shape for each in operands if each is not None))
    spread = [None if each is None else np.array(np.broadcast_to(each, shape), dtype=float) for each in operands]
    value, partials = _engine(op, spread, params)
    at_kink = np.zeros(shape, dtype=bool)
    for k, operand in enumerate(spread):
        if operand is None:
            continue
        step = np.maximum(np.abs(operand) * BESIDE, 1e-30)
        sides = [_engine(op, [*spread[:k], operand + sign * step, *spread[k + 1 :]], params) for sign in (-1.0, 1.0)]
        with np.errstate(all="ignore"):
            for side, slopes in sides:
                at_kink |= np.abs(side - value) > APART * np.maximum(np.abs(value), 1.0)
                at_kink |= _differ(slopes[k], partials[k])
            at_kink |= _differ(*(slopes[k] for _, slopes in sides))
    return _Convention(partials, at_kink)


def _differ(a: Array, b: Array) -> Array:
    return np.asarray(np.abs(a - b) > APART * np.fmax(np.abs(a), np.abs(b)))


def _engine(op: Any, operands: list[Array | None], params: Mapping[str, Any]) -> tuple[Array, list[Array]]:
    tensors = [None if each is None else ad.tensor(np.array(each), requires_grad=True) for each in operands]
    with np.errstate(all="ignore"):
        result = op(*tensors, **params)
        if result.requires_grad:
            result.backward(np.ones(result.shape))
    given = [None if t is None else t.grad for t in tensors]
    gradients = [np.zeros(result.shape) if each is None else np.asarray(each.data) for each in given]
    return np.asarray(result.data, dtype=float), gradients
