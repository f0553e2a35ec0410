"""From two sets of numbers to verdicts, element by element, by the terms of the contract.

What was got (the engine's gradient, or one that a caller wrote) is held against the truth of the derivation and a
running bound on what rounding could do to it. Where branches meet, and where the truth is not finite, the function is
looked at from nearby.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from symdiff.agreement.nearby import Neighbourhood
from symdiff.agreement.report import GradientReport, InputReport
from symdiff.agreement.rounding import effect_of_rounding, ulp
from symdiff.agreement.ties import Tie, ties
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import backward
from symdiff.evaluation.truth import Numbers
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Relation
from symdiff.tracing.graph import Graph

if TYPE_CHECKING:
    from symdiff.agreement.kinks import Surroundings


OWN_STEPS = 2.0
"""The derivation's own steps and those that are judged both round: each within the running bound."""

TELLING = 2.0**-10
"""A value's error bound above this part of the largest value tells nothing about it."""

MEASURED_ULPS, LIKELY = 64.0, 16.0
"""Where rounding is measured it explains so many ulps to begin with, and this multiple of what it was seen to do."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A report with what it rests on; ``ties`` are where branches meet."""

    report: GradientReport
    ties: tuple[Tie, ...] = ()


def unsupported_report(graph: Graph, got: Mapping[str, Array], names: tuple[str, ...]) -> GradientReport:
    """The report on a program in which the operations ``names`` have no meaning."""
    inputs = {}
    for name, automatic in got.items():
        nan = np.full(automatic.shape, np.nan)
        verdicts = np.full(automatic.shape, "unsupported", dtype=object)
        none = np.zeros(automatic.shape, dtype=bool)
        inputs[name] = InputReport(automatic, nan, nan, nan, nan, verdicts, nan, nan, none)
    value = np.asarray(graph.nodes[graph.result].value)
    return GradientReport(inputs, value, unsupported=names, of=graph.text)


def agreement(
    graph: Graph, derivation: Derivation, numbers: Numbers, got: Mapping[str, Array], unit: float
) -> Agreement:
    """The verdicts on ``got``, gradients by input with the result's shape in front; ``unit`` is their rounding unit."""
    return _Comparison(graph, derivation, numbers, got, unit).agreement()


class _Comparison:
    """Arrays here have the shape (elements of the result, elements of all inputs)."""

    def __init__(
        self, graph: Graph, derivation: Derivation, numbers: Numbers, got: Mapping[str, Array], unit: float
    ) -> None:
        self.graph, self.derivation, self.numbers, self.unit = graph, derivation, numbers, unit
        self.near = Neighbourhood(derivation, numbers.exact)
        self.got, self.want = self.near.flat(got), self.near.flat(numbers.gradients).copy()
        self.reasons: list[str] = []
        with np.errstate(all="ignore"):
            self.ties = ties(derivation.program, numbers.bounded)
            self.scale = np.fmax(np.abs(self.want), self.near.flat(numbers.scales))
            self.ulp = ulp(self.scale, unit)
            self.explained = OWN_STEPS * self.near.flat(numbers.bounds) + self.ulp
        self.value = np.asarray(graph.nodes[graph.result].value, dtype=np.float64).reshape(-1)
        self.truth = np.asarray(numbers.value, dtype=np.float64).reshape(-1)
        self.around: Surroundings | None = None

    def agreement(self) -> Agreement:
        with np.errstate(all="ignore"):
            self.measure_rounding()
            verdicts = self.look_around() if self.to_look_around() else self.plainly()
            verdicts = self.undefined_rows(verdicts)
            value_verdict = self.forward_values()
            return Agreement(self.report(verdicts, value_verdict), self.ties)

    # --- where nothing meets ----------------------------------------------------------------------------------------

    def plainly(self) -> Array:
        finite = np.isfinite(self.want)
        verdicts = np.where(self.close(self.want), "agree", "disagree").astype(object)
        verdicts[~finite] = "undefined"
        if np.isfinite(self.truth).all():
            self.name_culprit(~finite)
        return verdicts

    def close(self, want: Array) -> Array:
        agree: Array = np.abs(self.got - want) <= self.explained
        return agree & np.isfinite(self.got) & np.isfinite(want)

    def measure_rounding(self) -> None:
        """Where the running bound overflows, see what small changes of the inputs do instead."""
        unbounded = ~np.isfinite(self.explained) & np.isfinite(self.want)
        if unbounded.any():
            self.explained = np.where(unbounded, MEASURED_ULPS * self.ulp, self.explained)
            if self.numbers.exact and (unbounded & ~self.close(self.want)).any():
                measured = LIKELY * effect_of_rounding(self.derivation, self.near, self.unit)
                self.explained = np.where(unbounded, self.explained + measured, self.explained)

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
        verdicts = np.where(plain, "agree", "disagree").astype(object)
        smooth = ~around.varies & ~around.jumps & around.inside[:, np.newaxis]
        if self.ties and (smooth & ~plain & ~unbounded).any():
            self.reasons.append(
                "chain rule through kinks: the function has a derivative here, but its steps do not"
                + self.operations(" (", ")")
            )
        verdicts[unbounded] = "undefined"
        self.judge_kinks(around, literal, verdicts)
        self.judge_infinite(verdicts)
        alone = ~around.inside[:, np.newaxis] & (verdicts == "disagree") & ~around.varies
        if alone.any():
            verdicts[alone] = "undefined"
            self.reasons.append("the function is not defined all around this point")
        return verdicts

    def plain_limits(self, around: Surroundings) -> Array:
        """Where the sides give one derivative, that is what is wanted."""
        settled = ~around.varies & ~around.jumps & np.isfinite(around.limits) & around.inside[:, np.newaxis]
        # the truth stands where there is one: a limit from nearby is the same but for its last bits
        moved = settled & ~(np.abs(around.limits - self.want) <= 2.0**-40 * np.abs(self.want))
        self.want = np.where(moved, around.limits, self.want)
        self.scale = np.where(moved, np.fmax(np.abs(self.want), np.nan_to_num(self.scale)), self.scale)
        self.ulp = ulp(self.scale, self.unit)
        self.explained = np.where(moved | ~np.isfinite(self.explained), MEASURED_ULPS * self.ulp, self.explained)
        return self.close(self.want) & ~around.varies & ~around.jumps

    def judge_kinks(self, around: Surroundings, literal: Array, verdicts: Array) -> None:
        meets = around.varies | around.jumps
        rows = np.flatnonzero(meets.any(axis=1))
        if not len(rows):
            return
        low, high = around.interval()
        largest = np.fmax.reduce(np.where(meets, np.fmax(np.abs(low), np.abs(high)), 0.0), axis=1)
        tolerance = np.sqrt(np.sum(np.nan_to_num(self.explained, posinf=0.0) ** 2, axis=1)) + 64 * self.unit * largest
        nearest = around.nearest(self.got, tolerance, meets)
        for row in rows:
            beside = literal[row] & around.jumps[row]
            verdicts[row, meets[row]] = self.judge_row(
                meets[row], self.got[row], nearest[row], tolerance[row], beside, low[row], high[row]
            )
            # what was returned is wanted where it is valid; else the nearest that would be
            at = np.where(verdicts[row] == "kink", self.got[row], nearest[row])
            self.want[row] = np.where(meets[row] & np.isfinite(at), at, self.want[row])
        sides = np.where(meets, np.fmax(np.abs(low), np.abs(high)), 0.0)
        self.ulp = ulp(np.fmax(np.nan_to_num(self.scale), sides), self.unit)
        if around.jumps.any():
            self.reasons.append(f"the value jumps here{self.operations(' (', ')')}: the derivative beside it is meant")

    def judge_row(
        self, meets: Array, got: Array, nearest: Array, tolerance: float, literal: Array, low: Array, high: Array
    ) -> Array:
        """The verdicts on the elements of one row in which sides differ."""
        if not np.isfinite(got[meets]).all():
            self.reasons.append(
                "the function has a kink here, but the chain rule gives no number: a factor is infinite and another 0"
                + self.operations(" (", ")")
            )
            return np.where(np.isfinite(got[meets]), "kink", "undefined")
        valid = np.abs(got - nearest) <= tolerance
        if np.all(valid | literal | ~meets):
            return np.full(int(meets.sum()), "kink", dtype=object)
        outside = (got < low - tolerance) | (got > high + tolerance)
        wrong = outside & ~literal if (outside & meets & ~literal).any() else ~literal
        self.reasons.append(
            f"at this kink{self.operations(' (', ')')} the gradient returned is no mixture of the gradients of the "
            "branches that meet"
        )
        return np.where(wrong[meets], "disagree", "kink")

    def judge_infinite(self, verdicts: Array) -> None:
        infinite = ~np.isfinite(self.want)
        # where a limit exists although the formula has no number, an engine may know it, or honestly say nan
        infinite |= ~np.isfinite(self.got) & ~np.isfinite(self.near.flat(self.numbers.gradients))
        infinite &= verdicts != "kink"
        verdicts[infinite] = "undefined"
        self.name_culprit(infinite & ~(self.around.varies if self.around else False))

    def operations(self, before: str = "", after: str = "") -> str:
        names = ", ".join(dict.fromkeys(tie.operation for tie in self.ties))
        return f"{before}{names}{after}" if names else ""

    # --- points outside the domain ----------------------------------------------------------------------------------

    def undefined_rows(self, verdicts: Array) -> Array:
        """A result that is not finite has no derivative, whatever its formula says."""
        rows = ~np.isfinite(self.truth) | ~np.isfinite(self.value)
        if rows.any():
            verdicts[rows] = "undefined"
            # a row that has a value may still be sent nan by one that has none
            verdicts[~np.isfinite(self.got)] = "undefined"
            said = [note.text for note in self.graph.notes if note.kind == "not_finite"]
            self.reasons += said or ["the result is not finite by its meaning"]
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
                sides = self.sides_in_words(where)
                self.reasons.append(f"the derivative of {' or '.join(map(str, consumers))} is not finite here{sides}")
                return

    def sides_in_words(self, where: Array) -> str:
        if self.around is None:
            return ""
        row, place = (int(k) for k in np.argwhere(where)[0])
        sides = [
            f"{_signed(side[row, place])} from the {word}"
            for side, word in ((self.around.left, "left"), (self.around.right, "right"))
            if not np.isnan(side[row, place])
        ]
        return f" (its one-sided limit: {', '.join(sides)})" if sides else ""

    # --- values on the way forward ----------------------------------------------------------------------------------

    def forward_values(self) -> str:
        """Compare what every operation computed with the meaning's own value."""
        program = self.derivation.program
        counted = program.needed() - _after_jumps(program, self.ties)
        for node in self.graph.nodes:
            index = program.of_node[node.index]
            truth = self.numbers.elements[index]
            if node.op is None or truth is None or node.value.dtype.kind != "f" or index not in counted:
                continue
            error = self.numbers.bounded.values[index].error
            value = np.asarray(node.value, dtype=np.float64)
            largest = np.fmax(np.abs(truth), np.max(np.where(np.isfinite(truth), np.abs(truth), 0.0), initial=0.0))
            explained = OWN_STEPS * error + 2 * ulp(np.abs(truth), self.unit)
            off = np.abs(value - truth) > explained
            off &= np.isfinite(truth) & (explained <= TELLING * largest)
            if off.any():
                place = tuple(int(k) for k in np.argwhere(off)[0])
                ulps = np.abs(value - truth)[place] / ulp(np.abs(truth), self.unit)[place]
                self.reasons.append(
                    f"the value of {node.op.name} differs: the engine gives {value[place]!r}, its meaning "
                    f"{truth[place]!r}, {ulps:.3g} ulp apart"
                )
                return "disagree"
        return "agree"

    # --- the report -------------------------------------------------------------------------------------------------

    def report(self, verdicts: Array, value_verdict: str) -> GradientReport:
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
            tuple(dict.fromkeys(self.reasons)),
            _refined_in_words(self.numbers),
            of=self.graph.text,
        )


def _after_jumps(program: SymbolicProgram, found: tuple[Tie, ...]) -> frozenset[int]:
    """Elements whose value a tie decides."""
    steps = {tie.element for tie in found if isinstance(program.elements[tie.element].meaning, Relation)}
    for element in program.elements:
        if steps.intersection(element.operands):
            steps.add(element.index)
    return frozenset(steps)


def _refined_in_words(numbers: Numbers) -> tuple[str, ...]:
    if not numbers.asked:
        return ()
    left = f"the error bound left {numbers.asked} elements open in extended precision"
    return (f"{left}: {numbers.refined} of them were evaluated again with mpmath",)


def _signed(value: float) -> str:
    return f"{value:+g}" if np.isinf(value) else f"{value:g}"
