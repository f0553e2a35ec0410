"""One case through ``check_gradients``: our own gradient, the true one, those that people wrote, and damaged ones.

What is right is decided by the reference alone: within what it allows a gradient is right, beyond ten times of it
wrong, and in between nothing is asked.
"""

from __future__ import annotations

import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

import autodiff as ad
from benchmarks.campaigns.case import COMPUTED, DAMAGED, RIGHT, Case, Given, Outcome
from benchmarks.campaigns.damage import DAMAGES, Damage
from benchmarks.campaigns.differences import Allowed, NoTruth, Place, Truth, allowed, places_of, truth
from benchmarks.campaigns.inputs import generator_of, seed_of
from symdiff import check_gradients

SECONDS = 10.0
LARGEST = float(np.finfo(np.float64).max)
Array = np.ndarray[Any, Any]
Reasons = tuple[str, ...]


class Late(BaseException):
    """The time of one check is over; nothing catches it on its way out."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """A limit for what looks at no deadline, in seconds of this process's own work: a busy machine changes nothing."""

    def over(*_: object) -> None:
        raise Late

    start = time.process_time()
    before = signal.signal(signal.SIGPROF, over)
    outer, _ = signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        left = max(outer - (time.process_time() - start), 0.01) if outer else 0.0
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        signal.setitimer(signal.ITIMER_PROF, left)


class Judged:
    """A case with its truth: what a gradient may be."""

    def __init__(self, case: Case, also: Sequence[Place] = ()) -> None:
        self.case = case
        generator = generator_of(case.label)
        places = places_of(case.inputs, case.limit, generator)
        self.truth: Truth = truth(case.function, case.inputs, tuple(dict.fromkeys([*places, *also])))
        self.dtype = np.result_type(*case.inputs)
        self.losing = 0.0
        """By how many times what is allowed the right formulas are off that were judged, the worst of them."""
        unit, smallest = (2.0**-24, 1.5e-45) if self.dtype == np.float32 else (2.0**-53, 5e-324)
        largest = float(np.finfo(self.dtype).max)
        for each in [*self.truth.value.reshape(-1), *self.truth.gradient.reshape(-1)]:
            if abs(each) > largest:
                raise NoTruth("out of range")
        self.wanted = np.array([[float(v) for v in row] for row in self.truth.gradient])
        seed = seed_of(case.label, "rounding")
        self.allowed: Allowed = allowed(case.function, case.inputs, self.truth, seed, unit, smallest)

    def flat(self, gradients: Sequence[Array]) -> Array:
        """Gradients, an array for each input, at the places: (result size, places)."""
        rows = max(self.truth.value.size, 1)
        columns = [np.asarray(gradients[k], dtype=np.float64).reshape(rows, -1)[:, j] for k, j in self.truth.places]
        return np.stack(columns, axis=1)

    def excess(self, gradients: Sequence[Array]) -> float:
        """The largest error in terms of what is allowed; at a kink nothing is said (nan)."""
        if not self.truth.is_smooth:
            return float("nan")
        from mpmath import mpf

        got = self.flat(gradients)
        if not np.isfinite(got).all():
            return float("inf")
        off = [
            float(abs(mpf(float(g)) - w) / mpf(float(a)))
            for g, w, a in zip(got.flat, self.truth.gradient.reshape(-1), self.allowed.off.flat, strict=True)
        ]
        return max(off, default=0.0)

    @property
    def is_near_a_kink(self) -> bool:
        """Whether rounding the inputs changes the gradient in its first digits."""
        scale = np.max(np.abs(self.wanted), initial=0.0)
        return not self.truth.is_smooth or bool((self.allowed.off > 1e-3 * scale).any())

    def exact(self, own: Sequence[Array]) -> list[Array]:
        """The true gradients, rounded, one array an input; our own elements where the reference has none."""
        out = [np.array(each, dtype=self.dtype) for each in own]
        rows = max(self.truth.value.size, 1)
        for column, (k, j) in enumerate(self.truth.places):
            out[k].reshape(rows, -1)[:, j] = self.wanted[:, column].astype(self.dtype)
        return out

    def damaged(self, exact: Sequence[Array], damage: Damage, generator: np.random.Generator) -> list[Array]:
        """One input's gradient damaged, where the reference can tell."""
        out = [each.copy() for each in exact]
        k = self.truth.places[int(generator.integers(len(self.truth.places)))][0]
        known = [j for i, j in self.truth.places if i == k]
        if len(known) == self.case.inputs[k].size:
            out[k] = np.asarray(damage(exact[k], generator), dtype=self.dtype)
            return out
        rows = max(self.truth.value.size, 1)
        part = exact[k].reshape(rows, -1)[:, known]
        out[k].reshape(rows, -1)[:, known] = damage(part, generator).astype(self.dtype)
        return out


def outcomes(case: Case) -> Iterator[Outcome]:
    """Every check of a case; none where the reference has no truth.

    Raises:
        NoTruth: the reference has none here.
    """
    with np.errstate(all="ignore"):
        found = checked(case, None)
        if found[1] is not None and not np.isfinite(found[1].value).all():
            raise NoTruth("the program's own value is not finite")  # as written it overflows: *undefined* is right
        judged = Judged(case, refused_places(found[1]))
        own = [] if found[1] is None else [each.automatic for each in found[1].inputs.values()]
        yield _own(judged, own, *found)
        if found[1] is not None:
            yield from _given(judged, own)


def refused_places(report: Any) -> list[Place]:
    """The elements that are called wrong, the worst three of each input: the reference must look at these."""
    out: list[Place] = []
    for k, each in enumerate(report.inputs.values() if report is not None else ()):
        size = each.automatic.size // max(report.value.size, 1)
        errors = np.where(each.verdicts == "disagree", np.nan_to_num(each.error_ulps, nan=np.inf, posinf=1e300), -1.0)
        flat = errors.reshape(-1)
        out += [(k, int(at) % size) for at in np.argsort(-flat)[:3] if flat[at] >= 0]
    return out


def _own(judged: Judged, own: list[Array], verdict: str, report: Any, seconds: float, reasons: Reasons) -> Outcome:
    """Our engine's gradient."""
    if report is None:
        return _outcome(judged, "ours", verdict, verdict, seconds, reasons)
    excess = judged.excess(own)
    fault = _fault(judged, verdict, excess, RIGHT, reasons, own)
    if excess > 10:
        fault = "wrong accepted" if verdict in ("agree", "kink") else "engine"
    elif not fault and verdict == "imprecise" and excess <= 1:
        fault = "imprecise, ours"
    return _outcome(judged, "ours", verdict, fault, seconds, reasons, excess)


def _given(judged: Judged, own: Sequence[Array]) -> Iterator[Outcome]:
    exact = judged.exact(own)
    if judged.truth.is_smooth and judged.case.damages:
        yield _judge(judged, Given("the true gradient", exact))
    for given in judged.case.given:
        yield _judge(judged, given)
    if judged.truth.is_smooth:
        generator = generator_of(judged.case.label, "damage")
        for name in generator.choice(list(DAMAGES), judged.case.damages, replace=False).tolist():
            damaged = judged.damaged(exact, DAMAGES[name], generator)
            yield _judge(judged, Given(name, damaged, DAMAGED))


def _judge(judged: Judged, given: Given) -> Outcome:
    """A gradient that is given: a function of the inputs, or arrays."""
    gradient = given.gradient
    arrays = gradient
    if callable(gradient):
        arrays = gradient(*[np.array(x) for x in judged.case.inputs])
        arrays = list(arrays) if isinstance(arrays, tuple) else [arrays]
    else:
        gradient = tuple(arrays) if len(arrays) > 1 else arrays[0]
    excess = judged.excess(arrays)
    if given.mathematics == RIGHT and np.isfinite(excess):
        judged.losing = max(judged.losing, excess)
    verdict, report, seconds, reasons = checked(judged.case, gradient)
    fault = verdict if report is None else _fault(judged, verdict, excess, given.mathematics, reasons, arrays)
    return _outcome(judged, given.name, verdict, fault, seconds, reasons, excess)


def _fault(
    judged: Judged, verdict: str, excess: float, mathematics: str, reasons: Reasons, arrays: Sequence[Array]
) -> str:
    """What is wrong with a verdict on a gradient that is off by ``excess`` times what is allowed."""
    accepted = verdict in ("agree", "imprecise", "kink")
    wrong = excess > 10
    if verdict == "unsupported":
        return "unsupported"
    if mathematics == DAMAGED and wrong:
        # what is nearer to the truth than a right formula that loses its digits here may be such a formula's
        might_be_right = verdict == "imprecise" and excess <= judged.losing
        return "wrong accepted" if accepted and not might_be_right else ""
    found_elsewhere = any(reason.startswith("at another point") for reason in reasons)
    if mathematics == COMPUTED and (wrong or found_elsewhere) and not accepted:
        return "library"  # PyTorch's softplus is a line from 20 on
    if mathematics == DAMAGED and (excess > 1 or verdict == "disagree"):
        return ""  # neither right nor wrong; within what is allowed the judge may be the stricter one
    if np.isnan(excess) and verdict != "undefined":  # at a kink
        return "false disagree" if verdict == "disagree" else ""
    if verdict == "undefined" and np.isnan(excess) and not np.isfinite(judged.flat(arrays)).all():
        return ""  # there is no derivative, and no number was returned for it (qr of zeros)
    if verdict == "undefined":
        return "false undefined"
    if verdict == "disagree" and not np.isinf(excess):
        return "false disagree"
    if verdict == "kink" and not judged.is_near_a_kink:
        return "false kink"
    if verdict == "agree" and wrong:
        return "lost digits agree"
    named = reasons and "result of :" not in reasons[0]
    return "imprecise without a name" if verdict == "imprecise" and not named else ""


def checked(case: Case, gradient: Any) -> tuple[str, Any, float, Reasons]:
    """The verdict, the report (None where there is none), the seconds, the reasons."""
    start = time.process_time()
    report, reasons = None, ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with limited(SECONDS):
                report = check_gradients(lambda *xs: case.function(ad, *xs), *case.inputs, gradient=gradient)
            verdict, reasons = str(report.verdict), report.reasons
        except Late:
            verdict = "slow"
        except Exception as error:
            late = isinstance(error.__cause__, Late)  # it was the user's function that was interrupted
            verdict, reasons = "slow" if late else "raised", (f"{type(error).__name__}: {error}"[:200],)
    return verdict, report, time.process_time() - start, reasons


def _outcome(
    judged: Judged,
    name: str,
    verdict: str,
    fault: str,
    seconds: float,
    reasons: Reasons,
    excess: float = float("nan"),
) -> Outcome:
    return Outcome(judged.case.label, name, verdict, fault, seconds, reasons, f"{excess:.3g} times what is allowed")
