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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.calculus.contributions import Sending
from symdiff.evaluation.evaluate import Forward, Moves, forward
from symdiff.evaluation.fields.base import Field, Values
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.strides import box_shape
from symdiff.evaluation.truth import gradients
from symdiff.meaning.terms import Element, Term, partial

DRAWS = 8
"""So many moves of everything at once are tried; the largest effect of them counts."""

LEVEL = 2.0**-31
"""How large the moves are, relative to what is moved: their square is below float64's rounding."""

LINEAR = 0.25
"""Opposite moves have opposite effects but for this part of them, or the moves are too large."""


@lru_cache(maxsize=1024)
def of_rounded_result(formula: sp.Expr, number: int) -> sp.Expr:
    """By how many units a partial is off that is computed from a formula's rounded result.

    A result y = f(x) that is off by a unit of itself belongs to an x that is off by y/f', where the partial is off by
    ``f''/f' * y``: for the sigmoid this is what ``y*(1 - y)`` loses, for tanh what ``1 - y*y`` does.
    """
    own = partial(formula, number)
    reads = sorted((symbol for symbol in formula.free_symbols if symbol.name.startswith("s")), key=str)
    turns = [(partial(own, k), partial(formula, k)) for k in (int(symbol.name[1:]) for symbol in reads)]
    if not turns or any(turn == 0 for turn, _ in turns):
        return sp.Integer(0)
    lost = sp.Min(*(sp.Abs(turn / slope) for turn, slope in turns)) * sp.Abs(formula)
    return sp.Min(lost, 4 * sp.Max(1, sp.Abs(own)))


SIGN = sp.Symbol("xi", real=True)


class RandomMoves:
    """One draw: everything moved up or down by ``level`` times the units by which it may be off.

    With ``from_results`` partials are computed from rounded results, too, as whoever writes ``s*(1 - s)`` does.
    """

    def __init__(self, field: Field, level: float, draw: int, units: Units, from_results: bool = False) -> None:
        self._field, self._level, self._units, self._from_results = field, level, units, from_results
        self._random = np.random.default_rng(draw)
        self._matrices: dict[tuple[int, int], Values] = {}

    def value(self, element: Element, values: Values) -> Values:
        """An input or what an operation of the program returned; what is inside an operation stays."""
        if element.meaning is None:
            return values if element.name is None else self._moved(values, 1.0)
        return values if element.origin is None else self._moved(values, self._units.results[element.index])

    def matrix(self, consumer: Element, place: int, values: Values) -> Values:
        """An operand of an equation, moved normwise: every entry by the norm of its matrix."""
        key = consumer.index, place
        if key not in self._matrices:
            array = self._field.to_float(values)
            signs = self._signs(array.shape)
            square = array.ndim > 1 and array.shape[-1] == array.shape[-2]
            if square and np.array_equal(array, np.swapaxes(array, -1, -2)):
                # what an algorithm does to a symmetric matrix is another one
                signs = np.triu(signs) + np.swapaxes(np.triu(signs, 1), -1, -2)
            norms = np.sqrt(np.sum(array * array, axis=(-2, -1)[-min(array.ndim, 2) :], keepdims=True))
            moved = self._field.add(values, self._field.load(norms * self._level * signs))
            self._matrices[key] = moved
        return self._matrices[key]

    def partial(self, term: Term, sent: Sending, slots: dict[sp.Symbol, Values]) -> sp.Expr:
        """The adjoint times the partial, or times what is left of it when it is computed from a rounded result."""
        lost = of_rounded_result(term.formula, sent.slot) if self._from_results else sp.Integer(0)
        if lost == 0:
            return sent.whole
        slots[SIGN] = self._field.load(self._level * self._signs(box_shape(term)))
        return sent.whole + sent.bar * SIGN * lost

    def cotangent(self, element: Element, values: Values) -> Values:
        """What arrived at an element, each number off by its own rounding."""
        return self._moved(values, self._units.cotangents[element.index])

    def _moved(self, values: Values, units: float) -> Values:
        steps = self._field.load(self._signs(self._field.shape(values)) * (units * self._level))
        return self._field.add(values, self._field.multiply(values, steps))

    def _signs(self, shape: tuple[int, ...]) -> Array:
        return self._random.integers(0, 2, size=shape) * 2.0 - 1.0


@dataclass(frozen=True, slots=True)
class Units:
    """By element, by how many units the result of its operation may be off, and what its consumers send back."""

    results: Sequence[float]
    cotangents: Sequence[float]

    @classmethod
    def of(cls, derivation: Derivation, promised: Mapping[str, float]) -> Units:
        """From what operations promise, by name: 1 where nothing is said."""
        elements = derivation.program.elements
        results = [promised.get(str(element.operation), 1.0) for element in elements]
        cotangents = [1.0] * len(elements)
        for index, contributions in derivation.contributions.items():
            cotangents[index] = max((results[each.consumer] for each in contributions), default=1.0)
        return cls(results, cotangents)


@dataclass(frozen=True, slots=True)
class Effect:
    """What rounding by one unit does: to every partial, and to the value of every element of the program."""

    gradients: Mapping[str, Array]
    elements: tuple[Array, ...]


def effect_of_rounding(
    derivation: Derivation, choices: Forward, unit: float, promised: Mapping[str, float], from_results: bool = False
) -> Effect:
    """How far partials and values move when inputs, results and cotangents move by their rounding, ``unit``.

    ``choices`` are the branches taken throughout; ``promised`` says by the name of an operation by how many units its
    result may be off, 1 where nothing is said; ``from_results`` moves partials by what is lost when they are computed
    from rounded results.
    """
    units = Units.of(derivation, promised)
    with np.errstate(all="ignore"):
        for field, level in ((Floats(), LEVEL), (Floats(np.longdouble), unit)):
            still = _Numbers.of(derivation, choices, field)
            moves = [RandomMoves(field, level, draw, units, from_results) for draw in range(DRAWS)]
            there = [_Numbers.of(derivation, choices, field, each).minus(still) for each in moves]
            opposite = RandomMoves(field, -level, 0, units, from_results)
            if there[0].is_opposite(_Numbers.of(derivation, choices, field, opposite).minus(still)):
                break
        return _largest(there, unit / level)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The partials by input, and the values of all elements."""

    gradients: Mapping[str, Array]
    elements: Sequence[Array]

    @classmethod
    def of(cls, derivation: Derivation, choices: Forward, field: Field, moves: Moves | None = None) -> _Numbers:
        run = forward(derivation.program, field, choices=choices, moves=moves)
        return cls(gradients(derivation, run), run.values)

    def minus(self, other: _Numbers) -> _Numbers:
        """By how much they differ, as floats."""
        partials = {name: _difference(each, other.gradients[name]) for name, each in self.gradients.items()}
        return _Numbers(partials, [_difference(*pair) for pair in zip(self.elements, other.elements, strict=True)])

    def is_opposite(self, back: _Numbers) -> bool:
        """Whether the opposite move has about the opposite effect, as it has where the effect is linear in the move."""
        return all(
            bool(np.all(np.abs(there + back.gradients[name]) <= LINEAR * np.max(np.abs(there), initial=0.0)))
            for name, there in self.gradients.items()
        )


def _difference(a: Values, b: Values) -> Array:
    return np.asarray(a - b, dtype=np.float64)


def _largest(effects: Sequence[_Numbers], factor: float) -> Effect:
    partials = {
        name: np.fmax.reduce([np.abs(each.gradients[name]) for each in effects]) * factor
        for name in effects[0].gradients
    }
    values = zip(*(each.elements for each in effects), strict=True)
    return Effect(partials, tuple(np.fmax.reduce([np.abs(v) for v in each]) * factor for each in values))
