"""The Jacobian of the array that the last step makes one number of: what of it can differ from 0, and its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from symdiff.arrays import Array
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.printing.numbers import short
from symdiff.printing.tree import Math, Matrix, Number, Rounded, Symbol
from symdiff.viewing.view import TableView, View
from symdiff.viewing.writing import Writing

__all__ = ["table_of"]

LARGEST = 40
"""Tables of up to so many rows and columns are looked at."""

WRITTEN = 5
"""Of up to so many rows and columns the entries are written."""


def table_of(writing: Writing, view: View) -> TableView | None:
    """Of the array by the first input that it depends on; None where there is no such array, or it is too large."""
    program = writing.evidence.program
    if view.reduced is None:
        return None
    array = program.elements[program.elements[program.result].operands[0]]
    whole = derive(replace(program, result=array.index))
    name = next((each for each in program.wrt if program.inputs[each] in whole.contributions), None)
    if name is None:
        return None
    index = program.inputs[name]
    rows, columns = array.size, program.elements[index].size
    if not 1 < columns <= LARGEST or rows > LARGEST:
        return None
    with np.errstate(all="ignore"):
        tables = list(_tables(whole, index))
    here, *elsewhere = tables
    if not np.isfinite(here).all():
        return None
    filled = np.logical_or.reduce([each != 0 for each in (here, *elsewhere) if np.isfinite(each).all()])
    kind, blocks = _kind(filled)
    numbers = formulas = None
    if max(rows, columns) <= WRITTEN:
        written = [[short(float(each)) for each in row] for row in here]
        bare = Matrix(tuple(tuple(e.body if isinstance(e, Rounded) else e for e in row) for row in written))
        numbers = Rounded(bare) if any(isinstance(e, Rounded) for row in written for e in row) else bare
        formulas = _formulas(writing, index, array.index, here)
    return TableView(
        Symbol(writing.name(array.index), ()), Symbol(name), rows, columns, kind, blocks,
        tuple(tuple(bool(each) for each in row) for row in filled), formulas, numbers,
    )  # fmt: skip


def _tables(derivation: Derivation, index: int) -> Iterator[Array]:
    """The Jacobian at the point and at two others, which have other zeros."""
    program = derivation.program
    given = {k: np.asarray(program.elements[k].value, dtype=float) for k in program.inputs.values()}
    result, columns = program.elements[program.result], program.elements[index].size
    for scale, least, most in ((1.0, 0.0, 0.0), (1.3, 0.3, 0.7), (0.7, -0.7, -0.3)):
        moved = {k: scale * each + np.linspace(least, most, each.size).reshape(each.shape) for k, each in given.items()}
        run = forward(program, Floats(), {k: moved[k] for k in moved if scale != 1.0})
        table = np.empty((result.size, columns))
        for row in range(result.size):
            seed = np.zeros(result.size)
            seed[row] = 1.0
            adjoint = backward(derivation, run, seed.reshape(result.shape))[index]
            table[row] = np.broadcast_to(np.asarray(adjoint, dtype=float), program.elements[index].shape).reshape(-1)
        yield table


def _kind(filled: Array) -> tuple[str, tuple[int, int, int]]:
    """What a table is by what can differ from 0: its kind, and of blocks how many, with their rows and columns."""
    rows, columns = filled.shape
    none = (0, 0, 0)
    if filled.all():
        return "full", none
    if rows == columns and not filled[~np.eye(rows, dtype=bool)].any():
        return "diagonal", none
    parts = _components(filled)
    shapes = {(len(down), len(across)) for down, across in parts}
    if len(parts) > 1 and len(shapes) == 1:
        (shape,) = shapes
        return "blocks", (len(parts), *shape)
    if rows == columns and (not np.triu(filled, 1).any() or not np.tril(filled, -1).any()):
        return "triangle", none
    return "sparse", none


def _components(filled: Array) -> list[tuple[frozenset[int], frozenset[int]]]:
    """Rows and columns that hang together."""
    found: list[tuple[frozenset[int], frozenset[int]]] = []
    left = set(range(len(filled)))
    while left:
        down, across = {min(left)}, set[int]()
        while True:
            wider = {int(c) for row in down for c in np.flatnonzero(filled[row])}
            taller = down | {int(r) for c in wider for r in np.flatnonzero(filled[:, c])}
            if wider == across and taller == down:
                break
            down, across = taller, wider
        found.append((frozenset(down), frozenset(across)))
        left -= down
    return found


def _formulas(writing: Writing, index: int, array: int, here: Array) -> Matrix | None:
    """The entries as formulas, where one step leads from the input to the array."""
    edges = writing.elementwise.edges(index)
    if edges is None or any(edge.consumer != array for each in edges for edge in each):
        return None
    shape = writing.evidence.program.elements[array].shape
    zero: Math = Number("0")
    table = [[zero] * here.shape[1] for _ in range(here.shape[0])]
    symbols = writing.explained.symbols.arrays
    for column, each in enumerate(edges):
        for edge in each:
            row = int(np.ravel_multi_index(edge.place, shape))
            if not writing.at_the_point.holds(edge.partial, float(here[row, column]), symbols):
                return None
            table[row][column] = writing.math(edge.partial)
    return Matrix(tuple(map(tuple, table)))
