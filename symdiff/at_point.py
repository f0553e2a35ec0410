"""General formulas at the point where a program was traced: written for one index, and as numbers.

``Point(closed).written(formula, {k: 1})`` is the formula for the first element, ``Point(closed).value(...)`` the float
next to its exact value: mpmath computes it, the precision doubled until the float stands still.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import sympy as sp
from sympy.logic.boolalg import BooleanAtom

from symdiff.arrays import Array
from symdiff.closed_forms.closed_form import ClosedForms
from symdiff.closed_forms.records import Definition
from symdiff.evaluation.evaluate import Forward, backward, forward
from symdiff.evaluation.fields.exact import Exact, elementwise
from symdiff.evaluation.moves import Shares, Sorted, ordered
from symdiff.evaluation.precision import PRECISIONS, mp, settled
from symdiff.meaning.program import SymbolicProgram
from symdiff.meaning.terms import Order

__all__ = ["Point", "chosen_position"]

Letters: TypeAlias = "Mapping[sp.Symbol, int]"

TERMS = 8
"""A sum is written out up to so many terms."""

FIRST_BITS, LAST_BITS = PRECISIONS[0], 1000


class Point:
    """The values of one program; ``choices`` is an evaluation whose conditions and picks are kept."""

    def __init__(self, closed: ClosedForms, choices: Forward | None = None) -> None:
        self.closed, self._choices = closed, choices
        self._numbers: dict[int, _Numbers] = {}

    def written(self, formula: sp.Expr, letters: Letters, definitions: Iterable[Definition] = ()) -> sp.Expr:
        """``formula`` with numbers for its indices, sizes and positions, its short sums written out."""
        numbers = self._at(FIRST_BITS)
        numbers.define(definitions)
        return _Written(numbers, letters)(formula)

    def value(self, formula: sp.Expr, letters: Letters, definitions: Iterable[Definition] = ()) -> float:
        """The float next to the formula's value at one index."""
        definitions = tuple(definitions)

        def compute() -> float:
            numbers = self._at(mp.prec)
            numbers.define(definitions)
            return float(numbers(formula, letters))

        return settled(compute, lambda before, now: now == before or now != now, LAST_BITS)

    def once(self, formula: sp.Expr, letters: Letters, definitions: Iterable[Definition] = ()) -> float:
        """The formula's value at one index at the first precision alone; what has none raises ZeroDivisionError."""
        with mp.workprec(FIRST_BITS):
            numbers = self._at(FIRST_BITS)
            numbers.define(definitions)
            return float(numbers(formula, letters))

    def scale(self, formula: sp.Expr, letters: Letters, definitions: Iterable[Definition] = ()) -> float:
        """The largest term that is summed for the value at one index, by which rounding errors are measured."""
        with mp.workprec(FIRST_BITS):
            numbers = self._at(FIRST_BITS)
            numbers.define(definitions)
            return float(_Scope(numbers, letters).scale(formula))

    def _at(self, bits: int) -> _Numbers:
        if bits not in self._numbers:
            with mp.workprec(bits), np.errstate(all="ignore"):
                self._numbers[bits] = _Numbers(self.closed, self._choices)
        return self._numbers[bits]


def chosen_position(program: SymbolicProgram, run: Forward, each: Definition) -> Array:
    """Where a pick took its element from, along the definition's axis and counted from 1, with its long axes only."""
    assert each.element is not None
    element = program.elements[each.element]
    choice = run.sources[element.index]
    shape = program.elements[element.operands[0]].shape
    if isinstance(choice, Shares):
        flat = choice.first
    elif isinstance(element.meaning, Order) and element.meaning.average:
        keys = np.asarray(run.values[element.operands[0]], dtype=float)
        flat = ordered(keys, Order(element.meaning.axis, (each.rank or 0,))).positions
    else:
        assert isinstance(choice, Sorted)
        flat = choice.positions[..., 0]
    return np.squeeze(np.asarray(np.unravel_index(flat, shape)[each.axis or 0])) + 1


class _Numbers:
    """All named arrays at one precision."""

    def __init__(self, closed: ClosedForms, choices: Forward | None) -> None:
        self.program = closed.derivation.program
        self.run = forward(self.program, Exact(), choices=choices)
        self.sizes: Mapping[sp.Basic, int] = closed.sizes
        self._arrays: dict[tuple[str, int], Array] = {}
        self._formulas: dict[tuple[str, int], Definition] = {}
        self._known: dict[Any, Any] = {}
        inputs = set(self.program.inputs.values())
        names = {**closed.names, **{index: name for name, index in self.program.inputs.items()}}
        for index, name in names.items():
            self._keep(name, self._shown(index, self.run.values[index], index in inputs))
        if not self.program.elements[self.program.result].shape:
            adjoints = backward(closed.derivation, self.run)
            # by their names alone: to write all steps of a long program takes longer than all that is asked of it here
            for index in closed.derivation.order:
                if index not in closed.composed.failed:
                    self._keep(closed.naming.name("adjoint", index), self._shown(index, adjoints[index], False))
        self.define(closed.given)

    def _keep(self, name: str, array: Array) -> None:
        self._arrays.setdefault((name, array.ndim), array)

    def _shown(self, index: int, values: Any, whole: bool) -> Array:
        """An array with the axes that it is written with."""
        shape = self.program.elements[index].shape
        array = np.broadcast_to(np.asarray(values, dtype=object), shape)
        return array if whole else array.reshape([n for n in shape if n != 1])

    def define(self, definitions: Iterable[Definition]) -> None:
        """Take up names that stand in a formula."""
        for each in definitions:
            array = self._given(each)
            if array is not None:
                self._keep(each.name, array)
            elif each.formula is not None:
                self._formulas.setdefault((each.name, len(each.indices)), each)

    def _given(self, each: Definition) -> Array | None:
        """The array that a name without a formula stands for; positions count from 1."""
        if each.kind in ("constant", "table") and each.value is not None:
            return np.asarray(each.value) + int(each.kind == "table")
        if each.element is None or each.kind not in _KINDS:
            return None
        return _KINDS[each.kind](self, each)

    def position(self, each: Definition) -> Array:
        return chosen_position(self.program, self.run, each)

    def inverse(self, each: Definition) -> Array:
        stack = self._stack(each)
        return np.array([(m**-1).tolist() for m in stack], dtype=object).reshape(self._operand(each).shape)

    def determinant(self, each: Definition) -> Array:
        return np.array([mp.det(m) for m in self._stack(each)], dtype=object).reshape(self._operand(each).shape[:-2])

    def equation(self, each: Definition) -> Array:
        return self._shown(int(each.element or 0), self.run.values[int(each.element or 0)], False)

    def _operand(self, each: Definition) -> Array:
        return np.asarray(self.run.values[int(each.element or 0)], dtype=object)

    def _stack(self, each: Definition) -> list[Any]:
        matrices = self._operand(each)
        return [mp.matrix(m.tolist()) for m in matrices.reshape(-1, *matrices.shape[-2:])]

    # --- reading ----------------------------------------------------------------------------------------------------

    def __call__(self, formula: sp.Basic, letters: Letters) -> Any:
        return _Scope(self, letters).number(formula)

    def element(self, name: str, index: tuple[int, ...]) -> Any:
        """An element of a named array, its index counting from 1."""
        array = self._arrays.get((name, len(index)))
        if array is not None:
            if any(i < 1 for i in index):
                raise IndexError(f"{name}{list(index)}: indices count from 1")
            return array[tuple(i - 1 for i in index)]
        key = name, index
        if key not in self._known:
            each = self._formulas[name, len(index)]
            self._known[key] = self(each.formula, dict(zip(each.indices, index, strict=True)))
        return self._known[key]

    def whole(self, name: str, index: tuple[int, ...]) -> int | None:
        """A position that was chosen or given, None for any other name."""
        array = self._arrays.get((name, len(index)))
        if array is None or array.dtype.kind not in "iu":
            return None
        return int(array[tuple(i - 1 for i in index)])


_KINDS: Mapping[str, Callable[[_Numbers, Definition], Array]] = {
    "chosen": _Numbers.position,
    "inverse": _Numbers.inverse,
    "determinant": _Numbers.determinant,
    "equation": _Numbers.equation,
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


class _Scope:
    """A place in a formula where some indices have a number."""

    def __init__(self, numbers: _Numbers, letters: Letters) -> None:
        self.numbers, self.letters = numbers, letters

    def number(self, e: Any) -> Any:
        """The value of a formula, at mpmath's precision of the moment."""
        if e in self.letters:
            return self.letters[e]
        if e.is_Symbol:
            return self.numbers.sizes[e] if e in self.numbers.sizes else self.numbers.element(e.name, ())
        rule = _RULES.get(type(e))
        if rule is not None:
            return rule(self, e)
        if e.is_number and not e.args:
            return mp.mpf(int(e.p)) / int(e.q) if e.is_Rational else mp.mpf(e._to_mpmath(mp.prec))
        name = "power" if e.is_Pow else type(e).__name__
        arguments = [mp.mpf(self.number(part)) for part in e.args]
        return Exact().power(*arguments) if e.is_Pow else elementwise(name)(*arguments)

    def scale(self, e: Any) -> Any:
        """The largest term of a sum, multiplied through products; of anything else its absolute value."""
        if isinstance(e, sp.Add):
            return max(map(self.scale, e.args))
        if isinstance(e, sp.Mul):
            return mp.fprod(map(self.scale, e.args))
        if isinstance(e, sp.Sum):
            return max((scope.scale(e.function) for scope in self.ranges(e.limits)), default=mp.mpf(0))
        if isinstance(e, sp.Piecewise):
            return next(self.scale(value) for value, condition in e.args if self.holds(condition))
        return abs(mp.mpf(self.number(e)))

    def indexed(self, e: sp.Indexed) -> Any:
        return self.numbers.element(str(e.base), tuple(int(self.number(i)) for i in e.indices))

    def total(self, e: sp.Add) -> Any:
        return mp.fsum(map(self.number, e.args))

    def product(self, e: sp.Mul) -> Any:
        result = mp.mpf(1)
        # a factor that is exactly 0 first, so that what it discards is never computed
        for factor in sorted(e.args, key=lambda part: not isinstance(part, sp.KroneckerDelta | sp.Piecewise)):
            value = self.number(factor)
            if value == 0 and isinstance(factor, sp.KroneckerDelta | sp.Piecewise):
                return mp.mpf(0)
            result *= value
        return result

    def sum(self, e: sp.Sum) -> Any:
        return mp.fsum(scope.number(e.function) for scope in self.ranges(e.limits))

    def over_index(self, e: sp.Product) -> Any:
        return mp.fprod(scope.number(e.function) for scope in self.ranges(e.limits))

    def delta(self, e: sp.KroneckerDelta) -> int:
        return int(self.number(e.args[0]) == self.number(e.args[1]))

    def piecewise(self, e: sp.Piecewise) -> Any:
        return next(self.number(value) for value, condition in e.args if self.holds(condition))

    def holds(self, condition: Any) -> bool:
        if isinstance(condition, BooleanAtom):
            return bool(condition)
        if isinstance(condition, sp.And | sp.Or):
            return (all if isinstance(condition, sp.And) else any)(map(self.holds, condition.args))
        left, right = map(self.number, condition.args)
        return _COMPARE[condition.rel_op](left, right)

    def ranges(self, limits: Any) -> Iterator[_Scope]:
        """The scope inside of a sum, once for every position; the last limit is the outermost."""
        *inner, (letter, low, high) = limits
        for at in range(int(self.number(low)), int(self.number(high)) + 1):
            scope = _Scope(self.numbers, {**self.letters, letter: at})
            if inner:
                yield from scope.ranges(inner)
            else:
                yield scope


_RULES: Mapping[type, Callable[[_Scope, Any], Any]] = {
    sp.Indexed: _Scope.indexed,
    sp.Add: _Scope.total,
    sp.Mul: _Scope.product,
    sp.Sum: _Scope.sum,
    sp.Product: _Scope.over_index,
    sp.KroneckerDelta: _Scope.delta,
    sp.Piecewise: _Scope.piecewise,
}


class _Written:
    """Formulas with numbers in the place of indices and sizes."""

    def __init__(self, numbers: _Numbers, letters: Letters) -> None:
        self.numbers, self.letters = numbers, letters

    def __call__(self, e: Any) -> Any:
        if e in self.letters:
            return sp.Integer(self.letters[e])
        if e.is_Symbol:
            return self.symbol(e)
        if isinstance(e, sp.Indexed):
            indices = tuple(map(self, e.indices))
            if all(i.is_Integer for i in indices):
                whole = self.numbers.whole(str(e.base), tuple(map(int, indices)))
                if whole is not None:
                    return sp.Integer(whole)
            return sp.Indexed(e.base, *indices)
        if isinstance(e, sp.Sum | sp.Product):
            return self.big(e)
        return e.func(*map(self, e.args)) if e.args else e

    def symbol(self, e: sp.Symbol) -> sp.Expr:
        if e in self.numbers.sizes:
            return sp.Integer(self.numbers.sizes[e])
        whole = self.numbers.whole(e.name, ())
        return e if whole is None else sp.Integer(whole)

    def big(self, e: Any) -> sp.Expr:
        """A sum or product over an index, term by term where there are few."""
        bounds = [(letter, self(low), self(high)) for letter, low, high in e.limits]
        if any(not (low.is_Integer and high.is_Integer) for _, low, high in bounds):
            return e.func(self(e.function), *bounds)
        ranges = [range(int(low), int(high) + 1) for _, low, high in bounds]
        if np.prod([len(each) for each in ranges]) > TERMS:
            return e.func(self(e.function), *bounds)
        terms = []
        for at in product(*ranges):
            inner = dict(zip((letter for letter, *_ in bounds), at, strict=True))
            terms.append(_Written(self.numbers, {**self.letters, **inner})(e.function))
        return sp.Add(*terms) if isinstance(e, sp.Sum) else sp.Mul(*terms)
