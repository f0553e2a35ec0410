"""The second derivatives of an explanation, for a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symdiff.agreement.engine_hessians import engine_hessians
from symdiff.arrays import Array
from symdiff.closed_forms.records import General
from symdiff.printing.from_sympy import operations
from symdiff.printing.numbers import number
from symdiff.printing.tree import Math, Matrix, Partial
from symdiff.second_order import Pair, SecondOrder
from symdiff.sentences import Said
from symdiff.viewing.view import HessianView, MathRow
from symdiff.viewing.writing import Writing, without_repeats

__all__ = ["hessians_of", "without_formula"]


LARGEST_MATRIX = 6
"""Up to so many rows and columns of second derivatives are shown."""

DIGITS = 5
"""So many digits of an entry are shown."""

LONGEST_ENTRY = 14
"""So many operations an entry may have to be written as a formula."""


def hessians_of(writing: Writing, found: SecondOrder) -> tuple[HessianView, ...]:
    """What is known of every pair of inputs, each pair in one order; of an array result the formulas alone."""
    traced = writing.evidence.traced
    names = list(traced.graph.wrt)
    pairs = [pair for pair in found.general if names.index(pair[0]) <= names.index(pair[1])]
    few = [] if traced.result.shape else [pair for pair in pairs if pair in found.few]
    engine = engine_hessians(traced, few)
    return tuple(_view(writing, found, pair, engine) for pair in pairs)


def without_formula(writing: Writing, found: SecondOrder) -> tuple[tuple[str, str, Said], ...]:
    """The pairs that have no general formula, each in one order, with what stands in the way."""
    names = list(writing.evidence.traced.graph.wrt)
    ordered = {tuple(sorted(pair, key=names.index)): why for pair, why in found.unsupported.items()}
    return tuple((first, second, why) for (first, second), why in ordered.items())


def _view(writing: Writing, found: SecondOrder, pair: Pair, engine: Mapping[Pair, Array]) -> HessianView:
    general = found.general[pair]
    shape = found.shape(pair)
    rank = len(writing.evidence.traced.tensors[pair[0]].shape)
    rows, columns = (int(np.prod(part, dtype=np.int64)) for part in (shape[:rank], shape[rank:]))
    formulas = numbers = error = None
    if pair in engine:
        values = found.values[pair]
        error = _error(values, engine[pair], found.scales[pair], _largest(found))
        # a matrix by a matrix has no table with rows and columns of its own
        vectors = all(len(writing.evidence.traced.tensors[name].shape) < 2 for name in pair)
        if vectors and max(rows, columns) <= LARGEST_MATRIX and rows * columns > 1:
            numbers = _matrix(values.reshape(rows, columns), lambda value: number(float(f"{value:.{DIGITS}g}")))
            entries = found.elements[pair]
            if all(operations(entry) <= LONGEST_ENTRY for entry in entries.flat):
                formulas = _matrix(entries.reshape(rows, columns), writing.formula)
    definitions = tuple(
        writing.definition(each) for each in general.definitions if not writing.is_said_in_formulas(each)
    )
    row: MathRow = _left(writing, pair, general), writing.formula(general.expression)
    if numbers is None and pair in engine and rows * columns == 1:
        row = without_repeats((*row, number(float(found.values[pair].reshape(-1)[0]))))
    return HessianView(*pair, rows * columns, row, definitions, formulas, numbers, error)


def _left(writing: Writing, pair: Pair, general: General) -> Math:
    """The second derivative as it is written: by the same element twice, or by two."""
    tensors = writing.evidence.traced.tensors
    indices = list(general.indices)
    own = sum(1 for length in writing.evidence.traced.result.shape if length != 1)
    result = writing.general(writing.result.name, tuple(indices[:own]))
    del indices[:own]
    elements = []
    for name in pair:
        count = sum(1 for length in tensors[name].shape if length != 1)
        elements.append(writing.general(name, tuple(indices[:count])))
        del indices[:count]
    first, second = elements
    if first == second:
        return Partial(result, first, 2)
    return Partial(result, (first, second), 2)


def _largest(found: SecondOrder) -> float:
    names = list(found.closed.derivation.program.wrt)
    pairs = [pair for pair in found.few if names.index(pair[0]) <= names.index(pair[1])]
    scales = [np.max(found.scales[pair], initial=0.0, where=np.isfinite(found.scales[pair])) for pair in pairs]
    return float(max(scales, default=0.0))


def _matrix(entries: Array, write: Any) -> Matrix:
    return Matrix(tuple(tuple(write(entry) for entry in row) for row in entries))


def _error(derived: Array, engine: Array, scales: Array, largest: float) -> float:
    """The largest difference, each in ulps of the entry or of the largest term summed for it; nan if one is not finite.

    An entry that is 0 without any term has no scale: it is measured by the ``largest`` of all.
    """
    if not (np.isfinite(derived).all() and np.isfinite(engine).all()):
        return float("nan")
    own = np.maximum(np.abs(derived), scales)
    scale = np.maximum(np.where(own == 0, largest, own), np.finfo(float).tiny)
    return float(np.max(np.abs(derived - engine) / np.spacing(scale), initial=0.0))
