"""The table of operations, entry by entry: samples, three witnesses of every derivative, kinks as they are stated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE, Kink, Op, Operation, Sample, Unsupported
from symdiff.calculus.chain_rule import derive
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function
from tests.ops.differences import central, engine, split, weighted
from tests.ops.test_accuracy import FAMILIES as ELEMENTWISE

ENTRIES = [entry for name, entry in TABLE.items() if name == entry.name]
SAMPLES = [
    pytest.param(entry, sample, id=f"{entry.name}-{place}")
    for entry in ENTRIES
    for place, sample in enumerate(entry.samples)
]
OF_ELEMENTS = [case for case in SAMPLES if case.values[0].family in ELEMENTWISE]

# What only computes a derivative for another rule may do without a meaning; nothing else may.
NO_FORMULA_FOR_EVERY_ORDER = {"sinc_derivative"}
Arrays = list[np.ndarray[Any, Any]]


def supported(entry: Operation, sample: Sample) -> tuple[Arrays, Callable[..., Any]]:
    """The arrays to differentiate by, and the call; operands whose derivative is declared unsupported stay fixed."""
    if not isinstance(entry, Op) or not any(isinstance(rule, Unsupported) for rule in rules(entry)):
        return split(entry, sample)
    kept = [k for k, rule in enumerate(rules(entry)) if not isinstance(rule, Unsupported)]

    def call(*values: Any) -> Any:
        operands = list(sample.operands)
        for place, value in zip(kept, values, strict=True):
            operands[place] = value
        return entry(*operands, **sample.params)

    return [np.array(sample.operands[k], dtype=np.float64) for k in kept], call


def rules(entry: Op) -> list[Any]:
    return list(entry.vjp) if isinstance(entry.vjp, list | tuple) else []


def symbolic(value: Callable[..., Any], arrays: Arrays) -> tuple[float, Arrays]:
    """The value and the gradient by way of the meanings; mpmath's precision is the caller's."""
    program = symbolic_program(trace_function(value, tuple(arrays), {}).graph)
    run = forward(program, Exact())
    adjoints = backward(derive(program), run)

    def floats(number: Any) -> Any:
        return np.asarray(run.field.to_float(number))

    gradient = [
        np.broadcast_to(floats(adjoints[place]) if place in adjoints else 0.0, array.shape)
        for place, array in zip(program.inputs.values(), arrays, strict=True)
    ]
    return float(floats(run.values[program.result])), gradient


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_has_samples_and_a_docstring(entry: Operation) -> None:
    assert entry.samples
    assert entry.__doc__


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.family in ELEMENTWISE and isinstance(e, Op)], ids=lambda entry: entry.name
)
def test_every_operation_on_elements_has_a_formula(entry: Op) -> None:
    assert isinstance(entry.meaning, str) != (entry.name in NO_FORMULA_FOR_EVERY_ORDER)
    assert entry.elementwise


@pytest.mark.filterwarnings("ignore:invalid value encountered in float:RuntimeWarning")  # nan, for want of digits
@pytest.mark.parametrize(
    ("entry", "sample"), [c for c in OF_ELEMENTS if c.values[0].name not in NO_FORMULA_FOR_EVERY_ORDER]
)
def test_engine_and_meaning_agree(entry: Operation, sample: Sample) -> None:
    arrays, call = supported(entry, sample)
    value = weighted(call, arrays) if arrays else None
    if value is None:
        assert isinstance(entry, Op)
        assert not entry.differentiable
        return
    want_value, want = float(np.asarray(value(*arrays))), engine(value, arrays)
    for digits in (50, 1000):  # a formula that cancels needs as many more
        with mp.workdps(digits):
            got_value, got = symbolic(value, arrays)
        if agrees(got, want):
            break
    assert got_value == pytest.approx(want_value, rel=1e-13, abs=1e-13)
    assert agrees(got, want), f"meaning {got}, engine {want}"


def agrees(got: Arrays, want: Arrays, tolerance: float = 1e-12) -> bool:
    return all(
        np.allclose(a, b, rtol=tolerance, atol=tolerance / 100, equal_nan=True) for a, b in zip(got, want, strict=True)
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a step may leave the domain
@pytest.mark.parametrize(("entry", "sample"), OF_ELEMENTS)
def test_engine_and_differences_agree(entry: Operation, sample: Sample) -> None:
    arrays, call = supported(entry, sample)
    value = weighted(call, arrays) if arrays else None
    if value is None:
        return
    if any(np.abs(array).max(initial=0.0) > 1e4 for array in arrays):
        return  # no step is both seen and small there
    for got, want in zip(engine(value, arrays), central(value, arrays, step=1e-7), strict=True):
        near = np.isfinite(want)
        np.testing.assert_allclose(got[near], want[near], rtol=2e-4, atol=2e-6)


@pytest.mark.filterwarnings("ignore:invalid value encountered in float:RuntimeWarning")  # nan, for want of digits
@pytest.mark.parametrize(
    ("entry", "sample"), [c for c in OF_ELEMENTS if c.values[0].name not in NO_FORMULA_FOR_EVERY_ORDER]
)
def test_second_derivatives_are_those_of_the_meaning(entry: Operation, sample: Sample) -> None:
    arrays, call = supported(entry, sample)
    value = weighted(call, arrays) if arrays else None
    if value is None or (entry.name in ("sinc", "copysign") and 0.0 in np.ravel(arrays[0])):
        return  # the pieces of a formula at one point say nothing of the second derivative there
    directions = [np.random.default_rng(5).uniform(0.5, 1.5, array.shape) for array in arrays]

    def slope(*xs: Any) -> Any:
        gradients = ad.grad(value, argnums=tuple(range(len(xs))))(*xs)
        return sum((ad.sum(g * v) for g, v in zip(gradients, directions, strict=True)), 0.0)

    got = engine(slope, arrays)
    for digits in (60, 1000):
        with mp.workdps(digits):
            want = by_differences(value, arrays, directions)
        if agrees(want, got, 1e-9):
            break
    assert agrees(want, got, 1e-9), f"meaning {want}, engine {got}"


def by_differences(value: Callable[..., Any], arrays: Arrays, directions: Arrays) -> Arrays:
    """The derivative of the meaning's gradient along ``directions``, by differences of 25 digits."""
    program = symbolic_program(trace_function(value, tuple(arrays), {}).graph)
    derivation, h = derive(program), mp.mpf(10) ** -25
    field = Exact()

    def gradient(sign: int) -> list[Any]:
        places = list(program.inputs.values())
        moved = {
            place: field.load(array) + sign * h * field.load(direction)
            for place, array, direction in zip(places, arrays, directions, strict=True)
        }
        adjoints = backward(derivation, forward(program, field, moved))
        return [adjoints.get(place, field.zeros(array.shape)) for place, array in zip(places, arrays, strict=True)]

    return [
        np.broadcast_to(np.asarray(field.to_float((up - down) / (2 * h))), array.shape)
        for up, down, array in zip(gradient(1), gradient(-1), arrays, strict=True)
    ]


STATED = {
    "0": 0.0, "1": 1.0, "1/2 each": 0.5,
    "inf: undefined": np.inf, "infinite: undefined": np.inf, "nan: undefined": np.nan,
}  # fmt: skip
KINKS = [
    pytest.param(entry, kink, id=f"{entry.name} at {kink.at}")
    for entry in ENTRIES
    for kink in entry.kinks
    if entry.family in ELEMENTWISE or kink.ours in STATED
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # 1 / 0 where the derivative is infinite
@pytest.mark.parametrize(("entry", "kink"), KINKS)
def test_kinks_are_as_they_are_stated(entry: Operation, kink: Kink) -> None:
    arrays, call = split(entry, kink.sample)
    if isinstance(entry, Op) and entry.rules[0] is None:
        assert kink.ours == "0"
        return
    gradient = ad.grad(lambda *xs: ad.sum(call(*xs)), argnums=0)(*arrays)
    if kink.ours in STATED:
        np.testing.assert_array_equal(np.abs(gradient), STATED[kink.ours])
    else:
        sides = [ad.grad(lambda *xs: ad.sum(call(*xs)), argnums=0)(arrays[0] + h, *arrays[1:]) for h in (-1e-9, 1e-9)]
        beside = kink.ours == "the derivative beside the jump"
        assert beside or kink.ours == "the mean of the two sides"
        assert any(np.allclose(gradient, s) for s in sides) if beside else np.allclose(gradient, np.mean(sides))
