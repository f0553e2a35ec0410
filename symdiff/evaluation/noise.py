"""What rounding does to a derivation's numbers, seen by moving them.

An algorithm that is stable answers a nearby question: each input moved by its own rounding (for functions of matrices
normwise), each result of an operation and each cotangent by theirs. What such moves do to the *true* gradient is what
rounding explains, whatever formula was used: for the softmax of logits of size 150 that is some 300 ulps of p, since
an input of that size is known to half a unit of 150 (Higham, Accuracy and Stability of Numerical Algorithms, 1.5;
the random signs are those of CESTAC: Vignes, 1993).

The moves are larger than rounding, by a known factor, so that the arithmetic in which they are followed need not be
finer than what is judged; where the gradient is not linear in them, they are as large as rounding itself, in a finer
arithmetic. They are drawn from a fixed seed: the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import numpy as np

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.evaluation.backward_errors import WHOLE_RESULTS, backward_error, common_factor
from symdiff.evaluation.evaluate import Forward, Moves, forward
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.precision import mp
from symdiff.evaluation.rounded_results import FloatsNextToResults, Loss
from symdiff.evaluation.truth import Numbers, gradients
from symdiff.meaning.terms import Element, Implicit

DRAWS = 8
"""So many moves of everything at once are tried; the largest effect of them counts."""

FEW_DRAWS = 2
"""So many are tried first."""

MANY_DRAWS = 24
"""So many where two losses of one size meet in a sum: of eight draws all may have them cancel."""

LEVEL = 2.0**-31
"""How large the moves are, relative to what is moved: their square is below float64's rounding."""

LINEAR = 0.25
"""Opposite moves have opposite effects but for this part of them, or the moves are too large."""


class RandomMoves:
    """One draw: everything moved up or down by ``level`` times the units by which it may be off."""

    def __init__(self, field: Field, level: float, draw: int, units: Units, rounding: Rounding) -> None:
        self._field, self._level, self._units, self._rounding = field, level, units, rounding
        self._random = np.random.default_rng(draw)
        self._adjoints: dict[int, Values] = {}
        self._given: dict[Use, Values] = {}

    def value(self, element: Element, values: Values) -> Values:
        """An input or what an operation of the program returned; inside an operation what is summed, as any mean is."""
        inner = element.index in self._rounding.inner
        if isinstance(element.meaning, Implicit) and element.meaning.kind == "eigh":
            # vectors of another matrix (a Gram matrix) are none that an algorithm has
            own = not inner or (element.index, 0) in self._rounding.matrices
            return self._moved_as_vectors(values) if own else values
        if inner:
            return values
        is_result = element.meaning is not None and element.origin is not None
        if not is_result and (element.name is None if element.meaning is None else not _sums(element)):
            return values
        if element.operation in WHOLE_RESULTS:
            return self._moved_as_matrix(values, str(element.operation))
        return self._moved(values, self._units.results[element.index] if is_result else 1.0)

    def read(self, consumer: Element, place: int, values: Values) -> Values | None:
        """What a matrix algorithm is given: another matrix for each, which all of its steps see alike."""
        use = self._rounding.matrices.get((consumer.index, place))
        if use is None or len(self._field.shape(values)) < 2:
            return None
        if use not in self._given:
            self._given[use] = self._moved_as_matrix(values, use.operation)
        return self._given[use]

    def cotangent(self, element: Element, values: Values) -> Values:
        """What arrived at an element, each number off by its own rounding and by what rounded results lose."""
        self._adjoints[element.index] = values
        if element.index == self._units.result or element.index in self._rounding.inner:
            return values
        moved = self._moved(values, self._units.cotangents[element.index])
        for loss in self._rounding.losses:
            if loss.root == element.index and loss.last in self._adjoints:
                steps = self._field.load(loss.units * self._level * self._signs(loss.units.shape))
                moved = self._field.add(moved, self._field.multiply(self._adjoints[loss.last], steps))
        return moved

    def _moved(self, values: Values, units: float) -> Values:
        steps = self._field.load(self._signs(self._field.shape(values)) * (units * self._level))
        return self._field.add(values, self._field.multiply(values, steps))

    def _moved_as_matrix(self, values: Values, operation: str) -> Values:
        """Every entry by the backward error of the operation's algorithm; a symmetric matrix into another one."""
        array = self._field.to_float(values)
        signs = self._signs(array.shape)
        if array.shape[-1] == array.shape[-2] and np.array_equal(array, np.swapaxes(array, -1, -2)):
            signs = np.triu(signs) + np.swapaxes(np.triu(signs, 1), -1, -2)
        moves = backward_error(operation, array) * signs
        moves += common_factor(operation, array) * array * self._signs((*array.shape[:-2], 1, 1))
        return self._field.add(values, self._field.load(moves * self._level))

    def _moved_as_vectors(self, values: Values) -> Values:
        """Below the row of eigenvalues the vectors, whose length is 1, by the rounding of 1."""
        shape = self._field.shape(values)
        below = (np.arange(shape[-2]) > 0)[:, np.newaxis]
        return self._field.add(values, self._field.load(below * self._signs(shape) * self._level))

    def _signs(self, shape: tuple[int, ...]) -> Array:
        return self._random.integers(0, 2, size=shape) * 2.0 - 1.0


def _sums(element: Element) -> bool:
    """Whether an element's terms add up what is read at several places."""
    return any(not term.product and len(term.kept) < len(term.box) for term in element.terms)


NEXT = (0, -1, 1, -2, 2)
"""The floats next to a result, counted from the nearest."""


def from_floats_next_to_results(
    derivation: Derivation, numbers: Numbers, unit: float, found: Sequence[Loss]
) -> Iterator[dict[str, Array]]:
    """The gradients of a small program where one derivative is computed from a float next to its rounded result."""
    field = Exact()
    with np.errstate(all="ignore"), mp.workprec(FINE_BITS):
        for loss, step in product(found[:FEW_LOSSES], NEXT):
            moves = FloatsNextToResults(field, unit, loss, step)
            run = forward(derivation.program, field, choices=numbers.bounded, moves=moves)
            yield {name: field.to_float(each) for name, each in gradients(derivation, run).items()}


class Use(NamedTuple):
    """The matrix that a node of the graph is given, by the name of its operation."""

    operation: str
    node: int


@dataclass(frozen=True, slots=True)
class Rounding:
    """What is rounded, and by how much: ``unit`` is that of the arithmetic that is judged.

    ``promised`` says by the name of an operation by how many units its result may be off, 1 where nothing is said;
    ``matrices`` says by element and place among its operands whose matrix that is, which answers for one nearby;
    ``inner`` elements are steps of its definition alone, where nothing is rounded;
    ``losses`` are what derivatives lose that are computed from rounded results, as whoever writes ``s*(1 - s)`` does.
    """

    unit: float
    promised: Mapping[str, float]
    matrices: Mapping[tuple[int, int], Use] = field(default_factory=dict)
    inner: frozenset[int] = frozenset()
    losses: Sequence[Loss] = ()
    draws: int = DRAWS


@dataclass(frozen=True, slots=True)
class Units:
    """By element, by how many units the result of its operation may be off, and what its consumers send back."""

    results: Sequence[float]
    cotangents: Sequence[float]
    result: int

    @classmethod
    def of(cls, derivation: Derivation, promised: Mapping[str, float]) -> Units:
        """From what operations promise, by name: 1 where nothing is said."""
        elements = derivation.program.elements
        results = [promised.get(str(element.operation), 1.0) for element in elements]
        cotangents = [1.0] * len(elements)
        for index, contributions in derivation.contributions.items():
            cotangents[index] = max((results[each.consumer] for each in contributions), default=1.0)
        return cls(results, cotangents, derivation.program.result)


@dataclass(frozen=True, slots=True)
class Effect:
    """What rounding by one unit does: to every partial, and to the value of every element of the program."""

    gradients: Mapping[str, Array]
    elements: tuple[Array, ...]


def effect_of_rounding(derivation: Derivation, numbers: Numbers, rounding: Rounding, each: bool = False) -> Effect:
    """How far partials and values move when inputs, results and cotangents move by their rounding.

    The branches are those that floats take. The cheapest arithmetic is used that gives the numbers themselves where
    nothing moves, and in which opposite moves have opposite effects on the partials. What is lost beside the largest of
    an array is not missed, unless ``each`` number is asked for by itself, values too.
    """
    units = Units.of(derivation, rounding.promised)
    found = None
    with np.errstate(all="ignore"):
        for field, level, bits in _arithmetics(rounding.unit, numbers.small):
            with mp.workprec(bits):
                draws = _Draws(derivation, numbers.bounded, field, level, units, rounding)
                if found is None or draws.fit(numbers, each) or bits > EXACT_BITS:
                    found = draws.largest(rounding.unit / level)
                if draws.fit(numbers, each) and draws.linear(each):
                    break
    assert found is not None
    return found


EXACT_BITS, FINE_BITS = 53, 1200
FEW_LOSSES = 8


def _arithmetics(unit: float, small: bool) -> Iterator[tuple[Field, float, int]]:
    """The cheapest first: floats with large moves, finer ones with moves as small as rounding."""
    yield Floats(), LEVEL, EXACT_BITS
    yield Floats(np.longdouble), unit, EXACT_BITS
    if small:
        yield Exact(), unit, FINE_BITS


class _Draws:
    """The numbers where nothing moves, and where each draw moves them, in one arithmetic."""

    def __init__(
        self, derivation: Derivation, choices: Forward, field: Field, level: float, units: Units, rounding: Rounding
    ) -> None:
        def at(moves: Moves | None) -> _Numbers:
            return _Numbers.of(derivation, choices, field, moves)

        self._field, self._level = field, level
        self.still = at(None)
        moves = [RandomMoves(field, level, draw, units, rounding) for draw in range(rounding.draws)]
        self._there = [at(each).minus(self.still, field) for each in moves]
        self._back = at(RandomMoves(field, -level, 0, units, rounding)).minus(self.still, field)

    def fit(self, numbers: Numbers, each: bool) -> bool:
        """Whether this arithmetic gives the numbers that are true."""
        partials = (
            (self._field.to_float(still), numbers.gradients[name]) for name, still in self.still.gradients.items()
        )
        values = (
            (self._field.to_float(still), truth)
            for still, truth in zip(self.still.elements, numbers.elements, strict=True)
            if truth is not None
        )
        # by itself, finer than the moves, which are swallowed else (log(1 + exp(x)) far to the left)
        lost, digits = (0.0, max(self._level * 2.0**-8, 2.0**-52)) if each else (LOST, 2.0**-10)
        return all(bool(np.all(_near(*pair, lost, digits))) for pair in (*partials, *values))

    def linear(self, each: bool) -> bool:
        """Whether the opposite move has about the opposite effect."""
        return self._there[0].is_opposite(self._back, each)

    def largest(self, factor: float) -> Effect:
        """The largest effect of any draw, for moves ``factor`` times as large."""
        effects = self._there
        partials = {
            name: np.fmax.reduce([np.abs(each.gradients[name]) for each in effects]) * factor
            for name in effects[0].gradients
        }
        values = zip(*(each.elements for each in effects), strict=True)
        return Effect(partials, tuple(np.fmax.reduce([np.abs(v) for v in each]) * factor for each in values))


LOST = 2.0**-50
"""What is lost beside the largest of an array is not missed."""


def _near(found: Array, truth: Array, lost: float, digits: float) -> Array:
    """Where two arrays of floats are the same but for a few digits, or neither is a number, or both are nothing."""
    size = np.max(np.where(np.isfinite(truth), np.abs(truth), 0.0), initial=0.0)
    same: Array = np.abs(found - truth) <= np.fmax(digits * np.abs(truth), lost * size)
    near: Array = same | ~np.isfinite(truth) | (found == truth)
    return near


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The partials by input, and the values of all elements."""

    gradients: Mapping[str, Array]
    elements: Sequence[Array]

    @classmethod
    def of(cls, derivation: Derivation, choices: Forward, field: Field, moves: Moves | None = None) -> _Numbers:
        run = forward(derivation.program, field, choices=choices, moves=moves)
        return cls(gradients(derivation, run), run.values)

    def minus(self, other: _Numbers, field: Field) -> _Numbers:
        """By how much they differ, as floats."""
        partials = {name: _difference(field, each, other.gradients[name]) for name, each in self.gradients.items()}
        values = [_difference(field, *pair) for pair in zip(self.elements, other.elements, strict=True)]
        return _Numbers(partials, values)

    def is_opposite(self, back: _Numbers, each: bool) -> bool:
        """Whether the opposite move has about the opposite effect, as it has where the effect is linear in the move."""
        pairs = [(there, back.gradients[name]) for name, there in self.gradients.items()]
        if not all(_opposite(*pair) for pair in pairs):
            return False
        return not each or all(_opposite(*pair) for pair in zip(self.elements, back.elements, strict=True))


def _opposite(there: Array, back: Array) -> bool:
    return bool(np.all(np.abs(there + back) <= LINEAR * np.max(np.abs(there), initial=0.0)))


def _difference(field: Field, a: Values, b: Values) -> Array:
    return np.asarray(field.to_float(field.subtract(a, b)), dtype=np.float64)
