"""Judging claims: at the given point, at others, with longer arrays, and for every size where that is proved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from symdiff.agreement.claims.evaluating import claimed
from symdiff.agreement.claims.proving import ratio_for_every_size
from symdiff.agreement.claims.reading import Claim, read_claim, target
from symdiff.agreement.diagnosis.diagnose import diagnose
from symdiff.agreement.diagnosis.observed import Observed
from symdiff.agreement.evidence import evidence
from symdiff.agreement.findings import Finding
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.checking.asking import Answer
from symdiff.checking.call import Call
from symdiff.checking.documents import DerivationPages, formulas_in_text
from symdiff.checking.inquiry import At, Inquiry, refuted, wrong_elsewhere
from symdiff.errors import InputError
from symdiff.sentences import Said
from symdiff.tracing.building import Traced
from symdiff.turns import turn

__all__ = ["judge_claims"]

OTHERS = 3
"""At so many other points a claim is tried."""


def judge_claims(
    function: str | Callable[..., Any],
    args: Sequence[object],
    at: Mapping[str, object],
    wrt: Sequence[str] | None,
    claims: str | Sequence[str],
) -> tuple[GradientReport, ...]:
    """A report on every claim; ``report.causes`` begin with what is said of it.

    Raises:
        InputError: a claim cannot be read, or is about no input that is differentiated by.
    """
    texts = [claims] if isinstance(claims, str) else list(claims)
    return tuple(_judged(function, Call(tuple(args), at), wrt, text) for text in texts)


@dataclass(frozen=True)
class _Asked:
    """A claim, asked as a gradient function is."""

    text: str

    @property
    def backward(self) -> bool:
        """A claim takes no cotangent."""
        return False

    @property
    def is_function(self) -> bool:
        """A claim is a formula for every point."""
        return True

    def at(self, traced: Traced, call: Call, cotangent: Any = None) -> Answer:
        """What is claimed at the point of ``traced``."""
        del call, cotangent
        name = target(self.text, traced.graph.wrt)
        narrowed = replace(traced, graph=replace(traced.graph, wrt=(name,)))
        with turn():
            observed = Observed(evidence(narrowed), {})
            if observed.evidence.derivation is None:
                names = ", ".join(observed.evidence.report.unsupported)
                raise InputError(f"a claim cannot be judged: no symbolic meaning is known for {names}")
            claim = claim_at(self.text, observed)
            array = claimed(claim, values_at(observed), traced.result.shape + traced.tensors[name].shape)
        dtype = traced.tensors[name].data.dtype
        return Answer(narrowed, {name: np.asarray(array, dtype=dtype)}, {})

    def uses_cotangent(self, traced: Traced, call: Call, cotangent: Any, other: Any) -> Finding | None:
        """A claim has none."""
        return None


def claim_at(text: str, observed: Observed) -> Claim:
    """A claim read with the names that the program has at a point."""
    names = observed.evidence.traced.graph.wrt
    values = values_at(observed)
    name = target(text, names)
    general = observed.forms.general.get(name)
    rank = observed.want(name).ndim
    letters = [str(each) for each in general.indices] if general is not None else []
    axes = letters if len(letters) == rank else list("klpq")[:rank]
    arrays = [each for each, value in values.items() if np.ndim(value)]
    return read_claim(text, names, list(values), arrays, axes)


def values_at(observed: Observed) -> dict[str, Any]:
    """What the names in a claim stand for: sizes, intermediates under their author's names, inputs."""
    graph = observed.evidence.traced.graph
    found: dict[str, Any] = dict(observed.sizes)
    found |= {node.name: np.asarray(node.value) for node in graph.nodes if node.name and node.op is not None}
    found |= {name: np.asarray(graph.nodes[index].value) for name, index in graph.inputs.items()}
    if "n" not in found and found:
        shape = observed.want(graph.wrt[0]).shape
        found |= {"n": shape[0]} if shape else {}
    return {name: value for name, value in found.items() if name.isidentifier()}


def _judged(function: str | Callable[..., Any], call: Call, wrt: Sequence[str] | None, text: str) -> GradientReport:
    inquiry = Inquiry(function, call, wrt, _Asked(text))
    here = inquiry.here(None)
    report = replace(here.report, judged="claimed", pages=DerivationPages(here.evidence))
    inquiry.elsewhere(OTHERS)
    found = wrong_elsewhere(inquiry.others) if report.verdict.ok else None
    report = report if found is None else refuted(report, *found)
    longer = inquiry.longer(here)
    with turn():
        observed = Observed(here.evidence, {})
        ratio = ratio_for_every_size(claim_at(text, observed), observed)
        said = _said(text, report, ratio, observed, inquiry.others, longer)
        formulas = {} if report.verdict.ok else formulas_in_text(here.evidence)
    return replace(report, causes=(said, *report.causes), formulas=formulas)


def _said(
    text: str,
    report: GradientReport,
    ratio: sp.Expr | None,
    observed: Observed,
    others: Sequence[At],
    longer: At | None,
) -> Said:
    """What is said of a claim."""
    values: dict[str, str | Said] = {"claim": text.strip()}
    if report.verdict.ok:
        if ratio == 1:
            return Said("claim.every", values)
        sizes = ", ".join(f"{n} = {value}" for n, value in observed.sizes.items())
        if ratio is not None and ratio.free_symbols:
            return Said("claim.here.factor", {**values, "sizes": sizes, "factor": _written(ratio)})
        if longer is not None and longer.report.verdict is Verdict.DISAGREE:
            return Said("claim.here", {**values, "sizes": sizes})
        count = sum(each.report.verdict.ok for each in others)
        known = longer is not None and longer.report.verdict.ok
        return Said("claim.points.longer" if known else "claim.points", values, count)
    first = [observed] if observed.evidence.report.verdict is Verdict.DISAGREE else []
    wrong = sorted(others, key=lambda each: each.report.verdict is not Verdict.DISAGREE)
    points = [
        *first,
        *(Observed(each.evidence, {}) for each in wrong),
        *([Observed(longer.evidence, {})] if longer else []),
    ]
    why = diagnose(points[:4]) if points else ()
    if not why:
        return Said("claim.wrong", values)
    kind = why[0].key.removeprefix("diagnosis.")
    if kind in ("twice", "half", "sign", "times", "over", "n_less", "n_for_less", "factor"):
        return replace(why[0], key=f"claim.{kind}", values={**why[0].values, **values})
    return Said("claim.because", {**values, "why": why[0]})


def _written(ratio: sp.Expr) -> str:
    return str(ratio.xreplace({each: sp.Symbol(str(each).removeprefix("size ")) for each in ratio.free_symbols}))
