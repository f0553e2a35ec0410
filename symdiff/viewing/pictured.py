"""The picture of a computation: which values are its nodes, and what stands at each and on the links between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import sympy as sp

from symdiff.arrays import Array, flat
from symdiff.closed_forms.folding import Fold
from symdiff.closed_forms.records import BackwardStep
from symdiff.meaning.terms import Element, Term
from symdiff.picture.graph import Graph, Item, Left, Link, Node, Numbers, Picture, Shown, ghost
from symdiff.picture.measures import letters_width
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import BigOperator, Cases, Chain, Math, Matrix, Number
from symdiff.viewing.shown_arrays import ShownArrays
from symdiff.viewing.steps import Steps
from symdiff.viewing.view import View
from symdiff.viewing.writing import Place, Writing

__all__ = ["picture_of"]

ELEMENTS, ITEMS, LINKS, STEPS = 6, 14, 24, 5
"""Elements are drawn one by one in arrays of up to so many, in programs of so many in all, so many links and steps."""

LONGEST = 92.0
"""What stands on a link may be so broad, in pixels."""


def picture_of(writing: Writing, view: View) -> Picture | None:
    """The picture of an explanation; None where nothing is computed."""
    return _Pictured(writing, Steps(writing)).picture()


class _Pictured:
    def __init__(self, writing: Writing, steps: Steps) -> None:
        self.writing, self.steps = writing, steps
        self.program = writing.evidence.program
        self.forms, self.point = writing.forms, writing.at_the_point
        self.scalar = not self.program.elements[self.program.result].shape
        self.amounts = ShownArrays()

    def picture(self) -> Picture | None:
        parts = list(self._segments())
        single = len(parts) == 1 and self._fits_elements(parts[0])
        self.numbers_of = {key: self.steps.number(key) for part in parts if isinstance(part, list) for key in part}
        graphs: list[Graph | Left] = []
        drawn: set[int] = set()
        for part in parts:
            if isinstance(part, Left):
                graphs.append(part)
                continue
            graph = self._by_elements(part) if single else self._by_arrays(part, drawn)
            drawn |= {node.key for node in graph.nodes}
            graphs.append(graph)
        if not any(isinstance(each, Graph) and each.links for each in graphs):
            return None
        return Picture(tuple(graphs), self.writing.result if self.scalar else None, self.amounts.rounded, single)

    def _segments(self) -> Iterator[list[int] | Left]:
        """What is computed, in runs that nothing is left out of."""
        run: list[int] = []
        for step in self.forms.shown_forward:
            if isinstance(step, Fold):
                yield from [run] if run else []
                yield Left(len({self.steps.number(index) for index in step.elements} - {0}))
                run = []
            elif step.element not in self.writing.counts:
                run.append(step.element)
        yield from [run] if run else []

    # --- nodes --------------------------------------------------------------------------------------------------------

    def _is_shown(self, index: int) -> bool:
        """Whether an array has a node of its own: constants without a name, and sizes, have none."""
        element = self.program.elements[index]
        named = index in self.program.inputs.values() or element.name is not None
        return index not in self.writing.counts and (element.meaning is not None or named)

    def _operands(self, index: int) -> list[int]:
        return [k for k in dict.fromkeys(self.program.elements[index].operands) if self._is_shown(k)]

    def _sources(self, run: Sequence[int]) -> list[int]:
        """Everything that a run computes from and does not compute, in the order in which it is read."""
        own = set(run)
        return [k for k in dict.fromkeys(k for index in run for k in self._operands(index)) if k not in own]

    def _node(self, index: int, items: Sequence[Item]) -> Node:
        number, code = self.steps.number(index), self.steps.code(index)
        if self.program.elements[index].meaning is None:
            return Node(index, tuple(items))
        same = [key for key, other in self.numbers_of.items() if other == number]
        # what a composite is made of goes by its own operations
        own = str(self.program.elements[index].operation or "")
        return Node(index, tuple(items), number, own if len(same) > 1 and index != same[-1] else code)

    def _value(self, index: int) -> Array | None:
        numbers = self.writing.evidence.numbers
        value = None if numbers is None else numbers.elements[index]
        value = self.program.elements[index].value if value is None else value
        return None if value is None else np.broadcast_to(np.asarray(value, float), self.program.elements[index].shape)

    def _adjoint(self, index: int) -> Array | None:
        """The adjoint, where there is one: of what an input that is differentiated is on the way to the result of."""
        found = self.point.adjoints.get(index) if self.scalar else None
        return None if found is None else np.broadcast_to(found, self.program.elements[index].shape)

    # --- element by element -------------------------------------------------------------------------------------------

    def _fits_elements(self, run: list[int] | Left) -> bool:
        if isinstance(run, Left) or len(run) > STEPS:
            return False
        sizes = [self.program.elements[index].size for index in (*run, *self._sources(run))]
        if max(sizes) > ELEMENTS or min(sizes) < 1 or sum(sizes) > ITEMS:
            return False
        links = 0
        for source in (*self._sources(run), *run):
            readers = [index for index in run if source in self._operands(index)]
            if any(not self._flows(source, reader) for reader in readers):
                return False
            edges = self.writing.elementwise.edges(source)
            if readers and (edges is None or self.point.factors(source) is None):
                return False
            links += sum(map(len, edges or []))
        return links <= LINKS

    def _by_elements(self, run: list[int]) -> Graph:
        nodes, links = [], []
        for index in (*self._sources(run), *run):
            element = self.program.elements[index]
            value, adjoint = self._value(index), self._adjoint(index)
            places = list(np.ndindex(*element.shape))
            nodes.append(
                self._node(
                    index,
                    [
                        Item(self.writing.element(index, at), self._one(value, at), self._one(adjoint, at))
                        for at in places
                    ],
                )
            )
            links += [link for at in places for link in self._links_of(element, at)]
        return Graph(tuple(nodes), tuple(links))

    def _one(self, values: Array | None, place: Place) -> Shown | None:
        return None if values is None else Numbers(((self.amounts.number(float(values[place])),),))

    def _links_of(self, element: Element, place: Place) -> Iterator[Link]:
        """The links of one element, each with its derivative as a formula and as a number."""
        edges, factors = self.writing.elementwise.edges(element.index), self.point.factors(element.index)
        at = flat(place, element.shape)
        for edge in [] if edges is None or factors is None else edges[at]:
            factor = factors[at][edge.consumer, edge.place]  # type: ignore[index]
            target = flat(edge.place, self.program.elements[edge.consumer].shape)
            label = self.amounts.number(factor.value)
            if not factor.at_kink:
                formula = self.writing.math(edge.partial)
                both = Chain((formula, label)) if edge.partial.free_symbols else formula
                label = both if _has_room(both) else label
            flows = edge.partial != 0 if not factor.at_kink else factor.value != 0
            yield Link((element.index, at), (edge.consumer, target), label, bool(flows))

    # --- whole arrays -------------------------------------------------------------------------------------------------

    def _by_arrays(self, run: list[int], drawn: set[int]) -> Graph:
        nodes = []
        for index in (*self._sources(run), *run):
            element = self.program.elements[index]
            shape = "×".join(map(str, element.shape))
            item = Item(
                self.writing.whole(self.writing.name(index)) if shape else self.writing.element(index, ()),
                self.amounts.of(self._value(index)),
                self.amounts.of(self._adjoint(index)),
                shape,
            )
            node = self._node(index, [item])
            known = index in drawn or (index not in run and element.meaning is not None)
            nodes.append(ghost(node) if known else node)
        links = [
            Link((source, 0), (index, 0), self._local(source, index), self._flows(source, index))
            for index in run
            for source in self._operands(index)
        ]
        return Graph(tuple(nodes), tuple(links))

    def _flows(self, source: int, consumer: int) -> bool:
        assert self.writing.evidence.derivation is not None
        sent = self.writing.evidence.derivation.contributions.get(source, ())
        return any(each.consumer == consumer for each in sent)

    @cached_property
    def _sizes(self) -> dict[sp.Basic, sp.Expr]:
        return {letter: sp.Integer(count) for letter, count in self.forms.sizes.items()}

    @cached_property
    def _steps_back(self) -> dict[int, BackwardStep | None]:
        return {}

    def _local(self, source: int, consumer: int) -> Math | None:
        """The partial of a general element by another that it reads; by its name where the formula takes more room."""
        if not self._flows(source, consumer):
            return None
        if _is_move(self.program.elements[consumer]):
            return Number("1")
        if source not in self._steps_back:
            self._steps_back[source] = self.forms.steps.backward(source)
        back = self._steps_back[source]
        edges = [] if back is None else [edge for edge in back.edges if edge.consumer == consumer]
        if edges and all(edge.local is not None for edge in edges):
            sent = {sp.Mul(edge.formula, sp.Pow(edge.local, -1)) for edge in edges}
            # two reads of one element add up; those of different elements do not
            if len(edges) == 1 or len(sent) == 1:
                whole = sp.Add(*(edge.local for edge in edges))
                formula = self.writing.formula(whole)
                here = whole.xreplace(self._sizes) if whole.free_symbols <= self._sizes.keys() else whole
                if here.is_number and here != whole and _has_room(Chain((formula, self.writing.math(here)))):
                    return Chain((formula, self.writing.math(here)))
                if _has_room(formula):
                    return formula
        names = (self.writing.whole(self.writing.name(index)) for index in (consumer, source))
        symbol = partial(*names)
        return symbol if _has_room(symbol) else None


def _is_move(element: Element) -> bool:
    """Whether every element is one of an operand's, only in another place."""
    return element.by_position or (bool(element.terms) and all(map(_moves, element.terms)))


def _moves(term: Term) -> bool:
    plain = term.formula.is_Symbol and term.reads and term.condition is None and not term.product
    return bool(plain) and len(term.kept) == len(term.box)


def _has_room(formula: Math) -> bool:
    """Whether a formula can stand on a link."""
    return not _is_tall(formula) and letters_width(formula, "local") <= LONGEST


def _is_tall(node: object) -> bool:
    if isinstance(node, (Cases, Matrix, BigOperator)):
        return True
    parts = node if isinstance(node, tuple) else tuple(vars(node).values()) if isinstance(node, Math) else ()
    return any(map(_is_tall, parts))
