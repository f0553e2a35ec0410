"""A form is given only if its text, run through the language, has the derivation's values at three random points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation
from symdiff.errors import InputError
from symdiff.evaluation.evaluate import forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.truth import gradients
from symdiff.language import parse, run
from symdiff.language.functions import known
from symdiff.language.tree import Program

POINTS = 3
TOLERANCE = 1e-7
"""How far the text's value may be from the derivation's, relative to the largest element of it."""

SMALL = 1e-4
"""A gradient so much smaller than at another point is compared as if it were this part of that one."""

Point = Mapping[str, Array]


def value_of(text: str, at: Mapping[str, Array]) -> Array:
    """The value of a text at given values.

    Raises:
        InputError: it cannot be run.
    """
    return _value(_parsed(text, tuple(at)), at)


@lru_cache(maxsize=1024)
def _parsed(text: str, names: tuple[str, ...]) -> Program:
    return parse(text, known(names))


def _value(program: Program, at: Point) -> Array:
    found = run(program, dict(at))
    value = np.asarray(getattr(found, "data", found))
    if value.dtype.kind == "c":
        raise ArithmeticError("a root of a negative number")
    return value.astype(np.float64)


def _scale(values: Array) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


class Verifier:
    """The derivation's gradients at its own point and at random ones, computed once for all texts."""

    def __init__(self, derivation: Derivation, fixed: frozenset[str] = frozenset()) -> None:
        self._derivation, self._fixed = derivation, fixed
        self._points: list[tuple[Point, Mapping[str, Array]]] | None = None

    def holds(self, name: str, text: str) -> bool:
        """Whether a text is the gradient by an input, here and at random points."""
        points = [(at, wanted[name]) for at, wanted in self.points()]
        largest = max(_scale(want) for _, want in points)
        try:
            program = _parsed(text, tuple(points[0][0]))
        except InputError:
            return False
        for at, want in points:
            try:
                got = _value(program, at)
            except (InputError, ArithmeticError, ValueError):
                return False
            # a softmax at its limit has gradients that are the rounding of others
            allowed = TOLERANCE * max(_scale(want), SMALL * largest)
            finite = np.isfinite(want)
            if got.shape != want.shape or not np.all(np.abs(got - want)[finite] <= allowed):
                return False
        return bool(largest > 0 or len(points) > POINTS)

    def points(self) -> list[tuple[Point, Mapping[str, Array]]]:
        """Points and the gradients there."""
        if self._points is None:
            self._points = list(self._made())
        return self._points

    def _made(self) -> Iterator[tuple[Point, Mapping[str, Array]]]:
        program = self._derivation.program
        given = {name: np.asarray(program.elements[index].value) for name, index in program.inputs.items()}
        yield given, self._gradients(given)
        random = np.random.default_rng(20240229)
        for _ in range(POINTS):
            for spread in (1.0, 0.2, 0.02):
                at = {name: self._moved(random, name, value, spread) for name, value in given.items()}
                found = self._gradients(at)
                if all(np.all(np.isfinite(each)) for each in found.values()):
                    yield at, found
                    break

    def _moved(self, random: np.random.Generator, name: str, value: Array, spread: float) -> Array:
        if value.dtype.kind not in "f" or name in self._fixed:
            return value
        size = np.max(np.abs(value), initial=0.0, where=np.isfinite(value)) or 1.0
        return value + spread * 0.3 * size * random.standard_normal(value.shape)

    def _gradients(self, at: Point) -> Mapping[str, Array]:
        program = self._derivation.program
        field = Floats(np.float64)
        inputs = {index: field.load(np.asarray(at[name], dtype=np.float64)) for name, index in program.inputs.items()}
        with np.errstate(all="ignore"):
            found = gradients(self._derivation, forward(program, field, inputs))
            return {name: np.asarray(field.to_float(each)) for name, each in found.items()}
