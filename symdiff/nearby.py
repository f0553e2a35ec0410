"""Gradients at nearby points: what a function's branches have for derivatives where they meet.

The generalised gradient of Clarke is the convex hull of the limits of gradients at nearby points where the function is
differentiable (Optimization and Nonsmooth Analysis, 1983, 2.5). The limits are taken as they stand there: the
derivation is evaluated with mpmath a distance of 2^-150 away, where no tie is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import mpmath
import numpy as np

from symdiff.calculus import Derivation
from symdiff.evaluate import forward
from symdiff.fields.exact import Exact
from symdiff.truth import gradients

Array: TypeAlias = "np.ndarray[Any, Any]"

DISTANCE_BITS, BITS = 150, 700
COORDINATES, DIRECTIONS = 64, 12
"""At most so many single coordinates are moved, and so many directions of all of them at once."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The value and the gradient, flat over all inputs, a step away along ``direction``."""

    value: Array
    gradient: Array


class Neighbourhood:
    """The surroundings of a derivation's point."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        program = derivation.program
        self._points = {
            name: np.asarray(program.elements[program.inputs[name]].value, dtype=np.float64) for name in program.wrt
        }
        self.size = sum(point.size for point in self._points.values())
        self._field = Exact()

    def sample(self, direction: Array) -> Sample:
        """Evaluate a step along ``direction``, which is flat over all inputs."""
        program, field = self._derivation.program, self._field
        with mpmath.workprec(BITS), np.errstate(all="ignore"):
            moved = {program.inputs[name]: values for name, values in self._moved(direction).items()}
            run = forward(program, field, moved)
            found = gradients(self._derivation, run)
            value = field.to_float(field.add(run.values[program.result], field.zeros(())))
            flat = self.flat({name: field.to_float(each) for name, each in found.items()})
        return Sample(np.asarray(value), flat)

    def flat(self, arrays: Mapping[str, Array]) -> Array:
        """Gradients by input as one array, the result's shape in front."""
        shape = self._derivation.program.elements[self._derivation.program.result].shape
        return np.concatenate([arrays[name].reshape(*shape, -1) for name in self._points], axis=-1)

    def unit(self, place: int) -> Array:
        """The direction of one coordinate."""
        direction = np.zeros(self.size)
        direction[place] = 1.0
        return direction

    def directions(self) -> list[Array]:
        """Directions of all coordinates at once, the same ones every time, each with its opposite."""
        random = np.random.default_rng(20240229)
        found = [random.normal(size=self.size) for _ in range(DIRECTIONS)]
        return [sign * direction for direction in found for sign in (1.0, -1.0)]

    def _moved(self, direction: Array) -> dict[str, Any]:
        field = self._field
        moved, start = {}, 0
        for name, point in self._points.items():
            part = direction[start : start + point.size].reshape(point.shape)
            start += point.size
            step = field.load(part * np.maximum(np.abs(point), 1.0)) * (mpmath.mpf(2) ** -DISTANCE_BITS)
            moved[name] = np.asarray(field.load(point) + step, dtype=object)
        return moved


def distance_to_hull(vertices: Array, point: Array) -> float:
    """The distance from a point to the convex hull of the rows of ``vertices``.

    Wolfe's algorithm for the nearest point of a polytope (Mathematical Programming 11, 1976).
    """
    shifted = vertices - point
    chosen = [int(np.argmin(np.einsum("ij,ij->i", shifted, shifted)))]
    weights = np.ones(1)
    scale = max(float(np.max(np.abs(shifted))), 1e-300)
    for _ in range(10 * len(shifted) + 10):
        nearest = weights @ shifted[chosen]
        products = shifted @ nearest
        best = int(np.argmin(products))
        if products[best] > nearest @ nearest - 1e-14 * scale * scale or best in chosen:
            break
        chosen.append(best)
        weights = np.append(weights, 0.0)
        chosen, weights = _shrink(shifted, chosen, weights)
    return float(np.linalg.norm(weights @ shifted[chosen]))


def _shrink(shifted: Array, chosen: list[int], weights: Array) -> tuple[list[int], Array]:
    """Move to the nearest point of the chosen vertices' affine hull, dropping those that are left behind."""
    while True:
        count = len(chosen)
        system = np.zeros((count + 1, count + 1))
        system[0, 1:] = system[1:, 0] = 1.0
        system[1:, 1:] = shifted[chosen] @ shifted[chosen].T
        right = np.zeros(count + 1)
        right[0] = 1.0
        affine = np.linalg.lstsq(system, right, rcond=None)[0][1:]
        if np.all(affine > -1e-15):
            return chosen, np.maximum(affine, 0.0) / np.maximum(affine, 0.0).sum()
        falling = affine < 0
        step = float(np.min(weights[falling] / np.maximum(weights[falling] - affine[falling], 1e-300)))
        weights = weights + min(step, 1.0) * (affine - weights)
        keep = weights > 1e-15
        chosen = [index for index, kept in zip(chosen, keep, strict=True) if kept]
        weights = weights[keep] / weights[keep].sum()
        if len(chosen) == 1:
            return chosen, np.ones(1)
