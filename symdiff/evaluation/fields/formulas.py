"""Scalar formulas over whole arrays: as straight lines of operations, each subexpression once, in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symdiff.evaluation.fields.base import Field, Mask, Values
from symdiff.evaluation.fields.views import part

BLOCK = 16384
"""Elements that go through a formula together: its temporaries stay in the cache."""

Instruction = Callable[[Field, list[Any]], Any]


@dataclass(slots=True)
class Kept:
    """What a formula has computed without one symbol, kept for when it is evaluated again with another value of it."""

    varying: sp.Symbol
    values: dict[int, Any] = field(default_factory=dict)


def formula_value(
    field: Field, expression: sp.Expr, slots: Mapping[sp.Symbol, Values], kept: Kept | None = None
) -> Values:
    """The value of a scalar formula over whole arrays; with ``kept`` only what varies is computed once more.

    >>> from symdiff.evaluation.fields.floats import Floats
    >>> s = sp.Symbol("s")
    >>> formula_value(Floats(), s**2 + 1, {s: np.array([1.0, 2.0])})
    array([2., 5.])
    """
    return compiled(expression)(field, slots, kept)


def where_holds(field: Field, condition: sp.Basic, slots: Mapping[sp.Symbol, Values]) -> Mask:
    """Where a condition on the slots holds."""
    if isinstance(condition, BooleanTrue | BooleanFalse):
        return np.asarray(bool(condition))
    if isinstance(condition, Not):
        return ~where_holds(field, condition.args[0], slots)
    if isinstance(condition, And | Or):
        join = np.logical_and if isinstance(condition, And) else np.logical_or
        masks = [where_holds(field, part, slots) for part in condition.args]
        joined: Mask = join.reduce(np.broadcast_arrays(*masks))
        return joined
    if not isinstance(condition, Relational):
        raise TypeError(f"not a condition: {condition}")
    left, right = (formula_value(field, part, slots) for part in condition.args)
    return _RELATIONS[condition.rel_op](field, left, right)


_RELATIONS: dict[str, Callable[[Field, Values, Values], Mask]] = {
    "<": lambda field, a, b: field.less(a, b),
    ">": lambda field, a, b: field.less(b, a),
    "<=": lambda field, a, b: field.less(a, b) | field.equal(a, b),
    ">=": lambda field, a, b: field.less(b, a) | field.equal(a, b),
    "==": lambda field, a, b: field.equal(a, b),
    "!=": lambda field, a, b: ~field.equal(a, b),
}


@dataclass(slots=True)
class Formula:
    """A formula as instructions on a list of values: symbols first, then numbers, then what each instruction makes."""

    symbols: tuple[sp.Symbol, ...]
    numbers: tuple[sp.Expr, ...]
    instructions: tuple[Instruction, ...]
    read: tuple[tuple[int, ...], ...]
    result: int

    def __call__(self, field: Field, slots: Mapping[sp.Symbol, Values], kept: Kept | None = None) -> Values:
        """The value over whole arrays, a block at a time where they are large."""
        given = [slots[symbol] for symbol in self.symbols]
        numbers = [field.number(number) for number in self.numbers]
        if len(self.instructions) >= field.worth_blocks:
            shapes = [field.shape(x) for x in given]
            if any(_count(shape) > 2 * BLOCK for shape in shapes):
                return self._in_blocks(field, given, numbers, shapes)
        return self._run(field, given + numbers) if kept is None else self._run_again(field, given + numbers, kept)

    def _run_again(self, field: Field, values: list[Values], kept: Kept) -> Values:
        varies = [symbol == kept.varying for symbol in self.symbols] + [False] * len(self.numbers)
        for instruction, places in zip(self.instructions, self.read, strict=True):
            here = len(values)
            varies.append(any(varies[place] for place in places))
            if varies[here]:
                values.append(instruction(field, values))
                continue
            if here not in kept.values:
                kept.values[here] = instruction(field, values)
            values.append(kept.values[here])
        return values[self.result]

    def _run(self, field: Field, values: list[Values]) -> Values:
        for instruction in self.instructions:
            values.append(instruction(field, values))
        return values[self.result]

    def _in_blocks(
        self, field: Field, given: list[Values], numbers: list[Values], shapes: list[tuple[int, ...]]
    ) -> Values:
        shape = np.broadcast_shapes(*shapes)
        axis = int(np.argmax(shape))
        step = max(1, BLOCK * shape[axis] // _count(shape))
        total = field.empty(shape)
        along = [axis - len(shape) + len(own) for own in shapes]
        long = [k >= 0 and own[k] != 1 for k, own in zip(along, shapes, strict=True)]
        for start in range(0, shape[axis], step):
            here = slice(start, start + step)
            pieces = [
                field.map(x, part(*(slice(None),) * k, here)) if cut else x
                for x, k, cut in zip(given, along, long, strict=True)
            ]
            field.put(total, part(*(slice(None),) * axis, here), self._run(field, pieces + numbers))
        return total


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count


@lru_cache(maxsize=4096)
def compiled(expression: sp.Expr) -> Formula:
    """A formula made ready to be evaluated in any field."""
    symbols = tuple(sorted(expression.free_symbols, key=str))
    build = _Build(dict.fromkeys(symbols))
    result = build.place(expression)
    # numbers come between the symbols and what is computed, in the order in which they were met
    number_of = {("number", k): len(symbols) + k for k in range(len(build.numbers))}
    made_of = {("made", k): len(symbols) + len(build.numbers) + k for k in range(len(build.made))}
    symbol_of = {("symbol", k): k for k in range(len(symbols))}
    where = {**symbol_of, **number_of, **made_of}
    read = tuple(tuple(where[place] for place in places) for _, places in build.made)
    instructions = tuple(make(*places) for (make, _), places in zip(build.made, read, strict=True))
    return Formula(symbols, tuple(build.numbers), instructions, read, where[result])


Place = tuple[str, int]
Made = tuple[Callable[..., Instruction], tuple[Place, ...]]


@dataclass(slots=True)
class _Build:
    """Collects instructions; a subexpression that occurs again is the same place."""

    symbols: Mapping[sp.Symbol, None]
    numbers: list[sp.Expr] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    known: dict[sp.Basic, Place] = field(default_factory=dict)

    def place(self, expression: sp.Expr) -> Place:
        found = self.known.get(expression)
        if found is None:
            found = self.known[expression] = self._new(expression)
        return found

    def _new(self, expression: sp.Expr) -> Place:
        if isinstance(expression, sp.Subs | sp.Derivative):
            raise NotImplementedError(f"no numbers for {expression}")
        if expression.is_Symbol:
            return "symbol", list(self.symbols).index(expression)
        if expression.is_number and not expression.atoms(sp.Function):
            self.numbers.append(expression)
            return "number", len(self.numbers) - 1
        if expression.is_Add:
            return self._sum(expression.args)
        if expression.is_Mul:
            return self._product(expression.args)
        if isinstance(expression, sp.Pow):
            if expression.exp.is_Rational:
                return self._call(_power_number(expression.exp), expression.base)
            return self._call(_power, expression.base, expression.exp)
        return self._call(_function(type(expression).__name__), *expression.args)

    def _call(self, make: Callable[..., Instruction], *parts: sp.Expr) -> Place:
        return self._made(make, *map(self.place, parts))

    def _made(self, make: Callable[..., Instruction], *places: Place) -> Place:
        self.made.append((make, places))
        return "made", len(self.made) - 1

    def _sum(self, parts: tuple[sp.Expr, ...]) -> Place:
        """Terms with a minus are subtracted."""
        turned = _complement(parts)
        if turned is not None:
            return self._complement_and(*turned)
        plus = [p for p in parts if not p.could_extract_minus_sign()]
        minus = [-p for p in parts if p.could_extract_minus_sign()]
        total = self.place(plus[0]) if plus else self._made(_negative, self.place(minus.pop(0)))
        for each in plus[1:]:
            total = self._made(_add, total, self.place(each))
        for each in minus:
            total = self._made(_subtract, total, self.place(each))
        return total

    def _complement_and(self, factor: sp.Expr, argument: sp.Expr, others: list[sp.Expr]) -> Place:
        total = self._call(_function("erfc"), argument)
        if factor != 1:
            total = self._made(_multiply, self.place(factor), total)
        return self._made(_add, total, self._sum(tuple(others))) if others else total

    def _product(self, parts: tuple[sp.Expr, ...]) -> Place:
        """Factors below the line are divided by, one after the other; -1 turns the sign."""
        above = [p for p in parts if not _inverse(p) and p != -1]
        below = [1 / p for p in parts if _inverse(p)]
        if above:
            total = self.place(above[0])
            for each in above[1:]:
                total = self._made(_multiply, total, self.place(each))
        else:
            total = self._call(_power_number(sp.Integer(-1)), below.pop(0))
        for each in below:
            total = self._made(_divide, total, self.place(each))
        return self._made(_negative, total) if -1 in parts else total


def _complement(parts: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr, list[sp.Expr]] | None:
    """Of ``2k - k erfc(z)``, as which sympy writes ``k erfc(-z)``: k, -z and what else is summed.

    Where z is large and negative the difference would be 0 at any precision.
    """
    for term in parts:
        factor, rest = term.as_coeff_Mul()
        if isinstance(rest, sp.erfc) and factor.is_negative and -2 * factor in parts:
            return -factor, -rest.args[0], [each for each in parts if each not in (term, -2 * factor)]
    return None


def _inverse(factor: sp.Expr) -> bool:
    return isinstance(factor, sp.Pow) and factor.exp == -1 and not factor.is_number


def _add(a: int, b: int) -> Instruction:
    return lambda field, values: field.add(values[a], values[b])


def _subtract(a: int, b: int) -> Instruction:
    return lambda field, values: field.subtract(values[a], values[b])


def _multiply(a: int, b: int) -> Instruction:
    return lambda field, values: field.multiply(values[a], values[b])


def _divide(a: int, b: int) -> Instruction:
    return lambda field, values: field.divide(values[a], values[b])


def _negative(a: int) -> Instruction:
    return lambda field, values: field.negate(values[a])


def _power(a: int, b: int) -> Instruction:
    return lambda field, values: field.power(values[a], values[b])


def _power_number(exponent: sp.Rational) -> Callable[[int], Instruction]:
    return lambda a: lambda field, values: field.power_number(values[a], exponent)


def _function(name: str) -> Callable[..., Instruction]:
    def make(*places: int) -> Instruction:
        return lambda field, values: field.apply(name, *(values[k] for k in places))

    return make
