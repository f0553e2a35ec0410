"""From two sets of numbers to verdicts, element by element, by the terms of the contract.

What was got (the engine's gradient, or one that a caller wrote) is held against the truth of the derivation. It may be
off by a few ulps, and by what rounding does to the true gradient: that is looked at (``evaluation.noise``) only where
those ulps are not enough. Where branches meet, and where the truth is not finite, the function is looked at from
nearby.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from autodiff.declare.samples import Kink
from symdiff.agreement.findings import KinkAt
from symdiff.agreement.forward_values import ForwardValues
from symdiff.agreement.imprecision import plausible, said
from symdiff.agreement.matrix_uses import Uses, inner_steps, matrix_uses, solved_inputs, spread
from symdiff.agreement.nearby import Neighbourhood
from symdiff.agreement.report import GradientReport, InputReport
from symdiff.agreement.rounding import ulp
from symdiff.agreement.ties import Tie, ties_and_nearest
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import backward
from symdiff.evaluation.noise import DRAWS, FEW_DRAWS, MANY_DRAWS, Effect, Rounding, effect_of_rounding
from symdiff.evaluation.rounded_results import Loss, losses
from symdiff.evaluation.truth import Numbers
from symdiff.sentences import Said, listed, sentences
from symdiff.tracing.graph import Graph

if TYPE_CHECKING:
    from symdiff.agreement.kinks import Surroundings


VANISHING = 1e-200
"""A partial by an infinite input is looked at from a large one; below this it is 0 at infinity, too."""

FLOOR = 4.0
"""So many ulps an elementary operation's derivative may be off by its own promise: nothing else is asked below."""

LIKELY = 4.0
"""This multiple of what the tried moves do explains what others may."""

ACROSS = 2.0**-10
"""Moves that do more than this part of the distance between the sides go from one to the other."""

LIMIT_ULPS = 64.0
"""So many ulps a limit from nearby may be off, where no move can be followed."""


MOST_KINKS = 8
"""So many elements at a kink are told of one by one."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A report with what it rests on; ``ties`` are where branches meet.

    ``value_explained`` works out what rounding explains of the value.
    """

    report: GradientReport
    ties: tuple[Tie, ...] = ()
    value_explained: Callable[[], Array] | None = None


def unsupported_report(graph: Graph, got: Mapping[str, Array], names: tuple[str, ...]) -> GradientReport:
    """The report on a program in which the operations ``names`` have no meaning."""
    inputs = {}
    for name, automatic in got.items():
        nan = np.full(automatic.shape, np.nan)
        verdicts = np.full(automatic.shape, Verdict.UNSUPPORTED, dtype=object)
        none = np.zeros(automatic.shape, dtype=bool)
        inputs[name] = InputReport(automatic, nan, nan, nan, nan, verdicts, nan, nan, none)
    value = np.asarray(graph.nodes[graph.result].value)
    way_out = (Said("reason.no_meaning"),)
    return GradientReport(inputs, value, causes=way_out, unsupported=names, of=graph.text)


def agreement(
    graph: Graph,
    derivation: Derivation,
    numbers: Numbers,
    got: Mapping[str, Array],
    unit: float,
    asked_elsewhere: bool = False,
) -> Agreement:
    """The verdicts on ``got``, gradients by input with the result's shape in front; ``unit`` is their rounding unit.

    Digits that rounded results lose excuse whatever they may explain where the formula is ``asked_elsewhere``, too;
    of mere numbers only those that such a formula gives.
    """
    return _Comparison(graph, derivation, numbers, got, unit, asked_elsewhere).agreement()


class _Comparison:
    """Arrays here have the shape (elements of the result, elements of all inputs)."""

    def __init__(
        self,
        graph: Graph,
        derivation: Derivation,
        numbers: Numbers,
        got: Mapping[str, Array],
        unit: float,
        asked_elsewhere: bool,
    ) -> None:
        self.graph, self.derivation, self.numbers, self.unit = graph, derivation, numbers, unit
        self.near = Neighbourhood(derivation, numbers.small)
        self.got, self.want = self.near.flat(got), self.near.flat(numbers.gradients).copy()
        self.causes: list[Said] = []
        with np.errstate(all="ignore"):
            self.ties, self.nearest = ties_and_nearest(derivation.program, numbers.bounded)
            self.scale = np.fmax(np.abs(self.want), self.near.flat(numbers.scales))
            self.ulp = ulp(self.scale, unit)
            self.explained = FLOOR * self.ulp + 2 * self.near.flat(numbers.doubts)
        self.value = np.asarray(graph.nodes[graph.result].value, dtype=np.float64).reshape(-1)
        self.truth = np.asarray(numbers.value, dtype=np.float64).reshape(-1)
        self.around: Surroundings | None = None
        self.valid: tuple[Array, Array, Array] | None = None
        self.asked_elsewhere = asked_elsewhere

    def agreement(self) -> Agreement:
        with np.errstate(all="ignore"):
            self.allow_rounding()
            verdicts = self.look_around() if self.to_look_around() else self.plainly()
            verdicts = self.undefined_rows(verdicts)
            value_verdict = self.forward_values()
            self.judge_imprecise(verdicts)
            return Agreement(self.report(verdicts, value_verdict), self.ties, self.value_explained)

    # --- where nothing meets ----------------------------------------------------------------------------------------

    def plainly(self) -> Array:
        finite = np.isfinite(self.want)
        verdicts = _chosen(self.close(self.want), Verdict.AGREE, Verdict.DISAGREE)
        verdicts[~finite] = Verdict.UNDEFINED
        if np.isfinite(self.truth).all():
            self.name_culprit(~finite)
        return verdicts

    def close(self, want: Array) -> Array:
        agree: Array = np.abs(self.got - want) <= self.explained
        return agree & np.isfinite(self.got) & np.isfinite(want)

    # --- what rounding explains ---------------------------------------------------------------------------------------

    def allow_rounding(self) -> None:
        """Where a few ulps are not enough, what rounding does to the true gradient is explained as well."""
        few = self.explained
        for moved in self.effects:
            if not (np.isfinite(self.want) & ~self.close(self.want) & np.isfinite(self.got)).any():
                break
            rank = self.numbers.value.ndim
            known = self.numbers.gradients, self.solved, self.matrices, rank, self.unit, bool(self.ties)
            effects = spread(moved().gradients, *known)
            self.explained = few + LIKELY * np.nan_to_num(self.near.flat(effects))

    @cached_property
    def effects(self) -> tuple[Callable[[], Effect], ...]:
        """What moves of all that is rounded do, in the branches that the program takes, each worked out once.

        The first few moves are mostly enough; the last ones are followed in an arithmetic that gives each number.
        """
        return cache(lambda: self.moved(draws=FEW_DRAWS)), cache(self.moved), cache(lambda: self.moved(each=True))

    def moved(self, lost: Sequence[Loss] = (), each: bool = False, draws: int = DRAWS) -> Effect:
        """The effect of moves, in an arithmetic that gives the truth where nothing moves."""
        rounding = Rounding(self.unit, self.promised, self.matrices, self.inner, lost, draws)
        return effect_of_rounding(self.derivation, self.numbers, rounding, each)

    @cached_property
    def matrices(self) -> Uses:
        return matrix_uses(self.graph, self.derivation.program)

    @cached_property
    def inner(self) -> frozenset[int]:
        return inner_steps(self.graph, self.derivation.program)

    @cached_property
    def solved(self) -> frozenset[str]:
        return solved_inputs(self.derivation.program, self.matrices)

    @property
    def promised(self) -> dict[str, float]:
        """By how many units an operation's result may be off: those whose derivatives promise less, by more."""
        return {node.op.name: max(1.0, node.op.ulps / FLOOR) for node in self.graph.nodes if node.op is not None}

    def judge_imprecise(self, verdicts: Array) -> None:
        """What is right but for digits that are lost with an operation's rounded result is imprecise."""
        wrong = (verdicts == Verdict.DISAGREE) & np.isfinite(self.got) & np.isfinite(self.want)
        found = losses(self.derivation, self.numbers, self.unit) if wrong.any() else []
        if not found:
            return
        error = np.abs(self.got - self.want)
        lost = np.nan_to_num(self.near.flat(self.moved(lost=found, draws=MANY_DRAWS).gradients))
        # a framework's kernel may be off by more than a unit
        lost *= max(self.promised.get(name, 1.0) for loss in found for name in loss.names)
        imprecise = wrong & (error <= self.explained + LIKELY * lost)
        if imprecise.any() and not self.asked_elsewhere:
            explained = np.where(imprecise, self.explained, np.inf)
            compared = self.got, self.want, explained, lost
            imprecise &= plausible(self.derivation, self.numbers, found, *compared, self.unit)
        if imprecise.any():
            verdicts[imprecise] = Verdict.IMPRECISE
            largest = float(np.max((error / self.ulp)[imprecise]))
            names = list(dict.fromkeys(name for loss in found for name in loss.names))
            self.causes.append(said(names, np.log10(max(largest, 1.0))))

    # --- where branches meet ----------------------------------------------------------------------------------------

    def to_look_around(self) -> bool:
        return bool(np.isfinite(self.truth).all()) and (bool(self.ties) or not np.isfinite(self.want).all())

    def look_around(self) -> Array:
        # few programs have a tie
        from symdiff.agreement.kinks import surroundings

        around = surroundings(self.near, self.truth, near=any(not tie.exact for tie in self.ties))
        self.around = around
        unbounded = ~np.isfinite(self.want) & ~around.varies & ~np.isfinite(around.limits)
        literal = self.close(self.want)
        plain = self.plain_limits(around)
        verdicts = _chosen(plain, Verdict.AGREE, Verdict.DISAGREE)
        smooth = ~around.varies & ~around.jumps & around.inside[:, np.newaxis]
        if self.ties and (smooth & ~plain & ~unbounded).any():
            self.causes.append(self.at_ties("reason.chain"))
        verdicts[unbounded] = Verdict.UNDEFINED
        self.judge_kinks(around, literal, verdicts)
        self.judge_infinite(verdicts)
        alone = ~around.inside[:, np.newaxis] & (verdicts == Verdict.DISAGREE) & ~around.varies
        if alone.any():
            verdicts[alone] = Verdict.UNDEFINED
            self.causes.append(Said("reason.outside"))
        return verdicts

    def plain_limits(self, around: Surroundings) -> Array:
        """Where the sides give one derivative, that is what is wanted."""
        settled = ~around.varies & ~around.jumps & np.isfinite(around.limits) & around.inside[:, np.newaxis]
        settled &= ~self.near.infinite | (np.abs(around.limits) < VANISHING)
        # the truth stands where there is one: a limit from nearby is the same but for its last bits
        moved = settled & ~(np.abs(around.limits - self.want) <= 2.0**-40 * np.abs(self.want))
        self.want = np.where(moved, around.limits, self.want)
        self.scale = np.where(moved, np.fmax(np.abs(self.want), np.nan_to_num(self.scale)), self.scale)
        self.ulp = ulp(self.scale, self.unit)
        self.explained = np.where(moved | ~np.isfinite(self.explained), LIMIT_ULPS * self.ulp, self.explained)
        return self.close(self.want) & ~around.varies & ~around.jumps

    def judge_kinks(self, around: Surroundings, literal: Array, verdicts: Array) -> None:
        meets = around.varies | around.jumps
        rows = np.flatnonzero(meets.any(axis=1))
        if not len(rows):
            return
        low, high = around.interval()
        self.valid = (meets, low, high)
        largest = np.fmax.reduce(np.where(meets, np.fmax(np.abs(low), np.abs(high)), 0.0), axis=1)
        # what moves do across a kink is no rounding of a branch
        across = self.explained > ACROSS * (high - low)
        sides = np.where(meets, np.fmax(np.abs(low), np.abs(high)), 0.0)
        # nor are terms that grow without bound towards it the scale of a branch (the nuclear norm at rank one)
        of_branch = FLOOR * ulp(np.fmin(sides, np.nan_to_num(self.scale, nan=np.inf)), self.unit)
        explained = np.where(meets & across, of_branch, np.nan_to_num(self.explained, posinf=0.0))
        tolerance = np.sqrt(np.sum(explained**2, axis=1)) + 64 * self.unit * largest
        nearest = around.nearest(self.got, tolerance, meets)
        for row in rows:
            beside = literal[row] & around.jumps[row]
            verdicts[row, meets[row]] = self.judge_row(
                meets[row], self.got[row], nearest[row], tolerance[row], beside, low[row], high[row]
            )
            # what was returned is wanted where it is valid; else the nearest that would be
            at = np.where(verdicts[row] == Verdict.KINK, self.got[row], nearest[row])
            self.want[row] = np.where(meets[row] & np.isfinite(at), at, self.want[row])
        self.ulp = ulp(np.fmax(np.nan_to_num(self.scale), sides), self.unit)
        if around.jumps.any():
            self.causes.append(self.at_ties("reason.jump"))

    def judge_row(
        self, meets: Array, got: Array, nearest: Array, tolerance: float, literal: Array, low: Array, high: Array
    ) -> Array:
        """The verdicts on the elements of one row in which sides differ."""
        if not np.isfinite(got[meets]).all():
            self.causes.append(self.at_ties("reason.no_number"))
            return _chosen(np.isfinite(got[meets]), Verdict.KINK, Verdict.UNDEFINED)
        valid = np.abs(got - nearest) <= tolerance
        if np.all(valid | literal | ~meets):
            return np.full(int(meets.sum()), Verdict.KINK, dtype=object)
        outside = (got < low - tolerance) | (got > high + tolerance)
        wrong = outside & ~literal if (outside & meets & ~literal).any() else ~literal
        self.causes.append(self.at_ties("reason.no_mixture"))
        return _chosen(wrong[meets], Verdict.DISAGREE, Verdict.KINK)

    def judge_infinite(self, verdicts: Array) -> None:
        infinite = ~np.isfinite(self.want)
        # where a limit exists although the formula has no number, an engine may know it, or honestly say nan
        infinite |= ~np.isfinite(self.got) & ~np.isfinite(self.near.flat(self.numbers.gradients))
        infinite &= verdicts != Verdict.KINK
        verdicts[infinite] = Verdict.UNDEFINED
        self.name_culprit(infinite & ~(self.around.varies if self.around else False))

    def at_ties(self, key: str) -> Said:
        """A reason that names the operations that tie, where there are any."""
        names = list(dict.fromkeys(tie.operation for tie in self.ties))
        return Said(key, {"operations": listed(names)}) if names else Said(f"{key}.somewhere")

    # --- points outside the domain ----------------------------------------------------------------------------------

    def undefined_rows(self, verdicts: Array) -> Array:
        """A result that is not finite has no derivative, whatever its formula says."""
        rows = ~np.isfinite(self.truth) | ~np.isfinite(self.value)
        if rows.any():
            verdicts[rows] = Verdict.UNDEFINED
            # a row that has a value may still be sent nan by one that has none
            verdicts[~np.isfinite(self.got)] = Verdict.UNDEFINED
            notes = [note.said for note in self.graph.notes if note.kind == "not_finite"]
            self.causes += notes or [Said("reason.value_not_finite")]
        return verdicts

    def name_culprit(self, where: Array) -> None:
        """Say which operation's derivative is not finite, the first on the way back."""
        if not where.any():
            return
        program = self.derivation.program
        seed = np.ones(program.elements[program.result].shape)
        run = self.numbers.bounded
        adjoints = backward(self.derivation, run, run.field.load(seed))
        for index in self.derivation.order:
            values = run.field.to_float(adjoints[index])
            if not np.isfinite(values).all():
                consumers = [program.elements[c.consumer].operation for c in self.derivation.contributions[index]]
                named = {"operations": listed([str(consumer) for consumer in consumers], "list.or")}
                sides = self.sides(where)
                said = Said("reason.not_finite", named)
                limits = {"what": said, "sides": listed(sides)} if sides else {}
                self.causes.append(Said("reason.one_sided", limits) if limits else said)
                return

    def sides(self, where: Array) -> list[Said]:
        """The one-sided limits of the first element."""
        if self.around is None:
            return []
        row, place = (int(k) for k in np.argwhere(where)[0])
        return [
            Said(f"reason.from_{word}", {"value": _signed(side[row, place])})
            for side, word in ((self.around.left, "left"), (self.around.right, "right"))
            if not np.isnan(side[row, place])
        ]

    # --- values on the way forward ----------------------------------------------------------------------------------

    def forward_values(self) -> Verdict:
        """Compare what every operation computed with the meaning's own value."""
        effects = [lambda moved=moved: self.scaled(moved().elements) for moved in self.effects]
        ulps = {name: FLOOR * units for name, units in self.promised.items()}
        values = ForwardValues(self.graph, self.derivation, self.numbers, self.unit, ulps, self.ties, effects)
        wrong = values.first_wrong()
        if wrong is None:
            return Verdict.AGREE
        self.causes.append(wrong)
        return Verdict.DISAGREE

    def value_explained(self) -> Array:
        """What rounding explains of the value, of the result's shape."""
        index = self.derivation.program.result
        with np.errstate(all="ignore"):
            moved = self.effects[-1]().elements[index]
            allowed: Array = LIKELY * np.nan_to_num(moved) + FLOOR * ulp(np.abs(self.numbers.value), self.unit)
        return allowed

    def scaled(self, effects: Sequence[Array]) -> list[Array]:
        return [LIKELY * each for each in effects]

    # --- the report -------------------------------------------------------------------------------------------------

    def report(self, verdicts: Array, value_verdict: Verdict) -> GradientReport:
        error = np.abs(self.got - self.want)
        plain = error / ulp(np.abs(self.want), self.unit)
        unknown = np.full(self.got.shape, np.nan)
        around = self.around
        columns = (
            self.got,
            self.want,
            error / self.ulp,
            plain,
            self.explained / self.ulp,
            verdicts,
            unknown if around is None else around.left,
            unknown if around is None else around.right,
            np.zeros(self.got.shape, dtype=bool) if around is None else around.jumps,
        )
        split = [self.near.by_input(column) for column in columns]
        inputs = {name: InputReport(*(part[name] for part in split)) for name in split[0]}
        return GradientReport(
            inputs,
            np.asarray(self.graph.nodes[self.graph.result].value),
            value_verdict,
            tuple(dict.fromkeys(self.causes)),
            _refined_in_words(self.numbers),
            of=self.graph.text,
            kinks=self.kinks(),
            nearest_kink=self.nearest,
        )

    def kinks(self) -> tuple[KinkAt, ...]:
        """The elements at which branches meet, the first of them; what is valid there, and by whose convention what."""
        if self.valid is None:
            return ()
        meets, low, high = (self.near.by_input(each) for each in self.valid)
        got = self.near.by_input(self.got)
        tied = {tie.operation for tie in self.ties}
        ops = {node.op.name: node.op for node in self.graph.nodes if node.op is not None and node.op.name in tied}
        whose = tuple(_convention(name, kink) for name, op in ops.items() for kink in op.kinks)
        found = []
        for name, here in meets.items():
            for index in map(tuple, np.argwhere(here & (low[name] < high[name]))[:MOST_KINKS].tolist()):
                ends = float(low[name][index]), float(high[name][index])
                found.append(KinkAt(name, index, ", ".join(sorted(tied)), *ends, float(got[name][index]), whose))
        return tuple(found[:MOST_KINKS])


def _convention(operation: str, kink: Kink) -> Said:
    """What the engines return at a kink of an operation."""
    engines = (("symdiff", kink.ours), ("PyTorch", kink.torch), ("JAX", kink.jax))
    known = sentences()
    returned = [
        Said("report.returns", {"engine": engine, "returns": Said(key) if key in known else returns})
        for engine, returns in engines
        if (key := f"convention.{returns}") and returns
    ]
    return Said("report.whose", {"operation": operation, "engines": listed(returned)})


def _refined_in_words(numbers: Numbers) -> tuple[Said, ...]:
    if not numbers.asked:
        return ()
    return (Said("reason.refined", {"asked": str(numbers.asked), "refined": str(numbers.refined)}),)


def _chosen(holds: Array, yes: Verdict, no: Verdict) -> Array:
    """A verdict for each element, by a mask."""
    verdicts = np.full(holds.shape, no, dtype=object)
    verdicts[holds] = yes
    return verdicts


def _signed(value: float) -> str:
    return f"{value:+g}" if np.isinf(value) else f"{value:g}"
