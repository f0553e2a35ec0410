"""Gradients at nearby points: what a function's branches have for derivatives where they meet.

The generalised gradient of Clarke is the convex hull of the limits of gradients at nearby points where the function is
differentiable (Optimization and Nonsmooth Analysis, 1983, 2.5). The limits are taken as they stand there: the
derivation is evaluated with mpmath a distance of 2^-150 away, where no tie is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.evaluate import forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.precision import mp
from symdiff.evaluation.truth import gradients

NEAR, NEARER, BITS = 150, 300, 1000
"""Powers of 1/2 at which limits are looked for, and the precision that resolves them."""

CROSSING = 30
"""The power of 1/2 that is further than rounding can hold two values together."""

FAR = 2.0**16
"""Stands for infinity: what decays as ``exp(x)`` does at -inf, as the logarithm of nothing must, is below any float."""

DIRECTIONS = 12
"""How many directions of all coordinates at once are tried, each with its opposite."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The value, flat, and the gradient, of shape (elements of the result, elements of all inputs)."""

    value: Array
    gradient: Array


class Neighbourhood:
    """The surroundings of a derivation's point; a direction is flat over all inputs that are differentiated by."""

    def __init__(self, derivation: Derivation, exact: bool) -> None:
        self._derivation = derivation
        program = derivation.program
        given = {
            name: np.asarray(program.elements[program.inputs[name]].value, dtype=np.float64) for name in program.wrt
        }
        self._infinite = {name: np.isinf(x) for name, x in given.items()}
        self._points = {name: _nearer(x, self._infinite[name]) for name, x in given.items()}
        self.size = sum(point.size for point in self._points.values())
        self.rows = int(np.prod(program.elements[program.result].shape, dtype=np.int64))
        self._field = Exact() if exact else Floats(np.longdouble)
        self.exact = exact

    @property
    def infinite(self) -> Array:
        """Which coordinates are infinite."""
        return np.concatenate([each.reshape(-1) for each in self._infinite.values()])

    def sample(self, direction: Array, bits: int = NEAR) -> Sample:
        """What the function does a step of 2^-bits along ``direction``."""
        with mp.workprec(BITS), np.errstate(all="ignore"):
            run = forward(self._derivation.program, self._field, self._moved(self._field, direction, bits))
            return self._sampled(run)

    def slopes(self, place: int) -> tuple[Array, Array]:
        """The one-sided difference quotients of the value by one coordinate, from the left and from the right.

        They know nothing of the chain rule, whose factors may all be infinite where the value is as smooth as can be.
        """
        unit = np.zeros(self.size)
        unit[place] = 1.0
        with mp.workprec(BITS), np.errstate(all="ignore"):
            here, right, left = (self._value(unit * side) for side in (0.0, 1.0, -1.0))
            quotients = [
                (there - here) / (mp.mpf(sign * self.lengths[place]) * mp.mpf(2) ** -NEAR)
                for there, sign in ((left, -1.0), (right, 1.0))
            ]
            found = [np.asarray(self._field.to_float(each)).reshape(-1) for each in quotients]
        return found[0], found[1]

    def _value(self, direction: Array) -> Any:
        moved = self._moved(self._field, direction, NEAR)
        result = forward(self._derivation.program, self._field, moved).values[self._derivation.program.result]
        return np.asarray(result, dtype=object)

    def branch(self, direction: Array) -> Sample:
        """What the branch does here that is taken a short step along ``direction``."""
        with mp.workprec(BITS), np.errstate(all="ignore"):
            floats = Floats(np.longdouble)
            taken = forward(self._derivation.program, floats, self._moved(floats, direction, CROSSING))
            return self._sampled(forward(self._derivation.program, self._field, choices=taken))

    def flat(self, arrays: Mapping[str, Array]) -> Array:
        """Gradients by input, the result's shape in front, as one array of shape (rows, size)."""
        parts = [arrays[name].reshape(self.rows, -1) for name in self._points]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def by_input(self, flat: Array) -> dict[str, Array]:
        """The opposite of ``flat``."""
        shape = self._derivation.program.elements[self._derivation.program.result].shape
        found, start = {}, 0
        for name, point in self._points.items():
            found[name] = flat[:, start : start + point.size].reshape(shape + point.shape)
            start += point.size
        return found

    def coordinates(self, places: list[int]) -> list[Array]:
        """Directions of single coordinates, each followed by its opposite."""
        return [sign * direction for direction in np.eye(self.size)[places] for sign in (1.0, -1.0)]

    def directions(self) -> list[Array]:
        """Directions of all coordinates at once, the same ones every time, each followed by its opposite."""
        random = np.random.default_rng(20240229)
        found = [random.normal(size=self.size) for _ in range(DIRECTIONS)]
        return [sign * direction for direction in found for sign in (1.0, -1.0)]

    @property
    def lengths(self) -> Array:
        """How long a step of each coordinate is, relative to a direction: its own size; for a 0 the least of all."""
        sizes = np.concatenate([np.abs(point).reshape(-1) for point in self._points.values()])
        least = np.min(sizes, initial=1.0, where=sizes > 0)
        own: Array = np.where(sizes > 0, sizes, least)
        return own

    def _sampled(self, run: Any) -> Sample:
        field, result = self._field, self._derivation.program.result
        found = gradients(self._derivation, run)
        value = field.to_float(field.add(run.values[result], field.zeros(())))
        flat = self.flat({name: field.to_float(each) for name, each in found.items()})
        values = np.asarray(value).reshape(-1)
        # outside of the function's domain there is no gradient, whatever its formula says
        flat[~np.isfinite(values)] = np.nan
        return Sample(values, flat)

    def _moved(self, field: Exact | Floats, direction: Array, bits: int) -> dict[int, Any]:
        moved, start = {}, 0
        steps = direction * self.lengths
        for name, point in self._points.items():
            part = steps[start : start + point.size].reshape(point.shape)
            start += point.size
            step = field.multiply(field.load(part), field.load(np.asarray(2.0**-bits)))
            moved[self._derivation.program.inputs[name]] = field.add(field.load(point), step)
        return moved


def _nearer(x: Array, infinite: Array) -> Array:
    """What stands for an input: of what is infinite a large number."""
    return np.where(infinite, np.sign(x) * FAR, x) if infinite.any() else x
