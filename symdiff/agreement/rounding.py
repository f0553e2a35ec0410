"""Units in the last place, and what rounding does where no bound on it is finite."""

from __future__ import annotations

import numpy as np

from symdiff.agreement.nearby import Neighbourhood
from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.precision import mp
from symdiff.evaluation.truth import gradients

DRAWS = 6
"""So many perturbations of all inputs at once are tried."""


def ulp(size: Array, unit: float) -> Array:
    """The distance of floats of rounding unit ``unit`` at ``size``; that of the smallest normal one below it."""
    kind = np.float32 if unit > 2.0**-40 else np.float64
    _, exponent = np.frexp(np.maximum(np.nan_to_num(size), np.finfo(kind).tiny))
    size_of_one: Array = np.ldexp(2 * unit, exponent - 1)
    return size_of_one


def effect_of_rounding(derivation: Derivation, near: Neighbourhood, unit: float) -> Array:
    """How far the partials move when every input moves by its own rounding, in any direction tried."""
    field, program = Exact(), derivation.program
    random = np.random.default_rng(20240229)
    with mp.workprec(400), np.errstate(all="ignore"):
        flat = []
        for draw in range(DRAWS + 1):
            moved = {}
            for name in program.wrt:
                index = program.inputs[name]
                point = np.asarray(program.elements[index].value, dtype=np.float64)
                sign = random.choice([-1.0, 1.0], size=point.shape) if draw else np.zeros(point.shape)
                step = field.multiply(field.load(point), field.load(unit * sign))
                moved[index] = field.add(field.load(point), step)
            found = gradients(derivation, forward(program, field, moved))
            flat.append(near.flat({name: field.to_float(each) for name, each in found.items()}))
    changes: Array = np.fmax.reduce([np.abs(each - flat[0]) for each in flat[1:]], axis=0)
    return changes
