"""Both witnesses on one traced program: the engine's gradients, the derivation's numbers, and their comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from autodiff.declare.op import NoRule
from symdiff.agreement.engine_gradients import engine_gradients
from symdiff.agreement.report import GradientReport
from symdiff.agreement.ties import Tie
from symdiff.agreement.verdicts import agreement, unsupported_report
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.deadline import stage
from symdiff.errors import InputError
from symdiff.evaluation.evaluate import Unsupported
from symdiff.evaluation.truth import Numbers, numbers
from symdiff.meaning.program import SymbolicProgram, symbolic_program
from symdiff.sentences import Said
from symdiff.tracing.building import Traced


@dataclass(frozen=True)
class Evidence:
    """What both ways found; ``derivation`` and ``numbers`` are None where an operation has no meaning.

    ``value_explained`` works out what rounding explains of the value.
    """

    traced: Traced
    program: SymbolicProgram
    gradients: Mapping[str, Array]
    report: GradientReport
    derivation: Derivation | None = None
    numbers: Numbers | None = None
    ties: tuple[Tie, ...] = ()
    value_explained: Callable[[], Array] | None = None


def evidence(traced: Traced, gradient: Mapping[str, Array] | None = None, asked_elsewhere: bool = False) -> Evidence:
    """Compare the engine's gradients, or those given, with the derivation.

    Whose formula is ``asked_elsewhere`` may have lost any digits here that rounded results lose.

    Raises:
        InputError: the result is an array whose Jacobian is too large.
    """
    if not traced.graph.wrt:
        names = ", ".join(traced.graph.inputs) or "none"
        raise InputError(f"there is nothing to differentiate by: no input holds floating numbers (inputs: {names})")
    if not traced.result.size:
        raise InputError(
            f"{traced.graph.text}: the result has no elements (shape {traced.result.shape}): there is nothing to "
            "differentiate; give it at least one"
        )
    with stage("building the symbolic program"):
        program = symbolic_program(traced.graph)
    raised: tuple[Said, ...] = ()
    try:
        with stage("the engine's gradient"):
            found = engine_gradients(traced) if gradient is None else dict(gradient)
    except NoRule as error:
        nan = no_gradients(traced)
        missing = (f"{error.operation} in {error.operand}",)
        return Evidence(traced, program, nan, unsupported_report(traced.graph, nan, missing))
    except np.linalg.LinAlgError as error:
        # the engine has no number here; whether there is one is for the derivation to say
        found = no_gradients(traced)
        raised = (Said("reason.engine_raised", {"error": str(error)}),)
    if program.unsupported:
        return Evidence(traced, program, found, unsupported_report(traced.graph, found, program.unsupported))
    unit = rounding_unit(traced, found)
    try:
        with stage("deriving by the chain rule"):
            derivation = derive(program)
        with stage("evaluating the derivation"):
            truth = numbers(derivation, unit)
        with stage("comparing the gradients"):
            outcome = agreement(traced.graph, derivation, truth, found, unit, asked_elsewhere)
            outcome = replace(outcome, report=replace(outcome.report, causes=raised + outcome.report.causes))
    except (Unsupported, NotImplementedError) as error:
        return Evidence(traced, program, found, unsupported_report(traced.graph, found, (str(error),)))
    return Evidence(
        traced, program, found, outcome.report, derivation, truth, outcome.ties, outcome.value_explained
    )


def no_gradients(traced: Traced) -> dict[str, Array]:
    """nan for every partial."""
    return {name: np.full(traced.result.shape + traced.tensors[name].shape, np.nan) for name in traced.graph.wrt}


def rounding_unit(traced: Traced, found: Mapping[str, Array]) -> float:
    """Half the distance from 1 to the next float, of the narrowest kind of float on the way."""
    kinds = [*(node.value.dtype for node in traced.graph.nodes), *(array.dtype for array in found.values())]
    return max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=2.0**-52) / 2
