"""Every operation of the table at each of its samples: a meaning, whose numbers of every kind are the engine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.base import Field
from symdiff.evaluation.fields.bounded import Bounded
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function
from tests.symbolic.operation_programs import OperationProgram, differentiable, operation_programs

PROGRAMS = list(operation_programs())
NOT_FINITE = {"isfinite", "isnan", "isinf"}
"""What they ask of numbers that are none, a formula of real numbers cannot say."""
MOST_ELEMENTS = 3000
"""Programs of more elements are not evaluated with mpmath here."""


def _at(program: OperationProgram) -> tuple[Derivation, Any]:
    with np.errstate(all="ignore"):
        traced = trace_function(program.program, (), program.inputs, differentiable(program))
    return derive(symbolic_program(traced.graph)), np.asarray(traced.result.data, dtype=np.float64)


def _engine(program: OperationProgram, wrt: tuple[str, ...], seed: np.ndarray) -> dict[str, np.ndarray]:
    def of_these(*values: Any) -> Any:
        return program.program(**{**program.inputs, **dict(zip(wrt, values, strict=True))})

    with np.errstate(all="ignore"):
        _, pull = ad.vjp(of_these, *(program.inputs[name] for name in wrt))
        sent = pull(seed)
    return dict(zip(wrt, sent if isinstance(sent, tuple) else (sent,), strict=True))


def test_the_table_is_reached() -> None:
    assert len(PROGRAMS) > 1100
    assert len({program.operation.name for program in PROGRAMS}) > 250


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_numbers_of_the_meaning_are_the_engines(program: OperationProgram) -> None:
    derivation, value = _at(program)
    assert not derivation.program.unsupported
    seed = np.cos(np.arange(value.size) + 0.5).reshape(value.shape)
    wanted = _engine(program, tuple(derivation.program.wrt), seed)
    if program.operation.name in NOT_FINITE and not all(np.isfinite(x).all() for x in program.inputs.values()):
        return
    single = program.operation.name == "astype"
    bounds = _numbers(derivation, Bounded(2.0**-24 if single else 2.0**-53), seed)
    exact = _exact(derivation, seed)
    for name, (want, ours) in {"": (value, bounds[""]), **{k: (wanted[k], bounds[k]) for k in wanted}}.items():
        slack = 1e-9 * np.abs(want) + 1e-12 + (1e-7 if single else 0.0)
        _within(ours.value, want, 4 * ours.error + slack, f"bounded {name}")
        if exact is not None:
            assert np.isnan(exact[name]).sum() <= np.isnan(want).sum()
            _within(exact[name], want, slack, f"exact {name}")


def _exact(derivation: Derivation, seed: np.ndarray) -> dict[str, np.ndarray] | None:
    if sum(int(np.prod(element.shape)) for element in derivation.program.elements) > MOST_ELEMENTS:
        return None
    with mp.workprec(1500 if _wide(derivation) else 150):
        return {name: Exact().to_float(each) for name, each in _numbers(derivation, Exact(), seed).items()}


def _wide(derivation: Derivation) -> bool:
    """Whether probabilities far in the tails are computed by way of what is left of 1."""
    return any(element.operation in ("log_ndtr", "log") for element in derivation.program.elements)


def _numbers(derivation: Derivation, field: Field, seed: np.ndarray) -> dict[str, Any]:
    """The value (under the name "") and the gradients, in one kind of number."""
    program = derivation.program
    with np.errstate(all="ignore"):
        run = forward(program, field)
        adjoints = backward(derivation, run, field.load(seed))
    found = {"": run.values[program.result]}
    for name in program.wrt:
        index = program.inputs[name]
        found[name] = adjoints.get(index, field.zeros(program.elements[index].shape))
    return found


def _within(got: Any, want: np.ndarray, allowed: Any, what: str) -> None:
    got = np.broadcast_to(np.asarray(got, dtype=np.float64), np.shape(want))
    with np.errstate(invalid="ignore"):
        near = (np.abs(got - want) <= allowed) | (got == want) | np.isnan(got) | (allowed == np.inf)
    assert near.all(), f"{what}: got {got[~near][:3]}, wanted {np.asarray(want)[~near][:3]}"


def test_floats_agree_where_nothing_cancels() -> None:
    for program in PROGRAMS:
        derivation, value = _at(program)
        if value.size and np.isfinite(value).all():
            bounds = _numbers(derivation, Bounded(), np.ones(value.shape))
            plain = _numbers(derivation, Floats(), np.ones(value.shape))
            for name, each in plain.items():
                _within(each, bounds[name].value, 4 * bounds[name].error, f"{program.name} {name}")
