"""The steps back: the chain rule for every index, then its lines element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp

from symdiff.arrays import flat
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.records import BackwardStep
from symdiff.meaning.terms import Element
from symdiff.printing.from_sympy import operations
from symdiff.printing.numbers import number, short
from symdiff.printing.shorthand import dot, partial
from symdiff.printing.tree import Add, Math, Rounded
from symdiff.viewing.at_the_point import AtThePoint, Factor, close
from symdiff.viewing.headings import headed
from symdiff.viewing.holding import Holding
from symdiff.viewing.local_partials import Edge
from symdiff.viewing.long_sums import LINKS, added
from symdiff.viewing.reasons import reason_of
from symdiff.viewing.steps import SHORT, Steps
from symdiff.viewing.substitution import fits, with_numbers
from symdiff.viewing.view import MathRow, StepView
from symdiff.viewing.writing import Place, Writing, without_repeats

CODES = 4
"""So many pieces of code are named above one step back; of more, the first two and the last."""

MEDIUM = 20
"""How many operations a whole partial may have to be written in the inputs."""

Line = tuple[MathRow, str]


class BackwardSteps:
    """The steps back of one explanation; ``steps`` are those forward, whose code they carry."""

    def __init__(self, writing: Writing, steps: Steps, holding: Holding) -> None:
        self.writing, self.steps, self.holding = writing, steps, holding
        self.program = writing.evidence.program
        self.expanded = writing.explained.expanded
        self.point: AtThePoint = writing.at_the_point

    def views(self) -> tuple[StepView, ...]:
        """Every step; none for an array result, whose Jacobian is shown instead."""
        if self.program.elements[self.program.result].shape:
            return ()
        forms = self.writing.forms
        shown = forms.backward if self.steps.whole else forms.shown_backward
        steps = [step for step in shown if isinstance(step, Fold) or step.edges]
        plain = [step for step in steps if not isinstance(step, Fold)]
        if len(plain) == len(steps):
            # by the earliest step that is gone back through: what a line rests on has a later one
            steps = [*sorted(plain, key=lambda step: -min(self._numbers_of(step.element), default=0))]
        return headed(steps, self._step, self._consumers_code)

    def _consumers(self, index: int) -> dict[int, None]:
        """All that an element is sent back from."""
        assert self.writing.evidence.derivation is not None
        return dict.fromkeys(each.consumer for each in self.writing.evidence.derivation.contributions[index])

    def _numbers_of(self, index: int) -> list[int]:
        return sorted({self.steps.number(k) for k in self._consumers(index)} - {0}, reverse=True)

    def _consumers_code(self, index: int) -> str:
        codes = list(dict.fromkeys(filter(None, map(self.steps.code, self._consumers(index)))))
        return ", ".join(codes if len(codes) <= CODES else [*codes[:2], "...", codes[-1]])

    def _step(self, step: BackwardStep) -> StepView:
        element = self.program.elements[step.element]
        consumers = dict.fromkeys(edge.consumer for edge in step.edges)
        code = self._consumers_code(step.element)
        by = self.writing.general(step.name, step.indices)
        parts = self._by_consumer(step)
        # of a long program nothing is written out, and a sum that was cut would stand there again
        twice = self.writing.forms.composed.long and len(parts) > LINKS
        whole = None if twice else self.writing.formula(step.closed)
        # of what is nothing no factors are told, which would be in names that nothing else needs
        middle = None if step.closed == 0 else added(parts, self.writing.product)
        general = without_repeats((partial(self.writing.result, by), middle, whole))
        lines = self._lines(element)
        if not step.indices and lines:
            general = ()
        exceptions: tuple[Math, ...] = ()
        if general and step.indices:
            exceptions = self.holding.exceptions(step.element, step.indices, (sp.Add(*parts), step.closed))
        numbers = self._numbers_of(step.element)
        reasons = dict.fromkeys((reason_of(self.program.elements[k]), self._operation(k)) for k in consumers)
        rows, remarks = tuple(row for row, _ in lines), tuple(remark for _, remark in lines)
        return StepView(
            code,
            rows,
            general,
            hidden=element.size - len(rows) if rows else 0,
            remarks=remarks if any(remarks) else (),
            exceptions=exceptions,
            except_for=self.holding.why_not(step.element, exceptions),
            numbers=tuple(numbers),
            reasons=tuple({reason: (reason, name) for reason, name in reversed(reasons)}.values())[::-1],
            uses=self._uses(element),
        )

    def _operation(self, index: int) -> str:
        return str(self.program.elements[index].operation or "")

    def _uses(self, element: Element) -> MathRow:
        """What the first element sends back through a step in which it stands more than once, use by use."""
        for consumer, place, parts in self.writing.elementwise.uses(element.index):
            total = sp.Add(*parts)
            here = self.writing.element(element.index, tuple(0 for _ in element.shape))
            row = (
                partial(self.writing.element(consumer, place), here),
                Add(tuple(map(self.writing.math, parts))),
                self.writing.math(total),
            )
            if consumer != self.program.result and all(fits(part) for part in row):
                return without_repeats(row)
        return ()

    @staticmethod
    def _by_consumer(step: BackwardStep) -> list[sp.Expr]:
        """What each consumer sends, the several reads of one consumer added up."""
        total: dict[int, sp.Expr] = {}
        for edge in step.edges:
            total[edge.consumer] = total.get(edge.consumer, sp.Integer(0)) + edge.formula
        return list(total.values())

    def _lines(self, element: Element) -> list[Line]:
        edges = self.writing.elementwise.edges(element.index)
        if edges is None:
            return []
        factors = None if self.point.is_plain else self.point.factors(element.index)
        lines = []
        for place in self.steps.places(element):
            at = flat(place, element.shape)
            lines.append(self._line(element, place, edges[at], None if factors is None else factors[at]))
        return lines

    def _line(
        self, element: Element, place: Place, edges: list[Edge], factors: dict[tuple[int, Place], Factor] | None
    ) -> Line:
        """One line, and a remark where a derivative on the way is not one."""
        result = self.writing.result
        here = self.writing.element(element.index, place)
        left = partial(result, here)
        value = float(self.point.adjoints[element.index][place])
        taken = edges if factors is None else [e for e in edges if not self._is_idle(e, factors[e.consumer, e.place])]
        if len(taken) < len(edges) and not taken:
            return (left, number(0)), "idle"
        links: list[Math] = []
        products: list[Math] = []
        named: list[Math] = []
        sent, at_kink, finite = 0.0, False, True
        direct = all(edge.consumer == self.program.result for edge in taken)
        for edge in taken:
            factor = Factor(0.0) if factors is None else factors[edge.consumer, edge.place]
            there = self.writing.element(edge.consumer, edge.place)
            local = _number(factor.value) if factor.at_kink else self.writing.math(edge.partial)
            at_kink, finite = at_kink or factor.at_kink, finite and bool(np.isfinite(factor.value))
            if factors is not None:
                sent += self._adjoint_value(edge) * factor.value
            if edge.consumer == self.program.result:
                # straight into the result: its own partial is 1, and ∂y/∂x here would be read as the whole
                links.append(local)
                products.append(local)
                named.append(local)
            else:
                links.append(dot(partial(result, there), partial(there, here)))
                products.append(dot(self._adjoint(edge, partial(result, there)), local))
                named.append(dot(partial(result, there), local))
        middle: list[Math | None] = []
        if taken:
            # where many steps are told, the line for every index says which factors there are
            product = _sum(named) if self.steps.compact else self._product(taken, products, named)
            middle = [None if direct or self.steps.compact else _sum(links), product]
        if factors is None or close(sent, value):
            border = "jump" if self.point.jumps else "kink"
            remark = border if at_kink else "" if finite else "infinite"
            middle.append(self._numbers(element.index, place, middle, taken, value, at_kink))
            return without_repeats((left, *middle, short(value))), remark
        # the ways have no derivative here that could be multiplied, but the function has what the table says
        return (left, short(value)), "limit" if np.isfinite(value) else "infinite"

    def _product(self, edges: list[Edge], expanded: list[Math], named: list[Math]) -> Math:
        """The product of the factors, the adjoints written out where that is short, else by their names."""
        found = _sum(expanded)
        return found if fits(found) or len(edges) > LINKS else _sum(named)

    def _numbers(
        self, index: int, place: Place, middle: list[Math | None], edges: list[Edge], value: float, at_kink: bool
    ) -> Math | None:
        """The product in numbers; in symbols where it has too many terms for that."""
        result = self.writing.result
        if not middle:
            return None
        adjoints: dict[Math, float] = {
            partial(result, self.writing.element(edge.consumer, edge.place)): self._adjoint_value(edge)
            for edge in edges
        }
        found = with_numbers(middle[-1], {**self.writing.numbers, **adjoints})
        if found is not None or at_kink:
            return found
        closed = self._closed(index, place, value)
        return closed if fits(closed) else None

    def _is_idle(self, edge: Edge, factor: Factor) -> bool:
        """Whether a branch that is not taken would send 0 times what is not finite: it sends nothing."""
        return not np.isfinite(factor.value) and self._adjoint_value(edge) == 0

    def _adjoint_value(self, edge: Edge) -> float:
        shape = self.program.elements[edge.consumer].shape
        return float(np.broadcast_to(self.point.adjoints[edge.consumer], shape)[edge.place])

    def _adjoint(self, edge: Edge, otherwise: Math) -> Math:
        found = self._expanded_adjoint(edge.consumer, edge.place)
        if found is None or operations(found) > SHORT or not self._holds(found, self._adjoint_value(edge)):
            return otherwise
        return self.writing.math(found)

    def _closed(self, index: int, place: Place, value: float) -> Math | None:
        found = self._expanded_adjoint(index, place)
        if found is None or operations(found) > MEDIUM or not self._holds(found, value):
            return None
        return self.writing.math(found)

    def _holds(self, found: sp.Expr, value: float) -> bool:
        return self.point.holds(found, value, self.writing.explained.symbols.arrays)

    def _expanded_adjoint(self, index: int, place: Place) -> Any:
        array = self.expanded.adjoints.get(index)
        return None if array is None else array[place]


def _sum(parts: Sequence[Math]) -> Math:
    return added(parts, lambda part: part)


def _number(value: float) -> Math:
    found = short(value)
    return found.body if isinstance(found, Rounded) else found
