"""The true gradient of a program by differences at 110 digits and more, and what rounding may do to it.

Both come from a program's *values* alone: no rule of differentiation is typed here. ``Truth.allowed`` is the
reference's own: how far the true gradient goes when every input, result and product of the chain rule is rounded
(``number.Rounding``), drawn six times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

from benchmarks.campaigns.arrays import lifted, objects
from benchmarks.campaigns.number import Objects, at_digits, evaluated
from benchmarks.campaigns.rounding import Rounding

DIGITS = 110
GROWTH = (1.0, 1.6, 2.6, 4.2)
"""The precision is raised until two results in turn agree."""
DRAWS = 6
AGREEMENT = mpf(10) ** -22
FINEST = 1100
"""Digits for what seems to be 0."""
SMALLEST = mpf(10) ** -330
Array = np.ndarray[Any, Any]
Place = tuple[int, int]
"""One element of one input: (number of the input, flat position)."""


class NoTruth(Exception):
    """The reference itself has no number here: differences do not settle, or the value is out of float64's range."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth at one point.

    ``value``: the program's. ``places`` are the elements that were differentiated by. ``gradient`` has the shape
    (result size, places), and ``smooth``: whether there is no kink along that axis.
    """

    value: Objects
    places: tuple[Place, ...]
    gradient: Objects
    smooth: Array

    @property
    def is_smooth(self) -> bool:
        return bool(self.smooth.all())


@dataclass(frozen=True, slots=True)
class Allowed:
    """How far a gradient may be off: (result size, places), as floats, in absolute terms."""

    off: Array


def places_of(inputs: Sequence[Array], limit: int, generator: np.random.Generator) -> tuple[Place, ...]:
    """All elements, or ``limit`` of them drawn."""
    every = [(k, j) for k, x in enumerate(inputs) for j in range(x.size)]
    if len(every) <= limit:
        return tuple(every)
    chosen = sorted(generator.choice(len(every), limit, replace=False).tolist())
    return tuple(every[k] for k in chosen)


def reach(inputs: Sequence[Array]) -> int:
    """The digits by which the inputs' magnitudes differ from 1: what a sum with 1 would hide."""
    sizes = [abs(v) for x in inputs for v in np.asarray(x, dtype=np.float64).reshape(-1).tolist() if v]
    return int(max((abs(np.log10(v)) for v in sizes), default=0.0)) + 1


@dataclass(frozen=True, slots=True)
class Differences:
    """Central differences at one precision; ``jumps``: how far those of the two sides differ."""

    value: Objects
    gradient: Objects
    jumps: Objects
    sizes: Objects


def truth(function: Callable[..., Any], inputs: Sequence[Array], places: Sequence[Place], extra: int = 0) -> Truth:
    """The gradient (or Jacobian) at the places, by central differences at rising precision.

    ``extra``: digits that the program needs beside those of its inputs' magnitudes.

    Raises:
        NoTruth: no two precisions in turn agree, or something is not finite.
    """
    last: Differences | None = None
    for growth in GROWTH:
        now = _at(function, inputs, places, int(DIGITS * growth), extra)
        if last is not None and _agree(last.gradient, now.gradient):
            gradient = now.gradient
            _look_at_zeros(function, inputs, places, now)
            smooth = _smooth(last, now, int(DIGITS * growth) // 3)
            if smooth.all() and len(places) > 1:
                smooth &= _adds_up(function, inputs, places, gradient, int(DIGITS * growth), extra)
            return Truth(now.value, tuple(places), gradient, smooth)
        last = now
    raise NoTruth("differences do not settle")


def _at(
    function: Callable[..., Any], inputs: Sequence[Array], places: Sequence[Place], digits: int, extra: int = 0
) -> Differences:
    with at_digits(digits + reach(inputs) + extra):
        return differences(function, [lifted(x) for x in inputs], places, digits // 3)


def _adds_up(
    function: Callable[..., Any],
    inputs: Sequence[Array],
    places: Sequence[Place],
    gradient: Objects,
    digits: int,
    extra: int,
) -> bool:
    """Whether a step along all places at once changes the values as the gradient says.

    The median of equal numbers has the slope 0 along each axis and 1 along their sum.
    """
    with at_digits(digits + reach(inputs) + extra):
        exact = [lifted(x) for x in inputs]
        memory: dict[Any, Any] = {}
        start = evaluated(function, exact, None, memory).reshape(-1)
        steps = [step_at(exact, place, digits // 3) for place in places]
        there = exact
        for place, step in zip(places, steps, strict=True):
            there = moved(there, place, step)
        end = evaluated(function, there, None, memory).reshape(-1)
        for row in range(start.size):
            parts = [step * slope for step, slope in zip(steps, gradient[row], strict=True)]
            size = sum((abs(part) for part in parts), max(steps) * mpf(10) ** -(digits // 9))
            if abs(end[row] - start[row] - sum(parts)) > size * mpf(10) ** -(digits // 9):
                return False
    return True


def _look_at_zeros(
    function: Callable[..., Any], inputs: Sequence[Array], places: Sequence[Place], found: Differences
) -> None:
    """What seems 0 is looked at again with digits for all of float64's range: softmax's 1e-182 beside 1 is no 0."""
    zeros = np.array([[not v for v in row] for row in found.gradient]).reshape(found.gradient.shape)
    columns = [k for k in range(len(places)) if zeros[:, k].any()]
    if not columns:
        return
    finer = _at(function, inputs, [places[k] for k in columns], FINEST)
    for at, column in enumerate(columns):
        for row in range(len(found.gradient)):
            value = finer.gradient[row, at]
            if zeros[row, column] and abs(value) > SMALLEST:
                if abs(value) < mpf(10) ** -(FINEST // 2):
                    raise NoTruth("what seems 0 may not be")
                found.gradient[row, column] = value


def _smooth(last: Differences, now: Differences, step: int) -> Array:
    """Both sides' differences are the same, or become so with a smaller step."""
    out = np.ones(now.gradient.shape, dtype=bool)
    for k in np.ndindex(out.shape):
        jump, size = now.jumps[k], now.sizes[k]
        if size > 1000 * last.sizes[k] and last.sizes[k]:
            raise NoTruth("the slope on a side is infinite")
        out[k] = jump <= size * mpf(10) ** -(step // 3) or jump <= last.jumps[k] * mpf("1e-6")
    return out


def differences(function: Callable[..., Any], inputs: list[Objects], places: Sequence[Place], step: int) -> Differences:
    """The value, the central differences and those of each side, at the present precision."""
    memory: dict[Any, Any] = {}
    value = evaluated(function, inputs, None, memory)
    rows = value.reshape(-1)
    shape = (rows.size, len(places))
    gradient, jumps, sizes = (np.empty(shape, dtype=object) for _ in range(3))
    for column, place in enumerate(places):
        h = step_at(inputs, place, step)
        up, down = (evaluated(function, moved(inputs, place, side), None, memory).reshape(-1) for side in (h, -h))
        for row in range(rows.size):
            right, left = (up[row] - rows[row]) / h, (rows[row] - down[row]) / h
            gradient[row, column] = (up[row] - down[row]) / (2 * h)
            jumps[row, column], sizes[row, column] = abs(right - left), max(abs(right), abs(left))
    return Differences(value, gradient, jumps, sizes)


def step_at(inputs: Sequence[Objects], place: Place, step: int) -> Any:
    """``10**-step`` of the element, or of 1 where the element is larger; at 0 of the smallest element that is not."""
    k, j = place
    here = abs(inputs[k].reshape(-1)[j])
    if not here:
        here = min((abs(v) for v in inputs[k].reshape(-1) if v), default=mpf(1))
    return min(here, mpf(1)) * mpf(10) ** -step


def moved(inputs: list[Objects], place: Place, by: Any) -> list[Objects]:
    k, j = place
    out = list(inputs)
    out[k] = inputs[k].copy()
    flat = out[k].reshape(-1)
    flat[j] = flat[j] + by
    return out


def _agree(one: Objects, other: Objects) -> bool:
    """The same to 22 digits; a number that shrinks with the precision is the noise around 0."""
    for k, (a, b) in enumerate(zip(one.reshape(-1), other.reshape(-1), strict=True)):
        if not (mp.isfinite(a) and mp.isfinite(b)):
            raise NoTruth("not finite")
        if abs(a - b) <= AGREEMENT * abs(b):
            continue
        if abs(b) <= abs(a) * AGREEMENT:
            other.reshape(-1)[k] = mpf(0)
            continue
        return False
    return True


def allowed(
    function: Callable[..., Any], inputs: Sequence[Array], found: Truth, seed: int, unit: float, smallest: float
) -> Allowed:
    """How far the true gradient goes under roundings of ``unit``, the largest of six draws; at least four units."""
    sizes = [abs(v) for v in found.gradient.reshape(-1) if v]
    extra = int(mp.log10(max(max(sizes), 1) / min(sizes))) if sizes else 0  # terms of size 1 that cancel
    digits = DIGITS // 2 + 2 * reach(inputs) + extra
    with at_digits(digits):
        exact = [lifted(x) for x in inputs]
        off = np.array([[abs(v) * 4 * unit + smallest for v in row] for row in found.gradient], dtype=object)
        for draw in range(DRAWS):
            rounding = Rounding(seed + draw, unit)
            generator = np.random.default_rng(seed + draw)
            nearby = [objects(x * (1 + lifted(generator.choice([-1.0, 1.0], x.shape) * unit))) for x in exact]
            gradient = _drawn(function, nearby, found, rounding)
            off = np.maximum(off, np.array([[abs(v) for v in row] for row in gradient - found.gradient], dtype=object))
    found_off = np.array([[float(v) for v in row] for row in off]).reshape(found.gradient.shape)
    return Allowed(_spread(found_off, found.places) if rounding.spreads else found_off)


def _spread(off: Array, places: Sequence[Place]) -> Array:
    """What is allowed of one element of an input is allowed of all."""
    out = off.copy()
    for k in {k for k, _ in places}:
        columns = [column for column, place in enumerate(places) if place[0] == k]
        out[:, columns] = off[:, columns].max(axis=1, keepdims=True)
    return out


def _drawn(function: Callable[..., Any], inputs: list[Objects], found: Truth, rounding: Rounding) -> Objects:
    memory: dict[Any, Any] = {}
    evaluated(function, inputs, rounding, memory)
    rounding.is_base = False
    gradient = np.empty(found.gradient.shape, dtype=object)
    for column, place in enumerate(found.places):
        h = step_at(inputs, place, DIGITS // 6)
        up, down = (evaluated(function, moved(inputs, place, side), rounding, memory).reshape(-1) for side in (h, -h))
        gradient[:, column] = (up - down) / (2 * h)
    return gradient
