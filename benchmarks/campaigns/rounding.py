"""What rounding may do to a program and its derivative, as draws that stay the same while differences are taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from mpmath import mpf

from benchmarks.campaigns.arrays import lifted, objects

Objects = np.ndarray[Any, Any]


class Rounding:
    """Every rounding of a program and of its derivative, drawn once: the same in each of a program's evaluations.

    Each result of an operation is moved by its ulps; what is a sum, by those of the sum of its terms' magnitudes. Of
    each operand the *deviation from the base point* is scaled, which is how the products of the chain rule round. The
    operands of matrix functions are moved normwise, by ``u n |A|``: a backward-stable algorithm answers a nearby
    question.
    """

    def __init__(self, seed: int, unit: float) -> None:
        self.seed, self.unit = seed, unit
        self.base: list[list[Objects]] = []
        self.draws: dict[tuple[int, int], Objects] = {}
        self.is_base = True
        self.spreads = False

    def drawn(self, call: int, place: int, shape: tuple[int, ...]) -> Objects:
        key = (call, place)
        if key not in self.draws or self.draws[key].shape != shape:
            generator = np.random.default_rng((self.seed, call, place + 1))
            self.draws[key] = lifted(generator.choice([-1.0, 1.0], shape) * self.unit)
        return self.draws[key]

    def operands(self, call: int, arrays: list[Objects], ulps: float, normwise: bool) -> list[Objects]:
        """What an operation gets: the base's operands, and the moved ones' deviations scaled."""
        if self.is_base:
            self.base.append(arrays)
            found = arrays
        else:
            found = [
                self._scaled(call, place, array, base, ulps)
                for place, (array, base) in enumerate(zip(arrays, self.base[call], strict=True))
            ]
        if not normwise:
            return found
        return [
            objects(array + self.drawn(call, 100 + place, array.shape) * _norm(base) * max(array.shape[-1:], default=1))
            for place, (array, base) in enumerate(zip(found, self.base[call], strict=True))
        ]

    def _scaled(self, call: int, place: int, array: Objects, base: Objects, ulps: float) -> Objects:
        if array is base or array.dtype != object or base.shape != array.shape:
            return array
        out = array.copy()
        flat, old = out.reshape(-1), base.reshape(-1)
        moved = [k for k in range(flat.size) if flat[k] != old[k]]
        if moved:
            draws = self.drawn(call, place, array.shape).reshape(-1)
            for k in moved:
                flat[k] = old[k] + (flat[k] - old[k]) * (1 + ulps * draws[k])
        return out

    def result(self, call: int, result: Objects, ulps: float, scale: Objects | None) -> Objects:
        """A result moved by its ulps, or by those of the largest terms that were summed for it."""
        if result.dtype != object or not ulps:
            return result
        draws = self.drawn(call, -1, result.shape)
        return objects(result + draws * ulps * (result if scale is None else scale))


def _norm(array: Objects) -> Any:
    return max((abs(each) for each in array.reshape(-1)), default=mpf(0))
