"""Checks of gradients: our engine's, or one that a caller wrote, against the derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from symdiff.agreement.findings import Blame, Finding
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.checking import values as forward
from symdiff.checking.again import call_in_code
from symdiff.checking.asking import Asked
from symdiff.checking.call import Call
from symdiff.checking.cotangents import takes_cotangent
from symdiff.checking.documents import DerivationPages, formulas_in_text
from symdiff.checking.inquiry import At, Inquiry, others_finding, refuted, wrong_elsewhere
from symdiff.checking.not_a_number import why_nan
from symdiff.deadline import Deadline, TimeLimit
from symdiff.errors import InputError
from symdiff.frameworks.trace import arrived, judged_by, own_gradients_of
from symdiff.sentences import Said, sentences
from symdiff.turns import turn

POINTS = 4
"""A gradient function is asked at so many points: the given one and three others."""

LARGE = 100_000
"""What is wrong with a gradient of more elements than that is looked for at the given point alone."""


def check_gradients(
    function: str | Callable[..., Any],
    *args: object,
    gradient: object = None,
    reference: str | Callable[..., Any] | None = None,
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    cotangent: object = None,
    claim: str | None = None,
    points: int = POINTS,
    strict: bool = False,
    diagnosis: bool = True,
    language: str = "en",
    timeout: float | None = None,
    **values: object,
) -> GradientReport:
    """Compare a gradient of ``function`` with its derivation, element by element.

    Inputs are given by place, by name, or in ``at`` for any name at all; each is a number, an array, or a list, tuple,
    dict, named tuple or dataclass of arrays, nested as you like. Without ``gradient`` our own engine's is judged, of
    a function of PyTorch's, JAX's or HIPS autograd's the one that these return.

    Args:
        function: What is differentiated: a function of NumPy or autodiff calls, or a text of the expression language; a
            function of PyTorch's tensors, a module, an ``autograd.Function.apply``, a function of JAX's arrays or of
            ``autograd.numpy`` are taken as they are.
        gradient: What is judged: a function of the same arguments that returns the gradient (a tuple, a mapping by
            name, or the containers of the inputs, where there are several; None for what is not to be judged), or
            these arrays themselves, each of its input's shape, with the result's shape in front for an array result. A
            function that takes one argument more is a backward pass: it gets the cotangent first and returns the
            gradient of the result times that.
        reference: The function whose mathematics is the truth, where ``function`` itself cannot be traced. Its value
            and that of ``function`` are then compared as well.
        cotangent: What a backward pass is given, of the result's shape (a container, where there are several results).
            Without it it is one that is not uniform, the same every time.
        claim: A formula instead of ``gradient``: ``NAME = FORMULA``, of the general element (``x = 2*x[k]/n``) or of
            whole arrays (``W = X.T @ (X @ W - y)``), judged for every size where that can be proved.
        points: At so many points a gradient function is asked: the given one, and others at which floating inputs are
            of size 1/4 to 1, or near their own values. Whole numbers, masks, labels (zeros and ones) stay as they are,
            probabilities add up to 1, symmetric and triangular matrices stay so. With 1 it is asked at the given point
            alone.
        order: With 2 the second derivatives of a scalar are judged as well, by pairs of inputs (``inputs["x, w"]``, of
            x's shape and then w's); ``gradient`` are then these, of one input.
        strict: Whether *imprecise* is not ok.
        diagnosis: Whether what is wrong with a wrong gradient is looked for, which takes a second or a few.
        language: That of the report: "en" or "zh".
        timeout: A limit in seconds, looked at between steps.

    Of a gradient function it is looked at, too, whether shapes and dtypes are the inputs', whether it leaves them
    unchanged, gives the same on a second call, and uses its cotangent: ``report.findings``.

    Raises:
        InputError: the function or a value cannot be used, arrays that were given as the gradient have another shape
            than their inputs, or the time is over (``symdiff.deadline.TimeLimit``).
        FunctionError: a function raised; its own exception is the cause.

    >>> check_gradients(lambda x: (x * x).mean(), [0.0, 1.0], gradient=lambda x: x).verdict
    'agree'
    >>> check_gradients(lambda x: (x * x).mean(), [0.0, 1.0], gradient=[0.0, 2.0]).verdict
    'disagree'
    >>> check_gradients(lambda x: x**2, [1.0, 3.0], gradient=lambda cotangent, x: 2 * x * cotangent).verdict
    'agree'
    >>> check_gradients(lambda x: (x**3).sum(), [1.0, 2.0], order=2).inputs["x, x"].symbolic.tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    if order not in (1, 2):
        raise InputError(f"order={order!r}: derivatives of order 1 or 2 are checked")
    if not isinstance(points, int) or points < 1:
        raise InputError(f"points={points!r}: give a whole number, 1 for the given point alone")
    sentences(language)
    as_given = Call(args, _named(at, values))
    functions = (function, gradient, reference)
    function, args, named, gradient, reference = arrived(function, args, as_given.named, gradient, reference)
    call = Call(args, named)
    with Deadline(timeout).at_work():
        if order == 2:
            # few checks ask for it
            from symdiff.second_check import with_second_order

            first = check_gradients(function, *args, reference=reference, at=call.named, wrt=wrt, language=language)
            meant = function if reference is None else reference
            return with_second_order(check_gradients, first, meant, args, call.named, gradient)
        if claim is not None:
            claimed = _claimed(function if reference is None else reference, call, wrt, claim, gradient)
            return replace(claimed, language=language)
        backward = cotangent is not None or takes_cotangent(gradient, len(args) + len(call.named))
        asked = None if gradient is None else Asked(gradient, backward and callable(gradient))
        truth = function if reference is None else reference
        inquiry = Inquiry(truth, call, wrt, asked, cotangent, reduces=backward, asks_elsewhere=points > 1)
        here = inquiry.here(None if reference is None else function)
        found = _found_out(inquiry, here, function, reference, points)
        own = gradient is None and reference is None
        if own and judged_by(function) and found.verdict.ok:
            found = replace(found, findings=(*found.findings, *_users_own(inquiry.as_judged(function), call)))
        report = replace(found, strict=strict, language=language, pages=DerivationPages(here.evidence))
        if report.ok or not diagnosis:
            return report
        if own and judged_by(function):
            report = _with_single(report, inquiry.as_judged(function), call, wrt)
        else:
            report = replace(
                report,
                causes=(*report.causes, *_diagnosed(inquiry, here, report)),
                blame=_blamed(report, function, call, wrt) if gradient is None and not judged_by(function) else None,
            )
        options = {"gradient": functions[1], "reference": functions[2], "cotangent": cotangent, "wrt": wrt}
        options |= {"points": None if points == POINTS else points, "strict": strict or None}
        code = call_in_code(functions[0], as_given, options)
        return replace(report, formulas=_formulas(here, report), call=code)


def _named(at: Mapping[str, object] | None, values: Mapping[str, object]) -> dict[str, object]:
    twice = sorted(set(values) & set(at or {}))
    if twice:
        raise InputError(f"{twice[0]} is given twice, by name and in at=; give each input once")
    return {**(at or {}), **values}


def _claimed(
    function: str | Callable[..., Any], call: Call, wrt: Sequence[str] | None, claim: str, gradient: object
) -> GradientReport:
    # few checks are of a formula
    from symdiff.checking.claims import judge_claims

    if gradient is not None:
        raise InputError("either gradient= or claim= is judged; give one of them")
    (report,) = judge_claims(function, call.args, call.named, wrt, claim)
    return replace(report, call="" if report.ok else call_in_code(function, call, {"claim": claim, "wrt": wrt}))


def _found_out(inquiry: Inquiry, here: At, function: Any, reference: Any, points: int) -> GradientReport:
    """The report at the given point with all that is found beside the numbers, and at other points."""
    report = here.report
    findings: list[Finding | None] = []
    if reference is None:
        findings.append(forward.of_program(here.evidence))
    elif callable(function) or isinstance(function, str):
        findings.append(forward.of_function(inquiry.value_of(function, here), here.evidence))
    if inquiry.asked is None or here.answer is None:
        return replace(report, findings=_all(findings), judged=judged_by(function) or report.judged)
    findings += [*here.answer.findings, inquiry.cotangent_used(here)]
    report = replace(report, judged="given")
    if inquiry.asked.is_function and points > 1 and report.verdict.ok:
        inquiry.elsewhere(points - 1)
        if not inquiry.others and report.verdict is Verdict.IMPRECISE:
            # nowhere else is it in its domain: what excuses it stands or falls with these numbers
            inquiry.asks_elsewhere = False
            report = replace(inquiry.here(None).report, judged="given")
        found = wrong_elsewhere(inquiry.others)
        report = report if found is None else refuted(report, *found)
        findings.append(others_finding(inquiry.others) if found is None else None)
    return replace(report, findings=_all(findings))


def _users_own(function: Any, call: Call) -> tuple[Finding, ...]:
    """What is wrong with backward passes of the user's where it does not show in the gradient of the whole."""
    # few functions hold one
    from symdiff.checking.singles import users_alone

    found: list[Finding] = []
    for judged in users_alone(function, call.args, call.named, _of_single):
        if judged.is_wrong:
            wrong = judged.blame.said("finding.alone" if judged.report.verdict is Verdict.DISAGREE else "")
            found += [Finding("alone", False, each) for each in (wrong, *judged.causes())]
    return tuple(found)


def _with_single(report: GradientReport, function: Any, call: Call, wrt: Sequence[str] | None) -> GradientReport:
    """With the call of a framework's that is to blame, and what is wrong with it; or with the whole function."""
    if report.verdict is not Verdict.DISAGREE or report.value_verdict is Verdict.DISAGREE:
        return report
    # a framework's gradient is rarely wrong
    from symdiff.checking.singles import first_wrong_single

    judged = first_wrong_single(function, call.args, call.named, _of_single)
    if judged is not None:
        return replace(report, blame=judged.blame, causes=(*report.causes, *judged.causes()))

    def own(*args: object, **named: object) -> Mapping[str, Any] | None:
        return own_gradients_of(function, args, named, wrt)

    inquiry = Inquiry(function, call, wrt, Asked(own))
    return replace(report, causes=(*report.causes, *_diagnosed(inquiry, inquiry.here(None), report)))


def _of_single(inquiry: Inquiry) -> GradientReport:
    """The report on one call of a framework's, at its own point and at others, with what is wrong with it."""
    here = inquiry.here(None)
    report = _found_out(inquiry, here, inquiry.truth, None, POINTS)
    return report if report.ok else replace(report, causes=(*report.causes, *_diagnosed(inquiry, here, report)))


def _blamed(
    report: GradientReport, function: str | Callable[..., Any], call: Call, wrt: Sequence[str] | None
) -> Blame | None:
    """The operation of our engine that is to blame for a wrong gradient."""
    if report.verdict is not Verdict.DISAGREE:
        return None
    # our engine's gradient is rarely wrong
    from symdiff.checking.blame import first_wrong

    return first_wrong(function, call, wrt)


def _diagnosed(inquiry: Inquiry, here: At, report: GradientReport) -> tuple[Said, ...]:
    """What is wrong with the formula of a gradient that was given, tried at other points where it is a function."""
    if inquiry.asked is None or here.evidence.numbers is None:
        return ()
    nan = why_nan(here.evidence.traced, here.report)
    if nan is not None:
        return (nan,)
    # what is wrong at a kink is no formula
    if report.verdict is not Verdict.DISAGREE or here.report.kinks:
        return ()
    # what is wrong is diagnosed by those alone who have a wrong gradient
    from symdiff.agreement.diagnosis.diagnose import diagnose
    from symdiff.agreement.diagnosis.observed import Observed

    wrong = [here] if here.report.verdict is Verdict.DISAGREE else []
    others: list[At] = []
    if inquiry.asked.is_function and sum(each.automatic.size for each in report.inputs.values()) <= LARGE:
        inquiry.elsewhere(POINTS - 1)
        longer = inquiry.longer(here)
        others = [each for each in (longer, *inquiry.others) if each is not None]
    asked = [*wrong, *sorted(others, key=lambda each: each.report.verdict is not Verdict.DISAGREE)]
    with turn():
        return diagnose([Observed(each.evidence, each.answer.misshapen if each.answer else {}) for each in asked[:4]])


def _formulas(here: At, report: GradientReport) -> dict[str, str]:
    """The derivation's formulas by the inputs whose gradients are wrong; none where they take too long to find."""
    wrong = {name for name, each in report.inputs.items() if not each.verdict.ok}
    if report.elsewhere is not None:
        wrong.add(report.elsewhere.input)
    try:
        return {name: each for name, each in formulas_in_text(here.evidence).items() if name in wrong} if wrong else {}
    except TimeLimit:
        raise
    except InputError:
        return {}  # formulas nested too deep to be worked with


def _all(findings: Sequence[Finding | None]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each is not None)


__all__ = ["POINTS", "check_gradients"]
