"""Random programs of moves, reductions and functions: their closed forms against the derivation's adjoints."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.evaluation.precision import mp
from tests.symbolic.closed_values import adjoint_values, assert_same, closed, loop_values

SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 2), (2,)), ((4,), ())]
LARGEST = 24
"""Elements of an intermediate, at most."""

Step = Callable[[Any, Any, random.Random], Any]


def _axis(a: Any, rnd: random.Random) -> int:
    return rnd.randrange(a.ndim)


STEPS: list[Step] = [
    lambda a, b, rnd: ad.tanh(a),
    lambda a, b, rnd: ad.exp(a * 0.25),
    lambda a, b, rnd: a * a,
    lambda a, b, rnd: a + b,
    lambda a, b, rnd: a * b,
    lambda a, b, rnd: a / (b * b + 1),
    lambda a, b, rnd: ad.sum(a, axis=_axis(a, rnd), keepdims=rnd.random() < 0.5),
    lambda a, b, rnd: a - ad.mean(a, axis=_axis(a, rnd), keepdims=True),
    lambda a, b, rnd: ad.softmax(a, axis=_axis(a, rnd)),
    lambda a, b, rnd: a[1:],
    lambda a, b, rnd: a[::-1],
    lambda a, b, rnd: a.T,
    lambda a, b, rnd: a @ a.T,
    lambda a, b, rnd: ad.relu(a - 0.25),
    lambda a, b, rnd: ad.reshape(a, -1),
    lambda a, b, rnd: ad.concatenate((a, a * 2), axis=0),
    lambda a, b, rnd: ad.max(a, axis=_axis(a, rnd)),
    lambda a, b, rnd: ad.sqrt(a * a + 1),
]


def random_program(seed: int) -> Callable[..., Any]:
    """A program with fan-out: every step reads one of the last results and any earlier one."""

    def program(x: Any, w: Any) -> Any:
        rnd = random.Random(seed)
        results = [x, w, x * 1.5]
        for _ in range(rnd.randint(3, 9)):
            a, b, step = rnd.choice(results[-4:]), rnd.choice(results), rnd.choice(STEPS)
            try:
                made = step(a, b, rnd)
            except (ValueError, IndexError, TypeError):
                continue  # the step does not take these shapes
            if 0 < np.size(made) <= LARGEST:
                results.append(made)
        return ad.sum(results[-1] ** 2) + ad.mean(results[-2])

    return program


@pytest.mark.parametrize("seed", range(60))
def test_random_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w = (rng.integers(-64, 64, shape) / 32 + rng.integers(1, 9, shape) / 512 for shape in SHAPES[seed % len(SHAPES)])
    forms = closed(random_program(seed), x=x, w=w)
    assert not forms.unsupported
    assert forms.backward
    with mp.workprec(160):
        for name in forms.general:
            assert_same(loop_values(forms, name), adjoint_values(forms.derivation, name))
