"""What a function does around a point where branches meet: which partials differ between the sides, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symdiff.agreement.hull import nearest_in_hull
from symdiff.agreement.nearby import NEARER, Neighbourhood, Sample
from symdiff.arrays import Array

COORDINATES = 64
"""Up to so many inputs' elements each is moved alone, for its one-sided derivatives."""

SAME = 2.0**-45
"""Sides that are as close as that give one derivative."""
NOTHING = 2.0**-140
"""What is as small beside the largest partial at 2^-150 may be on its way to 0."""
ROUNDED = 2.0**-800
"""What is left of the precision of nearby points where it is lost in between."""
FALLING = 2.0**-10
"""What falls by this factor from 2^-150 to 2^-300 goes to 0."""


@dataclass(slots=True)
class Surroundings:
    """The gradients around a point; arrays have the shape (elements of the result, elements of all inputs).

    ``varies`` says where sides differ, ``limits`` what the partial is where they do not (nan where nothing near is
    finite), ``left`` and ``right`` are one-sided derivatives, nan where they were not looked at.
    ``jumps`` says by which of them the value itself jumps, ``inside`` for each row whether a step of all coordinates at
    once stays in the domain.
    """

    neighbourhood: Neighbourhood
    samples: list[Sample]
    varies: Array
    limits: Array
    left: Array
    right: Array
    jumps: Array
    inside: Array

    def interval(self) -> tuple[Array, Array]:
        """The lowest and the highest value of each partial among the branches."""
        gradients = _finite([sample.gradient for sample in self.samples])
        return _least(gradients), -_least(-gradients)

    def nearest(self, got: Array, tolerance: Array, meets: Array) -> Array:
        """For each row the valid gradient (a mixture of the branches') that is nearest to ``got``.

        Only the elements that ``meets`` marks are looked at. Branches in the direction that is missing are looked for
        until it is within ``tolerance``, of shape (rows,), or no branch comes nearer.
        """
        nearest = np.full(got.shape, np.nan)
        for row, here in enumerate(meets):
            if here.any():
                nearest[row, here] = self._nearest_row(row, got[row][here], tolerance[row], here)
        return nearest

    def _nearest_row(self, row: int, got: Array, tolerance: float, here: Array) -> Array:
        vertices = [g for g in (s.gradient[row][here] for s in self.samples) if np.isfinite(g).all()]
        if not vertices or not np.isfinite(got).all():
            return np.full(got.shape, np.nan)

        def further(direction: Array) -> Array | None:
            whole = np.zeros(here.shape)
            whole[here] = direction
            found = self._towards(whole).gradient[row][here]
            return found if np.isfinite(found).all() else None

        return nearest_in_hull(np.unique(np.stack(vertices), axis=0), got, further, tolerance)

    def _towards(self, direction: Array) -> Sample:
        # the branch that a step along a direction leads to has, of all, the steepest gradient along it
        here = direction / self.neighbourhood.lengths / max(float(np.max(np.abs(direction))), 1e-300)
        return self.neighbourhood.sample(here) if self.neighbourhood.exact else self.neighbourhood.branch(here)


def surroundings(neighbourhood: Neighbourhood, value: Array, near: bool) -> Surroundings:
    """Look around; ``near`` asks for the branches of values that are close but not equal, too."""
    if not neighbourhood.exact:
        return _branches_only(neighbourhood)
    places = list(range(neighbourhood.size)) if neighbourhood.size <= COORDINATES else []
    directions = neighbourhood.coordinates(places) + neighbourhood.directions()
    first = [_alone(neighbourhood.sample(d), k, len(places)) for k, d in enumerate(directions)]
    second: list[Sample] = []
    gradients = _finite([sample.gradient for sample in first])
    spread = -_least(-gradients) - _least(gradients)
    varies = spread > np.fmax(SAME * _largest(gradients), _part_of_rows(ROUNDED, gradients))
    left, right = (np.full(spread.shape, np.nan) for _ in range(2))
    limits = _least(gradients)
    if varies.any() or not np.isfinite(limits).all() or _off(value, first, first).any():
        nearer_by = [_alone(neighbourhood.sample(d, NEARER), k, len(places)) for k, d in enumerate(directions)]
        second = [_bounded(*pair) for pair in zip(first, nearer_by, strict=True)]
        nearer = _finite([sample.gradient for sample in second])
        shrunk = -_least(-nearer) - _least(nearer)
        varies &= shrunk > FALLING * spread
        limits = np.where(_largest(nearer) < FALLING * _largest(gradients), 0.0, _least(nearer))
        # where one side grows without bound and another does not, the sides differ
        grows = np.logical_or.reduce([np.isinf(sample.gradient) for sample in second], axis=0)
        varies = np.where(grows, np.isfinite(_least(nearer)), varies)
    for k, place in enumerate(places):
        right[:, place], left[:, place] = (_side(first, second, 2 * k + side, place) for side in (0, 1))
    for place in places:
        if np.isnan(limits[:, place]).any():
            by_value = neighbourhood.slopes(place)
            unknown = np.isnan(limits[:, place]) & np.isfinite(by_value[0]) & np.isfinite(by_value[1])
            left[unknown, place], right[unknown, place] = (side[unknown] for side in by_value)
            apart = np.abs(by_value[1] - by_value[0]) > SAME * np.fmax(np.abs(by_value[0]), np.abs(by_value[1]))
            varies[:, place] |= unknown & apart
            limits[unknown & ~apart, place] = by_value[1][unknown & ~apart]
    branches = [neighbourhood.branch(direction) for direction in directions] if near else []
    if near:
        gradients = _finite([sample.gradient for sample in (*(second or first), *branches)])
        # what goes to 0 is not told apart from a 0 beside it
        same = np.fmax(SAME * _largest(gradients), _part_of_rows(NOTHING, gradients))
        varies |= -_least(-gradients) - _least(gradients) > same
    samples = [*(second or first), *branches]
    off: Array = _off(value, first, second or first)
    row_jumps: Array = np.logical_or.reduce(off, axis=0)
    jumps: Array = np.repeat(row_jumps[:, np.newaxis], neighbourhood.size, axis=1)
    if len(places):
        # each element has its own two steps; a jump that none of them meets belongs to all
        pairs: Array = off[: 2 * len(places)].reshape(len(places), 2, -1)
        alone: Array = np.logical_or.reduce(pairs, axis=1).T
        jumps = np.where(np.logical_or.reduce(alone, axis=1, keepdims=True), alone, jumps)
    inside: Array = np.logical_or.reduce([np.isfinite(sample.value) for sample in first[2 * len(places) :]])
    limits = np.where(
        np.abs(limits) <= _part_of_rows(ROUNDED, _finite([sample.gradient for sample in samples])), 0.0, limits
    )
    return Surroundings(neighbourhood, samples, varies, limits, left, right, jumps, inside)


def _alone(sample: Sample, number: int, places: int) -> Sample:
    """A sample along one coordinate knows of this one alone: the others stand where they stood, at their kinks."""
    if number >= 2 * places:
        return sample
    others = np.arange(sample.gradient.shape[1]) != number // 2
    return Sample(sample.value, np.where(others, np.nan, sample.gradient))


def _bounded(far: Sample, near: Sample) -> Sample:
    """The nearer of two samples, with what grows without bound on the way there as infinite."""
    with np.errstate(all="ignore"):
        grows = np.abs(near.gradient) * FALLING > np.abs(far.gradient)
    return Sample(near.value, np.where(grows, np.copysign(np.inf, near.gradient), near.gradient))


def _branches_only(neighbourhood: Neighbourhood) -> Surroundings:
    """For programs too large for mpmath: the branches around, each at the point itself."""
    directions = neighbourhood.directions()[:8]
    samples = [neighbourhood.branch(direction) for direction in directions]
    if not all(np.isfinite(sample.gradient).all() for sample in samples):
        # what is 0 here has room for a step even in floats, and with it a norm at 0 its branches
        samples = [*samples, *(neighbourhood.sample(direction) for direction in directions)]
    gradients = _finite([sample.gradient for sample in samples])
    varies = -_least(-gradients) - _least(gradients) > SAME * _largest(gradients)
    unknown = np.full(varies.shape, np.nan)
    none = np.zeros(varies.shape, dtype=bool)
    inside: Array = np.logical_or.reduce([np.isfinite(sample.value) for sample in samples])
    return Surroundings(neighbourhood, samples, varies, _least(gradients), unknown, unknown, none, inside)


def _side(first: list[Sample], second: list[Sample], number: int, place: int) -> Array:
    """A one-sided derivative; infinite where it grows without bound."""
    far = first[number].gradient[:, place]
    if not second:
        return far
    near = second[number].gradient[:, place]
    with np.errstate(all="ignore"):
        return np.where(np.abs(near) < FALLING * np.abs(far), 0.0, near)


def _off(value: Array, first: list[Sample], second: list[Sample]) -> Array:
    """For each sample and each row, whether the value differs from that at the point, ever closer as well."""
    far, near = (np.abs(np.stack([sample.value for sample in samples]) - value) for samples in (first, second))
    off: Array = np.logical_and(near > 0.5 * far, far > SAME * np.abs(value))
    return off


def _finite(gradients: list[Array]) -> Array:
    stacked = np.stack(gradients)
    return np.where(np.isfinite(stacked), stacked, np.nan)


def _least(gradients: Array) -> Array:
    """The least over the samples; nan where none is finite."""
    least: Array = np.fmin.reduce(gradients, axis=0)
    return least


def _part_of_rows(part: float, gradients: Array) -> Array:
    """A part of the largest partial of each row."""
    largest: Array = np.max(np.nan_to_num(_largest(gradients)), axis=1, keepdims=True, initial=0.0)
    return part * largest


def _largest(gradients: Array) -> Array:
    largest: Array = np.fmax.reduce(np.abs(gradients), axis=0)
    return largest
