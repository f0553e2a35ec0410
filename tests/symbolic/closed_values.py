"""Closed forms evaluated by plain loops, for comparison with other routes to the same numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symdiff.at_point import chosen_position
from symdiff.calculus.chain_rule import Derivation, derive
from symdiff.closed_forms.closed_form import ClosedForms, closed_forms
from symdiff.closed_forms.records import Definition, General
from symdiff.evaluation.evaluate import Forward, backward, forward
from symdiff.evaluation.fields.exact import Exact
from symdiff.evaluation.fields.expressions import Expressions
from symdiff.evaluation.fields.floats import Floats
from symdiff.evaluation.fields.formulas import formula_value
from symdiff.evaluation.precision import mp
from symdiff.meaning.program import symbolic_program
from symdiff.tracing.function_trace import trace_function


def closed(function: Callable[..., Any], wrt: tuple[str, ...] | None = None, **inputs: Any) -> ClosedForms:
    """The closed forms of a function at some values of its parameters."""
    graph = trace_function(function, (), inputs, wrt).graph
    return closed_forms(derive(symbolic_program(graph)))


_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Loops:
    """Evaluates a general formula at one index after the other: sums are loops, deltas comparisons."""

    def __init__(self, forms: ClosedForms, general: General) -> None:
        self.program = forms.derivation.program
        self.run = forward(self.program, Exact())
        self.adjoints = forms.backward
        self.values: dict[sp.Basic, Any] = dict(forms.sizes)
        self.arrays: dict[str, Any] = {
            name: np.asarray(self.run.values[index]) for name, index in self.program.inputs.items()
        }
        self.definitions: dict[str, Definition] = {d.name: d for d in general.definitions}
        for definition in general.definitions:
            if definition.formula is None or definition.kind in ("inverse", "determinant", "equation"):
                self.arrays[definition.name] = self.given(definition)

    def indexed(self, name: str, index: tuple[int, ...]) -> Any:
        """An element of an array by its name, counted from 1."""
        if name in self.arrays:
            assert all(i >= 1 for i in index), f"{name}{index} is not an element"
            return np.asarray(self.arrays[name])[tuple(i - 1 for i in index)]
        definition = self.definitions[name]
        return self(definition.formula, dict(zip(definition.indices, index, strict=True)))

    def given(self, definition: Definition) -> Any:
        """The array that a name without a formula stands for."""
        if definition.kind == "constant":
            return np.asarray(definition.value)
        if definition.kind == "table":
            assert definition.value is not None
            return definition.value + 1
        operand = self.run.values[definition.element]
        if definition.kind == "inverse":
            return _of_each_matrix(operand, lambda m: (m**-1).tolist(), np.shape(operand))
        if definition.kind == "determinant":
            return _of_each_matrix(operand, mp.det, np.shape(operand)[:-2])
        if definition.kind == "equation":
            return np.reshape(operand, [n for n in np.shape(operand) if n != 1])
        return chosen_position(self.program, self.run, definition)

    def __call__(self, expression: sp.Basic, letters: Mapping[sp.Basic, int]) -> Any:
        scope = Scope(self, letters)
        return scope.value(expression)


def _of_each_matrix(stack: Any, function: Callable[[Any], Any], shape: tuple[int, ...]) -> np.ndarray:
    matrices = np.asarray(stack).reshape(-1, *np.shape(stack)[-2:])
    return np.array([function(mp.matrix(m.tolist())) for m in matrices], dtype=object).reshape(shape)


def _number(number: Any) -> Any:
    if number.is_Rational:
        return mp.mpf(number.p) / number.q
    return mp.mpf(float(number) if number.is_infinite else str(sp.N(number, 40)))


class Scope:
    """An expression's letters and their values."""

    def __init__(self, loops: Loops, letters: Mapping[sp.Basic, int]) -> None:
        self.loops, self.letters = loops, letters

    def value(self, e: Any) -> Any:
        if e.is_Symbol:
            return self.symbol(e)
        if isinstance(e, sp.Indexed):
            return self.loops.indexed(str(e.base), tuple(int(self.value(i)) for i in e.indices))
        if isinstance(e, sp.Sum):
            return mp.fsum(scope.value(e.function) for scope in self.ranges(e.limits))
        if isinstance(e, sp.Product):
            return mp.fprod(scope.value(e.function) for scope in self.ranges(e.limits))
        if isinstance(e, sp.KroneckerDelta):
            return int(self.value(e.args[0]) == self.value(e.args[1]))
        if isinstance(e, sp.Piecewise):
            return next(self.value(value) for value, condition in e.args if self.holds(condition))
        if e.is_number and not e.args:
            return _number(e)
        return self.apply(e)

    def apply(self, e: Any) -> Any:
        arguments = [self.value(a) for a in e.args]
        if e.is_Add:
            return mp.fsum(arguments)
        if e.is_Mul:
            return mp.fprod(arguments)
        if e.is_Pow:
            return mp.power(*arguments)
        names = {"ceiling": mp.ceil, "Abs": abs, "Mod": mp.fmod, "Max": max, "Min": min}
        return names.get(type(e).__name__, getattr(mp, type(e).__name__, None))(*arguments)

    def holds(self, condition: Any) -> bool:
        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, sp.And):
            return all(map(self.holds, condition.args))
        if isinstance(condition, sp.Or):
            return any(map(self.holds, condition.args))
        left, right = map(self.value, condition.args)
        return bool(_COMPARE[condition.rel_op](left, right))

    def ranges(self, limits: Any) -> list[Scope]:
        # the last is the outermost: the bounds of those before it may depend on it
        scopes = [self]
        for letter, low, high in reversed(limits):
            scopes = [
                Scope(self.loops, {**scope.letters, letter: at})
                for scope in scopes
                for at in range(int(scope.value(low)), int(scope.value(high)) + 1)
            ]
        return scopes

    def symbol(self, symbol: sp.Symbol) -> Any:
        for known in (self.letters, self.loops.values):
            if symbol in known:
                return known[symbol]
        return self.loops.indexed(symbol.name, ())


def loop_values(forms: ClosedForms, name: str) -> np.ndarray:
    """The general partial at every index, in the shape of the result and then of the input."""
    general = forms.general[name]
    program = forms.derivation.program
    shape = program.elements[program.inputs[name]].shape
    result = program.elements[program.result].shape
    loops = Loops(forms, general)
    values = np.empty([*result, *shape], dtype=object)
    for at in np.ndindex(*values.shape):
        # an axis of length 1 has no letter
        position = (i + 1 for i, length in zip(at, values.shape, strict=True) if length != 1)
        values[at] = loops(general.expression, dict(zip(general.indices, position, strict=True)))
    return values


def adjoint_values(derivation: Derivation, name: str) -> np.ndarray:
    """The same numbers from the derivation itself: its adjoints in mpmath, one row for every element of the result."""
    program = derivation.program
    index = program.inputs[name]
    shape, result = program.elements[index].shape, program.elements[program.result].shape
    run = forward(program, Exact())
    rows = []
    for at in np.ndindex(*result):
        seed = np.zeros(result)
        seed[at] = 1
        adjoints = backward(derivation, run, Exact().load(seed))
        rows.append(np.broadcast_to(np.asarray(adjoints.get(index, np.zeros(shape)), dtype=object), shape))
    return np.array(rows, dtype=object).reshape([*result, *shape])


def expanded_values(derivation: Derivation, name: str) -> np.ndarray:
    """The same numbers by sympy's derivative of the fully expanded scalar formula, without any chain rule."""
    program = derivation.program
    choices: Forward = forward(program, Floats())
    symbols = {
        index: np.array(
            [sp.Symbol(f"{other}{list(at)}", real=True) for at in np.ndindex(*program.elements[index].shape)],
            dtype=object,
        ).reshape(program.elements[index].shape)
        for other, index in program.inputs.items()
    }
    run = forward(program, Expressions(), symbols, choices)
    point = {
        symbol: mp.mpf(float(value))
        for index, array in symbols.items()
        for symbol, value in zip(array.flat, np.asarray(program.elements[index].value).flat, strict=True)
    }
    own = symbols[program.inputs[name]]
    results = np.asarray(run.values[program.result], dtype=object)
    rows = [[formula_value(Exact(), sp.diff(r, s), point) for s in own.flat] for r in results.reshape(-1)]
    return np.array(rows, dtype=object).reshape(results.shape + own.shape)


def assert_same(got: np.ndarray, want: np.ndarray) -> None:
    """Equal to 25 digits of the largest element."""
    assert got.shape == want.shape
    scale = max([1, *(abs(mp.mpf(str(w))) for w in want.flat)])
    for at in np.ndindex(*got.shape):
        distance = abs(mp.mpf(str(got[at])) - mp.mpf(str(want[at])))
        assert distance <= scale * mp.mpf(10) ** -25, f"at {at}: {got[at]}, wanted {want[at]}"


def confirmed(forms: ClosedForms, expanded: bool = True) -> ClosedForms:
    """The same forms, after every general partial has been compared with the derivation's adjoints and
    with sympy's own derivative.
    """
    with mp.workprec(160):
        for name in forms.derivation.program.wrt:
            got = loop_values(forms, name)
            assert_same(got, adjoint_values(forms.derivation, name))
            if expanded:
                assert_same(got, expanded_values(forms.derivation, name))
    return forms
