"""Values that an equation defines, in matrix elements: differentiated in their own elements and those of an inverse.

From ``A X = B``: ``dA X + A dX = dB`` (Giles, Collected matrix derivative results, 2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symdiff.normal.atoms import Element as ElementAtom
from symdiff.normal.forms import Form
from symdiff.normal.sums import summed

if TYPE_CHECKING:
    from symdiff.normal.elements import Elements, Position
    from symdiff.terms import Element

Bar = Callable[..., Form]


def inverse_element(elements: Elements, matrix: int, row: Form, column: Form) -> Form:
    """An element of the inverse of a matrix of the program."""
    return elements.algebra.make(ElementAtom, "inverse", matrix, (row, column))


def _inverse_value(elements: Elements, element: Element, at: Position) -> Form:
    return inverse_element(elements, element.operands[0], at[0], at[1])


def _determinant_value(elements: Elements, element: Element, at: Position) -> Form:
    return elements.algebra.make(ElementAtom, "determinant", element.operands[0], ())


def _solution_value(elements: Elements, element: Element, at: Position) -> Form:
    algebra = elements.algebra
    matrix, right = element.operands
    j = algebra.fresh(elements.sizes(matrix)[0])
    here = algebra.of(j)
    return summed(algebra, [j], inverse_element(elements, matrix, at[0], here) * elements.read(right, (here, *at[1:])))


def _inverse_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # Abar[k,l] = -Σ Y[i,k] Ybar[i,j] Y[l,j]
    algebra = elements.algebra
    size = elements.sizes(element.index)[0]
    i, j = algebra.fresh(size), algebra.fresh(size)
    row, column = algebra.of(i), algebra.of(j)
    left = elements.read(element.index, (row, at[0]))
    right = elements.read(element.index, (at[1], column))
    return summed(algebra, [i, j], -(left * bar((row, column)) * right))


def _determinant_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # the cofactor of an entry is det A times the entry of the inverse across the diagonal
    return bar(()) * elements.read(element.index, ()) * inverse_element(elements, element.operands[0], at[1], at[0])


def _solution_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # Bbar = A^-T Xbar, Abar = -Bbar X^T
    algebra = elements.algebra
    matrix = element.operands[0]
    i = algebra.fresh(elements.sizes(matrix)[0])
    row = algebra.of(i)
    if operand == 1:
        return summed(algebra, [i], inverse_element(elements, matrix, row, at[0]) * bar((row, *at[1:])))
    columns = elements.sizes(element.index)[1:]
    rest = [algebra.fresh(size) for size in columns]
    behind = tuple(algebra.of(j) for j in rest)
    sent = (
        inverse_element(elements, matrix, row, at[0])
        * bar((row, *behind))
        * elements.read(element.index, (at[1], *behind))
    )
    return summed(algebra, [i, *rest], -sent)


VALUES: dict[str, Callable[[Any, Any, Any], Form]] = {
    "inv": _inverse_value,
    "det": _determinant_value,
    "solve": _solution_value,
}
ADJOINTS: dict[str, Callable[[Any, Any, int, Any, Bar], Form]] = {
    "inv": _inverse_adjoint,
    "det": _determinant_adjoint,
    "solve": _solution_adjoint,
}
