"""Reads the matrix forms of a page: products of matrices, of elements, sums, in floats over whole arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from scipy import special

from symdiff.pages.blocks import Row
from symdiff.printing import tree
from symdiff.printing.plain import plain

ONES = object()
Array = Any


class Line(np.ndarray):
    """A vector that stands as a row: what is transposed."""


def matrix_rows(view: Any) -> Iterator[Row]:
    """The rows of all matrix forms of a view, in order."""
    for gradient in view.gradients:
        for parts in gradient.matrix.rows if gradient.matrix is not None else ():
            yield Row(parts)


class WholeArrays:
    """The names of a page as whole arrays; rows that define a name are read in order, and add it."""

    def __init__(self, arrays: Mapping[str, Array], partials: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        self.arrays, self.partials, self.sizes = dict(arrays), dict(partials), dict(sizes)

    def falsehoods(self, view: Any) -> list[str]:
        """The rows of matrix forms that are not true."""
        found = []
        for row in matrix_rows(view):
            left, right = row.parts
            value = np.asarray(self.value(right))
            known = self._left(left)
            if known is None:
                assert isinstance(left, tree.Symbol)
                self.arrays[left.name] = value
                continue
            want = np.asarray(known, dtype=float)
            scale = float(np.max(np.abs(want), initial=1e-300))
            try:
                value = np.broadcast_to(value.reshape(want.shape) if value.size == want.size else value, want.shape)
            except ValueError:
                value = np.full(want.shape, np.nan)
            scale = scale if np.isfinite(scale) else float(np.max(np.abs(want[np.isfinite(want)]), initial=1e-300))
            if not np.all((value == want) | (np.abs(value - want) <= 1e-9 * scale)):
                found.append(f"{plain(left)} is {want.tolist()}, {plain(right)} is {value.tolist()}")
        return found

    def _left(self, left: tree.Math) -> Array | None:
        if isinstance(left, tree.Partial):
            assert isinstance(left.by, tree.Symbol)
            return self.partials[left.by.name]
        assert isinstance(left, tree.Symbol)
        return self.arrays.get(left.name)

    def value(self, node: tree.Math) -> Array:
        """What a part of a line is."""
        return _RULES[type(node)](self, node)

    def symbol(self, node: tree.Symbol) -> Array:
        if node.name in self.sizes and node.name not in self.arrays:
            return float(self.sizes[node.name])
        return self.arrays[node.name]

    def partial(self, node: tree.Partial) -> Array:
        assert isinstance(node.by, tree.Symbol)
        return self.partials[node.by.name]

    def times(self, node: tree.Times) -> Array:
        values = [self.value(factor) for factor in node.factors]
        total = values[0]
        for value in values[1:]:
            total = _product(total, value)
        return total

    def fraction(self, node: tree.Fraction) -> Array:
        return self.value(node.over) / self.value(node.under)

    def add(self, node: tree.Add) -> Array:
        return sum(self.value(term) for term in node.terms)

    def hadamard(self, node: tree.Hadamard) -> Array:
        total = self.value(node.factors[0])
        for factor in node.factors[1:]:
            total = total * self.value(factor)
        return total

    def transpose(self, node: tree.Transpose) -> Array:
        value = self.value(node.body)
        if value is ONES:
            return (ONES, "line")
        return np.asarray(value).view(Line) if np.ndim(value) == 1 else np.asarray(value).T

    def power(self, node: tree.Power) -> Array:
        base, exponent = self.value(node.base), self.value(node.exponent)
        return np.linalg.inv(base) if np.ndim(base) == 2 else base**exponent

    def call(self, node: tree.Call) -> Array:
        return FUNCTIONS[node.function](*map(self.value, node.arguments))

    def list(self, node: tree.List) -> Array:
        (condition,) = node.items
        assert isinstance(condition, tree.Relation)
        return np.asarray(self.relation(condition), dtype=float)

    def relation(self, node: tree.Relation) -> Array:
        return SIGNS[node.symbol](self.value(node.left), self.value(node.right))

    def cases(self, node: tree.Cases) -> Array:
        (one, condition), (other, _) = node.cases
        assert condition is not None
        return np.where(self.value(condition), self.value(one), self.value(other))

    def constant(self, node: tree.Constant) -> Array:
        return {"pi": np.pi, "e": np.e, "ones": ONES}[node.name]


def _product(left: Array, right: Array) -> Array:
    """The product of matrices, of columns and of rows; with the vector of ones it adds up or stretches."""
    if isinstance(left, tuple):  # ones as a row: what stands on the right is added up along its columns
        return _added(right, 0)
    if isinstance(right, tuple):  # v times ones as a row: the same in every column
        return 1.0 if left is ONES else np.asarray(left)[:, None]
    if right is ONES:
        return _added(left, -1)
    if left is ONES:
        return np.asarray(right)[None, :]
    if np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    if np.ndim(left) == 1 and np.ndim(right) == 1 and isinstance(right, Line):
        return np.outer(left, right)
    found = np.asarray(left) @ np.asarray(right)
    return found.view(Line) if isinstance(left, Line) and np.ndim(found) else found


def _added(value: Array, axis: int) -> Array:
    if value is ONES:
        raise AssertionError("ones times ones")
    total = np.asarray(value).sum(axis=0 if np.ndim(value) == 1 else axis)
    return total.view(Line) if axis == 0 and np.ndim(total) else total


def _softmax(z: Array) -> Array:
    return special.softmax(z, axis=-1)


FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    **{name: getattr(np, name) for name in ("exp", "log", "tanh", "sin", "cos", "sign", "cosh", "sinh")},
    "floor": np.floor, "ceil": np.ceil,
    "sigmoid": special.expit, "softmax": _softmax, "relu": lambda z: np.maximum(z, 0), "det": np.linalg.det,
    "diag": np.diag, "softplus": lambda z: np.logaddexp(0, z), "logsumexp": special.logsumexp,
    "rowsum": lambda m: m.sum(axis=1, keepdims=True), "colsum": lambda m: m.sum(axis=0, keepdims=True),
    "rowmean": lambda m: m.mean(axis=1, keepdims=True), "colmean": lambda m: m.mean(axis=0, keepdims=True),
    "maximum": np.maximum, "minimum": np.minimum,
}  # fmt: skip
SIGNS: Mapping[str, Callable[[Array, Array], Array]] = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal, "≠": np.not_equal,
    "∧": np.logical_and, "∨": np.logical_or,
}  # fmt: skip
_RULES: Mapping[type, Callable[[WholeArrays, Any], Array]] = {
    tree.Symbol: WholeArrays.symbol, tree.Partial: WholeArrays.partial, tree.Times: WholeArrays.times,
    tree.Fraction: WholeArrays.fraction, tree.Add: WholeArrays.add, tree.Hadamard: WholeArrays.hadamard,
    tree.HadamardPower: lambda w, node: w.value(node.base) ** w.value(node.exponent),
    tree.Transpose: WholeArrays.transpose, tree.Power: WholeArrays.power, tree.Call: WholeArrays.call,
    tree.InverseTranspose: lambda w, node: np.linalg.inv(w.value(node.body)).T,
    tree.Negative: lambda w, node: -w.value(node.body), tree.Number: lambda w, node: float(node.text),
    tree.Root: lambda w, node: np.sqrt(w.value(node.radicand)),
    tree.Norm: lambda w, node: np.sqrt((w.value(node.body) ** 2).sum()),
    tree.Absolute: lambda w, node: np.abs(w.value(node.body)), tree.List: WholeArrays.list,
    tree.Relation: WholeArrays.relation, tree.Cases: WholeArrays.cases, tree.Constant: WholeArrays.constant,
    tree.Bracket: lambda w, node: w.value(node.body),
}  # fmt: skip
