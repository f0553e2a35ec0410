"""Central differences of any operation at its samples: a witness that shares nothing with the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.declare.op import Composite, Op, Operation, Sample, op

Arrays = list[np.ndarray[Any, Any]]


def split(entry: Operation, sample: Sample) -> tuple[Arrays, Callable[..., Any]]:
    """The arrays that a sample differentiates by, and the sample's call as a function of them."""
    places: list[tuple[int, int | None]] = []
    arrays: Arrays = []
    for place, operand in enumerate(sample.operands):
        if isinstance(operand, tuple) and operand and all(is_floating(each) for each in operand):
            for inner, each in enumerate(operand):
                places.append((place, inner))
                arrays.append(np.array(each, dtype=np.float64))
        elif is_floating(operand) and not (isinstance(entry, Op) and unruled(entry, place)):
            places.append((place, None))
            arrays.append(np.array(operand, dtype=np.float64))

    def call(*values: Any) -> Any:
        operands: list[Any] = [list(o) if isinstance(o, tuple) else o for o in sample.operands]
        for (place, inner), value in zip(places, values, strict=True):
            if inner is None:
                operands[place] = value
            else:
                operands[place][inner] = value
        plain = [
            tuple(o) if isinstance(o, list) and isinstance(s, tuple) else o
            for o, s in zip(operands, sample.operands, strict=True)
        ]
        return entry(*plain, **sample.params)

    return arrays, call


def is_floating(operand: Any) -> bool:
    return isinstance(operand, float | np.floating) or (isinstance(operand, np.ndarray) and operand.dtype.kind == "f")


def unruled(entry: Op, place: int) -> bool:
    return entry.joint_rule is None and (place >= len(entry.rules) or entry.rules[place] is None)


def flat(result: Any) -> Arrays:
    """The floating arrays in a result, which may be a tuple or a list."""
    results = result if isinstance(result, tuple | list) else (result,)
    return [r for r in results if np.asarray(ad.asarray(r).data).dtype.kind == "f"]


def weighted(call: Callable[..., Any], arrays: Arrays) -> Callable[..., Any] | None:
    """The sum of the results of ``call``, each element weighed by a number of its own: one number to differentiate."""
    shapes = [np.shape(r) for r in flat(call(*arrays))]
    if not shapes:
        return None
    random = np.random.default_rng(7)
    weights = [random.uniform(0.5, 1.5, shape) for shape in shapes]

    def value(*values: Any) -> Any:
        return reduce(add, (weighed(r, w) for r, w in zip(flat(call(*values)), weights, strict=True)))

    return value


# An operation of our own: a wrong rule of sum, say, would cancel against itself if it stood outside as well as inside.
@op(meaning=Composite("sum(x * w)"), vjp=[lambda g, y, x, w: g * w, None])
def weighed(x, w, /):
    """The sum of the elements of ``x``, each times its weight."""
    return np.sum(x * w)


def central(value: Callable[..., Any], arrays: Arrays, step: float = 6e-6) -> Arrays:
    """The gradient by every element of every array, from both sides."""
    gradients = []
    for place, array in enumerate(arrays):
        gradient = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            h = step * max(1.0, min(abs(array[index]), 10.0))
            sides = []
            for sign in (1, -1):
                moved = [a.copy() for a in arrays]
                moved[place][index] += sign * h
                sides.append(float(value(*moved)))
            gradient[index] = (sides[0] - sides[1]) / (2 * h)
        gradients.append(gradient)
    return gradients


def engine(value: Callable[..., Any], arrays: Arrays) -> Arrays:
    """The gradient as the engine has it."""
    gradients = ad.grad(value, argnums=tuple(range(len(arrays))))(*arrays)
    return [np.asarray(g) for g in gradients]
