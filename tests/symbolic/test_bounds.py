"""Running error bounds hold: on random programs and at every sample no float is further from the truth than that."""

from __future__ import annotations

import numpy as np
import pytest

from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.bounded import Bounded, Interval
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function
from tests.symbolic.operation_programs import OperationProgram, differentiable, operation_programs
from tests.symbolic.test_closed_form_programs import SHAPES, random_program

BITS = 300


def _both(derivation: Derivation) -> list[tuple[Interval, np.ndarray]]:
    """Every value and every adjoint, with its bound and as it truly is."""
    found: list[tuple[Interval, np.ndarray]] = []
    with np.errstate(all="ignore"), mp.workprec(BITS):
        run = forward(derivation.program, Bounded())
        exact = forward(derivation.program, Exact(), choices=run)
        found += zip(run.values, exact.values, strict=True)
        bounded, truth = backward(derivation, run), backward(derivation, exact)
        found += [(bounded[index], truth[index]) for index in bounded]
    return found


def _assert_held(derivation: Derivation) -> list[float]:
    """The bounds hold; how many times the true error each is."""
    slack = []
    with mp.workprec(BITS):
        for ours, truth in _both(derivation):
            shape = np.shape(ours.value)
            values, errors = (np.broadcast_to(each, shape) for each in (ours.value, ours.error))
            true = np.broadcast_to(np.asarray(truth, dtype=object), shape)
            for at in np.ndindex(*shape):
                if np.isfinite(values[at]) and np.isfinite(errors[at]) and mp.isfinite(true[at]):
                    distance = abs(mp.mpf(float(values[at])) - true[at])
                    assert distance <= mp.mpf(float(errors[at])), f"{at}: {values[at]} is {distance} off"
                    if distance:
                        slack.append(float(mp.mpf(float(errors[at])) / distance))
    return slack


@pytest.mark.parametrize("seed", range(200))
def test_bounds_hold_on_random_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = (rng.uniform(-2.0, 2.0, shape) for shape in SHAPES[seed % len(SHAPES)])
    graph = trace_function(random_program(seed), (), {"x": x, "w": w}).graph
    _assert_held(derive(symbolic_program(graph)))


def test_most_bounds_lie_within_a_hundred_times_the_true_error() -> None:
    slack: list[float] = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, w = (rng.uniform(-2.0, 2.0, shape) for shape in SHAPES[seed % len(SHAPES)])
        slack += _assert_held(
            derive(symbolic_program(trace_function(random_program(seed), (), {"x": x, "w": w}).graph))
        )
    assert np.quantile(slack, 0.75) < 100


SAMPLES = [p for p in operation_programs() if sum(np.size(x) for x in p.inputs.values()) <= 60]


@pytest.mark.parametrize("program", SAMPLES, ids=lambda program: program.name)
def test_bounds_hold_at_every_sample(program: OperationProgram) -> None:
    with np.errstate(all="ignore"):
        graph = trace_function(program.program, (), program.inputs, differentiable(program)).graph
    _assert_held(derive(symbolic_program(graph)))
