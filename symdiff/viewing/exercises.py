"""Three exercises about a page's program, computed from it: questions whose answers the page does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import sympy as sp

from symdiff.agreement.verdict import Verdict
from symdiff.arrays import Array, unravelled
from symdiff.calculus.chain_rule import derive
from symdiff.evaluation.evaluate import backward, forward
from symdiff.evaluation.fields.floats import Floats
from symdiff.meaning.terms import Pick
from symdiff.printing.numbers import short
from symdiff.printing.shorthand import dot, partial
from symdiff.printing.tree import Add, Bracket, Chain, Fraction, List, Math, Number, Power, Rounded, Symbol, Times
from symdiff.viewing.in_code import as_tensor
from symdiff.viewing.view import ExerciseView, View
from symdiff.viewing.writing import Place, Writing

__all__ = ["exercises"]

HOW_MANY = 3
ELEMENTS = 10
"""The size that the first exercise asks about."""

STEP = 0.01
LARGEST = 64
"""Of larger inputs no whole gradient is asked for."""

_MEANS, _LARGEST_OF = frozenset(["mean", "sum"]), "max"


def exercises(writing: Writing, _: View) -> tuple[ExerciseView, ...]:
    """The first three that make sense here; none where the gradient is not what it should be."""
    if writing.evidence.report.verdict not in (Verdict.AGREE, Verdict.IMPRECISE):
        return ()
    with np.errstate(all="ignore"):
        return tuple(islice(_Asking(writing, bool(writing.evidence.traced.result.shape)).all(), HOW_MANY))


@dataclass(frozen=True)
class _Asking:
    writing: Writing
    array: bool

    def all(self) -> Iterator[ExerciseView]:
        of_number = (self.size, self.falls, self.instead, self.idle, self.nudge, self.square)
        of_array = (self.ones, self.row, self.column)
        asked: tuple[Callable[[], ExerciseView | None], ...] = of_array if self.array else of_number
        for ask in asked:
            found = ask()
            if found is not None:
                yield found

    # --- what is asked about ----------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        """The input that the exercises are about."""
        return next(iter(self.writing.evidence.report.inputs))

    @property
    def _result(self) -> Symbol:
        return self.writing.result

    def _gradient(self, name: str) -> Array:
        return np.asarray(self.writing.evidence.report.inputs[name].symbolic)

    def _element(self, name: str, place: Place) -> Symbol:
        return self.writing.element(self.writing.evidence.program.inputs[name], place)

    def _largest(self, name: str) -> Place:
        return self._place(np.abs(self._gradient(name)))

    @staticmethod
    def _place(values: Array) -> Place:
        """Where the largest is."""
        return unravelled(int(np.argmax(values)), values.shape)

    # --- of one number ----------------------------------------------------------------------------------------------

    def size(self) -> ExerciseView | None:
        """n = 10: where a partial rests on its own element and the size alone."""
        general = self.writing.forms.general.get(self._name)
        shape = self.writing.evidence.program.elements[self.writing.evidence.program.inputs[self._name]].shape
        if general is None or len(shape) != 1 or len(general.indices) != 1 or shape == (ELEMENTS,) or shape[0] == 1:
            return None
        formula, (index,) = general.expression, general.indices
        own = [atom for atom in formula.atoms(sp.Indexed) if str(atom.base.label) == self._name]
        sizes = [s for s in self.writing.forms.sizes if s in formula.free_symbols]
        labels = {atom.base.label for atom in own}
        others = formula.free_symbols - set(sizes) - labels - set(own) - {index}
        others |= {index} & formula.xreplace(dict.fromkeys(own, sp.Integer(1))).free_symbols
        if others or any(atom.indices != (index,) for atom in own) or len(sizes) > 1 or formula.has(sp.Sum, sp.Product):
            return None
        place = self._largest(self._name)
        values = self.writing.evidence.traced.tensors[self._name].data
        here = float(values[place])
        element = self._element(self._name, place)
        known = {"input": Symbol(self._name), "element": element, "value": _short(here)}
        asked = partial(self._result, element)
        exact = {atom: sp.Rational(here).limit_denominator(10**12) for atom in own}
        at_ten = formula.xreplace({s: sp.Integer(ELEMENTS) for s in sizes})
        there = at_ten.xreplace(exact)
        value = float(there) if there.is_number else float("nan")
        if not np.isfinite(value):
            return None
        written = self.writing.formula(at_ten.xreplace({index: sp.Integer(place[0] + 1)}))
        values_shown: dict[str, Math] = {**known, "partial": asked, "formula": written, "number": _short(value)}
        if sizes:
            values_shown["size"] = Chain((Symbol(str(sizes[0])), Number(str(ELEMENTS))))
        return _view("size" if sizes else "same", values_shown)

    def falls(self) -> ExerciseView | None:
        """The element with the smallest partial."""
        gradients = {name: self._gradient(name) for name in self.writing.evidence.report.inputs}
        sized = {name: each for name, each in gradients.items() if each.size and np.isfinite(each).all()}
        if sum(each.size for each in sized.values()) < 2 or len(sized) < len(gradients):
            return None
        name = min(sized, key=lambda key: float(sized[key].min()))
        values = sized[name]
        place = unravelled(int(np.argmin(values)), values.shape)
        least = float(values[place])
        if sum(int(np.count_nonzero(np.isclose(each, least, rtol=1e-9, atol=0))) for each in sized.values()) > 1:
            return None
        element = self._element(name, place)
        told = {"element": element, "partial": partial(self._result, element), "number": _short(least)}
        return _view("falls" if least < 0 else "rises", {**told, "result": self._result})

    def instead(self) -> ExerciseView | None:
        """Another reduction in the last step."""
        program, derivation = self.writing.evidence.program, self.writing.evidence.derivation
        numbers = self.writing.evidence.numbers
        result = program.elements[program.result]
        taken = str(result.operation)
        if derivation is None or numbers is None or len(result.operands) != 1 or not self.writing.at_the_point.is_plain:
            return None
        before = program.elements[result.operands[0]]
        size, name = before.size, self._name
        other = _LARGEST_OF if taken in _MEANS else "mean" if taken == _LARGEST_OF else ""
        if not other or size < 2 or self._gradient(name).size > LARGEST or size > LARGEST:
            return None
        values = np.broadcast_to(np.asarray(numbers.elements[before.index]), before.shape)
        winners = values == values.max()
        seed = winners / np.count_nonzero(winners) if other == _LARGEST_OF else np.full(before.shape, 1 / size)
        whole = derive(replace(program, result=before.index))
        index = program.inputs[name]
        if before.index == index:
            gradient = seed
        elif index in whole.contributions:
            field = numbers.bounded.field
            gradient = np.asarray(field.to_float(backward(whole, numbers.bounded, field.load(seed))[index]))
        else:
            return None
        code = f"{name}.grad = {as_tensor(np.broadcast_to(gradient, self._gradient(name).shape))}"
        if other == _LARGEST_OF:
            places = [tuple(int(k) for k in place) for place in np.argwhere(winners)]
            elements = List(tuple(self.writing.element(before.index, place) for place in places[:4]))
            shown: Math = elements.items[0] if len(places) == 1 else elements
            kind = "max" if len(places) == 1 else "tied"
            return _view("instead", {"elements": shown}, kind, code, (taken, other))
        share = Fraction(Number("1"), Number(str(size)))
        return _view("instead", {"share": share, "array": self.writing.whole(self.writing.name(before.index))},
                     "mean", code, (taken, other))  # fmt: skip

    def idle(self) -> ExerciseView | None:
        """An element that a maximum did not pick."""
        program, gradient = self.writing.evidence.program, self._gradient(self._name)
        result, numbers = program.elements[program.result], self.writing.evidence.numbers
        if not isinstance(result.meaning, Pick) or numbers is None or not np.any(gradient) or np.all(gradient):
            return None
        place = tuple(int(k) for k in np.argwhere(gradient == 0)[-1])
        element = self._element(self._name, place)
        before = np.asarray(numbers.elements[result.operands[0]])
        if before.shape != gradient.shape or np.count_nonzero(before == before[place]) > 1:
            return None
        return _view("idle", {"element": element, "result": self._result, "partial": partial(self._result, element)})

    def nudge(self) -> ExerciseView | None:
        """Two elements at once, to first order and exactly."""
        name, program = self._name, self.writing.evidence.program
        gradient, index = self._gradient(name), program.inputs[self._name]
        if gradient.size < 2 or not self.writing.at_the_point.is_plain:
            return None
        order = np.argsort(-np.abs(gradient).reshape(-1), kind="stable")[:2]
        places = [unravelled(int(flat), gradient.shape) for flat in sorted(order)]
        parts = [float(gradient[place]) for place in places]
        moved = np.array(self.writing.evidence.traced.tensors[name].data, dtype=np.float64)
        for place in places:
            moved[place] += STEP
        before, after = (
            float(np.asarray(forward(program, Floats(), inputs).values[program.result]))
            for inputs in ({}, {index: moved})
        )
        if not np.isfinite(after) or not all(parts):
            return None
        first, second = (self._element(name, place) for place in places)
        inner = Bracket(Add(tuple(_bare(part) for part in parts)))
        estimate, change = sum(parts) * STEP, after - before
        told = {
            "first": first,
            "second": second,
            "result": self._result,
            "sum": dot(Number(str(STEP)), inner),
            "number": _short(estimate),
            "exact": _short(float(f"{change:.6g}")),
        }
        linear = abs(change - estimate) <= 1e-9 * abs(estimate) + 1e-13 * abs(before)
        return _view("nudge", told, "exact" if linear else "answer")

    def square(self) -> ExerciseView | None:
        """The square of the result."""
        value = float(np.asarray(self.writing.evidence.traced.result.data))
        told = {"square": Power(self._result, Number("2")), "factor": Times((Number("2"), self._result))}
        return _view("square", {**told, "number": _short(2 * value)})

    # --- of an array ------------------------------------------------------------------------------------------------

    def _code_name(self) -> str:
        return self.writing.code_name(self.writing.evidence.program.result)

    def _rows(self) -> Array | None:
        """The Jacobian as a matrix of the result's elements, the input's shape behind; None where it is large."""
        values = self._gradient(self._name)
        rank = len(self.writing.evidence.traced.result.shape)
        rows = values.reshape(-1, *values.shape[rank:])
        return rows if rows.size and rows[0].size <= LARGEST and np.isfinite(rows).all() else None

    def ones(self) -> ExerciseView | None:
        rows = self._rows()
        return None if rows is None else self._left("ones", f"{self._code_name()}.sum().backward()", rows.sum(axis=0))

    def row(self) -> ExerciseView | None:
        rows, rank = self._rows(), len(self.writing.evidence.traced.result.shape)
        if rows is None:
            return None
        return self._left("row", f"{self._code_name()}[{', '.join(['-1'] * rank)}].backward()", rows[-1])

    def _left(self, kind: str, code: str, gradient: Array) -> ExerciseView:
        return _view(kind, {}, "answer", f"{self._name}.grad = {as_tensor(gradient)}", (code, f"{self._name}.grad"))

    def column(self) -> ExerciseView | None:
        values, rank = self._gradient(self._name), len(self.writing.evidence.traced.result.shape)
        behind = values.reshape(-1, *values.shape[rank:])
        place = self._place(np.abs(behind).max(axis=0)) if behind.size else ()
        flat = int(np.ravel_multi_index(place, behind.shape[1:])) if place else 0
        column = behind.reshape(len(behind), -1)[:, flat].reshape(values.shape[:rank]) if behind.size else behind
        if column.size > LARGEST or not np.isfinite(column).all():
            return None
        return _view("column", {"element": self._element(self._name, place)}, "answer", as_tensor(STEP * column))


def _view(
    kind: str, values: dict[str, Math], answer: str = "answer", code: str = "", names: tuple[str, ...] = ()
) -> ExerciseView:
    return ExerciseView(kind, answer, tuple(values.items()), names, code)


def _short(value: float) -> Math:
    return short(value)


def _bare(value: float) -> Math:
    found = short(value)
    return found.body if isinstance(found, Rounded) else found
