"""Second derivatives as first ones: of the gradient, which is itself a function of the same arrays.

The engine's gradient is a program of its operations, whose meanings are derived as any other's; that it is the gradient
is what the first order says.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import autodiff
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import worst_verdict
from symdiff.checking.texts import as_function
from symdiff.errors import InputError
from symdiff.frameworks.trace import Bridge

Check = Callable[..., GradientReport]


def with_second_order(
    check: Check,
    first: GradientReport,
    function: str | Callable[..., Any],
    args: Sequence[object],
    at: Mapping[str, object] | None,
    gradient: object,
) -> GradientReport:
    """The report ``first`` and with it, by pairs of inputs (``"x, w"``), that on the second derivatives.

    Raises:
        InputError: the result is an array, or second derivatives of several inputs were given.
    """
    names = list(first.inputs)
    if first.value.ndim:
        raise InputError(
            f"{first.of}: second derivatives are checked of a scalar, and the result has shape {first.value.shape}"
        )
    if gradient is not None and len(names) > 1:
        raise InputError(f"second derivatives are given for one input, and there are {len(names)}: {', '.join(names)}")
    called = as_function(function, at or {})
    reports = {name: check(_slope(called, name), *args, at=at, gradient=gradient) for name in names}
    second = {f"{name}, {other}": each for name, report in reports.items() for other, each in report.inputs.items()}
    causes = [cause for report in (first, *reports.values()) for cause in report.causes]
    return replace(
        first,
        inputs={**first.inputs, **second},
        value_verdict=worst_verdict([first.value_verdict, *(report.value_verdict for report in reports.values())]),
        causes=tuple(dict.fromkeys(causes)),
        unsupported=tuple(dict.fromkeys(name for report in (first, *reports.values()) for name in report.unsupported)),
    )


def _slope(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    if isinstance(function, Bridge):
        return function.slope(name)
    parameters = inspect.signature(function).parameters
    if name not in parameters:
        raise InputError(
            f"second derivatives are checked by arrays, and {name} is part of a container; give its arrays as "
            "arguments of their own (autodiff.flatten makes one array of a container)"
        )
    return autodiff.grad(function, argnums=name)
