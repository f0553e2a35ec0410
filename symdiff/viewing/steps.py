"""The steps forward and back: the line for every index, then the lines element by element."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import islice, product
from typing import Any

import numpy as np
import sympy as sp

from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.records import BackwardStep, ForwardStep
from symdiff.meaning.terms import Element, Gather, Order, Pick, Reshape
from symdiff.printing.numbers import number
from symdiff.printing.shorthand import dot, partial
from symdiff.printing.tree import Add, Bracket, Call, Fraction, Math, Negative, Number, Times
from symdiff.viewing.headings import headed
from symdiff.viewing.local_partials import Edge, Summand
from symdiff.viewing.long_sums import LINKS, TERMS, added, cut
from symdiff.viewing.step_code import step_code
from symdiff.viewing.view import MathRow, StepView
from symdiff.viewing.writing import Place, Writing, without_repeats

ROWS = 8
"""An array's elements are written out up to so many; of more, the first few."""

ROWS_OF_MANY = 3
"""The same in a program whose steps are too many to show all."""

CODES = 4
"""So many pieces of code are named above one step back; of more, the first two and the last."""

SHORT, MEDIUM = 8, 20
"""How many operations a factor, and a whole partial, may have to be written in the inputs."""


class Steps:
    """The steps of one explanation."""

    def __init__(self, writing: Writing, whole: bool = False) -> None:
        self.writing, self.whole = writing, whole
        self.program = writing.evidence.program
        self.expanded = writing.explained.expanded
        graph = writing.evidence.traced.graph
        of_node, named = self.program.of_node, writing.forms.names
        names = {node: writing.name(index) for node, index in of_node.items() if index in named}
        codes = {of_node[node.index]: step_code(graph, node, names) for node in graph.nodes if node.op is not None}
        parts = (*writing.forms.shown_forward, *writing.forms.shown_backward)
        self.rows = ROWS_OF_MANY if any(isinstance(part, Fold) for part in parts) and not whole else ROWS
        # what a composite is made of stands before it, and is shown under its code
        self._codes: dict[int, str] = {}
        for index in reversed(range(len(self.program.elements))):
            self._codes[index] = codes.get(index, self._codes.get(index + 1, ""))

    def forward(self) -> tuple[StepView, ...]:
        """The steps forward; the size of an axis is no step."""
        elements, forms = self.program.elements, self.writing.forms
        steps = forms.shown_forward
        if self.whole:
            steps = tuple(step for step in forms.forward if elements[step.element].operation != "count")
        return headed(steps, self._forward, self.code)

    def backward(self) -> tuple[StepView, ...]:
        """The steps back; none for an array result, whose Jacobian is shown instead."""
        if self.program.elements[self.program.result].shape:
            return ()
        forms = self.writing.forms
        steps = forms.backward if self.whole else forms.shown_backward
        found = [step for step in steps if isinstance(step, Fold) or step.edges]
        return headed(found, self._backward, self._consumers_code)

    def _places(self, element: Element) -> list[Place]:
        """The positions whose lines are written out."""
        most = self.rows if _size(element) <= self.rows else max(self.rows - 2, 2)
        return list(islice(np.ndindex(*element.shape), most))

    def code(self, index: int) -> str:
        """The code of the operation that an element comes from."""
        return self._codes.get(index, "")

    # --- forward ----------------------------------------------------------------------------------------------------

    def _forward(self, step: ForwardStep) -> StepView:
        element = self.program.elements[step.element]
        rows = tuple(self._forward_rows(element, self._places(element)))
        general: MathRow = ()
        if step.formula is not None and (step.indices or not rows or len(rows[0]) < 3):
            general = (self.writing.general(step.name, step.indices), self.writing.formula(step.formula))
        found = self.writing.winner(step.element)
        position = found[0] if isinstance(element.meaning, Pick) and found else None
        return StepView(
            self.code(step.element), rows, general, (), position, hidden=_size(element) - len(rows) if rows else 0
        )

    def _forward_rows(self, element: Element, places: list[Place]) -> Iterable[MathRow]:
        evidence = self.writing.evidence
        assert evidence.numbers is not None
        values = evidence.numbers.elements[element.index]
        made = self.writing.elementwise.made_of(element.index)
        for place in places:
            middle: tuple[Math | None, ...] = ()
            if made is not None:
                summand = made[_flat(place, element.shape)]
                middle = (self._sum(summand), self._sum_in_inputs(summand))
            else:
                middle = self._taken(element, place)
            value = () if values is None else (number(float(values[place])),)
            yield without_repeats((self.writing.element(element.index, place), *middle, *value))

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
        return found if sp.count_ops(found) <= SHORT else None

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
                weights = self.writing.elementwise.run.picks[element.index].weights
                winners = [self.writing.element(source, c) for c in candidates if weights[c]]
                written = [self.writing.element(source, c) for c in candidates]
                return (Call(kind, tuple(cut(written))), *(winners if len(winners) <= 3 else ()))
            case Order():
                choice = self.writing.elementwise.run.picks[element.index]
                positions = choice.positions[place]
                taken = [
                    _unravelled(int(p), operand.shape)
                    for p, w in zip(positions, choice.weights[place], strict=True)
                    if w
                ]
                return (self.writing.element(source, taken[0]),) if len(taken) == 1 else ()
            case Reshape():
                flat = _flat(place, element.shape)
                return (self.writing.element(source, _unravelled(flat, operand.shape)),)
            case Gather(positions=positions):
                return (self.writing.element(source, _unravelled(int(positions[place]), operand.shape)),)
        return ()

    @staticmethod
    def _line(operand: Element, place: Place, pick: Pick) -> list[Place]:
        kept = iter(k for n, k in enumerate(place) if not (pick.keepdims and n in pick.axes))
        fixed = [None if axis in pick.axes else next(kept) for axis in range(len(operand.shape))]
        spread = [range(n) if f is None else (f,) for n, f in zip(operand.shape, fixed, strict=True)]
        return [tuple(int(k) for k in c) for c in product(*spread)]

    # --- backward ---------------------------------------------------------------------------------------------------

    def _backward(self, step: BackwardStep) -> StepView:
        element = self.program.elements[step.element]
        code = self._consumers_code(step.element)
        by = self.writing.general(step.name, step.indices)
        sent = self._by_consumer(step)
        # of a long program nothing is written out, and a sum that was cut would stand there again
        twice = self.writing.forms.composed.long and len(sent) > LINKS
        whole = None if twice else self.writing.formula(step.closed)
        chain = partial(self.writing.result, by), added(sent, self.writing.product), whole
        general = without_repeats(chain)
        edges = self.writing.elementwise.edges(step.element)
        rows: tuple[MathRow, ...] = ()
        if edges is not None:
            places = self._places(element)
            rows = tuple(self._chain(element, place, edges[_flat(place, element.shape)]) for place in places)
        if not step.indices and rows:
            general = ()
        return StepView(code, rows, general, hidden=_size(element) - len(rows) if rows else 0)

    def _consumers_code(self, index: int) -> str:
        """The code of all that an element is sent back from."""
        assert self.writing.evidence.derivation is not None
        contributions = self.writing.evidence.derivation.contributions[index]
        codes = list(dict.fromkeys(filter(None, (self.code(each.consumer) for each in contributions))))
        return ", ".join(codes if len(codes) <= CODES else [*codes[:2], "...", codes[-1]])

    @staticmethod
    def _by_consumer(step: BackwardStep) -> list[sp.Expr]:
        """What each consumer sends, the several reads of one consumer added up."""
        total: dict[int, sp.Expr] = {}
        for edge in step.edges:
            total[edge.consumer] = total.get(edge.consumer, sp.Integer(0)) + edge.formula
        return list(total.values())

    def _chain(self, element: Element, place: Place, edges: list[Edge]) -> MathRow:
        result = self.writing.result
        here = self.writing.element(element.index, place)
        direct = all(edge.consumer == self.program.result for edge in edges)

        def link(edge: Edge) -> Math:
            there = self.writing.element(edge.consumer, edge.place)
            return dot(partial(result, there), partial(there, here))

        def factors(edge: Edge) -> Math:
            local = self._factor(edge.partial)
            there = self.writing.element(edge.consumer, edge.place)
            return local if direct else dot(self._adjoint(edge, partial(result, there)), local)

        middle: tuple[Math | None, ...] = (number(0),)
        if edges:
            middle = None if direct else added(edges, link), added(edges, factors)
        value = float(self.writing.adjoints[element.index][place])
        return without_repeats((partial(result, here), *middle, self._closed(element.index, place), number(value)))

    def _factor(self, expression: sp.Expr) -> Math:
        return self.writing.math(expression)

    def _adjoint(self, edge: Edge, otherwise: Math) -> Math:
        found = self._expanded_adjoint(edge.consumer, edge.place)
        return otherwise if found is None or sp.count_ops(found) > SHORT else self.writing.math(found)

    def _closed(self, index: int, place: Place) -> Math | None:
        found = self._expanded_adjoint(index, place)
        return None if found is None or sp.count_ops(found) > MEDIUM else self.writing.math(found)

    def _expanded_adjoint(self, index: int, place: Place) -> Any:
        array = self.expanded.adjoints.get(index)
        return None if array is None else array[place]


def _size(element: Element) -> int:
    return int(np.prod(element.shape, dtype=np.int64))


def _flat(place: Place, shape: Place) -> int:
    return int(np.ravel_multi_index(place, shape)) if place else 0


def _unravelled(flat: int, shape: Place) -> Place:
    return tuple(int(k) for k in np.unravel_index(flat, shape)) if shape else ()
