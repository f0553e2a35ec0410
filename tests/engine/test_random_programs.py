"""Random programs with fan-out over random shapes, axes and dtypes, against the complex step.

The derivative of an analytic program is the imaginary part at ``x + ih``, divided by ``h``: nothing cancels, so that
``h`` may be as small as one likes and the derivative has all its digits (Squire and Trapp, 1998).  NumPy computes it
from the same program without any engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import autodiff as ad

STEP = 1e-40

# Bounded, so that no program of a few steps overflows.
UNARY: list[Callable[[Any], Any]] = [
    np.sin,
    np.tanh,
    lambda x: np.exp(np.tanh(x)),
    lambda x: np.log(2.0 + np.sin(x)),
    lambda x: np.sqrt(1.5 + np.cos(x)),
    lambda x: -x,
    lambda x: np.tanh(x) ** 3,
    lambda x: 1.0 / (2.0 + np.sin(x)),
]
BINARY: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: np.sin(a) * b,
    lambda a, b: a - np.sin(b),
    lambda a, b: np.tanh(a) / (2.0 + np.cos(b)),
    lambda a, b: np.where(np.arange(a.size * b.size % 5 + 1)[-1] % 2 == 0, np.sin(a), b),
    lambda a, b: np.power(2.0 + np.sin(a), np.tanh(b)),
]
# These take an axis of their operand, which has at least one.
ALONG_AN_AXIS: list[Callable[[Any, int], Any]] = [
    lambda x, axis: np.sum(x, axis=axis),
    lambda x, axis: np.mean(x, axis=axis, keepdims=True),
    lambda x, axis: np.cumsum(np.tanh(x), axis=axis),
    lambda x, axis: np.flip(x, axis),
    lambda x, axis: np.prod(np.tanh(x), axis=axis),
    lambda x, axis: np.concatenate([x, np.sin(x)], axis=axis),
    lambda x, axis: np.take(x, [0, -1, 0], axis=axis),
    lambda x, axis: np.moveaxis(x, axis, 0),
    lambda x, axis: np.stack([x, x * 2.0], axis=axis),
    lambda x, axis: np.diff(np.sin(x), axis=axis),
]
WHOLE: list[Callable[[Any], Any]] = [
    lambda x: x.reshape(-1),
    np.transpose,
    lambda x: x[..., None],
    lambda x: x.ravel()[::-1] @ np.sin(x.ravel()),
    lambda x: np.outer(np.tanh(x), np.sin(x)).ravel()[:5],
    lambda x: np.broadcast_to(x, (2, *x.shape)),
    lambda x: np.squeeze(x) * 0.5,
]
KINDS = len(UNARY) + len(BINARY) + len(ALONG_AN_AXIS) + len(WHOLE)
SHAPES = [(), (1,), (3,), (2, 1), (2, 3), (1, 3), (2, 1, 3), (0, 3)]
LARGEST = 64


@dataclass(frozen=True)
class Program:
    """Steps over the values so far: the kind of each, and which values (and axis) it takes."""

    steps: tuple[tuple[int, int, int], ...]

    def __call__(self, *inputs: Any) -> Any:
        values = list(inputs)
        for kind, i, j in self.steps:
            values.append(self.step(kind, values[i % len(values)], values[j % len(values)], j))
        # Every value is used again here: each has several consumers.
        return sum(np.sum(np.sin(value) * (0.3 + 0.1 * k)) for k, value in enumerate(values))

    @staticmethod
    def step(kind: int, a: Any, b: Any, place: int) -> Any:
        if kind < len(UNARY):
            return UNARY[kind](a)
        kind -= len(UNARY)
        if kind < len(BINARY):
            return BINARY[kind](a, b if fits(a.shape, b.shape) else np.sum(b))
        kind -= len(BINARY)
        if a.size > LARGEST:
            return np.sin(a)
        if kind >= len(ALONG_AN_AXIS):
            return WHOLE[kind - len(ALONG_AN_AXIS)](a)
        axis = place % (2 * max(a.ndim, 1)) - a.ndim
        # NumPy finds no element to take, no mean and no spread along an axis of no elements.
        return ALONG_AN_AXIS[kind](a, axis) if a.ndim and a.shape[axis] else np.cos(a)

    def derivative(self, inputs: list[Any], place: int) -> Any:
        """The derivatives in the elements of one input, by the complex step."""
        found = np.zeros(inputs[place].shape)
        for position in np.ndindex(*found.shape):
            moved = [x.astype(np.complex128) for x in inputs]
            moved[place][position] += STEP * 1j
            found[position] = self(*moved).imag / STEP
        return found


def fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    try:
        return int(np.prod(np.broadcast_shapes(a, b))) <= LARGEST
    except ValueError:
        return False


STEPS = st.lists(
    st.tuples(st.integers(0, KINDS - 1), st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8
).map(tuple)


@st.composite
def runs(draw: Any, dtypes: tuple[type[np.floating[Any]], ...] = (np.float64,)) -> tuple[Program, list[Any]]:
    """A program and two inputs for it."""
    program = Program(draw(STEPS))
    generator = np.random.default_rng(draw(st.integers(0, 2**16)))
    kinds = st.tuples(st.sampled_from(SHAPES), st.sampled_from(dtypes))
    drawn = draw(st.tuples(kinds, kinds))
    return program, [np.asarray(generator.uniform(-1, 1, shape), dtype) for shape, dtype in drawn]


@given(runs())
def test_gradients_are_those_of_the_complex_step(run: tuple[Program, list[Any]]) -> None:
    program, inputs = run
    value, gradients = ad.value_and_grad(program, (0, 1))(*inputs)
    np.testing.assert_allclose(value, program(*inputs), rtol=1e-13, atol=1e-13)
    for place, (x, g) in enumerate(zip(inputs, gradients, strict=True)):
        want = program.derivative(inputs, place)
        event(f"gradient of {'several' if np.count_nonzero(want) > 1 else 'few'} elements")
        np.testing.assert_allclose(g, want, rtol=1e-10, atol=1e-12 * (1 + np.abs(want).max(initial=0)))
        assert np.shape(g) == x.shape


@given(runs())
def test_backward_gives_the_same_bits_as_the_transform(run: tuple[Program, list[Any]]) -> None:
    program, inputs = run
    tensors = [ad.tensor(x, requires_grad=True) for x in inputs]
    program(*tensors).backward()
    for x, g in zip(tensors, ad.grad(program, (0, 1))(*inputs), strict=True):
        assert x.grad is not None
        np.testing.assert_array_equal(x.grad.data, g)


@given(runs(), st.integers(0, 1))
def test_second_derivatives_are_those_of_the_gradient(run: tuple[Program, list[Any]], place: int) -> None:
    program, inputs = run
    x, n = inputs[place], inputs[place].size

    def of(z: Any) -> Any:
        return program(*inputs[:place], z, *inputs[place + 1 :])

    h = ad.hessian(of)(x).reshape(n, n)
    scale = 1 + np.abs(h).max(initial=0)
    np.testing.assert_allclose(h, h.T, atol=1e-11 * scale)
    v = np.cos(np.arange(n) + 1.0).reshape(x.shape)
    np.testing.assert_allclose(ad.hvp(of)(x, v).reshape(n), h @ v.reshape(n), atol=1e-11 * scale)
    step = 1e-5
    slope = (ad.grad(of)(x + step * v) - ad.grad(of)(x - step * v)) / (2 * step)
    np.testing.assert_allclose(h @ v.reshape(n), np.reshape(slope, n), atol=1e-5 * scale)
    np.testing.assert_allclose(ad.jvp(of, (x,), (v,))[1], np.sum(ad.grad(of)(x) * v), atol=1e-11 * scale)


@given(runs(dtypes=(np.float32, np.float64)))
def test_every_gradient_has_the_dtype_of_its_input(run: tuple[Program, list[Any]]) -> None:
    program, inputs = run
    value, gradients = ad.value_and_grad(program, (0, 1))(*inputs)
    assert np.asarray(value).dtype == np.result_type(*inputs, program(*inputs))
    for place, (x, g) in enumerate(zip(inputs, gradients, strict=True)):
        assert g.dtype == x.dtype
        want = program.derivative([x.astype(np.float64) for x in inputs], place)
        np.testing.assert_allclose(g, want, atol=2e-4 * (1 + np.abs(want).max(initial=0)))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g: g * 1.0001,
        lambda g: -g,
        lambda g: g * 0,
    ],
)
def test_the_complex_step_sees_a_wrong_gradient(wrong: Callable[[Any], Any]) -> None:
    program, x = Program(((1, 0, 0), (9, 0, 1))), np.array([0.3, -0.4])
    want = program.derivative([x, x], 0)
    assert not np.allclose(wrong(ad.grad(program)(x, x)), want, rtol=1e-10)
