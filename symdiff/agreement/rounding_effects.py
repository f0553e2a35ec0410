"""What rounding does to the true gradient and to the values on the way, asked step by step and worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

from symdiff.agreement.matrix_uses import Uses, inner_steps, matrix_uses, solved_inputs, spread
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.noise import DRAWS, FEW_DRAWS, Draws, Effect, Rounding, effect_of_rounding
from symdiff.evaluation.rounded_results import Loss
from symdiff.evaluation.truth import Numbers
from symdiff.tracing.graph import Graph

__all__ = ["FLOOR", "RoundingEffects"]

FLOOR = 4.0
"""So many ulps an elementary operation's derivative may be off by its own promise: nothing else is asked below."""


@dataclass(eq=False)
class RoundingEffects:
    """The moves of one comparison; ``unit`` is that of the arithmetic that is judged.

    Where it is ``tied``, branches meet.
    """

    graph: Graph
    derivation: Derivation
    numbers: Numbers
    unit: float
    tied: bool
    _drawn: dict[str, Draws] = field(default_factory=dict)

    @cached_property
    def effects(self) -> tuple[Callable[[], Effect], ...]:
        """What moves of all that is rounded do, in the branches that the program takes, each worked out once.

        The first few moves are mostly enough, and more are added to them; the last ones are followed in an arithmetic
        that gives each number.
        """
        few = range(FEW_DRAWS, DRAWS, FEW_DRAWS)
        asked: list[Callable[..., Effect]] = [partial(self.moved, draws=count) for count in few]
        asked += [self.moved, partial(self.moved, each=True)]
        return tuple(cache(each) for each in asked)

    def moved(self, lost: Sequence[Loss] = (), each: bool = False, draws: int = DRAWS) -> Effect:
        """The effect of moves, in an arithmetic that gives the truth where nothing moves."""
        drawn = {} if lost else self._drawn
        rounding = Rounding(self.unit, self.promised, self._matrices, self._inner, lost, draws, drawn)
        return effect_of_rounding(self.derivation, self.numbers, rounding, each)

    def on_partials(self, effect: Effect) -> dict[str, Array]:
        """An effect on the partials by input, spread over what matrices mix."""
        known = self.numbers.gradients, self._solved, self._matrices, self.numbers.value.ndim
        return spread(effect.gradients, *known, self.unit, self.tied)

    @cached_property
    def promised(self) -> dict[str, float]:
        """By how many units an operation's result may be off: those whose derivatives promise less, by more."""
        return {node.op.name: max(1.0, node.op.ulps / FLOOR) for node in self.graph.nodes if node.op is not None}

    @cached_property
    def _matrices(self) -> Uses:
        return matrix_uses(self.graph, self.derivation.program)

    @cached_property
    def _inner(self) -> frozenset[int]:
        return inner_steps(self.graph, self.derivation.program)

    @cached_property
    def _solved(self) -> frozenset[str]:
        return solved_inputs(self.derivation.program, self._matrices)
