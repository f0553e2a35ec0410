"""The steps forward: the line for every index, then the lines element by element."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain, islice, product

import numpy as np
import sympy as sp

from symdiff.arrays import flat, unravelled
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.records import ForwardStep
from symdiff.meaning.terms import Element, Move, Pick
from symdiff.printing.from_sympy import operations
from symdiff.printing.numbers import number, short
from symdiff.printing.record import replace
from symdiff.printing.tree import Add, Bracket, Call, Fraction, Math, Negative, Number, Times
from symdiff.viewing.headings import headed
from symdiff.viewing.local_partials import Summand
from symdiff.viewing.long_sums import TERMS, cut
from symdiff.viewing.step_code import step_code
from symdiff.viewing.substitution import fits, with_numbers
from symdiff.viewing.view import MathRow, StepView
from symdiff.viewing.writing import Place, Writing, without_repeats

ROWS = 8
"""An array's elements are written out up to so many."""

FIRST = 2
"""Of longer arrays so many elements are written out, and the last one."""

ROWS_OF_MANY = 3
"""The same in a program whose steps are too many to show all."""

FEW_STEPS, SOME_STEPS = 3, 5
"""In a program of up to so many steps all lines are written; of up to so many two of a step, in a longer one a line."""

SHORT = 8
"""How many operations a factor may have to be written in the inputs."""


class Steps:
    """The steps forward of one explanation."""

    def __init__(self, writing: Writing, whole: bool = False) -> None:
        self.writing, self.whole = writing, whole
        self.program = writing.evidence.program
        self.expanded = writing.explained.expanded
        graph = writing.evidence.traced.graph
        of_node, named = self.program.of_node, writing.page_names.elements
        names = {node: named[index] for node, index in of_node.items() if index in named}
        codes = {of_node[node.index]: step_code(graph, node, names) for node in graph.nodes if node.op is not None}
        parts = (*writing.forms.shown_forward, *writing.forms.shown_backward)
        long = any(isinstance(part, Fold) for part in parts) or len(writing.forms.shown_forward) > FEW_STEPS
        self.compact = long and not whole
        self.rows = ROWS_OF_MANY if self.compact else ROWS
        self.first = FIRST if len(writing.forms.shown_forward) <= SOME_STEPS or whole else 1
        # what a composite is made of stands before it, and is shown under its code
        self._codes: dict[int, str] = {}
        for index in reversed(range(len(self.program.elements))):
            self._codes[index] = codes.get(index, self._codes.get(index + 1, ""))

    def forward(self) -> tuple[StepView, ...]:
        """Every step that a page shows; the size of an axis is no step."""
        forms, counts = self.writing.forms, self.writing.counts
        shown = forms.forward if self.whole else forms.shown_forward
        steps = [step for step in shown if isinstance(step, Fold) or step.element not in counts]
        return headed(steps, self._numbered, self.code)

    def _numbered(self, step: ForwardStep) -> StepView:
        return replace(self._forward(step), numbers=(self.number(step.element),))

    def places(self, element: Element) -> list[Place]:
        """The positions whose lines are written out."""
        if element.size <= (self.rows if self.first > 1 else 2):
            return list(np.ndindex(*element.shape))
        if self.compact:
            return list(islice(np.ndindex(*element.shape), self.first))
        return [*islice(np.ndindex(*element.shape), FIRST), tuple(length - 1 for length in element.shape)]

    def number(self, index: int) -> int:
        """The number of the step that an element is computed in."""
        return self._numbers.get(index, 0)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """Steps of one code have one number."""
        found: dict[int, int] = {}
        number, before = 0, ""
        shown = self.writing.forms.steps.shown_forward
        for index in chain.from_iterable(each.elements if isinstance(each, Fold) else (each,) for each in shown):
            if index in self.writing.counts:
                continue
            code = self.code(index)
            number += code != before
            before = code
            found[index] = number
        return found

    def code(self, index: int) -> str:
        """The code of the operation that an element comes from."""
        return self._codes.get(index, "")

    # --- forward ----------------------------------------------------------------------------------------------------

    def _forward(self, step: ForwardStep) -> StepView:
        element = self.program.elements[step.element]
        rows = tuple(self._forward_rows(element, self.places(element)))
        general: MathRow = ()
        if step.formula is not None and (step.indices or not rows or len(rows[0]) < 3):
            general = (self.writing.general(step.name, step.indices), self.writing.formula(step.formula))
        found = self.writing.winner(step.element)
        position = found[0] if isinstance(element.meaning, Pick) and found else None
        return StepView(
            self.code(step.element), rows, general, (), position, hidden=element.size - len(rows) if rows else 0
        )

    def _forward_rows(self, element: Element, places: list[Place]) -> Iterable[MathRow]:
        evidence = self.writing.evidence
        assert evidence.numbers is not None
        values = evidence.numbers.elements[element.index]
        made = self.writing.elementwise.made_of(element.index)
        for place in places:
            middle: tuple[Math | None, ...] = ()
            if made is not None:
                middle = self._made(element, made[flat(place, element.shape)])
            else:
                middle = self._taken(element, place)
            value = () if values is None else (short(float(values[place])),)
            yield without_repeats((self.writing.element(element.index, place), *middle, *value))

    def _made(self, element: Element, summand: Summand) -> tuple[Math | None, ...]:
        """What an element is made of: in names, then in the inputs if it is the result, else in numbers."""
        named = self._sum(summand)
        if element.index == self.program.result:
            inputs = self._sum_in_inputs(summand)
            if fits(inputs) and without_repeats((named, inputs)) != (named,):
                return named, inputs
        return named, with_numbers(named, self.writing.numbers)

    def _sum(self, summand: Summand) -> Math | None:
        if not summand.parts:
            return number(0)
        single = len(summand.parts) == 1
        parts = [self._product(part, apart=single) for part in summand.parts]
        if summand.product:
            whole: Math = Times(tuple(cut(parts)), dot=True) if len(parts) > 1 else parts[0]
        else:
            whole = Add(tuple(cut(parts))) if len(parts) > 1 else parts[0]
        return self._scaled(summand.coefficient, whole, len(parts) > 1)

    def _product(self, expression: sp.Expr, apart: bool) -> Math:
        """A product of two symbols is left as it stands, with a dot between them when it is all there is."""
        factors = expression.args if isinstance(expression, sp.Mul) else ()
        if len(factors) == 2 and all(factor.is_Symbol for factor in factors):
            return Times(tuple(self.writing.math(factor) for factor in factors), dot=apart)
        return self.writing.math(expression)

    def _scaled(self, coefficient: sp.Expr, whole: Math, many: bool) -> Math:
        if coefficient == 1:
            return whole
        if isinstance(coefficient, sp.Rational) and abs(coefficient.p) == 1:
            quotient = Fraction(whole, Number(str(coefficient.q)))
            return Negative(quotient) if coefficient < 0 else quotient
        return Times((self.writing.math(coefficient), Bracket(whole) if many else whole))

    def _sum_in_inputs(self, summand: Summand) -> Math | None:
        """The same sum with the operands written out in the inputs, where they are short."""
        if len(summand.parts) > TERMS:
            return None
        written = []
        for part in summand.parts:
            inputs = self._in_inputs(part)
            if inputs is None:
                return None
            written.append(inputs)
        return self._sum(Summand(tuple(written), summand.coefficient, summand.product))

    def _in_inputs(self, part: sp.Expr) -> sp.Expr | None:
        known = self._symbol_values
        if not part.free_symbols & known.keys():
            return part
        found = part.xreplace({symbol: known[symbol] for symbol in part.free_symbols if symbol in known})
        return found if operations(found) <= SHORT else None

    @cached_property
    def _symbol_values(self) -> dict[sp.Basic, sp.Expr]:
        """What the symbols of computed elements are in the inputs."""
        known: dict[sp.Basic, sp.Expr] = {}
        inputs = set(self.program.inputs.values())
        for index, array in self.writing.explained.symbols.arrays.items():
            values = self.expanded.values.get(index)
            if values is not None and index not in inputs:
                known |= {s: values[place] for place, s in np.ndenumerate(array) if isinstance(s, sp.Symbol)}
        return known

    def _taken(self, element: Element, place: Place) -> tuple[Math | None, ...]:
        """What a pick or a move took its element from."""
        if not element.operands:
            return ()
        operand = self.program.elements[element.operands[0]]
        source = element.operands[0]
        match element.meaning:
            case Pick(kind=kind):
                candidates = self._line(operand, place, element.meaning)
                given = self.writing.elementwise.run.sources[element.index].given
                winners = [self.writing.element(source, c) for c in candidates if any(given(flat(c, operand.shape)))]
                written = [self.writing.element(source, c) for c in candidates]
                return (Call(kind, tuple(cut(written))), *(winners if len(winners) <= 3 else ()))
            case Move():
                taken = list(self.writing.elementwise.run.sources[element.index].taken(place))
                if len(taken) == 1:
                    ((_, position),) = taken
                    return (self.writing.element(source, unravelled(position, operand.shape)),)
        return ()

    @staticmethod
    def _line(operand: Element, place: Place, pick: Pick) -> list[Place]:
        kept = iter(k for n, k in enumerate(place) if not (pick.keepdims and n in pick.axes))
        fixed = [None if axis in pick.axes else next(kept) for axis in range(len(operand.shape))]
        spread = [range(n) if f is None else (f,) for n, f in zip(operand.shape, fixed, strict=True)]
        return [tuple(int(k) for k in c) for c in product(*spread)]
