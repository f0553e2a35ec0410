"""Values and partials of small programs, written out in the inputs alone, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.closed_forms.compose import is_long
from symdiff.evaluation.evaluate import Forward, Unsupported, backward, forward
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.expressions import Expressions
from symdiff.evaluation.fields.weights import Weights
from symdiff.evaluation.truth import gradients
from symdiff.meaning.formula import exact, readable_numbers

ELEMENTS = 64
"""Inputs of up to so many elements have their partials written out."""

LONGEST, TOTAL = 400, 4000
"""Bounds on one partial's size and on that of all values and partials, in leaves."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """By element index values and (for a scalar result) adjoints, by input name partials: object arrays of sympy
    expressions; what would be too long is left out.
    """

    values: Mapping[int, Array]
    adjoints: Mapping[int, Array]
    partials: Mapping[str, Array]


def expanded(derivation: Derivation, choices: Forward, symbols: Mapping[int, Array]) -> Expanded:
    """Write out what is short enough, of no long program; conditions and picks are those of ``choices``."""
    program = derivation.program
    if is_long(derivation):
        return Expanded({}, {}, {})
    small = all(int(np.prod(program.elements[k].shape, dtype=np.int64)) <= ELEMENTS for k in program.inputs.values())
    if not small or int(np.prod(program.elements[program.result].shape, dtype=np.int64)) > ELEMENTS:
        return Expanded({}, {}, {})
    with np.errstate(all="ignore"):
        try:
            if not _is_short(derivation, choices):
                return Expanded({}, {}, {})
            return _written(derivation, choices, symbols)
        except (Unsupported, NotImplementedError):
            # an equation's solution is found with pivots, which symbols do not have
            return Expanded({}, {}, {})


def _run(derivation: Derivation, field: Field, choices: Forward, leaves: Mapping[int, Values]) -> Forward:
    return forward(derivation.program, field, leaves, choices)


def _is_short(derivation: Derivation, choices: Forward) -> bool:
    program, field = derivation.program, Weights()
    leaves = {index: np.ones(program.elements[index].shape) for index in program.inputs.values()}
    run = _run(derivation, field, choices, leaves)
    weights = [np.asarray(each) for each in gradients(derivation, run).values()]
    longest = max((float(np.max(each, initial=0.0)) for each in weights), default=0.0)
    total = sum(float(np.sum(each)) for each in (*weights, *run.values))
    return longest <= LONGEST and total <= TOTAL


def _written(derivation: Derivation, choices: Forward, symbols: Mapping[int, Array]) -> Expanded:
    program = derivation.program
    leaves = {index: symbols[index] for index in program.inputs.values()}
    run = _run(derivation, Expressions(), choices, leaves)
    partials = {name: _readable(each) for name, each in gradients(derivation, run).items()}
    adjoints = {} if program.elements[program.result].shape else backward(derivation, run)
    return Expanded(
        {index: _readable(each) for index, each in enumerate(run.values)},
        {index: _readable(each) for index, each in adjoints.items()},
        partials,
    )


def _readable(array: Any) -> Array:
    def readable(entry: Any) -> Any:
        # a sum of nothing is Python's 0
        return readable_numbers(entry if isinstance(entry, sp.Basic) else exact(entry))

    written = np.frompyfunc(readable, 1, 1)(np.asarray(array, dtype=object))
    return np.asarray(written, dtype=object)
