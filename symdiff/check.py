"""Checks of gradients: our engine's, or one that a caller wrote, against the derivation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autodiff.trees import is_container, leaves, with_leaves
from symdiff.agreement.evidence import evidence
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array
from symdiff.deadline import Deadline, TimeLimit, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.frameworks.trace import arrived, own_gradients, own_gradients_of, trace
from symdiff.sentences import Said
from symdiff.tracing.building import Traced
from symdiff.tracing.values import is_numeric
from symdiff.turns import turn


def check_gradients(
    function: str | Callable[..., Any],
    *args: object,
    gradient: object = None,
    reference: str | Callable[..., Any] | None = None,
    at: Mapping[str, object] | None = None,
    wrt: Sequence[str] | None = None,
    order: int = 1,
    timeout: float | None = None,
) -> GradientReport:
    """Compare a gradient of ``function`` with its derivation, element by element.

    ``gradient`` is what is judged: a function of the same arguments that returns the gradient (a tuple, or a mapping
    by name, where there are several inputs), or these arrays themselves, each of exactly its input's shape (with the
    result's shape in front for an array result). A function whose digits are lost at this point (*imprecise*) is asked
    at ``POINTS`` others as well, and what is wrong there is wrong. Without a gradient our own engine's is judged.
    ``reference`` is the function whose mathematics is the truth, where ``function`` itself cannot be traced.
    With ``order=2`` the second derivatives of a scalar are judged as well, by pairs of inputs (``inputs["x, w"]``, of
    x's shape and then w's); ``gradient`` are then these, of one input. ``timeout`` is a limit in seconds, looked at
    between steps.

    Raises:
        InputError: the function or a value cannot be used, a gradient has another shape than its input, or the time
            is over (``symdiff.deadline.TimeLimit``).
        FunctionError: a function raised; its own exception is the cause.

    >>> check_gradients(lambda x: (x * x).mean(), [0.0, 1.0], gradient=lambda x: x).verdict
    'agree'
    >>> check_gradients(lambda x: (x * x).mean(), [0.0, 1.0], gradient=[0.0, 2.0]).verdict
    'disagree'
    >>> check_gradients(lambda x: (x**3).sum(), [1.0, 2.0], order=2).inputs["x, x"].symbolic.tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    if order not in (1, 2):
        raise InputError(f"order={order!r}: derivatives of order 1 or 2 are checked")
    function, args, at, gradient, reference = arrived(function, args, at, gradient, reference)
    with Deadline(timeout).at_work():
        if order == 2:
            # few checks ask for it
            from symdiff.second_check import with_second_order

            first = check_gradients(function, *args, reference=reference, at=at, wrt=wrt)
            meant = function if reference is None else reference
            return with_second_order(check_gradients, first, meant, args, at, gradient)
        traced = trace(function if reference is None else reference, args, at, wrt)
        given = _given(gradient, traced, args)
        if given is None and reference is not None:
            given = _engines(function, args, at, wrt, traced)
        own = own_gradients(traced) if given is None else None
        with turn():
            report = evidence(traced, given if own is None else own).report
        if callable(gradient) and report.verdict is Verdict.IMPRECISE:
            wrong = _wrong_elsewhere(function if reference is None else reference, gradient, args, at, wrt)
            report = report if wrong is None else _refuted(report, wrong)
        return report


POINTS = 3
"""At so many other points a gradient function is asked that may have lost its digits at this one."""


def _wrong_elsewhere(
    function: str | Callable[..., Any],
    gradient: Callable[..., object],
    args: Sequence[object],
    at: Mapping[str, object] | None,
    wrt: Sequence[str] | None,
) -> Said | None:
    """What to say of a point at which no digits are lost and the gradient is wrong all the same, if there is one.

    Every floating input is of size 1/4 to 1 there, with its own sign; the points are the same every time.
    """
    for seed in range(POINTS):
        random = np.random.default_rng(seed)
        moved = [_moved(each, random) for each in args]
        named = None if at is None else {name: _moved(each, random) for name, each in at.items()}
        try:
            traced = trace(function, moved, named, wrt)
            given = _given(gradient, traced, moved)
            with turn():
                report = evidence(traced, given).report
        except (InputError, FunctionError):
            continue  # outside of somebody's domain
        if report.verdict is Verdict.DISAGREE and report.value_verdict is not Verdict.DISAGREE:
            assert report.worst is not None
            point = ", ".join(f"{name} = {_short(tensor.data)}" for name, tensor in traced.tensors.items())
            values = {"point": point, "got": repr(report.worst.got), "want": repr(report.worst.want)}
            return Said("reason.elsewhere", values)
    return None


def _short(array: Array) -> str:
    return np.array2string(np.asarray(array), precision=4, threshold=8, separator=", ").replace("\n", "")


def _refuted(report: GradientReport, cause: Said) -> GradientReport:
    """What is imprecise at its own point by a formula that is wrong elsewhere is wrong."""
    inputs = {}
    for name, each in report.inputs.items():
        verdicts = each.verdicts.copy()
        verdicts[verdicts == Verdict.IMPRECISE] = Verdict.DISAGREE
        inputs[name] = replace(each, verdicts=verdicts)
    return replace(report, inputs=inputs, causes=(*report.causes, cause))


def _moved(value: object, random: np.random.Generator) -> object:
    """A floating input, or a container of some, somewhere near 1."""
    if is_container(value):
        return with_leaves(value, iter([_moved(leaf, random) for _, leaf in leaves(value)]), lambda other: other)
    array = np.asarray(value) if is_numeric(value) else None
    if array is None or array.dtype.kind != "f":
        return value
    size = random.uniform(0.25, 1.0, size=array.shape)
    return np.asarray(np.where(np.signbit(array), -size, size), dtype=array.dtype)


def _engines(
    function: str | Callable[..., Any],
    args: Sequence[object],
    at: Mapping[str, object] | None,
    wrt: Sequence[str] | None,
    reference: Traced,
) -> dict[str, Array]:
    from symdiff.agreement.engine_gradients import engine_gradients

    own = own_gradients_of(function, args, at, wrt)
    found = list((engine_gradients(trace(function, args, at, wrt)) if own is None else own).values())
    names = reference.graph.wrt
    if len(found) != len(names):
        raise InputError(f"the function has {len(found)} inputs to differentiate by, its reference {len(names)}")
    return _checked(dict(zip(names, found, strict=True)), reference)


def _given(gradient: object, traced: Traced, args: Sequence[object]) -> dict[str, Array] | None:
    if gradient is None:
        return None
    if callable(gradient):
        gradient = _called(gradient, traced, args)
    names = traced.graph.wrt
    if any(map(is_container, args)) and not (isinstance(gradient, Mapping) and set(gradient) == set(names)):
        each = [leaf for _, leaf in leaves(gradient)]
        gradient = tuple(each) if len(each) > 1 else gradient if not each else each[0]
    return _checked(_by_name(gradient, names), traced)


def _called(gradient: Callable[..., object], traced: Traced, args: Sequence[object]) -> object:
    """What the caller's gradient gives at the same point, on arrays and containers of its own."""
    arrays = iter([np.array(tensor.data) for tensor in traced.tensors.values()])
    arguments: list[object] = []
    for each in args:
        if is_container(each):
            arguments.append(with_leaves(each, arrays, lambda other: other))
        else:
            arguments.append(next(arrays) if is_numeric(each) else each)
    arguments += arrays  # those given by name
    name = getattr(gradient, "__name__", type(gradient).__name__)
    try:
        with stage("the gradient that was given"):
            return gradient(*arguments)
    except (KeyboardInterrupt, TimeLimit):
        raise
    except BaseException as error:
        shapes = ", ".join(f"{name} of shape {tensor.shape}" for name, tensor in traced.tensors.items())
        raise FunctionError(
            f"gradient {name} raised {type(error).__name__}: {said_by(error)} (given {shapes})"
        ) from error


def _by_name(gradient: object, names: Sequence[str]) -> dict[str, object]:
    if isinstance(gradient, Mapping):
        unknown = [str(name) for name in gradient if name not in names]
        missing = [name for name in names if name not in gradient]
        if unknown or missing:
            what = f"has no {', '.join(missing)}" if missing else f"has {', '.join(unknown)}"
            raise InputError(f"gradient {what}; the inputs to differentiate by are {', '.join(names)}")
        return dict(gradient)
    if len(names) == 1:
        only = isinstance(gradient, tuple) and len(gradient) == 1 and np.ndim(gradient[0]) > 0
        return {names[0]: gradient[0] if only and isinstance(gradient, tuple) else gradient}
    if not isinstance(gradient, tuple | list) or len(gradient) != len(names):
        have = f"{len(gradient)}" if isinstance(gradient, tuple | list) else f"one {type(gradient).__name__}"
        raise InputError(f"gradient gives {have} for {len(names)} inputs: {', '.join(names)}; give one for each")
    return dict(zip(names, gradient, strict=True))


def _checked(found: Mapping[str, object], traced: Traced) -> dict[str, Array]:
    return {name: _array(name, each, traced) for name, each in found.items()}


def _array(name: str, given: object, traced: Traced) -> Array:
    given = getattr(given, "data", given) if type(given).__module__.startswith("autodiff") else given
    try:
        array = np.asarray(given)
        array = array if array.dtype.kind == "f" else array.astype(np.float64)
    except Exception as error:  # whatever the caller's own array raises when NumPy asks for its numbers
        raise InputError(
            f"gradient by {name}: {type(given).__name__} is no array of numbers ({said_by(error)})"
        ) from None
    wanted = traced.result.shape + traced.tensors[name].shape
    if array.shape != wanted:
        front = f" (the result's shape {traced.result.shape} in front)" if traced.result.shape else ""
        raise InputError(
            f"gradient by {name} has shape {array.shape}, and {name} has shape {traced.tensors[name].shape}{front}; "
            f"return one of shape {wanted}"
        )
    return np.array(array)
