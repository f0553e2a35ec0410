"""The matrix form of a gradient as trees: Xᵀ(P − T)/m, with a row for each name in it, in the names of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp

from symdiff.errors import InputError
from symdiff.matrix_form.nodes import Node, is_negative
from symdiff.matrix_form.statements import Statements
from symdiff.matrix_form.verifying import value_of
from symdiff.printing.record import fields_of
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import (
    Absolute,
    Add,
    Call,
    Cases,
    Constant,
    Fraction,
    Hadamard,
    HadamardPower,
    InverseTranspose,
    List,
    Math,
    Negative,
    Norm,
    Number,
    Partial,
    Power,
    Relation,
    Root,
    Symbol,
    Times,
    Transpose,
)
from symdiff.viewing.page_names import LETTERS, NEVER, letters_of
from symdiff.viewing.view import MathRow, MatrixView
from symdiff.viewing.writing import Writing

MATRICES = frozenset({"mm", "T", "outer", "diag", "diagonal", "col", "row"})
"""What a form of a vector without any of it says no more than the index form: ``2*x/n``."""

NOT_ON_PAGES = frozenset({"literal", "elements", "eye"})
"""What code writes and mathematics does not: lists of numbers, rows of the identity that positions choose."""

ONES = Constant("ones")
AGREES = 1e-9


class MatrixForms:
    """Writes the matrix forms of one explanation; a name that an earlier form has defined is not defined again."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._said: set[Math] = set()
        self._letters: _Fresh | None = None

    def of(self, name: str) -> MatrixView | None:
        """The form by an input; None where there is none, or none that says more than the index form."""
        forms = self._writing.explained.matrix
        proposed = None if forms is None else forms.proposed(name)
        if forms is None or proposed is None or not _worth_it(proposed):
            return None
        found = forms.form(name)
        if found is None or not self._true_here(name, found):
            return None
        if self._letters is None:
            self._letters = _Fresh(self._writing)
        rows = _Writer(self._writing, found, self._letters).rows(name)
        new = tuple({row[0]: row for row in rows[:-1] if row[0] not in self._said}.values())
        self._said.update(row[0] for row in new)
        return MatrixView((*new, rows[-1]), found.shares)

    def _true_here(self, name: str, found: Statements) -> bool:
        """Whether the form has the report's value: at a kink that may be another one of the valid gradients."""
        evidence = self._writing.evidence
        at = {each: np.asarray(tensor.data) for each, tensor in evidence.traced.tensors.items()}
        want = evidence.report.inputs[name].symbolic
        try:
            got = value_of(found.text, at)
        except InputError:
            return False
        return bool(got.shape == want.shape and np.allclose(got, want, rtol=AGREES, atol=AGREES * _scale(want)))


def _scale(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _worth_it(found: Statements) -> bool:
    pairs = [pair for each in (*(n for _, n in found.named), found.result) for pair in _parts(each, None)]
    nodes = [node for node, _ in pairs]
    if any(node.head in NOT_ON_PAGES or _chosen(node, outer) or _columns(node) for node, outer in pairs):
        return False
    return found.result.ndim == 2 or any(node.head in MATRICES or _of_matrix(node) for node in nodes)


def _of_matrix(node: Node) -> bool:
    """Whether a node is a sum, an inverse or another function of a whole matrix."""
    whole = node.head == "sum" or (node.head == "call" and node.data[0] in ("inv", "det", "mean"))
    return whole and node.args[0].ndim == 2


def _columns(node: Node) -> bool:
    """Whether a vector is stretched that is no sum or mean of rows: mathematics has no short sign for it."""
    if node.head not in ("col", "row"):
        return False
    inner = node.args[0]
    reduced = inner.head == "sum" or (inner.head == "call" and inner.data[0] == "mean")
    return not (reduced or inner.head == "item")


def _chosen(node: Node, outer: Node | None) -> bool:
    """Whether elements are chosen by their positions; a row or a column that stands for every one is no choice."""
    if node.head != "item":
        return False
    if node.args[0].ndim < 2:
        return True
    if outer is not None and outer.head in ("col", "row"):
        return node.data not in ("0", ":, 0")
    return not (node.data == "0" and outer is not None and outer.head in ("add", "mul") and outer.ndim == 2)


def _parts(node: Node, outer: Node | None) -> Iterator[tuple[Node, Node | None]]:
    """A node and all in it, each with what it stands in."""
    yield node, outer
    for part in node.args:
        yield from _parts(part, node)


class _Fresh:
    """Letters that nothing on the page has yet, one for each thing that only matrix forms name."""

    def __init__(self, writing: Writing) -> None:
        names = writing.page_names
        taken = {*names.elements.values(), *names.numbers, *names.arrays, *letters_of(writing.forms)}
        taken |= {str(letter) for letter in writing.forms.sizes} | NEVER
        self._free = {
            False: iter([letter for letter in LETTERS if letter.islower() and letter not in taken]),
            True: iter([letter for letter in "GHRMBCDEFPQSTUVWXYZ" if letter not in taken]),
        }
        self._given: dict[Math, Symbol] = {}

    def of(self, written: Math, ndim: int) -> Symbol:
        """The letter of what is written so."""
        if written not in self._given:
            self._given[written] = Symbol(next(self._free[ndim == 2]))
        return self._given[written]


class _Writer:
    """Writes the nodes of one form."""

    def __init__(self, writing: Writing, form: Statements, fresh: _Fresh) -> None:
        self._writing, self._form, self._fresh = writing, form, fresh
        self._symbols: dict[str, Math] = {}

    def rows(self, name: str) -> list[MathRow]:
        """A row for every name, and the gradient's last."""
        found: list[MathRow] = []
        for own, node in self._form.named:
            if node.head != "shape":
                written = self.math(node)
                self._symbols[own] = self._name(own, node.ndim, written)
                found.append((self._symbols[own], written))
        return [*found, (partial(self._writing.result, Symbol(name)), self.math(self._form.result))]

    def _name(self, own: str, ndim: int, written: Math) -> Math:
        kind, of = self._form.origins[own]
        if kind == "adjoint":
            return partial(self._writing.result, self._writing.whole(of))
        # an array of the result's name is told apart by its index, which it has not here
        if kind == "value" and not (ndim and of == self._writing.result.name):
            return self._writing.whole(of) if ndim else Symbol(of)
        return self._fresh.of(written, ndim)

    # --- nodes --------------------------------------------------------------------------------------------------------

    def math(self, node: Node, beside: int = 0) -> Math:
        """A node as a tree; ``beside`` is the number of axes of what it stands beside, element by element."""
        return _RULES[node.head](self, node, beside)

    def name(self, node: Node, beside: int) -> Math:
        if node.data in self._symbols:
            return self._symbols[node.data]
        length = dict(self._form.named).get(node.data)
        return Symbol(node.data) if length is None else self.math(length)

    def number(self, node: Node, beside: int) -> Math:
        return self._writing.math(node.data)

    def shape(self, node: Node, beside: int) -> Math:
        lengths = self._form.shapes(node.args[0])
        if node.data is not None:
            return self._writing.math(lengths[node.data])
        return _product([self._writing.math(length) for length in lengths])

    def add(self, node: Node, beside: int) -> Math:
        terms = []
        for coefficient, term in zip(node.data, node.args, strict=True):
            own, factors = coefficient, [(term, sp.Integer(1))]
            if term.head == "mul":
                own, factors = coefficient * term.data[0], list(zip(term.args, term.data[1], strict=True))
            elif term.head == "number":
                own, factors = coefficient * term.data, []
            terms.append(self.product(own, factors, node.ndim))
        return Add(tuple(terms))

    def mul(self, node: Node, beside: int) -> Math:
        return self.product(node.data[0], list(zip(node.args, node.data[1], strict=True)), max(node.ndim, beside))

    def product(self, number: sp.Expr, factors: list[tuple[Node, sp.Expr]], ndim: int) -> Math:
        """A number times scalars times arrays, over what it is divided by."""
        negative = is_negative(number)
        above, below = _numbers(-number if negative else number)
        over = [self._writing.math(part) for part in above]
        under = [self._writing.math(part) for part in below]
        arrays: list[Math] = []
        for node, exponent in factors:
            if node.ndim:
                arrays += self._array(node, exponent, ndim)
            elif is_negative(exponent):
                under.append(self._scalar(node, -exponent))
            else:
                over.append(self._scalar(node, exponent))
        whole = [*over, *([Hadamard(tuple(arrays))] if len(arrays) > 1 else arrays)]
        made = _product(whole) if whole else Number("1")
        if under and any(_has_partial(part) for part in whole):
            # a fraction above a line is hard to read
            made = _product([Fraction(_product(over) if over else Number("1"), _product(under)), *whole[len(over) :]])
        elif under:
            made = Fraction(made, _product(under))
        return Negative(made) if negative else made

    def _scalar(self, node: Node, exponent: sp.Expr) -> Math:
        base = self.math(node)
        if exponent == 1:
            return base
        return Root(base) if exponent == sp.Rational(1, 2) else Power(base, self._writing.math(exponent))

    def _array(self, node: Node, exponent: sp.Expr, ndim: int) -> list[Math]:
        base = self.math(node, ndim)
        if exponent == 1:
            return [base]
        return [base, base] if exponent == 2 else [HadamardPower(base, self._writing.math(exponent))]

    def mm(self, node: Node, beside: int) -> Math:
        parts = [self.math(part) for part in node.args]
        if node.args[0].ndim == 1:
            parts[0] = Transpose(parts[0])
        return Times(tuple(parts))

    def T(self, node: Node, beside: int) -> Math:
        inner = node.args[0]
        if inner.head == "call" and inner.data[0] == "inv":
            return InverseTranspose(self.math(inner.args[0]))
        return Transpose(self.math(inner))

    def col(self, node: Node, beside: int) -> Math:
        return self._stretched(node.args[0], 1)

    def row(self, node: Node, beside: int) -> Math:
        return self._stretched(node.args[0], 0)

    def _stretched(self, vector: Node, axis: int) -> Math:
        """A vector along an axis of a matrix."""
        if vector.head == "item":
            return self.math(vector)
        if vector.head == "sum" and vector.data == axis:
            return Call("rowsum" if axis else "colsum", (self.math(vector.args[0]),))
        if vector.head == "call" and vector.data == ("mean", (("axis", axis),)):
            return Call("rowmean" if axis else "colmean", (self.math(vector.args[0]),))
        written = self.math(vector)
        return Times((written, Transpose(ONES)) if axis else (ONES, Transpose(written)))

    def sum(self, node: Node, beside: int) -> Math:
        inner = node.args[0]
        if beside == 2 and node.data == 0:
            return Call("colsum", (self.math(inner),))
        return self._total(self.math(inner), inner.ndim, node.data)

    @staticmethod
    def _total(written: Math, ndim: int, axis: int | None) -> Math:
        if ndim == 1:
            return Times((Transpose(ONES), written))
        if axis is None:
            return Times((Transpose(ONES), written, ONES))
        return Times((Transpose(written) if axis == 0 else written, ONES))

    def _mean(self, node: Node, beside: int) -> Math:
        inner, axis = node.args[0], dict(node.data[1]).get("axis")
        if beside == 2 and axis == 0:
            return Call("colmean", (self.math(inner),))
        lengths = self._form.shapes(inner)
        over = lengths if axis is None else (lengths[axis],)
        return Fraction(self._total(self.math(inner), inner.ndim, axis), _product(list(map(self._writing.math, over))))

    def outer(self, node: Node, beside: int) -> Math:
        left, right = map(self.math, node.args)
        return Times((left, Transpose(right)))

    def diag(self, node: Node, beside: int) -> Math:
        return Call("diag", (self.math(node.args[0]),))

    def item(self, node: Node, beside: int) -> Math:
        return self.math(node.args[0])

    def call(self, node: Node, beside: int) -> Math:
        function, keywords = node.data
        inner = self.math(node.args[0], node.ndim)
        if function == "mean":
            return self._mean(node, beside)
        if function == "inv":
            return Power(inner, Number("-1"))
        if function in ("norm", "abs"):
            return Norm(inner) if function == "norm" else Absolute(inner)
        if function == "zeros_like":
            return Number("0")
        if function == "ones_like":
            return ONES if node.ndim == 1 else Times((ONES, Transpose(ONES)))
        if dict(keywords).get("axis") == 0 and node.ndim == 2:
            return Transpose(Call(function, (Transpose(inner),)))
        return Call(function, tuple(self.math(part, node.ndim) for part in node.args))

    def holds(self, node: Node, beside: int) -> Math:
        return List((self.math(node.args[0]),))

    def compare(self, node: Node, beside: int) -> Math:
        left, right = (self.math(part, node.ndim) for part in node.args)
        return Relation(_SIGNS.get(node.data, node.data), left, right)

    def joined(self, node: Node, beside: int) -> Math:
        first, *others = (self.math(part, node.ndim) for part in node.args)
        for other in others:
            first = Relation("∧" if node.head == "and" else "∨", first, other)
        return first

    def where(self, node: Node, beside: int) -> Math:
        condition, one, other = (self.math(part, node.ndim) for part in node.args)
        return Cases(((one, condition), (other, None)))

    def power(self, node: Node, beside: int) -> Math:
        base, exponent = (self.math(part, node.ndim) for part in node.args)
        return HadamardPower(base, exponent) if node.ndim else Power(base, exponent)


def _has_partial(node: Math) -> bool:
    if isinstance(node, Partial):
        return True
    values = [getattr(node, name) for name in fields_of(node)]
    parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return any(isinstance(part, Math) and _has_partial(part) for part in parts)


def _product(factors: list[Math]) -> Math:
    return factors[0] if len(factors) == 1 else Times(tuple(factors))


def _numbers(number: sp.Expr) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """A number as what stands above and what below a line; 1 is left out."""
    if number.is_Rational:
        small = number.q < 1000
        above, below = (sp.Integer(number.p), sp.Integer(number.q)) if small else (number, sp.Integer(1))
    elif sp.count_ops(1 / number) < sp.count_ops(number):
        above, below = sp.Integer(1), 1 / number
    else:
        above, below = number, sp.Integer(1)
    return [above] * (above != 1), [below] * (below != 1)


_SIGNS = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}

_RULES: dict[str, Callable[[_Writer, Node, int], Math]] = {
    "name": _Writer.name,
    "number": _Writer.number,
    "shape": _Writer.shape,
    "add": _Writer.add,
    "mul": _Writer.mul,
    "mm": _Writer.mm,
    "T": _Writer.T,
    "col": _Writer.col,
    "row": _Writer.row,
    "sum": _Writer.sum,
    "outer": _Writer.outer,
    "diag": _Writer.diag,
    "diagonal": _Writer.diag,
    "item": _Writer.item,
    "call": _Writer.call,
    "holds": _Writer.holds,
    "compare": _Writer.compare,
    "and": _Writer.joined,
    "or": _Writer.joined,
    "where": _Writer.where,
    "power": _Writer.power,
}
