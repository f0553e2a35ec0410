"""Adjoints from the equations themselves: the implicit function theorem, dense, in high precision and at small sizes.

A value that is defined by ``F(x, y) = 0`` changes by ``dF/dy dy + dF/dx dx = 0``; an adjoint ``ybar`` of it is that of
``xbar = -(dF/dx)^T l`` with ``(dF/dy)^T l = ybar``. Here F is written out in products of elements, as the operation's
definition has it, and its partials are those of products: nothing is taken from the textbook formulas of ``implicit``,
which serve larger sizes and faster arithmetic, and which the tests hold against this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, product
from typing import Any, NamedTuple

import numpy as np

from symdiff.deadline import look
from symdiff.evaluation.precision import mp

UNKNOWNS = 16
"""A system of so many equations is solved in a few milliseconds."""

Place = tuple[str, int, int]
"""An element of an operand or of the result: whose, row, column."""


class Product(NamedTuple):
    """``coefficient`` times the elements at ``places``."""

    coefficient: float
    places: tuple[Place, ...]


Equation = list[Product]
"""Products whose sum is 0."""


class System(NamedTuple):
    """What one matrix's result is defined by; ``unknowns`` are its elements, as many as there are equations."""

    equations: list[Equation]
    unknowns: list[Place]


def _of_inverse(n: int, width: int) -> System:
    # A X = 1
    return System(
        [_row_by_column("A", i, "X", j, n) + ([Product(-1.0, ())] if i == j else []) for i, j in _square(n)],
        [("X", i, j) for i, j in _square(n)],
    )


def _of_solution(n: int, width: int) -> System:
    # A X = B
    places = list(product(range(n), range(width)))
    return System(
        [[*_row_by_column("A", i, "X", j, n), Product(-1.0, (("B", i, j),))] for i, j in places],
        [("X", i, j) for i, j in places],
    )


def _of_cholesky(n: int, width: int) -> System:
    # X X^T = A on and below the diagonal, where alone X has elements
    places = [(i, j) for i, j in _square(n) if j <= i]
    return System(
        [
            [Product(1.0, (("X", i, k), ("X", j, k))) for k in range(j + 1)] + _symmetric("A", i, j, -1.0)
            for i, j in places
        ],
        [("X", i, j) for i, j in places],
    )


def _of_eigenvectors(n: int, width: int) -> System:
    # A V = V diag(w) and v_j . v_j = 1; the eigenvalues w are row 0 of the result, so that V[i, j] is X[i + 1, j]
    values = [[*_of_symmetric_product(i, j, n), Product(-1.0, (("X", i + 1, j), ("X", 0, j)))] for i, j in _square(n)]
    lengths = [
        [Product(1.0, (("X", i + 1, j), ("X", i + 1, j))) for i in range(n)] + [Product(-1.0, ())] for j in range(n)
    ]
    return System(values + lengths, [("X", i, j) for i, j in product(range(n + 1), range(n))])


def _of_symmetric_product(i: int, j: int, n: int) -> Equation:
    return [
        Product(half.coefficient, (*half.places, ("X", k + 1, j))) for k in range(n) for half in _symmetric("A", i, k)
    ]


def _of_determinant(n: int, width: int) -> System:
    # x = sum of all products of one element from each row and column, with the permutation's sign (Leibniz)
    return System([[Product(1.0, (("X", 0, 0),)), *_leibniz(range(n), range(n), -1.0)]], [("X", 0, 0)])


def _of_cofactors(n: int, width: int) -> System:
    return System(
        [
            [
                Product(1.0, (("X", i, j),)),
                *_leibniz([k for k in range(n) if k != i], [k for k in range(n) if k != j], -((-1.0) ** (i + j))),
            ]
            for i, j in _square(n)
        ],
        [("X", i, j) for i, j in _square(n)],
    )


SYSTEMS: dict[str, Callable[[int, int], System]] = {
    "inv": _of_inverse,
    "solve": _of_solution,
    "cholesky": _of_cholesky,
    "eigh": _of_eigenvectors,
    "det": _of_determinant,
    "cofactors": _of_cofactors,
}
"""For a kind of equation, and matrices of n rows (and right-hand sides of so many columns), what has to be 0."""


def _square(n: int) -> Iterator[tuple[int, int]]:
    return product(range(n), range(n))


def _row_by_column(a: str, i: int, b: str, j: int, n: int) -> Equation:
    return [Product(1.0, ((a, i, k), (b, k, j))) for k in range(n)]


def _symmetric(name: str, i: int, j: int, factor: float = 1.0) -> Equation:
    """An element of the symmetric part."""
    if i == j:
        return [Product(factor, ((name, i, i),))]
    return [Product(factor / 2, ((name, i, j),)), Product(factor / 2, ((name, j, i),))]


def _leibniz(rows: Sequence[int], columns: Sequence[int], factor: float) -> Equation:
    return [
        Product(factor * _sign(order), tuple(("A", row, columns[k]) for row, k in zip(rows, order, strict=True)))
        for order in permutations(range(len(columns)))
    ]


def _sign(order: Sequence[int]) -> float:
    swaps = sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order)))
    return -1.0 if swaps % 2 else 1.0


# --- the implicit function theorem ------------------------------------------------------------------------------------


def fits(kind: str, shapes: Sequence[tuple[int, ...]], result: tuple[int, ...]) -> bool:
    """Whether each matrix has a system of its own that is small enough."""
    if kind not in SYSTEMS or any(0 in shape for shape in shapes):
        return False
    unknowns = 1 if kind == "det" else int(np.prod(result[-1:] if len(result) == 1 else result[-2:]))
    rows = shapes[0][-1]
    return unknowns <= UNKNOWNS and rows * rows <= UNKNOWNS


def adjoints(
    kind: str, operands: Sequence[np.ndarray], result: np.ndarray, adjoint: np.ndarray
) -> list[np.ndarray] | None:
    """What the operands are sent, in mpmath's numbers; None where the equations do not determine the result.

    So it is of equal eigenvalues, whose vectors may be turned, and where a number is not finite.
    """
    if not all(mp.isfinite(each) for array in (*operands, result, adjoint) for each in np.asarray(array).flat):
        return None
    lead = operands[0].shape[:-2]
    columns = [_matrix(np.asarray(array), lead) for array in (*operands, result, adjoint)]
    n, width = operands[0].shape[-1], columns[len(operands)].shape[-1]
    system = SYSTEMS[kind](n, width)
    names = ["A", "B"][: len(operands)]
    sent = [np.empty(array.shape, dtype=object) for array in columns[: len(operands)]]
    for place in np.ndindex(*lead):
        look()
        elements = dict(zip([*names, "X"], (array[place] for array in columns[:-1]), strict=True))
        found = _one(system, elements, columns[-1][place])
        if found is None:
            return None
        for target, name in zip(sent, names, strict=True):
            target[place] = found[name]
    return [array.reshape(operand.shape) for array, operand in zip(sent, operands, strict=True)]


def _matrix(array: np.ndarray, lead: tuple[int, ...]) -> np.ndarray:
    """Numbers and vectors as matrices of one column."""
    inner = array.shape[len(lead) :]
    return array.reshape(*lead, *inner, *(1,) * (2 - len(inner)))


def _one(system: System, elements: dict[str, np.ndarray], adjoint: np.ndarray) -> dict[str, np.ndarray] | None:
    sent = {name: np.full(array.shape, mp.mpf(0), dtype=object) for name, array in elements.items() if name != "X"}
    number = {place: k for k, place in enumerate(system.unknowns)}
    by_unknown, by_operand = mp.zeros(len(number), len(system.equations)), []
    for row, equation in enumerate(system.equations):
        for place, partial in _partials(equation, elements):
            if place in number:
                by_unknown[number[place], row] += partial
            elif place[0] != "X":
                by_operand.append((place, row, partial))
    wanted = mp.matrix([adjoint[place[1:]] for place in system.unknowns])
    try:
        weights = mp.lu_solve(by_unknown, wanted)
    except (ZeroDivisionError, ValueError, TypeError):  # the last where mpmath finds no pivot in a column of zeros
        return None
    for (name, i, j), row, partial in by_operand:
        sent[name][i, j] -= weights[row] * partial
    return sent


def _partials(equation: Equation, elements: dict[str, np.ndarray]) -> Iterator[tuple[Place, Any]]:
    """The derivatives of a sum of products: of each, by each of its factors, the product of the others."""
    for one in equation:
        for k, place in enumerate(one.places):
            partial = mp.mpf(one.coefficient)
            for name, i, j in (*one.places[:k], *one.places[k + 1 :]):
                partial *= elements[name][i, j]
            yield place, partial
