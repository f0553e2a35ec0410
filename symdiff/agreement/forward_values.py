"""The values on the way forward: what every operation computed against the value of its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symdiff.agreement.rounding import ulp
from symdiff.agreement.ties import Tie
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import from_operands
from symdiff.evaluation.fields.bounded import Bounded
from symdiff.evaluation.truth import Numbers, settled_values, values_in_doubt
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Relation
from symdiff.sentences import Said
from symdiff.tracing.graph import Graph, Node


@dataclass(eq=False)
class ForwardValues:
    """Values by what rounding explains: ``ulps`` of its operation, and what the moves of ``effects`` do to them.

    The effects are tried one after the other, each only where those before are not enough.
    """

    graph: Graph
    derivation: Derivation
    numbers: Numbers
    unit: float
    ulps: Mapping[str, float]
    ties: tuple[Tie, ...]
    effects: Sequence[Callable[[], Sequence[Array]]]

    def first_wrong(self) -> Said | None:
        """What to say of the first operation whose value is not that of its meaning, None where all are."""
        program = self.derivation.program
        counted = program.needed() - _after_jumps(program, self.ties)
        for node in self.graph.nodes:
            index = program.of_node[node.index]
            truth = self.numbers.elements[index]
            if node.op is None or truth is None or node.value.dtype.kind != "f" or index not in counted:
                continue
            off = self._off(node, index, truth, 0.0)
            if off.any():  # the cheapest question first: what one of them explains need not be asked of the others
                off &= self._off_by_its_operands(node, index)
            if off.any():
                truth, doubt = self._settled[index], self._doubts[index]
                off &= self._off(node, index, truth, doubt)
                for effect in self.effects:
                    if off.any():
                        off &= self._off(node, index, truth, doubt + np.nan_to_num(effect()[index]))
            if off.any():
                return self._said(node, truth, off)
        return None

    def _off_by_its_operands(self, node: Node, index: int) -> Array:
        """Where a value is wrong even for the operands that the engine had, whose own values were found right.

        So ``sum(standardize(x))`` is no exact 0. It is asked of operations of one step alone: the bound on the steps
        of a composed one is that of a formula which nobody runs.
        """
        program, everywhere = self.derivation.program, np.ones(np.shape(node.value), dtype=bool)
        field, nodes = Bounded(self.unit), [self.graph.nodes[parent] for parent in node.parents if parent >= 0]
        had = {program.of_node[each.index]: field.load(np.asarray(each.value, dtype=np.float64)) for each in nodes}
        element = program.elements[index]
        if not element.terms or not had.keys() >= set(element.operands):
            return everywhere
        operands = [had[each] for each in element.operands]
        found = from_operands(program, field, element, operands, self.numbers.bounded)
        return self._off(node, index, np.asarray(found.value), found.error)

    def _off(self, node: Node, index: int, truth: Array, more: Array | float) -> Array:
        assert node.op is not None
        value = np.asarray(node.value, dtype=np.float64)
        allowed = self.ulps[node.op.name] * ulp(np.abs(truth), self.unit)
        allowed = allowed + more if np.any(more) else allowed
        far: Array = ~(np.abs(value - truth) <= allowed)
        if not far.any():
            return far
        # what overflows the dtype, or follows from that, is no other value; the result's verdict says so
        given = (self.graph.nodes[parent].value for parent in node.parents if parent >= 0)
        finite = all(bool(np.isfinite(each).all()) for each in given)
        in_range = np.abs(truth) <= (np.finfo(node.value.dtype).max if finite else -1.0)
        compared = np.isfinite(truth) & (np.isfinite(value) | in_range)
        off: Array = compared & far
        return off

    @cached_property
    def _settled(self) -> Sequence[Array]:
        """The values themselves in high precision: those of the gradients' precision may have lost their digits."""
        if not self.numbers.small:
            return [np.asarray(each) for each in self.numbers.elements]
        return settled_values(self.derivation.program, self.numbers.bounded)

    @cached_property
    def _doubts(self) -> Sequence[Array]:
        """Of programs too large for that a bound on the values' own errors."""
        if self.numbers.small:
            return [np.zeros(element.shape) for element in self.derivation.program.elements]
        return values_in_doubt(self.derivation.program, self.numbers.bounded)

    def _said(self, node: Node, truth: Array, off: Array) -> Said:
        assert node.op is not None
        place = tuple(int(k) for k in np.argwhere(off)[0])
        got, want = float(node.value[place]), float(truth[place])
        ulps = abs(got - want) / float(ulp(np.abs(truth), self.unit)[place])
        return Said(
            "reason.value", {"operation": node.op.name, "ulps": f"{ulps:.3g}", "got": repr(got), "want": repr(want)}
        )


def _after_jumps(program: SymbolicProgram, found: tuple[Tie, ...]) -> frozenset[int]:
    """Elements whose value a tie decides."""
    steps = {tie.element for tie in found if isinstance(program.elements[tie.element].meaning, Relation)}
    for element in program.elements:
        if steps.intersection(element.operands):
            steps.add(element.index)
    return frozenset(steps)
