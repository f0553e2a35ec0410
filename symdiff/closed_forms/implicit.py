"""Values that an equation defines, in matrix elements: differentiated in their own elements and those of an inverse.

From ``A X = B``: ``dA X + A dX = dB``; the other equations and their differentials are those of
``symdiff.evaluation.implicit``.
Of stacks of matrices every formula has the positions in the stack in front.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.conditions import at_least_zero, compared
from symdiff.algebra.forms import Form
from symdiff.algebra.sums import delta, multiplied, summed
from symdiff.closed_forms.elements import Elements, Position
from symdiff.meaning.terms import Element

Bar = Callable[..., Form]


def inverse_element(elements: Elements, matrix: int, lead: Position, row: Form, column: Form) -> Form:
    """An element of the inverse of a matrix of the program."""
    return elements.algebra.make(ElementAtom, "inverse", matrix, (*lead, row, column))


def determinant_of(elements: Elements, matrix: int, lead: Position) -> Form:
    """The determinant of a matrix of the program."""
    return elements.algebra.make(ElementAtom, "determinant", matrix, lead)


def _two(elements: Elements, matrix: int) -> tuple[Any, Any, Form, Form]:
    """Fresh variables for a row and a column of a matrix, and their forms."""
    algebra = elements.algebra
    size = elements.sizes(matrix)[-1]
    i, j = algebra.fresh(size), algebra.fresh(size)
    return i, j, algebra.of(i), algebra.of(j)


# --- systems ----------------------------------------------------------------------------------------------------------


def _inverse_value(elements: Elements, element: Element, at: Position) -> Form:
    return inverse_element(elements, element.operands[0], at[:-2], at[-2], at[-1])


def _inverse_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # Abar[k,l] = -Σ Y[i,k] Ybar[i,j] Y[l,j]
    lead = at[:-2]
    i, j, row, column = _two(elements, element.index)
    left = elements.read(element.index, (*lead, row, at[-2]))
    right = elements.read(element.index, (*lead, at[-1], column))
    return summed(elements.algebra, [i, j], -(left * bar((*lead, row, column)) * right))


def _split(elements: Elements, element: Element, at: Position) -> tuple[Position, Form, Position]:
    """A position in a solution (or its right-hand side): in the stack, the row, the column if there are columns."""
    stack = len(elements.program.elements[element.operands[0]].sizes) - 2
    return at[:stack], at[stack], at[stack + 1 :]


def _solution_value(elements: Elements, element: Element, at: Position) -> Form:
    algebra = elements.algebra
    matrix, right = element.operands
    lead, row, behind = _split(elements, element, at)
    j = algebra.fresh(elements.sizes(matrix)[-1])
    here = algebra.of(j)
    known = elements.read(right, (*lead, here, *behind))
    return summed(algebra, [j], inverse_element(elements, matrix, lead, row, here) * known)


def _solution_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # Bbar = A^-T Xbar, Abar = -Bbar X^T
    algebra = elements.algebra
    matrix = element.operands[0]
    i = algebra.fresh(elements.sizes(matrix)[-1])
    row = algebra.of(i)
    if operand == 1:
        lead, place, columns = _split(elements, element, at)
        back = inverse_element(elements, matrix, lead, row, place)
        return summed(algebra, [i], back * bar((*lead, row, *columns)))
    lead = at[:-2]
    rest = [algebra.fresh(size) for size in elements.sizes(element.index)[len(lead) + 1 :]]
    behind = tuple(algebra.of(j) for j in rest)
    back = inverse_element(elements, matrix, lead, row, at[-2])
    sent = back * bar((*lead, row, *behind)) * elements.read(element.index, (*lead, at[-1], *behind))
    return summed(algebra, [i, *rest], -sent)


# --- determinants -----------------------------------------------------------------------------------------------------


def _determinant_value(elements: Elements, element: Element, at: Position) -> Form:
    return determinant_of(elements, element.operands[0], at)


def _determinant_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # the cofactor of an entry is det A times the entry of the inverse across the diagonal
    lead = at[:-2]
    across = inverse_element(elements, element.operands[0], lead, at[-1], at[-2])
    return bar(lead) * elements.read(element.index, lead) * across


def _cofactor_value(elements: Elements, element: Element, at: Position) -> Form:
    (matrix,) = element.operands
    return determinant_of(elements, matrix, at[:-2]) * inverse_element(elements, matrix, at[:-2], at[-1], at[-2])


def _cofactor_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # with B = A^-T: det A (tr(B^T Cbar) B - B Cbar^T B)
    algebra, lead = elements.algebra, at[:-2]
    (matrix,) = element.operands
    i, j, row, column = _two(elements, matrix)

    def across(a: Form, b: Form) -> Form:
        return inverse_element(elements, matrix, lead, b, a)

    sent = bar((*lead, row, column))
    trace = summed(algebra, [i, j], across(row, column) * sent)
    turned = summed(algebra, [i, j], across(at[-2], column) * sent * across(row, at[-1]))
    return determinant_of(elements, matrix, lead) * (trace * across(at[-2], at[-1]) - turned)


# --- factors ----------------------------------------------------------------------------------------------------------


def _mirrored(elements: Elements, at: Position, half: Callable[[Form, Form], Form]) -> Form:
    """The mean of ``half`` at a position and across the diagonal."""
    return (half(at[-2], at[-1]) + half(at[-1], at[-2])).scaled(Fraction(1, 2))


def _cholesky_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # the symmetric part of L^-T phi(L^T Lbar) L^-1, phi the lower triangle with half of the diagonal
    algebra, lead = elements.algebra, at[:-2]

    def half(k: Form, l: Form) -> Form:
        i, j, row, column = _two(elements, element.index)
        m = algebra.fresh(elements.sizes(element.index)[-1])
        inner = algebra.of(m)
        below = at_least_zero(algebra, row - column - 1) + delta(algebra, row - column).scaled(Fraction(1, 2))
        left = inverse_element(elements, element.index, lead, row, k)
        right = inverse_element(elements, element.index, lead, column, l)
        inside = elements.read(element.index, (*lead, inner, row)) * bar((*lead, inner, column))
        return summed(algebra, [i, j, m], below * left * inside * right)

    return _mirrored(elements, at, half)


def _eigen_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # the symmetric part of V (diag(wbar) + F * (V^T Vbar)) V^T, F_ij = 1/(w_j - w_i) beside the diagonal
    algebra, lead, one = elements.algebra, at[:-2], elements.algebra.one

    def vector(row: Form, column: Form) -> Form:
        return elements.read(element.index, (*lead, row + 1, column))

    def value(column: Form) -> Form:
        return elements.read(element.index, (*lead, one, column))

    def half(k: Form, l: Form) -> Form:
        i, j, row, column = _two(elements, element.index)
        m = algebra.fresh(elements.sizes(element.index)[-1])
        inner = algebra.of(m)
        stretched = summed(algebra, [i], vector(k, row) * bar((*lead, one, row)) * vector(l, row))
        turn = vector(inner, row) * bar((*lead, inner + 1, column)) / (value(column) - value(row))
        apart = compared(algebra, "!=", row - column)
        turned = summed(algebra, [i, j, m], vector(k, row) * turn * vector(l, column) * apart)
        return stretched + turned

    return _mirrored(elements, at, half)


def _recurrence_adjoint(elements: Elements, element: Element, operand: int, at: Position, bar: Bar) -> Form:
    # bbar[k] = Σ sbar[i] a[k+1] ... a[i] over i >= k, abar[k] = s[k-1] bbar[k]
    algebra = elements.algebra
    axis = int(str(dict(element.meaning.options)["axis"]))  # type: ignore[union-attr]  # equations only come here
    here = at[axis]
    i = algebra.fresh(elements.sizes(element.index)[axis])
    last = algebra.of(i)
    l = algebra.fresh(last - here)
    factor = elements.read(element.operands[1], (*at[:axis], here + algebra.of(l), *at[axis + 1 :]))
    between = multiplied(algebra, l, factor)
    sent = bar((*at[:axis], last, *at[axis + 1 :])) * between * at_least_zero(algebra, last - here)
    total = summed(algebra, [i], sent)
    if operand == 0:
        return total
    before = elements.read(element.index, (*at[:axis], here - 1, *at[axis + 1 :]))
    return total * before * at_least_zero(algebra, here - 2)


VALUES: dict[str, Callable[[Any, Any, Any], Form]] = {
    "inv": _inverse_value,
    "det": _determinant_value,
    "solve": _solution_value,
    "cofactors": _cofactor_value,
}
"""Of the kinds that have a formula; the others are known by name."""
ADJOINTS: dict[str, Callable[[Any, Any, int, Any, Bar], Form]] = {
    "inv": _inverse_adjoint,
    "det": _determinant_adjoint,
    "solve": _solution_adjoint,
    "cofactors": _cofactor_adjoint,
    "cholesky": _cholesky_adjoint,
    "eigh": _eigen_adjoint,
    "recurrence": _recurrence_adjoint,
}
