"""Array rules at points near the samples, in 60 digits: what shows a wrong rule, and never proves one right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.proof.outcome import Counterexample
from symdiff.proof.trial import Cotangent, Trial

DIGITS = 60
TOLERANCE = mp.mpf(10) ** -40
"""Relative to the largest element: what elimination and iteration leave of 60 digits."""


def wrong_at(trial: Trial, cotangents: tuple[Cotangent, ...], points: int) -> Iterator[dict[str, Counterexample]]:
    """For each point the operands whose cotangents are wrong there."""
    draw = random.Random(30)
    elements = trial.program.elements
    leaves = [e for e in elements if e.meaning is None and e.name is not None]
    with mp.workdps(DIGITS):
        for number in range(points):
            values = {e.index: _near(e.value, draw, e.index == trial.g, number) for e in leaves}
            run = forward(trial.program, Exact(), values)
            adjoints = backward(trial.derivation, run)
            found = {}
            for cotangent in cotangents:
                assert cotangent.index is not None
                got = np.asarray(run.values[cotangent.index])
                shape = elements[cotangent.operand].shape
                wanted = np.asarray(adjoints.get(cotangent.operand, np.full(shape, mp.mpf(0))))
                wrong = _difference(trial, cotangent, values, got, wanted)
                if wrong is not None:
                    found[cotangent.name] = wrong
            yield found


def _near(value: Any, draw: random.Random, is_cotangent: bool, number: int) -> np.ndarray:
    array = np.asarray(value)
    made = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        if is_cotangent:
            made[place] = mp.mpf(draw.randint(-40, 40) or 1) / 8
        elif array.dtype.kind != "f":
            made[place] = mp.mpf(int(array[place]))
        else:
            factor = 1 + mp.mpf(draw.randint(-64, 64)) / 1024 if number else mp.mpf(1)
            made[place] = mp.mpf(float(array[place])) * factor
    return made


def _difference(
    trial: Trial, cotangent: Cotangent, values: Any, got: np.ndarray, wanted: np.ndarray
) -> Counterexample | None:
    finite = [w for w in wanted.reshape(-1) if mp.isfinite(w)]
    size = max((abs(w) for w in finite), default=mp.mpf(0))
    for place in np.ndindex(wanted.shape):
        a, b = got[place], wanted[place]
        if not mp.isfinite(b):
            continue
        if not mp.isfinite(a) or abs(a - b) > TOLERANCE * max(size, abs(a)):
            point = {str(trial.program.elements[k].name): _written(v) for k, v in values.items()}
            where = str(list(place)) if place else ""
            return Counterexample(cotangent.name, point, _number(a), _number(b), where)
    return None


def _written(values: np.ndarray) -> str:
    return str(np.asarray(np.frompyfunc(float, 1, 1)(values), dtype=object).tolist())


def _number(value: Any) -> str:
    return repr(float(value))
