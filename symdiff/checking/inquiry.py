"""One check: the truth and what is judged, at the given point and at others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symdiff.agreement.evidence import Evidence, evidence
from symdiff.agreement.findings import Elsewhere, Finding
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.checking.asking import Answer, Asking
from symdiff.checking.call import Call, called
from symdiff.checking.cotangents import Weighted
from symdiff.checking.resized import resized
from symdiff.checking.texts import as_function
from symdiff.deadline import TimeLimit, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.trace import own_gradients, own_gradients_of, trace
from symdiff.sentences import Said
from symdiff.tracing.author_names import function_name
from symdiff.tracing.building import Traced
from symdiff.tracing.function_trace import SeveralResults
from symdiff.turns import turn

__all__ = ["At", "Inquiry"]

Function = str | Callable[..., Any]


@dataclass(frozen=True)
class At:
    """What was found at one point; ``answer`` is None where our own engine's gradient is judged."""

    call: Call
    evidence: Evidence
    answer: Answer | None

    @property
    def report(self) -> GradientReport:
        """How the two agree here."""
        return self.evidence.report


@dataclass
class Inquiry:
    """A check of ``asked``, or of our engine where that is None, against the mathematics of ``truth``.

    ``resizes`` says whether it may be asked with longer arrays: not where the function holds arrays of its own.
    """

    truth: Function
    call: Call
    wrt: Sequence[str] | None
    asked: Asking | None
    cotangent: object = None
    reduces: bool = False
    asks_elsewhere: bool = False
    resizes: bool = True
    others: list[At] = field(default_factory=list)
    tried: int = 0

    def here(self, judged: Function | None) -> At:
        """Both at the given point; the engine's gradient is that of ``judged`` where its truth is another function."""
        traced, cotangent = self.traced(self.truth, self.call)
        if self.asked is not None:
            answer = self.asked.at(traced, self.call, cotangent)
            elsewhere = self.asks_elsewhere and self.asked.is_function
            return At(self.call, self._evidence(answer.traced, answer.arrays, elsewhere), answer)
        if judged is None:
            return At(self.call, self._evidence(traced, own_gradients(traced)), None)
        return At(self.call, self._evidence(traced, self._engines(judged, traced)), None)

    def traced(self, function: Function, call: Call, factor: float = 1.0) -> tuple[Traced, Any]:
        """A program at a point, as a scalar where a cotangent is asked for or it has several results; the cotangent."""
        if not self.reduces:
            try:
                return trace(function, call.args, call.named, self.wrt), None
            except SeveralResults:
                if self.asked is not None and not self.asked.backward:
                    raise InputError(
                        "the function returns several results, and its gradient takes no cotangent; give "
                        "cotangent=..., or a gradient function that takes the cotangents first"
                    ) from None
                self.reduces = True
        weighted = Weighted(as_function(function, call.named), self.cotangent, factor)
        return trace(weighted.as_function(), call.args, call.named, self.wrt), weighted.cotangent

    def as_judged(self, function: Function) -> Function:
        """The function that was judged: a scalar one, where its results were multiplied by a cotangent."""
        return (
            Weighted(as_function(function, self.call.named), self.cotangent).as_function() if self.reduces else function
        )

    def elsewhere(self, count: int) -> None:
        """Ask a gradient function at so many other points; what is outside of somebody's domain is left out."""
        for seed in range(self.tried, count):
            self.tried = seed + 1
            # near the given point digits may be lost as they are there; the others find wrong formulas out
            found = self._at(self.call.moved(seed), asked_elsewhere=seed % 2 == 1)
            self.others += [] if found is None else [found]

    def longer(self, here: At) -> At | None:
        """The same question with longer arrays; None where there are none, or somebody does not take them."""
        call = resized(self.call, here.evidence.traced, here.evidence.program)
        given = self.cotangent is not None  # which has the shape of the result as it is
        return None if call is None or given or not self.resizes else self._at(call)

    def _at(self, call: Call, asked_elsewhere: bool = False) -> At | None:
        """A gradient function's answer at another point; None outside of somebody's domain."""
        assert self.asked is not None
        try:
            traced, cotangent = self.traced(self.truth, call)
            answer = self.asked.at(traced, call, cotangent)
            found = self._evidence(answer.traced, answer.arrays, asked_elsewhere=asked_elsewhere)
            return At(call, found, answer)
        except TimeLimit:
            raise
        except InputError:
            return None

    def value_of(self, function: Function, at: At) -> Array:
        """The value of a function on plain arrays at a point, as a scalar where the truth is one.

        Raises:
            FunctionError: the function raised.
        """
        whole = as_function(function, self.call.named)
        whole = Weighted(whole, self.cotangent).as_function() if self.reduces else whole
        args, named, _ = at.call.filled(at.evidence.traced)
        try:
            with stage("the function itself"), np.errstate(all="ignore"):
                return np.asarray(called(whole, (), args, named), dtype=np.float64)
        except (KeyboardInterrupt, TimeLimit):
            raise
        except BaseException as error:
            name = function_name(whole)
            raise FunctionError(f"{name} raised {type(error).__name__} on plain arrays: {said_by(error)}") from error

    def cotangent_used(self, here: At) -> Finding | None:
        """Whether a backward pass uses its cotangent."""
        if self.asked is None or not self.asked.backward or here.answer is None:
            return None
        traced, cotangent = self.traced(self.truth, self.call)
        _, other = self.traced(self.truth, self.call, factor=0.5)
        return self.asked.uses_cotangent(traced, self.call, cotangent, other)

    def _evidence(self, traced: Traced, given: Mapping[str, Array] | None, asked_elsewhere: bool = False) -> Evidence:
        with turn():
            return evidence(traced, given, asked_elsewhere)

    def _engines(self, judged: Function, reference: Traced) -> dict[str, Array]:
        # only a check against a reference compares two programs
        from symdiff.agreement.engine_gradients import engine_gradients
        from symdiff.checking.given import check_shapes

        own = own_gradients_of(judged, self.call.args, self.call.named, self.wrt)
        found = list((engine_gradients(self.traced(judged, self.call)[0]) if own is None else own).values())
        names = reference.graph.wrt
        if len(found) != len(names):
            raise InputError(f"the function has {len(found)} inputs to differentiate by, its reference {len(names)}")
        return check_shapes(dict(zip(names, found, strict=True)), reference)


# --- what is found ----------------------------------------------------------------------------------------------------


def wrong_elsewhere(others: Sequence[At]) -> tuple[Elsewhere, Said] | None:
    """The first other point at which the gradient is wrong although the values there are right, and the reason."""
    for at in others:
        report = at.report
        if report.verdict is Verdict.DISAGREE and report.value_verdict is not Verdict.DISAGREE:
            worst = report.worst
            assert worst is not None
            point = point_in_words(at.evidence.traced)
            found = Elsewhere(point, worst.input, worst.index, worst.got, worst.want, worst.error_ulps)
            values = {"point": point, "got": repr(worst.got), "want": repr(worst.want)}
            return found, Said("reason.elsewhere", values)
    return None


def others_finding(others: Sequence[At]) -> Finding:
    """How many other points confirm a gradient: those at which there is a value and a derivative."""
    count = sum(at.report.verdict.ok for at in others)
    if not count:
        return Finding("points", True, Said("finding.points.none"))
    return Finding("points", True, Said("finding.points.ok", count=count))


def point_in_words(traced: Traced) -> str:
    """Where the inputs are, in one line."""
    return ", ".join(f"{name} = {_short(tensor.data)}" for name, tensor in traced.tensors.items())


def _short(array: Array) -> str:
    return np.array2string(np.asarray(array), precision=4, threshold=8, separator=", ").replace("\n", "")


def refuted(report: GradientReport, found: Elsewhere, cause: Said) -> GradientReport:
    """What is imprecise at its own point by a formula that is wrong elsewhere is wrong."""
    inputs = {}
    for name, each in report.inputs.items():
        verdicts = each.verdicts.copy()
        verdicts[verdicts == Verdict.IMPRECISE] = Verdict.DISAGREE
        inputs[name] = replace(each, verdicts=verdicts)
    return replace(report, inputs=inputs, elsewhere=found, causes=(*report.causes, cause))
